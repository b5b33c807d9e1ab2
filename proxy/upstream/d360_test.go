package upstream_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/proxy/upstream"
)

// dialog is a server in 360dialog's place: what came, and what it answers.
type dialog struct {
	*upstream.Client
	who    upstream.Credential
	seen   []string // "METHOD path?query key body"
	status int
	answer string
	at     time.Time
}

const (
	d360Number = "106540352242922"
	d360Other  = "106540352242923"
	d360WABA   = "102290129340398"
)

func newDialog(t *testing.T) *dialog {
	t.Helper()
	d := &dialog{status: http.StatusOK, answer: "{}", at: time.Unix(1767225600, 0)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get("Authorization") != "" {
			t.Errorf("request with %v, Authorization %q", err, r.Header.Get("Authorization"))
		}
		d.seen = append(d.seen, strings.TrimSpace(r.Method+" "+r.URL.RequestURI()+" "+r.Header.Get("D360-API-KEY")+" "+string(body)))
		if strings.HasPrefix(d.answer, "https://") {
			w.Header().Set("Location", d.answer)
		}
		w.WriteHeader(d.status)
		_, _ = io.WriteString(w, d.answer)
	}))
	t.Cleanup(server.Close)
	var err error
	// Meta's own address is one where nobody listens.
	d.Client, err = upstream.New(upstream.Config{
		BaseURL: "http://127.0.0.1:1", Version: "v25.0", Timeout: time.Minute, Connections: 1, Now: func() time.Time { return d.at },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Client.Close)
	d.who = upstream.Credential{D360: &upstream.D360{BaseURL: server.URL, Keys: map[string]string{d360Number: "key-1", d360Other: "key-2"}}}
	return d
}

// last is the newest request, "" where none came since the last look.
func (d *dialog) last() string {
	if len(d.seen) == 0 {
		return ""
	}
	out := d.seen[len(d.seen)-1]
	d.seen = nil
	return out
}

// TestD360Calls: Meta's calls arrive under 360dialog's paths with the key of
// their number; what it does not offer does not leave.
func TestD360Calls(t *testing.T) {
	d := newDialog(t)
	for _, tc := range []struct{ method, path, body, want string }{
		{"POST", "/" + d360Number + "/messages", `{"a":1}`, `POST /messages key-1 {"a":1}`},
		{"POST", "/" + d360Other + "/messages", `{}`, `POST /messages key-2 {}`},
		{"POST", "/" + d360Number + "/marketing_messages", `{}`, `POST /marketing_messages key-1 {}`},
		{"GET", "/" + d360Number + "/whatsapp_business_profile?fields=about,email", "", `GET /whatsapp_business_profile?fields=about,email key-1`},
		{"DELETE", "/" + d360Number + "/block_users", `{}`, `DELETE /block_users key-1 {}`},
		{"GET", "/" + d360Other + "/" + upstream.D360Webhook, "", `GET /v1/configs/webhook key-2`},
		{"GET", "/" + d360Other + "?fields=id,display_phone_number", "", `GET /health_status key-2`},
		{"GET", "/800?phone_number_id=" + d360Other, "", `GET /800 key-2`},
		{"DELETE", "/800?phone_number_id=" + d360Number, "", `DELETE /800 key-1`},
		{"GET", "/" + d360WABA + "/message_templates?limit=100&fields=name&after=", "", `GET /v1/configs/templates?limit=100&offset=0 key-1`},
		{"GET", "/" + d360WABA + "/message_templates?limit=7&after=14", "", `GET /v1/configs/templates?limit=7&offset=14 key-1`},
		{"POST", "/" + d360WABA + "/message_templates", `{"name":"x"}`, `POST /v1/configs/templates key-1 {"name":"x"}`},
		{"DELETE", "/" + d360WABA + "/message_templates?name=a%2Fb", "", `DELETE /v1/configs/templates/a%2Fb key-1`},
		{"GET", "/" + d360WABA + "?fields=message_template_namespace", "", `GET /v1/configs/templates?limit=1 key-1`},

		{"DELETE", "/" + d360WABA + "/message_templates?name=a&hsm_id=1", "", ""},
		{"DELETE", "/" + d360WABA + "/message_templates", "", ""},
		{"POST", "/" + d360Number, `{"pin":"123456"}`, ""},
		{"POST", "/" + d360Number + "/register", `{}`, ""},
		{"POST", "/" + d360Number + "/settings", `{}`, ""},
		{"POST", "/" + d360Number + "/messages_encrypted", `{}`, ""},
		{"PUT", "/" + d360Number + "/messages", `{}`, ""},
		{"GET", "/" + d360WABA, "", ""},
		{"GET", "/" + d360WABA + "/phone_numbers", "", ""},
		{"GET", "/800", "", ""},
		{"POST", "/800", `{}`, ""},
		{"GET", "/debug_token?input_token=x", "", ""},
		{"GET", "/800?phone_number_id=%zz", "", ""},
	} {
		var body []byte
		if tc.body != "" {
			body = []byte(tc.body)
		}
		a := d.Call(t.Context(), tc.method, d.who, tc.path, body)
		if got := d.last(); got != tc.want {
			t.Errorf("%s %s arrived as %q, want %q", tc.method, tc.path, got, tc.want)
		}
		var b *upstream.Blocked
		if blocked := errors.As(a.Err, &b); blocked != (tc.want == "") || blocked && (a.Sent || b.Reason == "") {
			t.Errorf("%s %s: %v, sent %t", tc.method, tc.path, a.Err, a.Sent)
		}
	}
	if _, a := d.Resumable(t.Context(), d.who, upstream.File{Mime: "image/png", Length: 1, Content: strings.NewReader("x")}); a.Err == nil || d.last() != "" {
		t.Errorf("an upload for the profile: %v", a.Err)
	}
}

