package endpoints

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// at follows names down an answer.
func at(t *testing.T, a rig.Reply, names ...string) any {
	t.Helper()
	var v any = a.JSON(t)
	for _, name := range names {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// old are the two apps of the old dialects.
func old(t *testing.T, r *rig.Rig) map[string]string {
	return map[string]string{"onprem": onPrem(t, r), "d360v1": "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]}
}

const typeJSON = "Content-Type: application/json"

// outcomes awaits n changes on record with their outcome and gives them, the
// eldest first.
func outcomes(t *testing.T, r *rig.Rig, n int) []string {
	t.Helper()
	var out []string
	rig.Await(t, "changes on record with their outcome", func() bool {
		out = nil
		for _, row := range r.SQL(t, "SELECT m.type, m.effect, s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle' ORDER BY m.seq") {
			out = append(out, strings.Join(row, " "))
		}
		return len(out) >= n
	})
	return out
}

func TestOldProfile(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, auth := range old(t, r) {
		t.Run(name, func(t *testing.T) {
			about := "Open on Sundays, " + name
			if a := r.Do(t, "PATCH", "/v1/settings/profile/about", `{"text":"`+about+`"}`, auth, typeJSON); a.Status != http.StatusOK || at(t, a, "errors") != nil {
				t.Fatalf("set about: %d %s", a.Status, a.Body)
			}
			if a := r.Do(t, "GET", "/v1/settings/profile/about", "", auth); at(t, a, "settings", "profile", "about", "text") != about {
				t.Errorf("about: %d %s", a.Status, a.Body)
			}
			body := `{"address":"1 Main Street","description":"A bank","email":"desk@bank.example","vertical":"Finance and Banking","websites":["https://bank.example/"],"extra":1}`
			if a := r.Do(t, "POST", "/v1/settings/business/profile", body, auth, typeJSON); a.Status != http.StatusOK {
				t.Fatalf("set business: %d %s", a.Status, a.Body)
			}
			a := r.Do(t, "GET", "/v1/settings/business/profile", "", auth)
			sites, _ := at(t, a, "settings", "business", "profile", "websites").([]any)
			if at(t, a, "settings", "business", "profile", "vertical") != "Finance and Banking" || len(sites) != 1 || sites[0] != "https://bank.example/" {
				t.Errorf("business: %d %s", a.Status, a.Body)
			}
		})
	}
	for _, got := range outcomes(t, r, 4) {
		if got != "profile/post allow accepted" {
			t.Errorf("on record: %s", got)
		}
	}
}

// photoForm is a photo as a form.
func photoForm(t *testing.T, content []byte) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "photo.png")
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), "Content-Type: " + w.FormDataContentType()
}

func TestOldPhoto(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	const path = "/v1/settings/profile/photo"
	for name, auth := range old(t, r) {
		t.Run(name, func(t *testing.T) {
			if a := r.Do(t, "GET", path, "", auth); a.Status != http.StatusNotFound {
				t.Errorf("without a photo: %d %s", a.Status, a.Body)
			}
			form, kind := photoForm(t, picture(t))
			for way, send := range map[string][2]string{"raw": {string(picture(t)), "Content-Type: image/png"}, "form": {form, kind}} {
				if a := r.Do(t, "POST", path, send[0], auth, send[1]); a.Status != http.StatusOK {
					t.Fatalf("%s: %d %s", way, a.Status, a.Body)
				}
				if a := r.Do(t, "GET", path, "", auth); a.Status != http.StatusOK || a.Body != string(picture(t)) || a.Header.Get("Content-Type") != "image/png" {
					t.Errorf("%s: %d, %d bytes, %v", way, a.Status, len(a.Body), a.Header)
				}
			}
			link, _ := at(t, r.Do(t, "GET", path+"?format=link", "", auth), "settings", "profile", "photo", "link").(string)
			if !strings.HasPrefix(link, r.Env["METASIM_GRAPH_URL"]) {
				t.Errorf("link: %q", link)
			}
		})
	}
	for _, got := range outcomes(t, r, 4) {
		if got != "profile/photo allow accepted" {
			t.Errorf("on record: %s", got)
		}
	}
}

