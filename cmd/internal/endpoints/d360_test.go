package endpoints

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestAccountWebhook: 360dialog's webhook of the account holds until a number
// has one of its own, and again once all are overridden.
func TestAccountWebhook(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	account, number := d360(r, "/waba_webhook"), d360(r, "/v1/configs/webhook")
	first, second := r.Hooks.URL+"/account", r.Hooks.URL+"/number"
	if a := account.do(t, r, "GET", ""); a.Status != http.StatusNotFound {
		t.Errorf("none set: %d %s", a.Status, a.Body)
	}
	expect := func(what string, c caller, method, body, url string) {
		t.Helper()
		a := c.do(t, r, method, body)
		if a.Status != http.StatusOK || a.JSON(t)["url"] != url {
			t.Errorf("%s: %d %s, want %s", what, a.Status, a.Body, url)
		}
	}
	expect("of the account", account, "POST", `{"url":"`+first+`","headers":{"X-Auth":"s"}}`, first)
	expect("read again", account, "GET", "", first)
	expect("it holds for the number", number, "GET", "", first)
	expect("of the number", number, "POST", `{"url":"`+second+`"}`, second)
	expect("the number's own is first", number, "GET", "", second)
	expect("the account's stays", account, "GET", "", first)
	expect("all overridden", account, "POST", `{"url":"`+first+`","override_all":true}`, first)
	expect("the number gave up its own", number, "GET", "", first)
	for name, body := range map[string]string{
		"a flag that is none": `{"url":"` + first + `","override_all":"yes"}`, "no URL": `{"override_all":true}`, "not JSON": `{`,
		"a framing header": `{"url":"` + first + `","headers":{"Host":"x"}}`,
	} {
		if a := account.do(t, r, "POST", body); a.Status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	expect("unchanged by those", account, "GET", "", first)
}

// TestBlockedPaths: what 360dialog does not open is refused in its own shape.
func TestBlockedPaths(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for _, path := range []string{"/v1/users", "/v1/account", "/v1/stats/app", "/v1/settings/application", "/v1/certificates/webhooks/ca",
		"/nothing", "/messages/nothing", "/v1/configs/nothing"} {
		c := d360(r, path)
		if strings.HasPrefix(path, "/v1/") {
			c.auth = "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]
		}
		a := c.do(t, r, "GET", "")
		if a.Status != http.StatusForbidden || !strings.Contains(a.Body, `{"meta":{"httpCode":403,"developerMessage":"`) || !strings.Contains(a.Body, `"success":false`) {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
	}
}

// TestMarketingMessages: the path for marketing messages takes marketing
// templates alone, and policy judges them as it does those sent as messages.
func TestMarketingMessages(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "quiet_hours: {categories: []}\n"}})
	to := r.Env["DEMO_CONSENTED"]
	offer := func(name, to string) string {
		return `{"messaging_product":"whatsapp","to":"` + to + `","type":"template","template":{"name":"` + name + `","language":{"code":"en_US"},` +
			`"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}`
	}
	base := "/v25.0/" + r.Env["POSTERN_PHONE_ID"]
	for name, c := range map[string]struct{ marketing, messages caller }{
		"cloud":  {cloud(r, base+"/marketing_messages"), cloud(r, base+"/messages")},
		"d360v2": {d360(r, "/marketing_messages"), d360(r, "/messages")},
	} {
		t.Run(name, func(t *testing.T) {
			for what, body := range map[string]string{
				"a text":             `{"messaging_product":"whatsapp","to":"` + to + `","type":"text","text":{"body":"Hello"}}`,
				"a utility template": offer("order_update", to),
				"mark as read":       `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.HBgLMTY1MDM4Nzk0Mzk="}`,
			} {
				if a := c.marketing.do(t, r, "POST", body); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, `"code":131055`) {
					t.Errorf("%s: %d %s", what, a.Status, a.Body)
				}
			}
			for _, person := range []string{to, "+4930999999"} { // the second one never agreed to anything
				want := c.messages.do(t, r, "POST", offer("spring_offer", person))
				got := c.marketing.do(t, r, "POST", offer("spring_offer", person))
				if got.Status != want.Status || got.Header.Get("X-Postern-Reason") != want.Header.Get("X-Postern-Reason") {
					t.Errorf("%d %s, as a message %d %s", got.Status, got.Body, want.Status, want.Body)
				}
				if allowed := got.Status == http.StatusOK; allowed != (person == to) {
					t.Errorf("allowed %v: %s", allowed, got.Body)
				}
			}
		})
	}
	list, _ := r.Sim.Accepted(0, 1000)
	taken := map[string]int{}
	for _, a := range list {
		taken[a.Source]++
	}
	if taken[sim.FromMarketing] != 2 || taken[sim.FromAPI] != 2 {
		t.Errorf("upstream took %v, want two by each path", taken)
	}
}
