package sim_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

// upload posts a file; fields go into the form, query behind the path.
func (w *world) upload(kind, content, query string, fields map[string]string) (int, string) {
	w.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, v := range fields {
		if err := form.WriteField(name, v); err != nil {
			w.Fatal(err)
		}
	}
	if content != "" {
		part, err := form.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {`form-data; name="file"; filename="/tmp/some/a.jpg"`}, "Content-Type": {kind},
		})
		if err != nil {
			w.Fatal(err)
		}
		if _, err := part.Write([]byte(content)); err != nil {
			w.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		w.Fatal(err)
	}
	req, err := http.NewRequestWithContext(w.Context(), "POST", w.url+"/v24.0/"+phoneID+"/media?"+query, &body)
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+token)
	return w.do(req)
}

func TestMedia(t *testing.T) {
	w := start(t)
	status, body := w.upload("image/jpeg", "jpeg bytes", "", map[string]string{"messaging_product": "whatsapp", "type": "image/jpeg"})
	if status != 200 {
		t.Fatalf("upload: %d %s", status, body)
	}
	id := dig(t, body, "id")
	expect(t, "answer", body, `{"id":"`+id+`"}`)
	_, node := w.call("GET", "/v24.0/"+id+"?phone_number_id="+phoneID, "")
	link := dig(t, node, "url")
	want := fmt.Sprintf(`{"messaging_product":"whatsapp","url":%q,"mime_type":"image/jpeg","sha256":"%s","file_size":10,"id":"%s"}`,
		link, dig(t, node, "sha256"), id)
	expect(t, "node", strings.ReplaceAll(node, `\u0026`, "&"), want)
	path := strings.TrimPrefix(link, w.url)
	if status, data := w.call("GET", path, ""); status != 200 || data != "jpeg bytes" {
		t.Errorf("download: %d %q", status, data)
	}
	res, err := http.Get(link) //nolint:gosec,noctx // our own link, without a token
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != 401 {
		t.Errorf("download without token: %d %v", res.StatusCode, err)
	}
	if status, body := w.send(`{"messaging_product":"whatsapp","to":"` + ana + `","type":"image","image":{"id":"` + id + `"}}`); status != 200 {
		t.Errorf("send: %d %s", status, body)
	}
	w.clock.forward(5*time.Minute + time.Second)
	if status, _ := w.call("GET", path, ""); status != 404 {
		t.Errorf("expired link: %d", status)
	}
	if status, _ := w.call("GET", strings.Replace(path, "hash=", "hash=A", 1), ""); status != 404 {
		t.Errorf("altered link: %d", status)
	}
	_, body = w.call("DELETE", "/v24.0/"+id, "")
	expect(t, "delete", body, `{"success":true}`)
	status, body = w.call("GET", "/v24.0/"+id, "")
	w.expectCode("after delete", status, body, 400, 100)
}

func TestMediaLives30Days(t *testing.T) {
	w := start(t)
	_, body := w.upload("text/plain", "x", "messaging_product=whatsapp", nil)
	id := dig(t, body, "id")
	w.clock.forward(30*24*time.Hour - time.Second)
	if status, _ := w.call("GET", "/"+id, ""); status != 200 {
		t.Errorf("on day 30: %d", status)
	}
	w.clock.forward(time.Second)
	if status, _ := w.call("GET", "/"+id, ""); status != 400 {
		t.Errorf("after 30 days: %d", status)
	}
}

func TestUploadRefused(t *testing.T) {
	w := start(t)
	product := map[string]string{"messaging_product": "whatsapp"}
	cases := []struct {
		what, kind, content string
		fields              map[string]string
		code                int
	}{
		{"no product", "image/jpeg", "x", nil, 100},
		{"no file", "", "", product, 100},
		{"type", "text/html", "x", product, 100},
		{"large image", "image/jpeg", strings.Repeat("x", 5<<20+1), product, 131053},
		{"large sticker", "image/webp", strings.Repeat("x", 500<<10+1), product, 131053},
	}
	for _, c := range cases {
		status, body := w.upload(c.kind, c.content, "", c.fields)
		w.expectCode(c.what, status, body, 400, c.code)
	}
	status, body := w.call("POST", "/"+phoneID+"/media", `{}`)
	w.expectCode("not multipart", status, body, 400, 100)
}

func TestTemplateList(t *testing.T) {
	w := start(t)
	base := "/v24.0/" + account + "/message_templates"
	_, first := w.call("GET", base+"?limit=4&summary=total_count", "")
	if n := strings.Count(first, `"id":`); n != 4 {
		t.Errorf("%d on the first page", n)
	}
	expect(t, "summary", dig(t, first, "summary"),
		`{"are_translations_complete":true,"message_template_count":9,"message_template_limit":250,"total_count":9}`)
	seen := strings.Count(first, `"id":`)
	next := dig(t, first, "paging", "next")
	for next != "<nil>" {
		_, page := w.call("GET", strings.TrimPrefix(next, w.url), "")
		seen += strings.Count(page, `"id":`)
		next = dig(t, page, "paging", "next")
	}
	if seen != 9 {
		t.Errorf("%d templates over all pages", seen)
	}
	_, body := w.call("GET", base+"?name=order_update&status=APPROVED&fields=name,language,status", "")
	if dig(t, body, "data", 1, "name") != "order_update" || dig(t, body, "data", 2) != "<nil>" || strings.Contains(body, "components") {
		t.Errorf("filtered: %s", body)
	}
	status, body := w.call("GET", base+"?fields=nonsense", "")
	w.expectCode("field", status, body, 400, 100)
	id := dig(t, first, "data", 0, "id")
	_, body = w.call("GET", "/v24.0/"+id+"?fields=name,status", "")
	expect(t, "node", body, `{"id":"`+id+`","name":"order_update","status":"APPROVED"}`)
}