// TestD360Errors: 360dialog's own errors read as Meta's, in both spellings, and
// a success stays one.
func TestD360Errors(t *testing.T) {
	d := newDialog(t)
	for _, tc := range []struct {
		status int
		text   string
		code   int
		as     int
	}{
		{401, "Invalid api_key or token expired", 190, 401},
		{403, "This URL is blocked", 10, 403},
		{404, "Not found", 100, 404},
		{400, "API disabled for this account", 131031, 403},
		{400, "Sending stopped for lack of payment", 131042, 400},
		{400, "Endpoint call limit: at most 1 request every 5 seconds", 130429, 429},
		{429, "Slow down", 130429, 429},
		{400, "Something else", 100, 400},
		{502, "WhatsApp stack is not running", 131016, 502},
	} {
		for _, shape := range []string{`{"meta":{"httpCode":%d,"developerMessage":"%s","success":false}}`, `{"meta":{"http_code":%d,"developer_message":"%s","success":false}}`} {
			d.status, d.answer = tc.status, fmt.Sprintf(shape, 404, tc.text)
			a := d.Post(t.Context(), d.who, "/"+d360Number+"/messages", []byte("{}"))
			var said struct {
				Error struct {
					Code    int    `json:"code"`
					Message string `json:"message"`
				} `json:"error"`
			}
			if err := json.Unmarshal(a.Body, &said); err != nil || a.Status != tc.as || said.Error.Code != tc.code || !strings.Contains(said.Error.Message, tc.text) {
				t.Errorf("%d %s: %d %s (%v)", tc.status, tc.text, a.Status, a.Body, err)
			}
		}
	}
	for _, same := range []struct {
		status int
		body   string
	}{
		{400, `{"error":{"code":131026}}`}, {200, `{"messages":[]}`}, {500, `{"meta":{"httpCode":500,"developerMessage":"Internal error","success":false}}`}, {502, "<html>"},
	} {
		d.status, d.answer = same.status, same.body
		if a := d.Post(t.Context(), d.who, "/"+d360Number+"/messages", nil); a.Status != same.status || string(a.Body) != same.body {
			t.Errorf("%d %s became %d %s", same.status, same.body, a.Status, a.Body)
		}
	}
}

