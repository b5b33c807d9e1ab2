package endpoints

import (
	"fmt"
	"net/http"
	"strings"
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
