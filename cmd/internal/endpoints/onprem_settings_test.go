package endpoints

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

const settingsPath = "/v1/settings/application"

// everySetting sets all there are, as an old client writes them.
const everySetting = `{"allow_unsolicited_group_add":false,"axolotl_context_striping_disabled":true,"callback_backoff_delay_ms":"5000",
	"callback_persist":true,"db_garbagecollector_enable":"true","heartbeat_interval":10,"max_callback_backoff_delay_ms":60000,
	"media":{"auto_download":["image","voice"]},"notify_user_change_number":true,"on_call_pager":"4930231250077","pass_through":false,
	"sent_status":true,"show_security_notifications":true,"skip_referral_media_download":false,"unhealthy_interval":60,
	"webhooks":{"max_concurrent_requests":12,"message":{"delivered":true,"read":false,"sent":true}}}`

// TestSettingsWhole: every key is taken, given back and on record for what it
// is; a value out of its range is refused and changes nothing.
func TestSettingsWhole(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	a := r.Do(t, "PATCH", settingsPath, everySetting, auth)
	if a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	whole := at(t, r.Do(t, "GET", settingsPath, "", auth), "settings", "application")
	want := "map[allow_unsolicited_group_add:false axolotl_context_striping_disabled:true callback_backoff_delay_ms:5000 callback_persist:true " +
		"db_garbagecollector_enable:true heartbeat_interval:10 max_callback_backoff_delay_ms:60000 media:map[auto_download:[image voice]] " +
		"notify_user_change_number:true on_call_pager:4930231250077 pass_through:false sent_status:true show_security_notifications:true " +
		"skip_referral_media_download:false unhealthy_interval:60 webhooks:map[max_concurrent_requests:12 message:map[delivered:true read:false sent:true]"
	if got := fmt.Sprint(whole); !strings.HasPrefix(got, want) {
		t.Errorf("given back: %s", got)
	}
	walk(t, r, auth, []step{
		{"places", "PATCH", settingsPath, `{"webhooks":{"max_concurrent_requests":7}}`, 400, "6, 12, 18, 24"},
		{"delay", "PATCH", settingsPath, `{"callback_backoff_delay_ms":1}`, 400, "from 100"},
		{"kinds", "PATCH", settingsPath, `{"pass_through":true,"media":{"auto_download":["pictures"]}}`, 400, "a list of"},
		{"pager", "PATCH", settingsPath, `{"on_call_pager":"Alice"}`, 400, "digits"},
	})
	if again := at(t, r.Do(t, "GET", settingsPath, "", auth), "settings", "application"); fmt.Sprint(again) != fmt.Sprint(whole) {
		t.Errorf("a refused change changed something: %v", again)
	}
	row := r.SQL(t, "SELECT detail FROM audit WHERE kind = 'config' AND type = 'application' AND app = 'onprem-demo'")
	if len(row) != 1 || row[0][0] != `{"without_effect":["allow_unsolicited_group_add","axolotl_context_striping_disabled","callback_persist","db_garbagecollector_enable",`+
		`"heartbeat_interval","on_call_pager","pass_through","skip_referral_media_download","unhealthy_interval"]}` {
		t.Errorf("on record: %v", row)
	}
	if got := outcomes(t, r, 1); got[0] != "number/settings allow accepted" {
		t.Errorf("upstream's identity check: %v", got)
	}
	walk(t, r, auth, []step{{"reset", "DELETE", settingsPath, "", 200, `"application":{}`}})
	if got := outcomes(t, r, 2); got[1] != "number/settings allow accepted" {
		t.Errorf("upstream's identity check after the reset: %v", got)
	}
}

// TestSettingsRefused: where upstream's part of a setting may not be changed,
// nothing of the change is kept.
func TestSettingsRefused(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [number]}\n"}})
	auth := loginAdmin(t, r)
	walk(t, r, auth, []step{
		{"refused", "PATCH", settingsPath, `{"show_security_notifications":true,"sent_status":true}`, 403, "policy:call_not_allowed"},
		{"nothing kept", "GET", settingsPath, "", 200, `"application":{"webhooks":{"url"`},
		{"of no concern upstream", "PATCH", settingsPath, `{"show_security_notifications":false,"sent_status":true}`, 200, `"sent_status":true`},
	})
}