// TestBadOldProfile: what is refused changes nothing and says why.
func TestBadOldProfile(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	form, kind := photoForm(t, picture(t))
	large := append(picture(t), make([]byte, 5<<20)...)
	for name, c := range map[string]struct {
		method, path, body, kind string
		status                   int
		words                    string
	}{
		"no text":          {"PATCH", "profile/about", `{}`, typeJSON, 400, "text"},
		"a long text":      {"PATCH", "profile/about", `{"text":"` + strings.Repeat("ä", 140) + `"}`, typeJSON, 400, "139"},
		"a number":         {"PATCH", "profile/about", `{"text":1}`, typeJSON, 400, "139"},
		"twice":            {"PATCH", "profile/about", `{"text":"a","text":"b"}`, typeJSON, 400, "twice"},
		"no profile":       {"POST", "business/profile", `{}`, typeJSON, 400, "at least one"},
		"unknown vertical": {"POST", "business/profile", `{"vertical":"Piracy"}`, typeJSON, 400, "vertical"},
		"three sites":      {"POST", "business/profile", `{"websites":["https://a.example","https://b.example","https://c.example"]}`, typeJSON, 400, "websites"},
		"no site":          {"POST", "business/profile", `{"websites":["javascript:alert(1)"]}`, typeJSON, 400, "websites"},
		"a long address":   {"POST", "business/profile", `{"address":"` + strings.Repeat("a", 257) + `"}`, typeJSON, 400, "address"},
		"no picture":       {"POST", "profile/photo", "hello", "Content-Type: image/png", 400, "JPEG or PNG"},
		"empty":            {"POST", "profile/photo", "", "Content-Type: image/png", 400, "JPEG or PNG"},
		"too large":        {"POST", "profile/photo", string(large), "Content-Type: image/png", 400, "5 MB"},
		"a form cut short": {"POST", "profile/photo", form[:len(form)-60], kind, 400, "form"},
		"a form of none":   {"POST", "profile/photo", "x", kind, 400, "form"},
		"removal":          {"DELETE", "profile/photo", "", typeJSON, 501, "can not remove"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.Do(t, c.method, "/v1/settings/"+c.path, c.body, auth, c.kind)
			if a.Status != c.status || !strings.Contains(a.Body, c.words) {
				t.Errorf("%d %s", a.Status, a.Body)
			}
		})
	}
	if rows := r.SQL(t, "SELECT id FROM audit WHERE kind = 'manage' AND effect = 'allow'"); len(rows) != 0 {
		t.Errorf("%d changes were let through", len(rows))
	}
}

// TestOldProfileUpstream: upstream's refusal comes in the old words, and a
// photo whose upload fails is not sent, not unknown.
func TestOldProfileUpstream(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	fault := func(f sim.Fault) {
		t.Helper()
		if _, err := r.Sim.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	fault(sim.Fault{Path: "whatsapp_business_profile", Method: "POST", Action: "error", Code: 131031, Status: 403, Times: 1})
	if a := r.Do(t, "PATCH", "/v1/settings/profile/about", `{"text":"x"}`, auth, typeJSON); a.Status != http.StatusForbidden || !strings.Contains(a.Body, `"code":1031`) {
		t.Errorf("refused: %d %s", a.Status, a.Body)
	}
	fault(sim.Fault{Path: "uploads", Action: "cut", Times: 1})
	if a := r.Do(t, "POST", "/v1/settings/profile/photo", string(picture(t)), auth, "Content-Type: image/png"); a.Status != http.StatusServiceUnavailable {
		t.Errorf("upload cut: %d %s", a.Status, a.Body)
	}
	fault(sim.Fault{Path: "whatsapp_business_profile", Method: "POST", Action: "cut", When: "after", Times: 1})
	if a := r.Do(t, "PATCH", "/v1/settings/profile/about", `{"text":"x"}`, auth, typeJSON); a.Status != http.StatusInternalServerError || !strings.Contains(a.Body, "not known") {
		t.Errorf("unknown: %d %s", a.Status, a.Body)
	}
	want := []string{"profile/post allow failed", "profile/photo allow not_sent", "profile/post allow unknown"}
	if got := outcomes(t, r, 3); strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("on record: %v", got)
	}
}

// account is POST /v1/account for the demo's On-Premises number.
const account = `{"cc":"49","phone_number":"3023125003","method":"sms","cert":"none","pin":"271828"}`

