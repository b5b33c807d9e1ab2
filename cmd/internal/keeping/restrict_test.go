package keeping

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/retention"
)

// TestRestrictedPersonsAreLeftAlone: nothing is sent, what they write is kept
// and not delivered, and nothing of it is planned to go, until it is lifted.
func TestRestrictedPersonsAreLeftAlone(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{
		"settings.yaml": "version: 1\n", "retention.yaml": "classes: {messages: {days: 30, action: purge}}\n",
	}})
	person := r.Env["DEMO_CONSENTED"]
	hear := func(words string) {
		t.Helper()
		told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
			From: "+" + person, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
		})
		if err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %d, %v", told.Status, err)
		}
	}
	send := func() rig.Reply {
		t.Helper()
		return r.Cloud(t, `{"to":"+`+person+`","type":"text","text":{"body":"hello"}}`)
	}
	restrict := func(lift bool) {
		t.Helper()
		var out admin.Restriction
		r.Admin(t, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Number: person}, Why: "disputed", Lift: lift}, &out)
		if out.Restricted == lift {
			t.Errorf("answer %+v", out)
		}
	}
	stays := func(want bool) {
		t.Helper()
		var p retention.Plan
		r.Admin(t, "retention.plan", admin.RetentionPlan{At: r.Clock.Now().AddDate(0, 0, 31).Unix()}, &p)
		kept := slices.ContainsFunc(p.Kept, func(k retention.Kept) bool {
			return k.Class == "messages" && k.By == retention.KeptByRequest && k.Name == "restriction"
		})
		if kept != want {
			t.Errorf("in a month, kept as restricted %v: %+v", kept, p)
		}
	}
	hear("is anybody there")
	r.Hooks.With(t, "is anybody there")
	if a := send(); a.Status != http.StatusOK {
		t.Fatalf("before: %d %s", a.Status, a.Body)
	}
	restrict(false)
	if a := send(); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "policy:processing_restricted") {
		t.Errorf("restricted: %d %s", a.Status, a.Body)
	}
	hear("you should not hear this")
	stays(true)
	rows := r.SQL(t, "SELECT effect, reasons FROM audit WHERE kind = 'inbound' ORDER BY seq DESC LIMIT 1")
	if rows[0][0] != "deny" || !strings.Contains(rows[0][1], "processing_restricted") {
		t.Errorf("what was written meanwhile: %v", rows)
	}
	restrict(true)
	stays(false)
	hear("and now again")
	r.Hooks.With(t, "and now again") // after what came before it
	for _, h := range r.Hooks.All() {
		if strings.Contains(string(h.Body), "you should not hear this") {
			t.Error("it was delivered")
		}
	}
	if a := send(); a.Status != http.StatusOK {
		t.Errorf("lifted: %d %s", a.Status, a.Body)
	}
}

// TestRequestsShowInHealthAndMetrics and raise an alarm before their deadline.
func TestRequestsShowInHealthAndMetrics(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	r.Admin(t, "subject.request", admin.SubjectRequest{
		Who: admin.Who{Number: r.Env["DEMO_CONSENTED"]}, Type: "access", ProvedBy: "login", Received: "2020-01-01",
	}, &struct{}{})
	get := func(path string) string {
		return r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+path, "").Body
	}
	if text := get("/metrics"); !strings.Contains(text, `postern_requests_open{type="access"} 1`) || !strings.Contains(text, "postern_requests_deadline 1.58") {
		t.Error("the metrics do not count the request")
	}
	rig.Await(t, "an alarm and the state of health", func() bool {
		return strings.Contains(get("/metrics"), `postern_alarms_total{alarm="request_deadline"} 1`) && strings.Contains(get("/readyz"), `"requests":{"open":1,"due_soon":1`)
	})
}

// TestQueuedWebhooksRest: what was queued of a person before processing was
// restricted stays here until that is lifted.
func TestQueuedWebhooksRest(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "version: 1\n"}})
	person := r.Env["DEMO_CONSENTED"]
	hear := func(from, words string) {
		t.Helper()
		told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
			From: "+" + from, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
		})
		if err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %d, %v", told.Status, err)
		}
	}
	tries := func() (n int) {
		for _, h := range r.Hooks.All() {
			if strings.Contains(string(h.Body), "queued before") {
				n++
			}
		}
		return n
	}
	r.Hooks.Answer(http.StatusServiceUnavailable)
	hear(person, "queued before")
	r.Hooks.With(t, "queued before")
	var out admin.Restriction
	r.Admin(t, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Number: person}, Why: "disputed"}, &out)
	if out.Webhooks != 1 {
		t.Errorf("answer %+v, want one webhook that rests", out)
	}
	if rows := r.SQL(t, "SELECT code FROM audit WHERE kind = 'request' AND result = 'restricted'"); len(rows) != 1 || rows[0][0] != "1" {
		t.Errorf("on record: %v, want how many rest", rows)
	}
	before := tries()
	r.Hooks.Answer(http.StatusOK)
	for _, words := range []string{"the first from another person", "the second from another person", "the third from another person"} {
		r.Clock.Forward(time.Hour) // each time what is queued is looked at
		hear("4915199990001", words)
		r.Hooks.With(t, words)
	}
	if n := tries(); n != before {
		t.Errorf("it was tried %d times more", n-before)
	}
	r.Admin(t, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Number: person}, Why: "corrected", Lift: true}, &out)
	rig.Await(t, "it goes on", func() bool { return tries() > before })
}

// TestFilesOfTheRestrictedRest: what somebody sent before is kept, and neither
// handed out, passed on nor deleted by an app until the restriction ends.
func TestFilesOfTheRestrictedRest(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	const person = "4917139200881"
	told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + person, Wait: true, Message: map[string]any{
		"type": "image", "image": map[string]any{"caption": "der fichtenkreuzschnabel"},
	}})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	id := pictureID(t, r, "der fichtenkreuzschnabel")
	rig.Await(t, "the file in the store", func() bool { return files(t, r) == 1 })
	ask := func(method string) rig.Reply {
		return r.Do(t, method, "/v25.0/"+id, "", "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"])
	}
	pass := func() int {
		return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"image","image":{"id":"`+id+`"}}`).Status
	}
	if a := ask(http.MethodGet); a.Status != http.StatusOK {
		t.Fatalf("before: %d %s", a.Status, a.Body)
	}
	if got := pass(); got != http.StatusOK {
		t.Fatalf("passed on before: %d", got)
	}
	who := admin.SubjectRestrict{Who: admin.Who{Number: person}, Why: "disputed"}
	r.Admin(t, "subject.restrict", who, nil)
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		if a := ask(method); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "processing_restricted") {
			t.Errorf("%s while it is restricted: %d %s", method, a.Status, a.Body)
		}
	}
	if got := pass(); got == http.StatusOK {
		t.Error("it is passed on to somebody else")
	}
	if n := files(t, r); n != 1 {
		t.Errorf("%d files are kept", n)
	}
	who.Lift, who.Why = true, "corrected"
	r.Admin(t, "subject.restrict", who, nil)
	if a := ask(http.MethodGet); a.Status != http.StatusOK {
		t.Errorf("lifted: %d %s", a.Status, a.Body)
	}
}
