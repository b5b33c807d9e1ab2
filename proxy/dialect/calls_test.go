package dialect

import (
	"strings"
	"testing"
	"time"
)

func TestOpaqueIDs(t *testing.T) {
	id := [16]byte{1, 2, 3, 250, 15: 255}
	out, in := OpaqueID(id), OpaqueInboundID(id)
	if !strings.HasPrefix(out, "gBGG") || !strings.HasPrefix(in, "gBEG") || len(out) > 40 {
		t.Errorf("%s %s", out, in)
	}
	if got, inbound, ok := ParseOpaqueID(out); got != id || inbound || !ok {
		t.Error("outbound does not come back")
	}
	if got, inbound, ok := ParseOpaqueID(in); got != id || !inbound || !ok {
		t.Error("inbound does not come back")
	}
	for i := range out {
		bad := []byte(out)
		bad[i] = map[bool]byte{true: 'B', false: 'A'}[bad[i] == 'A']
		if _, _, ok := ParseOpaqueID(string(bad)); ok {
			t.Errorf("%s taken", bad)
		}
	}
	if _, _, ok := ParseOpaqueID(""); ok {
		t.Error("empty id taken")
	}
}

func TestRoutes(t *testing.T) {
	for _, c := range []struct {
		method, path string
		key          bool
		dialect      Dialect
		name         RouteName
		kind         Kind // of the Problem, if name is ""
		version, id  string
	}{
		{"POST", "/v23.0/106540000000000/messages", false, Cloud, RouteMessages, 0, "v23.0", "106540000000000"},
		{"PUT", "/106540000000000/messages", false, Cloud, RouteMessages, 0, "", "106540000000000"},
		{"GET", "/v14.0/106540000000000", false, Cloud, RouteNode, 0, "v14.0", "106540000000000"},
		{"GET", "/v14.0/1020/message_templates", false, Cloud, RouteTemplates, 0, "v14.0", "1020"},
		{"POST", "/v14.0/1020/message_templates", false, Cloud, RouteTemplates, 0, "v14.0", "1020"},
		{"PUT", "/v14.0/1020/message_templates", false, Cloud, "", Method, "v14.0", "1020"},
		{"POST", "/v14.0/1020", false, Cloud, RouteNode, 0, "v14.0", "1020"},
		{"POST", "/v1/configs/templates", true, D360V1, RouteConfigTmpl, 0, "", ""},
		{"POST", "/v14.0/1020/media", false, Cloud, RouteUpload, 0, "v14.0", "1020"},
		{"GET", "/v14.0/me", false, Cloud, "", Unsupported, "v14.0", ""},
		{"GET", "/v14.0/1020/nonsense", false, Cloud, "", NotFound, "v14.0", "1020"},
		{"GET", "/v14.0/01020", false, Cloud, "", NotFound, "v14.0", ""},
		{"GET", "/v14.0/9007199254740993", false, Cloud, "", NotFound, "v14.0", ""},
		{"GET", "/v14/1020", false, Cloud, "", NotFound, "", ""},
		{"POST", "/", false, Cloud, "", Unsupported, "", ""},
		{"POST", "/v14.0", false, Cloud, "", Unsupported, "v14.0", ""},
		{"POST", "/", true, D360V2, "", Blocked, "", ""},
		{"POST", "/v1/messages", false, OnPrem, RouteMessages, 0, "", ""},
		{"PUT", "/v1/messages/gBEG-_1", false, OnPrem, RouteMarkRead, 0, "", "gBEG-_1"},
		{"POST", "/v1/users/login", false, OnPrem, RouteLogin, 0, "", ""},
		{"POST", "/v1/users/logout", false, OnPrem, RouteLogout, 0, "", ""},
		{"PATCH", "/v1/settings/application", false, OnPrem, RouteSettings, 0, "", ""},
		{"GET", "/v1/health", false, OnPrem, RouteHealth, 0, "", ""},
		{"POST", "/v1/contacts", false, OnPrem, RouteContacts, 0, "", ""},
		{"GET", "/v1/media/1", false, OnPrem, RouteMedia, 0, "", "1"},
		{"POST", "/v1/settings/backup", false, OnPrem, RouteBackup, 0, "", ""},
		{"GET", "/v1/nonsense", false, OnPrem, "", NotFound, "", ""},
		{"GET", "/v1", false, OnPrem, "", NotFound, "", ""},
		{"GET", "/v1/messages", false, OnPrem, "", Method, "", ""},
		{"post", "/v1/messages", false, OnPrem, "", Method, "", ""},
		{"POST", "/v1/messages", true, D360V1, RouteMessages, 0, "", ""},
		{"GET", "/v1/configs/webhook", true, D360V1, RouteConfigWebhook, 0, "", ""},
		{"GET", "/v1/configs/phone_number", true, D360V1, RouteConfigPhone, 0, "", ""},
		{"GET", "/v1/configs/templates", true, D360V1, RouteConfigTmpl, 0, "", ""},
		{"DELETE", "/v1/configs/templates/spring", true, D360V1, RouteConfigTmpl, 0, "", "spring"},
		{"POST", "/v1/media", true, D360V1, RouteUpload, 0, "", ""},
		{"POST", "/v1/users/login", true, D360V1, "", Blocked, "", ""},
		{"PATCH", "/v1/settings/application", true, D360V1, "", Blocked, "", ""},
		{"POST", "/messages", true, D360V2, RouteMessages, 0, "", ""},
		{"GET", "/health_status", true, D360V2, RouteRelay, 0, "", ""},
		{"POST", "/waba_webhook", true, D360V2, RouteAccountHook, 0, "", ""},
		{"GET", "/whatsapp_business/attachments", true, D360V2, RouteFile, 0, "", ""},
		{"GET", "/1037543291543636", true, D360V2, RouteMedia, 0, "", "1037543291543636"},
		{"POST", "/messages/x", true, D360V2, "", Blocked, "", ""},
		{"POST", "/v1/messages/", false, OnPrem, "", NotFound, "", ""},
		{"POST", "/v1//messages", false, OnPrem, "", NotFound, "", ""},
		{"POST", "/v1/x/../messages", false, OnPrem, "", NotFound, "", ""},
		{"POST", "/v1/%6dessages", false, OnPrem, "", NotFound, "", ""},
		{"POST", "/v1/messages;a=b", false, OnPrem, "", NotFound, "", ""},
		{"POST", "/v23.0/106540000000000%2fmessages", false, Cloud, "", NotFound, "", ""},
		{"POST", "/v23.0/+106540000000000/messages", false, Cloud, "", NotFound, "", ""},
		{"POST", "*", false, Cloud, "", NotFound, "", ""},
		{"POST", "", false, Cloud, "", NotFound, "", ""},
	} {
		r := Detect(c.method, c.path, c.key)
		if r.Dialect != c.dialect || r.Name != c.name || r.Version != c.version || r.ID != c.id ||
			(c.name == "") != (r.Problem != nil) || r.Problem != nil && r.Problem.Kind != c.kind {
			t.Errorf("%s %s: %+v %+v", c.method, c.path, r, r.Problem)
		}
	}
}