func TestRegister(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	do := func(path, body string, status int, words string) {
		t.Helper()
		if a := r.Do(t, "POST", path, body, auth, typeJSON); a.Status != status || !strings.Contains(a.Body, words) {
			t.Errorf("%s: %d %s, want %d %s", path, a.Status, a.Body, status, words)
		}
	}
	do("/v1/account", account, http.StatusCreated, "meta")
	do("/v1/account", strings.Replace(account, "5003", "5001", 1), http.StatusForbidden, "another number")
	do("/v1/account", strings.Replace(account, "sms", "pigeon", 1), http.StatusBadRequest, "sms or voice")
	do("/v1/account/verify", `{"code":"125003"}`, http.StatusBadRequest, "PIN")

	r.Sim.SetRegistration(r.Env["POSTERN_ONPREM_PHONE_ID"], true, true)
	do("/v1/account", account, http.StatusAccepted, `"account":[{"vname":"Test Number"}]`)
	do("/v1/account/verify", `{"code":"000000"}`, http.StatusBadRequest, "errors")
	do("/v1/account/verify", `{"code":"12500"}`, http.StatusBadRequest, "six digits")
	do("/v1/account/verify", `{"code":"125-003"}`, http.StatusCreated, "meta")
	do("/v1/account", account, http.StatusCreated, "meta")

	do("/v1/settings/account/two-step", `{"pin":"314159"}`, http.StatusOK, "meta")
	do("/v1/settings/account/two-step", `{"pin":"31415"}`, http.StatusBadRequest, "six digits")
	do("/v1/settings/account/two-step", `{}`, http.StatusBadRequest, "PIN")
	if a := r.Do(t, "DELETE", "/v1/settings/account/two-step", "", auth); a.Status != http.StatusNotImplemented || !strings.Contains(a.Body, "can not switch") {
		t.Errorf("two-step off: %d %s", a.Status, a.Body)
	}
	want := []string{
		"register/request_code allow accepted", "register/verify_code allow failed", "register/verify_code allow accepted",
		"register/register allow accepted", "pin/post allow accepted",
	}
	if got := outcomes(t, r, len(want)); strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("on record: %v", got)
	}
	for _, row := range r.SQL(t, "SELECT body FROM audit WHERE kind = 'manage'") {
		if strings.Contains(row[0], "314159") || strings.Contains(row[0], "271828") || strings.Contains(row[0], "125003") {
			t.Errorf("a PIN or code is on record: %s", row[0])
		}
	}
}

// TestRegisterAgain: a code that upstream took is good for another try with the
// right PIN.
func TestRegisterAgain(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	walk(t, r, auth, []step{{"the number's PIN", "POST", "/v1/settings/account/two-step", `{"pin":"314159"}`, 200, "meta"}})
	r.Sim.SetRegistration(r.Env["POSTERN_ONPREM_PHONE_ID"], true, true)
	walk(t, r, auth, []step{
		{"a code is sent", "POST", "/v1/account", account, 202, "vname"},
		{"another PIN", "POST", "/v1/account/verify", `{"code":"125003"}`, 403, "1005"},
		{"another code", "POST", "/v1/account/verify", `{"code":"125004","pin":"314159"}`, 400, "errors"},
		{"the right PIN", "POST", "/v1/account/verify", `{"code":"125003","pin":"314159"}`, 201, "meta"},
		{"registered", "POST", "/v1/account", account, 201, "meta"},
	})
}

// TestStubs: what has no meaning any more is accepted, and its record says so.
func TestStubs(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	for _, c := range [][3]string{
		{"POST", "/v1/account/shards", `{"cc":"49","phone_number":"3023125003","shards":4,"pin":"271828"}`},
		{"PATCH", "/v1/settings/groups", `{"allow_unsolicited_add":false}`},
	} {
		if a := r.Do(t, c[0], c[1], c[2], auth, typeJSON); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", c[1], a.Status, a.Body)
		}
		if a := r.Do(t, c[0], c[1], `{"shards":`, auth, typeJSON); a.Status != http.StatusBadRequest {
			t.Errorf("%s with a broken body: %d %s", c[1], a.Status, a.Body)
		}
	}
	if got := outcomes(t, r, 2); strings.Join(got, "; ") != "stub/shards allow not_sent; stub/groups allow not_sent" {
		t.Errorf("on record: %v", got)
	}
}