// tell has a person write to the On-Premises number.
func tell(t *testing.T, r *rig.Rig, from string, message map[string]any) {
	t.Helper()
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: r.Env["POSTERN_ONPREM_PHONE_ID"], From: from, Message: message})
	if err != nil {
		t.Fatal(err)
	}
}

func words(text string) map[string]any {
	return map[string]any{"type": "text", "text": map[string]any{"body": text}}
}

// TestSettingsOfWebhooks: what an app sets about its webhooks is how it gets
// them.
func TestSettingsOfWebhooks(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth, from := loginAdmin(t, r), r.Env["DEMO_CONSENTED"]
	file := func(kind, id string) map[string]any {
		return map[string]any{"type": kind, kind: map[string]any{"id": id, "mime_type": kind + "/x", "sha256": "Zm9v"}}
	}
	tell(t, r, from, file("video", "7001"))
	if hook := string(r.Hooks.With(t, `"video"`).Body); !strings.Contains(hook, `"id"`) || strings.Contains(hook, "undownloaded") {
		t.Errorf("before anything is set: %s", hook)
	}
	walk(t, r, auth, []step{{"set", "PATCH", settingsPath, `{"media":{"auto_download":["image"]},"show_security_notifications":false,"notify_user_change_number":false}`, 200, "image"}})
	tell(t, r, from, file("image", "7002"))
	if hook := string(r.Hooks.With(t, `"image"`).Body); strings.Contains(hook, "undownloaded") {
		t.Errorf("a kind that is wanted: %s", hook)
	}
	tell(t, r, from, file("document", "7003"))
	if hook := string(r.Hooks.With(t, `"document"`).Body); !strings.Contains(hook, `"document":{"mime_type":"document/x","sha256":"Zm9v","status":"undownloaded"}`) {
		t.Errorf("a kind that is not: %s", hook)
	}
	system := func(kind string) map[string]any {
		return map[string]any{"type": "system", "system": map[string]any{"type": kind, "body": "x", "wa_id": from}}
	}
	tell(t, r, from, system("user_changed_number"))
	tell(t, r, from, system("customer_identity_changed"))
	withIdentity := words("the last one")
	withIdentity["identity"] = map[string]any{"acknowledged": true, "hash": "Hh="}
	tell(t, r, from, withIdentity)
	if hook := string(r.Hooks.With(t, "the last one").Body); strings.Contains(hook, "identity") {
		t.Errorf("an identity is shown: %s", hook)
	}
	rig.Await(t, "what is held back on record", func() bool {
		return len(r.SQL(t, "SELECT id FROM audit WHERE kind = 'inbound' AND type LIKE 'system/%'")) == 2
	})
	for _, h := range r.Hooks.All() {
		if strings.Contains(string(h.Body), `"system"`) {
			t.Errorf("not held back: %s", h.Body)
		}
	}
}

// TestSettingsOfDelivery: as many webhooks are under way as the app takes.
func TestSettingsOfDelivery(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	release := r.Hooks.Hold()
	t.Cleanup(release)
	for i := range 12 {
		tell(t, r, fmt.Sprintf("4917139230%03d", i), words("Hello"))
	}
	rig.Await(t, "the first six", func() bool { return len(r.Hooks.All()) >= 6 })
	if n := len(r.Hooks.All()); n != 6 {
		t.Errorf("%d are under way at first", n)
	}
	walk(t, r, auth, []step{{"set", "PATCH", settingsPath, `{"webhooks":{"max_concurrent_requests":12}}`, 200, "12"}})
	tell(t, r, "4917139230999", words("Hello")) // wakes the lane
	rig.Await(t, "twelve under way", func() bool { return len(r.Hooks.All()) >= 12 })
	release()
	rig.Await(t, "all", func() bool { return len(r.Hooks.All()) == 13 })
}