func TestTemplateLife(t *testing.T) {
	w := start(t)
	base := "/v24.0/" + account + "/message_templates"
	create := `{"name":"order_late","language":"en_US","category":"utility","components":[{"type":"BODY","text":"Order {{1}} is late today, sorry.","example":{"body_text":[["1"]]}}]}`
	status, body := w.call("POST", base, create)
	id := dig(t, body, "id")
	expect(t, "created", fmt.Sprint(status, body), `200{"category":"UTILITY","id":"`+id+`","status":"PENDING"}`)
	status, body = w.call("POST", base, create)
	w.expectCode("twice", status, body, 400, 100)
	status, body = w.send(templated(ana, "order_late", oneParameter))
	w.expectCode("pending", status, body, 404, 132001)
	status, body = w.call("POST", "/_sim/templates", `{"id":"`+id+`","status":"APPROVED","wait":true}`)
	if status != 200 || dig(t, body, "delivered") != "1" {
		t.Errorf("approve: %d %s", status, body)
	}
	hooked := w.idle()[0]
	expect(t, "field", dig(t, hooked, "entry", 0, "changes", 0, "field"), "message_template_status_update")
	expect(t, "value", dig(t, hooked, value()...), `{"event":"APPROVED","message_template_category":"UTILITY","message_template_id":`+id+
		`,"message_template_language":"en_US","message_template_name":"order_late","reason":"NONE"}`)
	if status, body := w.send(templated(ana, "order_late", oneParameter)); status != 200 {
		t.Errorf("approved: %d %s", status, body)
	}
	_, body = w.call("DELETE", base+"?name=order_late", "")
	expect(t, "deleted", body, `{"success":true}`)
	status, body = w.call("DELETE", base+"?name=order_late", "")
	w.expectCode("deleted twice", status, body, 400, 100)
}

func TestTemplateApprovedAtOnce(t *testing.T) {
	w := start(t, func(_ *sim.Config, c *sim.Settings) { c.Approval = sim.Auto })
	w.call("POST", "/"+account+"/message_templates", `{"name":"hello_all","language":"en_US","category":"MARKETING","components":[{"type":"BODY","text":"Hello."}]}`)
	if status, body := w.send(templated(ana, "hello_all", "")); status != 200 {
		t.Errorf("%d %s", status, body)
	}
	if _, err := w.sim.ChangeTemplate(t.Context(), sim.TemplateChange{Name: "hello_all", Status: "PAUSED"}); err != nil {
		t.Fatal(err)
	}
	status, body := w.send(templated(ana, "hello_all", ""))
	w.expectCode("paused", status, body, 400, 132015)
}

func TestNodes(t *testing.T) {
	w := start(t)
	cases := []struct{ path, want string }{
		{phoneID + "?fields=status,throughput{level},display_phone_number", `{"display_phone_number":"+49 1555 0100001","id":"106540000000001","status":"CONNECTED","throughput":{"level":"STANDARD"}}`},
		{"106540000000002?fields=verified_name", `{"id":"106540000000002","verified_name":"Second"}`},
		{account + "/phone_numbers?fields=id,quality_rating", `{"data":[{"id":"106540000000001","quality_rating":"GREEN"}]}`},
		{"me", `{"id":"1000000000000002","name":"Test System User"}`},
		{"debug_token?input_token=other", `{"data":{"app_id":"1000000000000001","is_valid":false,"scopes":[]}}`},
	}
	for _, c := range cases {
		_, body := w.call("GET", "/v24.0/"+c.path, "")
		expect(t, c.path, body, c.want)
	}
	_, body := w.call("GET", "/v24.0/"+account+"?fields=message_template_namespace", "")
	if dig(t, body, "message_template_namespace") == "<nil>" {
		t.Errorf("account: %s", body)
	}
	_, body = w.call("GET", "/debug_token?input_token="+token, "")
	expect(t, "own token", dig(t, body, "data", "is_valid"), "true")
	status, body := w.call("GET", "/"+phoneID+"?fields=nonsense", "")
	w.expectCode("field", status, body, 400, 100)
}

func TestProfile(t *testing.T) {
	w := start(t)
	path := "/v24.0/" + phoneID + "/whatsapp_business_profile"
	_, body := w.call("POST", path, `{"messaging_product":"whatsapp","about":"We help","websites":["https://shop.example"]}`)
	expect(t, "change", body, `{"success":true}`)
	_, body = w.call("GET", path+"?fields=about", "")
	expect(t, "read", body, `{"data":[{"about":"We help","messaging_product":"whatsapp"}]}`)
	for _, bad := range []string{`{"about":"x"}`, `{"messaging_product":"whatsapp","abuot":"x"}`, `{"messaging_product":"whatsapp","websites":["a","b","c"]}`} {
		status, body := w.call("POST", path, bad)
		w.expectCode(bad, status, body, 400, 100)
	}
	status, body := w.call("POST", path, `{"messaging_product":"whatsapp","about":"`+strings.Repeat("x", 140)+`"}`)
	w.expectCode("long", status, body, 400, 131009)
}