// TestD360Templates: its list reads as Meta's, page by page.
func TestD360Templates(t *testing.T) {
	d := newDialog(t)
	list := "/" + d360WABA + "/message_templates?limit=2&after=2"
	d.answer = `{"count":2,"limit":2,"offset":2,"total":5,"waba_templates":[
		{"id":"x","external_id":"77","namespace":"ns_1","name":"a","language":"de","status":"submitted","category":"UTILITY","components":[{"type":"BODY"}],"rejected_reason":null},
		{"id":"y","name":"b","language":"en","status":"approved","category":"marketing","rejected_reason":"NONE"}]}`
	a := d.Get(t.Context(), d.who, list)
	want := `{"data":[{"id":"77","name":"a","language":"de","status":"PENDING","category":"UTILITY","components":[{"type":"BODY"}]},` +
		`{"id":"y","name":"b","language":"en","status":"APPROVED","category":"MARKETING","rejected_reason":"NONE"}],"paging":{"cursors":{"after":"4"},"next":"next"}}`
	if string(a.Body) != want {
		t.Errorf("list: %s", a.Body)
	}
	if a = d.Get(t.Context(), d.who, "/"+d360WABA+"?fields=message_template_namespace"); string(a.Body) != `{"id":"`+d360WABA+`","message_template_namespace":"ns_1"}` {
		t.Errorf("namespace: %s", a.Body)
	}
	d.answer = `{"offset":4,"total":5,"waba_templates":[{"name":"c","language":"en","status":"rejected"}]}`
	if a = d.Get(t.Context(), d.who, list); strings.Contains(string(a.Body), "paging") {
		t.Errorf("the last page goes on: %s", a.Body)
	}
	d.status, d.answer = http.StatusCreated, `{"external_id":"9","status":"submitted","category":"UTILITY"}`
	if a = d.Post(t.Context(), d.who, "/"+d360WABA+"/message_templates", []byte(`{}`)); a.Status != http.StatusOK || string(a.Body) != `{"category":"UTILITY","id":"9","status":"PENDING"}` {
		t.Errorf("made: %d %s", a.Status, a.Body)
	}
	d.status, d.answer = http.StatusOK, `<html>`
	if a = d.Get(t.Context(), d.who, list); a.Answered() || !a.Sent || !errors.Is(a.Err, upstream.ErrUnreadable) {
		t.Errorf("a page in place of a list: %d %v", a.Status, a.Err)
	}
	if a = d.Call(t.Context(), http.MethodDelete, d.who, "/"+d360WABA+"/message_templates?name=a", nil); string(a.Body) != `{"success":true}` {
		t.Errorf("end: %s", a.Body)
	}
}

// TestD360Number: the node of a number is what health_status tells of it.
func TestD360Number(t *testing.T) {
	d := newDialog(t)
	for can, want := range map[string]string{"AVAILABLE": `,"id":"` + d360Number + `","status":"CONNECTED"}`, "LIMITED": `"status":"CONNECTED"}`, "BLOCKED": `"id":"` + d360Number + `"}`} {
		d.answer = `{"health_status":{"can_send_message":"BLOCKED","entities":[{"entity_type":"WABA","id":"1","can_send_message":"AVAILABLE"},{"entity_type":"PHONE_NUMBER","id":"2","can_send_message":"` + can + `"}]},"id":"9"}`
		a := d.Get(t.Context(), d.who, "/"+d360Number+"?fields=id,status")
		if !a.Answered() || !strings.HasSuffix(string(a.Body), want) || !strings.HasPrefix(string(a.Body), `{"health_status":{"can_send`) {
			t.Errorf("%s: %s", can, a.Body)
		}
	}
	d.answer = `{}`
	if a := d.Get(t.Context(), d.who, "/"+d360Number); string(a.Body) != `{"id":"`+d360Number+`"}` {
		t.Errorf("nothing told: %s", a.Body)
	}
}

