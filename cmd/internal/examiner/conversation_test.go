package examiner

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// customer is who audit/QUERIES.md asks about.
const customer = "491713920010"

// resting is a settings file in which every weekday rests at these hours, so
// that the conversation does not depend on the time of the day.
func resting(hours string) string {
	days := make([]string, 0, 7)
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		days = append(days, day+": ["+hours+"]")
	}
	return "quiet_hours: {hours: {" + strings.Join(days, ", ") + "}}\n"
}

// talk is the conversation that the examples of audit/QUERIES.md come from.
type talk struct {
	*rig.Rig
	t *testing.T
}

func converse(t *testing.T) *rig.Rig {
	t.Helper()
	return converseWith(t, rig.Options{})
}

func converseWith(t *testing.T, o rig.Options) *rig.Rig {
	t.Helper()
	o.Policies = map[string]string{"settings.yaml": resting("")}
	k := talk{rig.Start(t, o), t}
	k.consentAndOffer()
	k.replies()
	k.stop()
	k.roundTheGate()
	k.quietHours()
	k.settled()
	return k.Rig
}

// send expects the message to be accepted.
func (k talk) send(body string) {
	k.t.Helper()
	if a := k.Cloud(k.t, body); a.Status != http.StatusOK {
		k.t.Fatalf("answered %d %s", a.Status, a.Body)
	}
}

// refused expects a refusal for this reason.
func (k talk) refused(body, reason string) {
	k.t.Helper()
	if a := k.Cloud(k.t, body); a.Status < 400 || !strings.Contains(a.Body, "policy:"+reason+":") {
		k.t.Fatalf("answered %d %s, want a refusal for %s", a.Status, a.Body, reason)
	}
}

func text(to, body string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":%q}}`, to, body)
}

func template(to, name string) string {
	return fmt.Sprintf(`{"to":"+%s","type":"template","template":{"name":%q,"language":{"code":"en_US"},
		"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}`, to, name)
}

// consentAndOffer: no consent, an operator records it, the offer goes out.
func (k talk) consentAndOffer() {
	k.t.Helper()
	k.refused(template(customer, "spring_offer"), "opt_in_missing")
	in := admin.Consent{Category: "marketing", Source: "web_form", Evidence: "form-77"}
	in.Number = "+" + customer
	k.Admin(k.t, "consent.add", in, nil)
	k.send(template(customer, "spring_offer"))
	k.send(template(k.Env["DEMO_CONSENTED"], "spring_offer"))
	k.refused(template(k.Env["DEMO_STRANGER"], "order_update"), "opt_in_missing")
	if _, err := k.Sim.AddFault(sim.Fault{To: k.Env["DEMO_CONSENTED"], Type: "template", Action: sim.ActionFailed, Code: 131026, Times: 1}); err != nil {
		k.t.Fatal(err)
	}
	k.send(template(k.Env["DEMO_CONSENTED"], "order_update"))
	k.send(template(k.Env["DEMO_CONSENTED"], "order_update"))
}

// replies: the window is closed, the customer opens it, a card number is refused.
func (k talk) replies() {
	k.t.Helper()
	k.refused(text(customer, "How was it?"), "window_closed")
	k.says("Where is my parcel? Write to ana@example.com")
	k.send(text(customer, "It arrives at noon."))
	k.refused(text(customer, "Your card 4111 1111 1111 1111 was charged."), "pii")
}

func (k talk) says(body string) {
	k.t.Helper()
	_, err := k.Sim.Inbound(context.WithoutCancel(k.t.Context()), sim.Inbound{
		PhoneID: k.Env["POSTERN_PHONE_ID"], From: customer, Wait: true,
		Message: map[string]any{"type": "text", "text": map[string]any{"body": body}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k talk) stop() {
	k.t.Helper()
	k.says("STOP")
	k.refused(template(customer, "spring_offer"), "opted_out")
	k.send(text(customer, "Understood, only answers from now on."))
}

func (k talk) roundTheGate() {
	k.t.Helper()
	_, err := k.Sim.Send(k.Env["POSTERN_PHONE_ID"], map[string]any{"to": "+" + customer, "type": "text", "text": map[string]any{"body": "psst"}})
	if err != nil {
		k.t.Fatal(err)
	}
}

// quietHours: an operator changes the policy, and an offer has to wait.
func (k talk) quietHours() {
	k.t.Helper()
	path := filepath.Join(k.Dir, "policies", "settings.yaml")
	far := time.Now().UTC().Hour() + 12 // an hour that is not now in any zone of the person
	hours := fmt.Sprintf("%q", fmt.Sprintf("%02d:00-%02d:00", (far+1)%24, far%24))
	if err := os.WriteFile(path, []byte(resting(hours)), 0o600); err != nil {
		k.t.Fatal(err)
	}
	k.Admin(k.t, "config.reload", admin.None{}, nil)
	k.refused(template(k.Env["DEMO_CONSENTED"], "spring_offer"), "quiet_hours")
}

// settled waits until everything that follows by itself is on record: three
// statuses of each message but the failed one, each delivered to the app.
func (k talk) settled() {
	k.t.Helper()
	const sent, failed, round, inbound = 6, 1, 1, 2
	statuses := 3*(sent-failed) + failed
	want := fmt.Sprintf("[[%d %d %d %d]]", sent, statuses, 3*round, statuses+inbound)
	rig.Await(k.t, "the conversation on record", func() bool {
		got := k.SQL(k.t, `SELECT sum(kind = 'settle'), sum(kind = 'status'), sum(kind = 'unmatched_send'), sum(kind = 'delivery') FROM audit`)
		return fmt.Sprint(got) == want
	})
}
