package gateway_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// offer sends a template without parameters to the consented person.
func offer(t *testing.T, r *rig.Rig, name string) rig.Reply {
	t.Helper()
	return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"template","template":{"name":"`+name+`","language":{"code":"en_US"}}}`)
}

func change(t *testing.T, r *rig.Rig, c sim.TemplateChange) {
	t.Helper()
	if _, err := r.Sim.ChangeTemplate(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// offered waits until a template's send is answered as expected: refused for
// the reason, or sent where there is none.
func offered(t *testing.T, r *rig.Rig, name, reason string) {
	t.Helper()
	rig.Await(t, name+" "+reason, func() bool {
		a := offer(t, r, name)
		if reason == "" {
			return a.Status == http.StatusOK
		}
		return a.Status != http.StatusOK && strings.Contains(a.Body, "policy:"+reason)
	})
}

// TestTemplatesFollowUpstream: what Meta says of a template decides, whether a
// webhook says it or the list that is read every five minutes.
func TestTemplatesFollowUpstream(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "per_app_rate: 0}", "per_app_rate: 0, pair_rate: 0}", 1)
	}})
	body := []byte(`[{"type":"BODY","text":"Good morning."}]`)

	offered(t, r, "good_morning", "template:")
	change(t, r, sim.TemplateChange{Name: "good_morning", Components: body})
	offered(t, r, "good_morning", "") // the webhook of a template nobody knew makes the list be read
	change(t, r, sim.TemplateChange{Name: "good_morning", Status: "PAUSED"})
	offered(t, r, "good_morning", "template_paused")
	change(t, r, sim.TemplateChange{Name: "good_morning", Status: "APPROVED"})
	offered(t, r, "good_morning", "")

	// Without webhooks the list says it, when it is read next.
	settings := r.Sim.Settings()
	settings.Webhook = ""
	if err := r.Sim.Configure(settings); err != nil {
		t.Fatal(err)
	}
	change(t, r, sim.TemplateChange{Name: "good_morning", Status: "DISABLED"})
	if a := offer(t, r, "good_morning"); strings.Contains(a.Body, "policy:") {
		t.Errorf("refused here before anybody could know: %s", a.Body) // the simulator knows
	}
	r.Clock.Forward(5 * time.Minute)
	offered(t, r, "good_morning", "template_disabled")
	change(t, r, sim.TemplateChange{Name: "good_evening", Components: body})
	r.Clock.Forward(5 * time.Minute)
	offered(t, r, "good_evening", "")
	deleted := r.At(t, http.MethodDelete, r.Env["METASIM_GRAPH_URL"]+"/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/message_templates?name=good_evening", "", "Authorization: Bearer "+metaToken(t, r))
	wantStatus(t, deleted, http.StatusOK)
	r.Clock.Forward(5 * time.Minute)
	offered(t, r, "good_evening", "template:")

	if rows := r.SQL(t, "SELECT count(*) >= 4, count(*) FROM audit WHERE type = 'templates_refreshed'"); rows[0][0] != "1" {
		t.Errorf("%s refreshes on record", rows[0][1])
	}
}
