package endpoints

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

const lateBody = `[{"type":"BODY","text":"Your order is late today, sorry."}]`

// templateCaller is an app's way to its templates.
type templateCaller struct {
	name         string
	list, remove func(name string) caller // remove with the name in it
	list1        string                   // member of a list's answer
	waiting      string                   // the status of what is in review
}

func templateCallers(r *rig.Rig) []templateCaller {
	v1 := func(path string) caller { return caller{path, "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]} }
	at := func(by func(path string) caller, path string) func(string) caller {
		return func(name string) caller { return by(path + name) }
	}
	onCloud := func(path string) caller { return cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+path) }
	onV2 := func(path string) caller { return d360(r, path) }
	return []templateCaller{
		{"cloud", at(onCloud, "/message_templates?name="), at(onCloud, "/message_templates?name="), "data", "PENDING"},
		{"d360v2", at(onV2, "/message_templates?name="), at(onV2, "/message_templates?name="), "data", "PENDING"},
		{"d360v2configs", at(onV2, "/v1/configs/templates?name="), at(onV2, "/v1/configs/templates/"), "waba_templates", "submitted"},
		{"d360v1", at(v1, "/v1/configs/templates?name="), at(v1, "/v1/configs/templates/"), "waba_templates", "submitted"},
	}
}

// one is the only template of a list's answer; nil for none.
func (c templateCaller) one(t *testing.T, r *rig.Rig, name string) map[string]any {
	t.Helper()
	a := c.list(name).do(t, r, "GET", "")
	list, ok := a.JSON(t)[c.list1].([]any)
	if a.Status != http.StatusOK || !ok || len(list) > 1 {
		t.Fatalf("list of %s: %d %s", name, a.Status, a.Body)
	}
	if len(list) == 0 {
		return nil
	}
	return list[0].(map[string]any)
}

// TestTemplates hands templates in, sees them approved, and deletes them, in
// each of the shapes.
func TestTemplates(t *testing.T) {
	t.Parallel()
	templatesOf(t, rig.Start(t, rig.Options{}))
}

// TestTemplatesThrough360dialog is the same while the account is at 360dialog.
func TestTemplatesThrough360dialog(t *testing.T) {
	t.Parallel()
	r, around := through360(t, rig.Options{})
	templatesOf(t, r)
	if n := around.Load(); n != 0 {
		t.Errorf("%d requests went to Meta", n)
	}
}

func templatesOf(t *testing.T, r *rig.Rig) {
	t.Helper()
	for _, c := range templateCallers(r) {
		t.Run(c.name, func(t *testing.T) {
			name := "late_" + c.name
			create := c.list("")
			create.path, _, _ = strings.Cut(create.path, "?")
			a := create.do(t, r, "POST", `{"name":"`+name+`","language":"en_US","category":"UTILITY","components":`+lateBody+`}`)
			made := a.JSON(t)
			if a.Status != http.StatusOK || made["status"] != c.waiting || made["category"] != "UTILITY" {
				t.Fatalf("created: %d %s", a.Status, a.Body)
			}
			if one := c.one(t, r, name); one == nil || one["status"] != c.waiting || one["language"] != "en_US" {
				t.Errorf("not known at once: %v", one)
			}
			if _, err := r.Sim.ChangeTemplate(t.Context(), sim.TemplateChange{Name: name, Status: "APPROVED"}); err != nil {
				t.Fatal(err)
			}
			rig.Await(t, "the approval of "+name, func() bool {
				status, _ := c.one(t, r, name)["status"].(string)
				return strings.EqualFold(status, "APPROVED")
			})
			if a := create.do(t, r, "POST", `{"name":"`+name+`","language":"en_US","category":"UTILITY","components":`+lateBody+`}`); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "already exists") {
				t.Errorf("created twice: %d %s", a.Status, a.Body)
			}
			if a := c.remove(name).do(t, r, "DELETE", ""); a.Status != http.StatusOK {
				t.Errorf("deleted: %d %s", a.Status, a.Body)
			}
			if one := c.one(t, r, name); one != nil {
				t.Errorf("deleted, and listed: %v", one)
			}
			if a := c.remove(name).do(t, r, "DELETE", ""); a.Status != http.StatusBadRequest {
				t.Errorf("deleted twice: %d %s", a.Status, a.Body)
			}
		})
	}
	want := "template/create accepted 4, template/create failed 4, template/delete accepted 4, template/delete failed 4"
	rig.Await(t, want+" on record", func() bool { // outcomes ride with the next commit
		var got []string
		for _, row := range r.SQL(t, "SELECT m.type, s.result, count(*) FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle' GROUP BY 1, 2 ORDER BY 1, 2") {
			got = append(got, strings.Join(row, " "))
		}
		return strings.Join(got, ", ") == want
	})
}