// TestD360File: a file comes from 360dialog by path and query of Meta's link,
// whatever host that names.
func TestD360File(t *testing.T) {
	d := newDialog(t)
	d.answer = "bytes"
	link := "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2&hash=a%2Fb"
	f, err := d.Download(t.Context(), d.who.On(d360Other), link)
	if err != nil || f.Body == nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f.Body)
	if err := errors.Join(err, f.Body.Close()); err != nil || string(raw) != "bytes" || d.last() != "GET /whatsapp_business/attachments/?mid=1&ext=2&hash=a%2Fb key-2" {
		t.Errorf("%q %v", raw, err)
	}
	for _, bad := range []string{"https://lookaside.fbsbx.com/elsewhere?mid=1", "https://lookaside.fbsbx.com/whatsapp_business/attachments/../x", "::", ""} {
		if _, err := d.Download(t.Context(), d.who.On(d360Other), bad); !errors.Is(err, upstream.ErrForeign) || d.last() != "" {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := d.Download(t.Context(), d.who, link); !errors.Is(err, upstream.ErrForeign) || d.last() != "" {
		t.Errorf("a file of no number: %v", err)
	}
	if _, err := d.Download(t.Context(), upstream.Credential{Token: "t"}, "http://127.0.0.1:1/secret-link"); err == nil || strings.Contains(err.Error(), "secret-link") {
		t.Errorf("nobody listens: %v", err)
	}
	d.status, d.answer = http.StatusFound, "https://elsewhere.example/"
	f, err = d.Download(t.Context(), d.who.On(d360Number), link)
	if err != nil || f.Body != nil || f.Answer.Status != http.StatusFound || len(d.seen) != 1 {
		t.Errorf("redirect: %v %+v, asked %d times", err, f.Answer, len(d.seen))
	}
}

// TestD360Misses: a file that was not there is not asked for again within the
// hour, and too many of them stop before 360dialog blocks the number.
func TestD360Misses(t *testing.T) {
	d := newDialog(t)
	d.status, d.answer = http.StatusBadRequest, `{"error":{"code":100}}`
	ask := func(id, number string) upstream.Answer {
		return d.Get(t.Context(), d.who, "/"+id+"?phone_number_id="+number)
	}
	first := ask("1", d360Number)
	if again := ask("1", d360Number); len(d.seen) != 1 || again.Status != first.Status || string(again.Body) != string(first.Body) {
		t.Errorf("asked %d times; %d %s", len(d.seen), again.Status, again.Body)
	}
	for i := range 40 {
		ask(fmt.Sprint(100+i), d360Number)
	}
	if len(d.seen) >= 20 {
		t.Errorf("%d errors: 360dialog would block the number", len(d.seen))
	}
	if a := ask("200", d360Number); a.Answered() || a.Sent {
		t.Errorf("one too many: %d", a.Status)
	}
	if a := ask("200", d360Other); !a.Answered() {
		t.Errorf("another number: %v", a.Err)
	}
	d.at = d.at.Add(61 * time.Minute)
	if a := ask("1", d360Number); !a.Answered() || d.last() != "GET /1 key-1" {
		t.Errorf("an hour later: %v", a.Err)
	}
}

// TestD360Busy: what 360dialog refuses for the number's sake says nothing of the
// file, which is there once it is asked for again; it counts all the same.
func TestD360Busy(t *testing.T) {
	d := newDialog(t)
	ask := func() upstream.Answer { return d.Get(t.Context(), d.who, "/1?phone_number_id="+d360Number) }
	busy := `{"meta":{"httpCode":400,"developerMessage":"Endpoint call limit: at most 1 request every 5 seconds","success":false}}`
	d.status, d.answer = http.StatusBadRequest, busy
	if a := ask(); a.Status != http.StatusTooManyRequests {
		t.Errorf("busy: %d %s", a.Status, a.Body)
	}
	d.status, d.answer = http.StatusOK, `{"id":"1"}`
	if a := ask(); a.Status != http.StatusOK {
		t.Errorf("again: %d %s", a.Status, a.Body)
	}
	d.status, d.answer = http.StatusBadRequest, busy
	for range 40 {
		ask()
	}
	if len(d.seen) >= 20 {
		t.Errorf("%d requests: 360dialog would block the number", len(d.seen))
	}
}

// TestCredential: it shows in no format, and without one nothing leaves.
func TestCredential(t *testing.T) {
	d := newDialog(t)
	for _, c := range []upstream.Credential{d.who, d.who.On(d360Number), {Token: "key-1"}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
			if text := fmt.Sprintf(verb, c); text != "[credential]" {
				t.Errorf("%s prints %q", verb, text)
			}
		}
	}
	for name, c := range map[string]upstream.Credential{
		"none": {}, "plain http": {D360: &upstream.D360{BaseURL: "http://waba-v2.360dialog.io", Keys: map[string]string{d360Number: "k"}}},
		"no key":     {D360: &upstream.D360{BaseURL: d.who.D360.BaseURL}},
		"no address": {D360: &upstream.D360{Keys: map[string]string{d360Number: "k"}}},
	} {
		if a := d.Post(t.Context(), c, "/"+d360Number+"/messages", nil); a.Err == nil || a.Sent {
			t.Errorf("%s: %d %v", name, a.Status, a.Err)
		}
	}
	if a := d.Get(t.Context(), d.who, "/800?phone_number_id=5"); a.Err == nil || a.Sent || d.last() != "" {
		t.Errorf("a file of a number without key: %d %v", a.Status, a.Err)
	}
	if d.who.Secret(d360Other) != "key-2" || d.who.Secret("x") != "" || (upstream.Credential{Token: "t"}).Secret("x") != "t" {
		t.Error("another secret than the one that calls carry")
	}
}