func TestCleanPath(t *testing.T) {
	for in, want := range map[string]string{
		"/v1/messages/": "/v1/messages", "/v1/media//123": "/v1/media/123", "/v1//messages//": "/v1/messages",
		"/v1/": "/v1/", "/v1//": "/v1/", "//v1/messages": "//v1/messages", "/v1.0/x/": "/v1.0/x/", "/messages/": "/messages/",
		"/v1/%2e//x": "/v1/%2e/x",
	} {
		if got := CleanPath(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

func TestLogin(t *testing.T) {
	for _, c := range []struct {
		ct, body, want string
		ok             bool
	}{
		{"", "", "", true}, {"application/json", "", "", true}, {"application/json", "{}", "", true},
		{"application/json", `{"new_password":"n3w"}`, "n3w", true}, {"text/plain", `{"new_password":"n3w"}`, "", false},
		{"application/json", `{"new_password":1}`, "", false}, {"application/json", `{"new_password":""}`, "", false},
		{"application/json", `{"new_password":"a","new_password":"b"}`, "", false},
	} {
		l, p := DecodeLogin(c.ct, []byte(c.body))
		if l.NewPassword != c.want || (p == nil) != c.ok {
			t.Errorf("%q %q: %+v %+v", c.ct, c.body, l, p)
		}
	}
	_, body := EncodeLogin("tok", time.Date(2026, 3, 1, 16, 29, 26, 0, time.FixedZone("", 3600)))
	if string(body) != `{"users":[{"token":"tok","expires_after":"2026-03-01 15:29:26+00:00"}],"meta":{"api_status":"stable","version":"2.53.2"}}` {
		t.Errorf("%s", body)
	}
}

func TestContactCheck(t *testing.T) {
	c, p := DecodeContacts("application/json", []byte(`{"blocking":"wait","contacts":["+5582999887766"],"force_check":true}`))
	if p != nil || !c.Wait || !c.Force || len(c.Inputs) != 1 || c.Inputs[0] != "+5582999887766" {
		t.Errorf("%+v %+v", c, p)
	}
	for _, bad := range []string{`{}`, `{"contacts":[]}`, `{"contacts":"x"}`, `{"contacts":[{}]}`, `{"contacts":[` + strings.Repeat(`"1",`, 1000) + `"1"]}`} {
		if _, p := DecodeContacts("application/json", []byte(bad)); p == nil {
			t.Errorf("%.40s taken", bad)
		}
	}
	_, body := EncodeContacts([]CheckedContact{{"+1", "valid", "1"}, {"x", "invalid", "1"}})
	if string(body) != `{"contacts":[{"input":"+1","status":"valid","wa_id":"1"},{"input":"x","status":"invalid"}],"meta":{"api_status":"stable","version":"2.53.2"}}` {
		t.Errorf("%s", body)
	}
}

func TestSettings(t *testing.T) {
	patch := `{"callback_backoff_delay_ms":"3000","webhooks":{"url":"https://app.example/é","max_concurrent_requests":12,"message":{"sent":"true","read":false},"new":1},` +
		`"media":{"auto_download":["image","audio"]},"sent_status":true,"unknown_key":{"a":1},"pass_through":null}`
	s, p := DecodeSettings("application/json", []byte(patch))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	if s.WebhookURL() != "https://app.example/é" || !s.Delivers("sent") || s.Delivers("read") || !s.Delivers("delivered") {
		t.Errorf("%+v", s)
	}
	if strings.Join(s.Unknown, " ") != "webhooks.new unknown_key" {
		t.Errorf("unknown: %v", s.Unknown)
	}
	again, p := DecodeSettings("application/json", []byte(`{"webhooks":{"message":{"sent":false}}}`))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	merged := s.Merge(again)
	if merged.Delivers("sent") || merged.WebhookURL() == "" || !s.Delivers("sent") {
		t.Errorf("merge: %+v", merged)
	}
	if r := merged.Rewrite(Rewrite{}); r.Sent || !r.NoRead || r.NoDelivered {
		t.Errorf("rewrite: %+v", r)
	}
	_, body := EncodeSettings(s)
	want := `{"settings":{"application":{"callback_backoff_delay_ms":3000,"media":{"auto_download":["image","audio"]},"sent_status":true,` +
		`"webhooks":{"max_concurrent_requests":12,"message":{"read":false,"sent":true},"url":"https://app.example/é"}}},"meta":{"api_status":"stable","version":"2.53.2"}}`
	if string(body) != want {
		t.Errorf("got %s", body)
	}
	if _, body := EncodeSettings(Settings{}); !strings.HasPrefix(string(body), `{"settings":{"application":{}}`) {
		t.Errorf("empty: %s", body)
	}
	if (Settings{}).Delivers("sent") || !(Settings{}).Delivers("read") {
		t.Error("defaults")
	}
	for _, bad := range []string{`{"sent_status":"maybe"}`, `{"webhooks":{"url":1}}`, `{"webhooks":{"max_concurrent_requests":"many"}}`, `{"media":{"auto_download":[1]}}`, `[]`} {
		if _, p := DecodeSettings("application/json", []byte(bad)); p == nil {
			t.Errorf("%s taken", bad)
		}
	}
}

func TestWebhookConfig(t *testing.T) {
	c, p := DecodeWebhookConfig("application/json", []byte(`{"url":"https://app.example/hook","headers":{"X-Auth":"s","Authorization":"Basic dTpw"}}`))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	if _, body := EncodeWebhookConfig(c); string(body) != `{"url":"https://app.example/hook","headers":{"Authorization":"Basic dTpw","X-Auth":"s"}}` {
		t.Errorf("%s", body)
	}
	for _, bad := range []string{`{}`, `{"url":"ftp://x.example"}`, `{"url":"https://u:p@x.example"}`, `{"url":"https://x.example","headers":[]}`,
		`{"url":"https://x.example","headers":{"Host":"a"}}`, `{"url":"https://x.example","headers":{"transfer-encoding":"a"}}`,
		`{"url":"https://x.example","headers":{"a":"b\r\nc: d"}}`, `{"url":"https://x.example","headers":{"a b":"c"}}`, `{"url":"https://x.example","headers":{"a":1}}`} {
		if _, p := DecodeWebhookConfig("application/json", []byte(bad)); p == nil {
			t.Errorf("%s taken", bad)
		}
	}
}

func TestSmallAnswers(t *testing.T) {
	for want, got := range map[string][]byte{
		`{"phone_number":"4930"}`: second(EncodeConfigPhone("4930")),
		`{"health":{"gateway_status":"connected"},"meta":{"api_status":"stable","version":"2.53.2"}}`:                                                             second(EncodeHealth("", "gate.example", Connected)),
		`{"meta":{"api_status":"stable","version":"2.53.2"}}`:                                                                                                     second(EncodeDone(OnPrem)),
		`{"id":"1","verified_name":"N","display_phone_number":"+49 30","quality_rating":"UNKNOWN","platform_type":"CLOUD_API","throughput":{"level":"STANDARD"}}`: second(EncodePhone(Phone{ID: "1", VerifiedName: "N", Display: "+49 30", Throughput: "STANDARD", Status: "CONNECTED"}, nil)),
		`{"id":"1","status":"CONNECTED"}`: second(EncodePhone(Phone{ID: "1", VerifiedName: "N", Status: "CONNECTED"}, []string{"status", "id"})),
	} {
		if string(got) != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	}
	p, err := DecodePhone([]byte(`{"id":"1","verified_name":"N","throughput":{"level":"HIGH"},"status":"CONNECTED"}`))
	if err != nil || p.ID != "1" || p.Throughput != "HIGH" || p.Status != "CONNECTED" {
		t.Errorf("%+v %v", p, err)
	}
	if _, err := DecodePhone([]byte(`{}`)); err == nil {
		t.Error("node without id taken")
	}
}

func second(_ int, b []byte) []byte { return b }

func TestTemplateLists(t *testing.T) {
	const page = `{"data":[{"name":"n","components":[{"type":"BODY","text":"x {{1}}"}],"language":"en_US","status":"APPROVED","category":"UTILITY","id":"5","parameter_format":"POSITIONAL","quality_score":{"score":"GREEN"}}],` +
		`"paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.example/x"}}`
	list, after, err := DecodeTemplates([]byte(page))
	if err != nil || after != "b" || len(list) != 1 || list[0].Quality != "GREEN" {
		t.Fatalf("%+v %q %v", list, after, err)
	}
	_, body := EncodeTemplates(list, TemplatePage{Before: "a", After: "b", Summary: true, Total: 1})
	want := `{"data":[{"name":"n","language":"en_US","status":"APPROVED","category":"UTILITY","components":[{"type":"BODY","text":"x {{1}}"}],"parameter_format":"POSITIONAL","id":"5"}],` +
		`"paging":{"cursors":{"before":"a","after":"b"}},"summary":{"total_count":1,"message_template_count":1,"message_template_limit":6000,"are_translations_complete":true}}`
	if string(body) != want {
		t.Errorf("Cloud: %s", body)
	}
	_, body = EncodeConfigTemplates(list, TemplatePage{Limit: 10, Total: 1, Namespace: "ns"})
	want = `{"count":1,"filters":{},"limit":10,"offset":0,"sort":["id"],"total":1,"waba_templates":[{"name":"n","language":"en_US","status":"approved","category":"UTILITY","components":[{"type":"BODY","text":"x {{1}}"}],"namespace":"ns"}]}`
	if string(body) != want {
		t.Errorf("360dialog: %s", body)
	}
	for _, bad := range []string{``, `{}`, `{"data":{}}`, `{"data":[{}]}`} {
		if _, _, err := DecodeTemplates([]byte(bad)); err == nil {
			t.Errorf("%q taken", bad)
		}
	}
}