// TestConfigTemplates: what only 360dialog's shape has.
func TestConfigTemplates(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	c := templateCallers(r)[3]
	a := c.list("").do(t, r, "POST", `{"name":"parcel","language":"en","category":"SHIPPING_UPDATE","namespace":"x","components":`+lateBody+`}`)
	made := a.JSON(t)
	if a.Status != http.StatusOK || made["category"] != "UTILITY" || made["namespace"] == "" || made["name"] != "parcel" || made["components"] == nil {
		t.Errorf("an old category: %d %s", a.Status, a.Body)
	}
	if one := c.one(t, r, "parcel"); one["namespace"] != made["namespace"] || one["category"] != "UTILITY" {
		t.Errorf("listed %v, made %v", one, made)
	}
}

// templateID looks an id up by the list.
func templateID(t *testing.T, r *rig.Rig, name string) string {
	t.Helper()
	id, _ := templateCallers(r)[0].one(t, r, name)["id"].(string)
	if id == "" {
		t.Fatalf("%s has no id", name)
	}
	return id
}

// TestTemplateByID reads, edits, compares and unpauses one.
func TestTemplateByID(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	paused, spring := templateID(t, r, "paused_notice"), templateID(t, r, "spring_offer")
	for _, x := range []struct {
		name, method, path, body string
		status                   int
		words                    string
	}{
		{"node", "GET", spring + "?fields=name,status", "", 200, `{"name":"spring_offer","status":"APPROVED","id":"` + spring + `"}`},
		{"a field upstream knows", "GET", spring + "?fields=name,message_send_ttl_seconds", "", 200, `"name":"spring_offer"`},
		{"namespace", "GET", r.Env["POSTERN_WABA_ID"] + "?fields=message_template_namespace", "", 200, `"message_template_namespace":"`},
		{"what an account holds", "GET", r.Env["POSTERN_WABA_ID"] + "?fields=phone_numbers", "", 400, "nothing that it holds"},
		{"another account", "GET", "999999?fields=name", "", 400, "no such file"},
		{"compare", "GET", spring + "/compare?template_ids=[" + paused + "]&start=1&end=2", "", 200, `"BLOCK_RATE"`},
		{"compare with others", "GET", spring + "/compare?template_ids=[1,2]&start=1&end=2", "", 400, "same account"},
		{"edit nothing", "POST", "424242", `{"components":[]}`, 400, "no such template"},
		{"edit in a list", "POST", spring, `[]`, 400, "object"},
		{"edit no components", "POST", spring, `{"components":{}}`, 400, "list"},
		{"change its category", "POST", spring, `{"category":"UTILITY"}`, 400, "category of an approved"},
		{"unpause what is not paused", "POST", spring + "/unpause", "", 400, "paused template"},
		{"a number's override", "POST", r.Env["POSTERN_PHONE_ID"], `{"webhook_configuration":{}}`, 400, "webhook_configuration"},
		{"edit", "POST", spring, `{"components":` + lateBody + `}`, 200, `"success":true`},
		{"unpause", "POST", paused + "/unpause", "", 200, `"success":true`},
	} {
		if a := cloud(r, "/v25.0/"+x.path).do(t, r, x.method, x.body); a.Status != x.status || !strings.Contains(a.Body, x.words) {
			t.Errorf("%s: %d %s", x.name, a.Status, a.Body)
		}
	}
	if one := templateCallers(r)[0].one(t, r, "spring_offer"); one["status"] != "PENDING" || !strings.Contains(a2s(one["components"]), "late today") {
		t.Errorf("edited, and known as %v", one)
	}
	rig.Await(t, "the end of the pause", func() bool { return templateCallers(r)[0].one(t, r, "paused_notice")["status"] == "APPROVED" })
}

// TestTemplateQuality: a worse score is known, and stops nothing.
func TestTemplateQuality(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	if _, err := r.Sim.Event(t.Context(), sim.Event{Field: "message_template_quality_update", Value: []byte(
		`{"previous_quality_score":"GREEN","new_quality_score":"RED","message_template_id":1,"message_template_name":"spring_offer","message_template_language":"en_US"}`)}); err != nil {
		t.Fatal(err)
	}
	node := cloud(r, "/v25.0/"+templateID(t, r, "spring_offer")+"?fields=status,quality_score")
	rig.Await(t, "the score", func() bool {
		body := node.do(t, r, "GET", "").Body
		return strings.Contains(body, `"quality_score":{"score":"RED"}`) && strings.Contains(body, `"status":"APPROVED"`)
	})
}