// TestSettingsAtOnce: of changes that come at once none is lost.
func TestSettingsAtOnce(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	var all sync.WaitGroup
	for i, name := range []string{"sent_status", "pass_through", "callback_persist", "notify_user_change_number", "skip_referral_media_download", "db_garbagecollector_enable"} {
		all.Go(func() {
			if a := r.Do(t, "PATCH", settingsPath, `{"`+name+`":true}`, auth); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", name, a.Status, a.Body)
			}
		})
		all.Go(func() {
			body := fmt.Sprintf(`[{"name":"cdn%d","type":"www","config":{"bearer":"x"}}]`, i)
			if a := r.Do(t, "POST", providersPath, body, auth); a.Status != http.StatusOK {
				t.Errorf("%s: %d %s", body, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	kept, _ := at(t, r.Do(t, "GET", settingsPath, "", auth), "settings", "application").(map[string]any)
	if delete(kept, "webhooks"); len(kept) != 6 {
		t.Errorf("kept of six settings: %v", kept)
	}
	list, _ := at(t, r.Do(t, "GET", providersPath, "", auth), "settings", "application", "media", "providers").([]any)
	if len(list) != 6 {
		t.Errorf("kept of six providers: %v", list)
	}
}

// TestIdentityCheckOfAll: where one of an app's numbers can not be switched, none
// is.
func TestIdentityCheckOfAll(t *testing.T) {
	t.Parallel()
	const unknown = "106540352242999" // to upstream
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		text = strings.Replace(text, "    numbers:\n", "    numbers:\n      - {id: \""+unknown+"\", display: \"+49 30 7654321\"}\n", 1)
		own := `dialect: onprem, numbers: ["`
		at := strings.Index(text, own) + len(own)
		end := at + strings.Index(text[at:], "]")
		return text[:end] + `, "` + unknown + `"` + text[end:]
	}})
	auth, number := loginAdmin(t, r), r.Env["POSTERN_ONPREM_PHONE_ID"]
	a := r.Do(t, "PATCH", settingsPath, `{"show_security_notifications":true,"sent_status":true}`, auth)
	if a.Status < 400 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	walk(t, r, auth, []step{{"nothing kept", "GET", settingsPath, "", 200, `"application":{"webhooks":{"url"`}})
	outcomes(t, r, 3)
	rows := r.SQL(t, "SELECT m.number, s.result, m.body FROM audit m JOIN audit s ON s.ref = m.id WHERE m.type = 'number/settings' AND s.kind = 'settle' ORDER BY m.seq")
	if len(rows) != 3 || rows[0][0] != number || rows[0][1] != "accepted" || rows[1][0] != unknown || rows[1][1] != "failed" ||
		rows[2][0] != number || rows[2][1] != "accepted" || !strings.Contains(rows[2][2], "false") {
		t.Errorf("at upstream: %v", rows)
	}
}

// TestTargetsDenied: policy decides where an app's events go, whichever call
// says it.
func TestTargetsDenied(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [subscription]}\n"}})
	target := r.Hooks.URL + "/elsewhere"
	walk(t, r, loginAdmin(t, r), []step{
		{"On-Premises", "PATCH", settingsPath, `{"sent_status":true,"webhooks":{"url":"` + target + `"}}`, 403, "policy:call_not_allowed"},
		{"nothing kept", "GET", settingsPath, "", 200, `"application":{"webhooks":{"url":"` + r.Hooks.URL + `"}}`},
		{"no target in it", "PATCH", settingsPath, `{"sent_status":true}`, 200, `"sent_status":true`},
	})
	for _, path := range []string{"/v1/configs/webhook", "/waba_webhook"} {
		c := d360(r, path)
		if a := c.do(t, r, "POST", `{"url":"`+target+`"}`); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "policy:call_not_allowed") {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
		if a := c.do(t, r, "GET", ""); strings.Contains(a.Body, target) {
			t.Errorf("%s: kept: %s", path, a.Body)
		}
	}
}
