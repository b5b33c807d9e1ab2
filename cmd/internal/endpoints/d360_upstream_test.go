package endpoints

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// through360 is a gateway whose numbers are at 360dialog. What reaches Meta's
// face by another way is counted.
func through360(t *testing.T, o rig.Options) (*rig.Rig, *atomic.Int64) {
	t.Helper()
	var around atomic.Int64
	o.D360 = true
	o.Watch = func(meta http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			around.Add(1)
			meta.ServeHTTP(w, r)
		})
	}
	return rig.Start(t, o), &around
}

// byDialect is one app of each API family: what is the same everywhere is asked
// in each one's own form.
type byDialect struct {
	name, number        string
	auth                string
	messages            string // path
	text, template      string // bodies, to fill in with a recipient
	accepted            int
	about, setAbout     [2]string // method and path
	aboutBody, aboutHas string
	templates           string // path of their list
	approved            string // how the list says so
}

func dialectsOf(t *testing.T, r *rig.Rig) []byDialect {
	t.Helper()
	cloudID := r.Env["POSTERN_PHONE_ID"]
	text := `"type":"text","text":{"body":"Your parcel is on its way."}}`
	template := `"type":"template","template":{"name":"order_update","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}`
	to := `{"to":"` + r.Env["DEMO_CONSENTED"] + `",`
	modern := `{"messaging_product":"whatsapp",` + to[1:]
	profile := "/whatsapp_business_profile"
	return []byDialect{
		{
			name: "cloud", number: cloudID, auth: "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"], messages: "/v25.0/" + cloudID + "/messages",
			text: modern + text, template: modern + template, accepted: http.StatusOK,
			about: [2]string{"GET", "/v25.0/" + cloudID + profile + "?fields=about"}, setAbout: [2]string{"POST", "/v25.0/" + cloudID + profile},
			aboutBody: `{"messaging_product":"whatsapp","about":"Cloud"}`, aboutHas: `"Cloud"`,
			templates: "/v25.0/" + r.Env["POSTERN_WABA_ID"] + "/message_templates?name=order_update", approved: "APPROVED",
		},
		{
			name: "d360v2", number: r.Env["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"], messages: "/messages",
			text: modern + text, template: modern + template, accepted: http.StatusOK,
			about: [2]string{"GET", profile + "?fields=about"}, setAbout: [2]string{"POST", profile},
			aboutBody: `{"messaging_product":"whatsapp","about":"Second"}`, aboutHas: `"Second"`,
			templates: "/v1/configs/templates", approved: `"approved"`,
		},
		{
			name: "d360v1", number: r.Env["POSTERN_D360_PHONE_ID"], auth: "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"], messages: "/v1/messages",
			text: to + text, template: to + template, accepted: http.StatusCreated,
			about: [2]string{"GET", "/v1/settings/profile/about"}, setAbout: [2]string{"PATCH", "/v1/settings/profile/about"},
			aboutBody: `{"text":"First"}`, aboutHas: `"First"`, templates: "/v1/configs/templates", approved: `"approved"`,
		},
		{
			name: "onprem", number: r.Env["POSTERN_ONPREM_PHONE_ID"], auth: onPrem(t, r), messages: "/v1/messages",
			text: to + text, template: to + template, accepted: http.StatusCreated,
			about: [2]string{"GET", "/v1/settings/profile/about"}, setAbout: [2]string{"PATCH", "/v1/settings/profile/about"},
			aboutBody: `{"text":"Old"}`, aboutHas: `"Old"`,
		},
	}
}

// TestThrough360dialog: apps of all dialects work while the numbers are at
// 360dialog, and Meta is not asked at all.
func TestThrough360dialog(t *testing.T) {
	t.Parallel()
	r, around := through360(t, rig.Options{})
	for _, d := range dialectsOf(t, r) {
		t.Run(d.name, func(t *testing.T) {
			sent, _ := r.Sim.Accepted(0, 0)
			for what, body := range map[string]string{"text": d.text, "template": d.template} {
				if a := r.Do(t, "POST", d.messages, body, d.auth); a.Status != d.accepted || !strings.Contains(a.Body, `"messages":[{"id":"`) {
					t.Errorf("%s: %d %s", what, a.Status, a.Body)
				}
			}
			all, _ := r.Sim.Accepted(int64(len(sent)), 0)
			if len(all) != 2 || all[0].PhoneID != d.number || all[1].PhoneID != d.number {
				t.Errorf("360dialog took %v", all)
			}
			word := "Delivered to " + d.name + "?"
			told, err := r.Sim.Inbound(t.Context(), sim.Inbound{
				PhoneID: d.number, From: r.Env["DEMO_CONSENTED"], Wait: true,
				Message: map[string]any{"type": "text", "text": map[string]any{"body": word}},
			})
			if err != nil || told.Delivered != 1 {
				t.Fatalf("inbound: %+v %v", told, err)
			}
			r.Hooks.With(t, word)
			if a := r.Do(t, d.setAbout[0], d.setAbout[1], d.aboutBody, d.auth); a.Status != http.StatusOK {
				t.Errorf("profile: %d %s", a.Status, a.Body)
			}
			if a := r.Do(t, d.about[0], d.about[1], "", d.auth); a.Status != http.StatusOK || !strings.Contains(a.Body, d.aboutHas) {
				t.Errorf("profile read: %d %s", a.Status, a.Body)
			}
			if d.templates == "" {
				return // that API had no list
			}
			if a := r.Do(t, "GET", d.templates, "", d.auth); a.Status != http.StatusOK || !strings.Contains(a.Body, `"order_update"`) || !strings.Contains(a.Body, d.approved) {
				t.Errorf("templates: %d %s", a.Status, a.Body)
			}
		})
	}
	rig.Await(t, "every send's outcome and its delivery on record", func() bool {
		rows := r.SQL(t, "SELECT count(DISTINCT ref) FROM audit WHERE kind = 'status' AND result = 'delivered'")
		return rows[0][0] == "8"
	})
	if rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send'"); rows[0][0] != "0" {
		t.Errorf("%s statuses found no send", rows[0][0])
	}
	if n := around.Load(); n != 0 {
		t.Errorf("%d requests went to Meta", n)
	}
}
