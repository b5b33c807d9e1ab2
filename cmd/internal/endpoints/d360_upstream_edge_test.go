package endpoints

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestBlockedBy360dialog: what 360dialog does not offer is refused in each
// dialect's own form with the reason, and the record says that nothing was sent.
func TestBlockedBy360dialog(t *testing.T) {
	t.Parallel()
	r, around := through360(t, rig.Options{})
	number := "/v25.0/" + r.Env["POSTERN_PHONE_ID"]
	v1 := func(path string) caller { return caller{path, "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]} }
	old := caller{"/v1/settings/account/two-step", onPrem(t, r)}
	for _, x := range []struct {
		name         string
		c            caller
		method, body string
		words        []string
	}{
		{"PIN", cloud(r, number), "POST", `{"pin":"123456"}`, []string{`"code":10`, "360dialog keeps PINs itself"}},
		{"registration", cloud(r, number+"/register"), "POST", `{"messaging_product":"whatsapp","pin":"123456"}`, []string{`"code":10`, "registered by 360dialog"}},
		{"one language of a template", cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/message_templates?name=order_update&hsm_id=1"), "DELETE", "", []string{`"code":10`, "all its languages"}},
		{"settings", cloud(r, number+"/settings"), "GET", "", []string{`"code":10`, "no such call"}},
		{"numbers", cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/phone_numbers"), "GET", "", []string{`"code":10`, "lists no numbers"}},
		{"photo", v1("/v1/settings/profile/photo"), "POST", string(picture(t)), []string{`{"meta":{"httpCode":403,"developerMessage":"Profile photos`, `"success":false`}},
		{"old PIN", old, "POST", `{"pin":"123456"}`, []string{`"errors":[{"code":1005`, "360dialog keeps PINs itself"}},
	} {
		a := x.c.do(t, r, x.method, x.body)
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: %d %s", x.name, a.Status, a.Body)
		}
		for _, w := range x.words {
			if !strings.Contains(a.Body, w) {
				t.Errorf("%s does not say %s: %s", x.name, w, a.Body)
			}
		}
	}
	rig.Await(t, "five changes that were not sent on record", func() bool {
		rows := r.SQL(t, "SELECT s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle'")
		for _, row := range rows {
			if row[0] != "not_sent" {
				t.Fatalf("on record: %v", rows)
			}
		}
		return len(rows) == 5
	})
	for _, c := range []struct {
		c     caller
		words string
	}{
		{cloud(r, number), `"display_phone_number":"+49 30 23125 001"`}, {cloud(r, number+"/health_status"), `"can_send_message":"AVAILABLE"`},
		{d360(r, "/health_status"), `"entity_type":"PHONE_NUMBER"`}, {v1("/v1/health"), `"connected"`},
		{cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"?fields=message_template_namespace"), `"message_template_namespace":"`},
		{d360(r, "/whatsapp_commerce_settings"), `{`}, {d360(r, "/block_users"), `"data":[]`},
	} {
		if a := c.c.do(t, r, "GET", ""); a.Status != http.StatusOK || !strings.Contains(a.Body, c.words) {
			t.Errorf("%s: %d %s", c.c.path, a.Status, a.Body)
		}
	}
	if n := around.Load(); n != 0 {
		t.Errorf("%d requests went to Meta", n)
	}
}

// TestKeysOf360dialog: a key that ended upstream is the gateway's own trouble,
// never the app's, and the new one counts after a reload.
func TestKeysOf360dialog(t *testing.T) {
	t.Parallel()
	r, _ := through360(t, rig.Options{})
	number := r.Env["POSTERN_PHONE_ID"]
	send := func() rig.Reply {
		return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
	}
	if a := send(); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	made, err := r.Sim.NewD360Key(sim.D360NewKey{PhoneID: number})
	if err != nil {
		t.Fatal(err)
	}
	if a := send(); a.Status != http.StatusInternalServerError || !strings.Contains(a.Body, `"code":131016`) || !strings.Contains(a.Body, "gateway's operators") {
		t.Errorf("an ended key: %d %s", a.Status, a.Body)
	}
	r.Write(t, "secrets/"+rig.D360Key(number), made.Key)
	r.Admin(t, "config.reload", struct{}{}, nil)
	if a := send(); a.Status != http.StatusOK {
		t.Errorf("the new key: %d %s", a.Status, a.Body)
	}
	if w := webhookAt360(t, r, ""); w.URL != "" || w.Secret != "none" {
		t.Errorf("a new key has a webhook: %+v", w)
	}
	if w := webhookAt360(t, r, r.Env["POSTERN_WEBHOOK_URL"]); w.URL != r.Env["POSTERN_WEBHOOK_URL"] || w.Secret != "current" {
		t.Errorf("set: %+v", w)
	}
	told, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: number, From: r.Env["DEMO_CONSENTED"], Wait: true, Message: map[string]any{"text": map[string]any{"body": "Hello"}}})
	if err != nil || told.Delivered != 1 {
		t.Errorf("webhook set with the new key: %+v %v", told, err)
	}
	r.Halt()
	kept := map[string]string{"log": r.Log.String()}
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(r.Dir, "data", name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		kept[name] = string(raw)
	}
	for _, key := range []string{made.Key, r.Secret(t, rig.D360Webhook), r.Secret(t, rig.D360Platform)} {
		for where, text := range kept {
			if strings.Contains(text, key) {
				t.Errorf("a secret is in %s", where)
			}
		}
	}
}

