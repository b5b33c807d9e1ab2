package conformance

import (
	"net/url"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// testContacts: the check that old clients make before they send (need 20:
// exactly one entry for a single number).
func testContacts(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	valid := `{"input":"+` + to + `","status":"valid","wa_id":"` + to + `"}`
	for _, c := range []*caller{s.v1, s.onprem} {
		for name, x := range map[string]struct{ body, want string }{
			"need 20 single":   {`{"blocking":"wait","contacts":["+` + to + `"]}`, valid},
			"no_wait, forced":  {`{"blocking":"no_wait","contacts":["+` + to + `"],"force_check":true}`, valid},
			"several":          {`{"contacts":["+` + to + `","nobody","12"]}`, valid + `,{"input":"nobody","status":"invalid"},{"input":"12","status":"invalid"}`},
			"unknown property": {`{"contacts":["+` + to + `"],"other":1}`, valid},
		} {
			t.Run(c.name+" "+name, func(t *testing.T) {
				a := s.ask(t, "POST", "/v1/contacts", x.body, c.auth)
				if want := `{"contacts":[` + x.want + `],` + metaFlat + `}`; a.Status != 200 || a.Body != want {
					t.Errorf("%d %s\nwant %s", a.Status, a.Body, want)
				}
			})
		}
		refused(t, c, s.ask(t, "POST", "/v1/contacts", `{"blocking":"wait"}`, c.auth), 400, 1008)
		refused(t, c, s.ask(t, "POST", "/v1/contacts", `{"contacts":[],"contacts":["1"]}`, c.auth), 400, 1025)
		refused(t, c, s.ask(t, "POST", "/v1/contacts", `{"contacts":[{}]}`, c.auth), 400, 1009)
	}
	s.checkRefusals(t, map[string]int{"d360v1 request_missing": 1, "onprem request_missing": 1, "d360v1 request_malformed": 1, "onprem request_malformed": 1, "d360v1 request_invalid": 1, "onprem request_invalid": 1})
}

// testSettings: an old client sets its webhook and its wishes (need 22).
func testSettings(t *testing.T, s *site) {
	c, path := s.onprem, "/v1/settings/application"
	application := func(a rig.Reply, path ...any) any {
		return at(any(a.JSON(t)), append([]any{"settings", "application"}, path...)...)
	}
	if a := s.ask(t, "GET", path, "", c.auth); application(a, "webhooks", "url") != s.Hooks.URL {
		t.Errorf("need 22: the configured webhook is not shown: %s", a.Body)
	}
	target := s.Hooks.URL + "/own"
	a := s.ask(t, "PATCH", path, `{"callback_backoff_delay_ms":"3000","max_callback_backoff_delay_ms":900000,"callback_persist":"true",
		"media":{"auto_download":["image","document"]},"webhooks":{"url":"`+target+`","max_concurrent_requests":"12","message":{"sent":true}},
		"sent_status":true,"pass_through":false,"heartbeat_interval":5,"on_call_pager":null,"made_up":{"x":1}}`, c.auth)
	if a.Status != 200 {
		t.Fatalf("need 22: PATCH: %d %s", a.Status, a.Body)
	}
	for _, method := range []string{"GET", "PATCH"} {
		body := map[string]string{"PATCH": "{}"}[method]
		a = s.ask(t, method, path, body, c.auth)
		if application(a, "webhooks", "url") != target || application(a, "webhooks", "max_concurrent_requests") != 12.0 ||
			application(a, "callback_persist") != true || application(a, "media", "auto_download", 1) != "document" || strings.Contains(a.Body, "made_up") {
			t.Errorf("need 22: %s: %d %s", method, a.Status, a.Body)
		}
	}
	s.written(t, c, s.Env["DEMO_CONSENTED"], "To the new place")
	for name, body := range map[string]string{"private": `{"webhooks":{"url":"https://10.0.0.1/hook"}}`, "plain": `{"webhooks":{"url":"ftp://shop.example/hook"}}`, "type": `{"heartbeat_interval":"soon"}`} {
		t.Run(name, func(t *testing.T) { refused(t, c, s.ask(t, "PATCH", path, body, c.auth), 400, 1009) })
	}
	if a = s.ask(t, "GET", path, "", c.auth); application(a, "webhooks", "url") != target {
		t.Errorf("a refused PATCH changed something: %s", a.Body)
	}
	a = s.ask(t, "DELETE", path, "", c.auth)
	if a.Status != 200 || application(a, "sent_status") != nil {
		t.Errorf("DELETE: %d %s", a.Status, a.Body)
	}
	if a = s.ask(t, "GET", path, "", c.auth); application(a, "webhooks", "url") != s.Hooks.URL || application(a, "callback_persist") != nil {
		t.Errorf("after DELETE: %s", a.Body)
	}
	if row := s.row(t, "SELECT detail FROM audit WHERE kind = 'config' AND app = 'onprem-demo' AND detail <> ''"); row[0] != `{"dropped":["made_up"],"without_effect":["callback_persist","heartbeat_interval","pass_through"]}` {
		t.Errorf("the dropped name is not on record: %v", row)
	}
}

// testConfigWebhook: 360dialog's webhook with custom headers and Basic
// authentication, in both versions; it echoes url and headers (need 22).
func testConfigWebhook(t *testing.T, s *site) {
	path := "/v1/configs/webhook"
	for _, c := range []*caller{s.v1, s.v2} {
		body := `{"url":"` + s.Hooks.URL + "/" + c.name + `","headers":{"Authorization":"Basic dXNlcjpwYXNz","X-Auth":"secret-` + c.name + `"}}`
		a := s.ask(t, "POST", path, body, c.auth)
		if a.Status != 200 {
			t.Fatalf("set: %d %s", a.Status, a.Body)
		}
		sameJSON(t, "echo", []byte(a.Body), []byte(body))
		sameJSON(t, "read", []byte(s.ask(t, "GET", path, "", c.auth).Body), []byte(body))
		words := "Question by " + c.name
		s.written(t, c, s.Env["DEMO_CONSENTED"], words)
		h := s.Hooks.With(t, words)
		if h.Header.Get("Authorization") != "Basic dXNlcjpwYXNz" || h.Header.Get("X-Auth") != "secret-"+c.name {
			t.Error("the app's headers are not sent")
		}
	}
	for name, x := range map[string]string{
		"no url": `{}`, "no https": `{"url":"ftp://shop.example/x"}`, "with password": `{"url":"https://u:p@shop.example/x"}`, "private": `{"url":"https://192.168.0.1/x"}`,
		"metadata": `{"url":"http://169.254.169.254/x"}`, "loopback, other port": `{"url":"http://127.0.0.1:9/x"}`, "header Host": `{"url":"https://shop.example/x","headers":{"Host":"a"}}`,
		"header with line break": `{"url":"https://shop.example/x","headers":{"X-A":"a\r\nX-B: b"}}`, "signature header": `{"url":"https://shop.example/x","headers":{"X-Hub-Signature-256":"a"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, s.v1, s.ask(t, "POST", path, x, s.v1.auth), 400, 1009)
			refused(t, s.v2, s.ask(t, "POST", path, x, s.v2.auth), 400, 131009)
		})
	}
	s.checkRefusals(t, map[string]int{"d360v1 request_invalid": 9, "d360v2 request_invalid": 9})
}

// testReads: the small calls that clients make at their start.
func testReads(t *testing.T, s *site) {
	waba := s.Env["POSTERN_WABA_ID"]
	for _, x := range []struct {
		who        *caller
		path, want string
	}{
		{s.onprem, "/v1/health", `{"health":{"gateway_status":"connected"},` + metaFlat + `}`},
		{s.v1, "/v1/health/", `{"health":{"gateway_status":"connected"},` + metaFlat + `}`},
		{s.v1, "/v1/configs/phone_number", `{"phone_number":"493023125002"}`},
		{s.v2, "/v1/configs/phone_number", `{"phone_number":"493023125002"}`},
		{s.v2, "/health_status", `{"health_status":{"can_send_message":"AVAILABLE","entities":[{"entity_type":"PHONE_NUMBER","id":"` + s.v2.number +
			`","can_send_message":"AVAILABLE"},{"entity_type":"WABA","id":"` + waba + `","can_send_message":"AVAILABLE"}]},"id":"` + s.v2.number + `"}`},
		{s.cloud, "/v25.0/" + s.cloud.number + "?fields=id,display_phone_number,status", `{"id":"` + s.cloud.number + `","display_phone_number":"+49 30 23125 001","status":"CONNECTED"}`},
		{s.cloud, "/v14.0/" + s.cloud.number + "?fields=quality_rating", `{"id":"` + s.cloud.number + `","quality_rating":"GREEN"}`},
	} {
		t.Run(x.who.name+" "+x.path, func(t *testing.T) {
			for _, headers := range [][]string{{x.who.auth}, {x.who.auth, "Content-Type: application/json"}} { // need 18
				if a := s.ask(t, "GET", x.path, "", headers...); a.Status != 200 || a.Body != x.want {
					t.Errorf("%d %s\nwant %s", a.Status, a.Body, x.want)
				}
			}
		})
	}
}

// testTemplateLists: paging on the public address (need 13), summary and long
// field lists (need 28), and 360dialog's own form.
func testTemplateLists(t *testing.T, s *site) {
	path := "/v25.0/" + s.Env["POSTERN_WABA_ID"] + "/message_templates"
	all := s.ask(t, "GET", path+"?limit=100&summary=total_count&fields=name,status,language,category,components,quality_score", "", s.cloud.auth).JSON(t)
	data, _ := all["data"].([]any)
	if len(data) < 9 || at(all, "summary", "total_count") != float64(len(data)) || at(all, "summary", "message_template_limit") == nil ||
		at(all, "summary", "message_template_count") == nil || at(all, "summary", "are_translations_complete") == nil {
		t.Fatalf("need 28: %d templates, summary %v", len(data), all["summary"])
	}
	var seen []any
	next := path + "?limit=4"
	for range 10 {
		page := s.ask(t, "GET", next, "", s.cloud.auth).JSON(t)
		list, _ := page["data"].([]any)
		seen = append(seen, list...)
		link, _ := at(page, "paging", "next").(string)
		if link == "" {
			break
		}
		u, err := url.Parse(link)
		fail(t, err)
		if "https://"+u.Host != s.Env["POSTERN_URL"] || strings.Contains(link, "access_token") {
			t.Errorf("need 13: the next page is at %s", link)
		}
		next = u.RequestURI()
	}
	if len(seen) != len(data) {
		t.Errorf("paging gives %d templates of %d", len(seen), len(data))
	}
	for query, want := range map[string]int{"?name=order_update": 2, "?status=PAUSED": 1, "?name=nothing": 0} {
		v := s.ask(t, "GET", path+query, "", s.cloud.auth).JSON(t)
		if list, ok := v["data"].([]any); !ok || len(list) != want {
			t.Errorf("%s: %d templates, want %d", query, len(list), want)
		}
	}
	for _, c := range []*caller{s.v1, s.v2} {
		v := s.ask(t, "GET", "/v1/configs/templates?limit=2&offset=1&sort=name", "", c.auth).JSON(t)
		list, _ := v["waba_templates"].([]any)
		if len(list) != 2 || v["count"] != 2.0 || v["total"] != float64(len(data)) || v["offset"] != 1.0 || v["limit"] != 2.0 || at(list, 0, "status") != strings.ToLower(at(list, 0, "status").(string)) {
			t.Errorf("%s: %v", c.name, v)
		}
	}
}