func a2s(v any) string {
	list, _ := v.([]any)
	var b strings.Builder
	for _, one := range list {
		if m, ok := one.(map[string]any); ok {
			text, _ := m["text"].(string)
			b.WriteString(text)
		}
	}
	return b.String()
}

// TestTemplatesOfOthers keeps an app to its account, to what policy lets it do
// and to a hundred new templates an hour.
func TestTemplatesOfOthers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [template]}\n"}})
	base := "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/message_templates"
	body := `{"name":"x","language":"en_US","category":"UTILITY","components":` + lateBody + `}`
	for _, x := range []struct {
		name, method, path, body string
		status                   int
		words                    string
	}{
		{"another account", "POST", "/v25.0/999999/message_templates", body, 403, "may not use"},
		{"another account's", "DELETE", "/v25.0/999999/message_templates?name=x", "", 403, "may not use"},
		{"no name", "POST", base, `{"language":"en_US","category":"UTILITY"}`, 400, "'name'"},
		{"a name twice", "POST", base, `{"name":"a","name":"b"}`, 400, ""},
		{"nothing", "POST", base, "", 400, "object"},
		{"delete without a name", "DELETE", base, "", 400, "'name'"},
		{"closed by policy", "POST", base, body, 403, "policy:call_not_allowed"},
		{"delete closed by policy", "DELETE", base + "?name=x", "", 403, "policy:call_not_allowed"},
	} {
		if a := cloud(r, x.path).do(t, r, x.method, x.body); a.Status != x.status || !strings.Contains(a.Body, x.words) {
			t.Errorf("%s: %d %s", x.name, a.Status, a.Body)
		}
	}
}

// TestTemplateRate: what upstream refused counted there, and counts here; the
// 101st within an hour is not asked for.
func TestTemplateRate(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	c := cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/message_templates")
	body := `{"name":"Not A Name","language":"en_US","category":"UTILITY","components":` + lateBody + `}`
	for i := range 101 {
		a := c.do(t, r, "POST", body)
		switch {
		case i < 100 && a.Status != http.StatusBadRequest:
			t.Fatalf("template %d: %d %s", i, a.Status, a.Body)
		case i == 100 && (a.Status != http.StatusTooManyRequests || !strings.Contains(a.Body, "80007") || a.Header.Get("Retry-After") == ""):
			t.Errorf("over the limit: %d %s", a.Status, a.Body)
		}
	}
}

// TestTemplateLists filters and turns pages.
func TestTemplateLists(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	base := "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/message_templates"
	list := func(query string) (names []string, all map[string]any) {
		t.Helper()
		a := cloud(r, base+query).do(t, r, "GET", "")
		all = a.JSON(t)
		data, ok := all["data"].([]any)
		if a.Status != http.StatusOK || !ok {
			t.Fatalf("%s: %d %s", query, a.Status, a.Body)
		}
		for _, one := range data {
			m := one.(map[string]any)
			names = append(names, m["name"].(string))
		}
		return names, all
	}
	whole, _ := list("?limit=100")
	for query, want := range map[string]int{
		"?name=order_update": 2, "?name=order_update&language=de": 1, "?category=marketing&name=spring_offer": 1,
		"?category=AUTHENTICATION&name=order_update": 0, "?status=PAUSED": 1,
	} {
		if got, _ := list(query); len(got) != want {
			t.Errorf("%s: %v", query, got)
		}
	}
	_, page := list("?limit=3&fields=name,status")
	next := page["paging"].(map[string]any)["cursors"].(map[string]any)["after"].(string)
	second, page := list("?limit=3&fields=name,status&after=" + next)
	before := page["paging"].(map[string]any)["cursors"].(map[string]any)["before"].(string)
	first, page := list("?limit=3&fields=name,status&before=" + before)
	if strings.Join(append(first, second...), " ") != strings.Join(whole[:6], " ") {
		t.Errorf("back and forth: %v, %v of %v", first, second, whole)
	}
	if one := page["data"].([]any)[0].(map[string]any); len(one) != 3 || one["id"] == "" {
		t.Errorf("two fields and the id: %v", one)
	}
}