// webhookAt360 shows the webhook of the Cloud app's number, or sets it first.
func webhookAt360(t *testing.T, r *rig.Rig, url string) (w admin.NumberWebhook) {
	t.Helper()
	r.Admin(t, "number.webhook", admin.WebhookAsked{Number: r.Env["POSTERN_PHONE_ID"], URL: url}, &w)
	return w
}

// TestWebhookSet: only this gateway's own address for the tenant is set, and each
// setting is on record before it is made.
func TestWebhookSet(t *testing.T) {
	t.Parallel()
	r, _ := through360(t, rig.Options{})
	number, own := r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_WEBHOOK_URL"]
	for in, says := range map[admin.WebhookAsked]string{
		{Number: "1"}: "no such number", {Number: number, URL: "https://elsewhere.example/hook"}: "at this gateway's path",
		{Number: number, URL: strings.Replace(own, "https:", "http:", 1)}: "must be https", {Number: number, URL: own + "2"}: "at this gateway's path",
		{Number: number, URL: own + "?x=1"}: "at this gateway's path",
	} {
		if err := r.TryAdmin(t, "number.webhook", in, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", in, err)
		}
	}
	if rows := r.SQL(t, "SELECT count(*) FROM audit WHERE type = 'd360_webhook'"); rows[0][0] != "0" {
		t.Errorf("%s refused settings are on record", rows[0][0])
	}
	r.Write(t, "secrets/d360-old", r.Secret(t, rig.D360Webhook))
	r.Write(t, "secrets/"+rig.D360Webhook, "another one")
	r.Rewrite(t, func(text string) string {
		return strings.Replace(text, "      webhook_secret:", "      webhook_secret_previous: file:secrets/d360-old\n      webhook_secret:", 1)
	})
	r.Admin(t, "config.reload", struct{}{}, nil)
	if w := webhookAt360(t, r, ""); w.URL != own || w.Secret != "previous" {
		t.Errorf("after the secret is new: %+v", w)
	}
	if w := webhookAt360(t, r, own); w.Secret != "current" {
		t.Errorf("set again: %+v", w)
	}
	rows := r.SQL(t, "SELECT actor, number, result FROM audit WHERE type = 'd360_webhook' ORDER BY seq")
	if len(rows) != 2 || strings.Join(rows[0], " ") != "demo "+number+" setting" || strings.Join(rows[1], " ") != "demo "+number+" set" {
		t.Errorf("on record: %v", rows)
	}
	meta := rig.Start(t, rig.Options{})
	if err := meta.TryAdmin(t, "number.webhook", admin.WebhookAsked{Number: number}, nil); err == nil || !strings.Contains(err.Error(), "directly at Meta") {
		t.Errorf("a number at Meta: %v", err)
	}
}

// TestWebhooksOf360dialog: what does not carry the header and the signature is
// refused, and old and new secrets count together.
func TestWebhooksOf360dialog(t *testing.T) {
	t.Parallel()
	r, _ := through360(t, rig.Options{})
	const body = `{"object":"whatsapp_business_account","entry":[]}`
	sign := func(secret string) string {
		m := hmac.New(sha256.New, []byte(secret))
		m.Write([]byte(body)) //nolint:errcheck // hash.Hash never returns an error
		return hex.EncodeToString(m.Sum(nil))
	}
	post := func(header, signature string) int {
		return r.At(t, "POST", r.Env["POSTERN_WEBHOOK_URL"], body, "X-Postern-Webhook: "+header, "X-360dialog-Signature: "+signature).Status
	}
	secret, platform := r.Secret(t, rig.D360Webhook), r.Secret(t, rig.D360Platform)
	for name, x := range map[string]struct {
		header, signature string
		want              int
	}{
		"both":           {secret, sign(platform), 200},
		"no header":      {"", sign(platform), 401},
		"wrong header":   {secret + "x", sign(platform), 401},
		"no signature":   {secret, "", 401},
		"another's":      {secret, sign("other"), 401},
		"the other way":  {platform, sign(secret), 401},
		"only a promise": {secret, "sha256=", 401},
	} {
		if got := post(x.header, x.signature); got != x.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	hub := "X-Hub-Signature-256: sha256=" + sign(r.Env["META_APP_SECRET"])
	if a := r.At(t, "POST", r.Env["POSTERN_WEBHOOK_URL"], body, hub); a.Status != http.StatusUnauthorized {
		t.Errorf("signed as Meta does: %d", a.Status)
	}
	if a := r.At(t, "GET", r.Env["POSTERN_WEBHOOK_URL"]+"?hub.mode=subscribe&hub.challenge=1&hub.verify_token="+r.Env["META_VERIFY_TOKEN"], ""); a.Status != http.StatusForbidden {
		t.Errorf("a handshake: %d", a.Status)
	}
	r.Write(t, "secrets/d360-old", secret)
	r.Write(t, "secrets/"+rig.D360Webhook, "another one")
	reload := func() {
		t.Helper()
		r.Admin(t, "config.reload", struct{}{}, nil)
	}
	restore := r.Rewrite(t, func(text string) string {
		return strings.Replace(text, "      webhook_secret:", "      webhook_secret_previous: file:secrets/d360-old\n      webhook_secret:", 1)
	})
	reload()
	if now, before := post("another one", sign(platform)), post(secret, sign(platform)); now != 200 || before != 200 {
		t.Errorf("both count while they overlap: %d, %d", now, before)
	}
	restore()
	reload()
	if now, before := post("another one", sign(platform)), post(secret, sign(platform)); now != 200 || before != 401 {
		t.Errorf("after the overlap: %d, %d", now, before)
	}
}

// TestTenantLeaves360dialog: the same numbers directly at Meta after a reload.
func TestTenantLeaves360dialog(t *testing.T) {
	t.Parallel()
	var was string
	r, around := through360(t, rig.Options{Config: func(text string) string { was = text; return text }})
	send := func() {
		t.Helper()
		if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`); a.Status != http.StatusOK {
			t.Errorf("send: %d %s", a.Status, a.Body)
		}
	}
	send()
	at, end := strings.Index(was, "    upstream: d360\n"), strings.Index(was, "    numbers:\n")
	direct := was[:at] + "    token: file:secrets/meta-token\n    app_secret: file:secrets/app-secret\n    verify_token: file:secrets/verify-token\n" + was[end:]
	for _, id := range []string{"POSTERN_PHONE_ID", "POSTERN_D360_PHONE_ID", "POSTERN_ONPREM_PHONE_ID"} {
		direct = strings.Replace(direct, `d360_key: "file:secrets/`+rig.D360Key(r.Env[id])+`", `, "", 1)
	}
	r.Rewrite(t, func(string) string { return direct })
	before := around.Load()
	r.Admin(t, "config.reload", struct{}{}, nil)
	send()
	if around.Load() == before {
		t.Error("nothing went to Meta")
	}
}
