package keeping

import (
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// TestRetentionPlanOfAGateway: the policy in force is on record whole, a reload
// takes another over, and the plan counts by it.
func TestRetentionPlanOfAGateway(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{
		"settings.yaml": "version: 1\n", "retention.yaml": "classes: {messages: {days: 30, action: purge}}\n",
	}})
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`); a.Status != 200 {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	rig.Await(t, "the outcome", func() bool { return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle'")[0][0] == "1" })
	plan := func(days int) (messages int, p retention.Plan) {
		t.Helper()
		in := admin.RetentionPlan{}
		if days > 0 {
			in.At = r.Clock.Now().AddDate(0, 0, days).Unix()
		}
		r.Admin(t, "retention.plan", in, &p)
		for _, d := range p.Due {
			if d.Class == "messages" && d.Action == retention.ActionPurge {
				messages += d.Count
			}
		}
		return messages, p
	}
	if n, p := plan(0); n != 0 || p.Refused != "" {
		t.Errorf("today: %+v", p)
	}
	if n, p := plan(31); n < 2 {
		t.Errorf("in a month: %+v", p)
	}
	kept := func() [][]string {
		return r.SQL(t, "SELECT revision, detail FROM audit WHERE kind = 'config' AND type = 'retention' ORDER BY seq")
	}
	_, before := plan(0)
	if rows := kept(); len(rows) != 1 || rows[0][0] != before.Revision || !strings.Contains(rows[0][1], "days: 30, action: purge") {
		t.Errorf("the policy is not on record: %v", rows)
	}
	r.Write(t, "policies/retention.yaml", "classes: {messages: {days: 60, action: purge}}\n")
	r.Admin(t, "config.reload", admin.None{}, nil)
	if n, p := plan(31); n != 0 || p.Revision == before.Revision {
		t.Errorf("by the new policy: %+v", p)
	}
	if rows := kept(); len(rows) != 2 || !strings.Contains(rows[1][1], "days: 60, action: purge") {
		t.Errorf("the new policy is not on record: %v", rows)
	}
	r.Write(t, "policies/retention.yaml", "classes: {messages: {days: 60, floor: 90}}\n")
	if err := r.TryAdmin(t, "config.reload", admin.None{}, nil); err == nil || !strings.Contains(err.Error(), "retention.yaml:1:28: classes.messages.days: 60 days are below the floor of 90") {
		t.Errorf("a policy that can not be met is taken over: %v", err)
	}
	if n, _ := plan(61); n < 2 {
		t.Errorf("the running policy does not stay: %d", n)
	}
	r.Clock.Jump(40 * 24 * time.Hour)
	if _, p := plan(0); p.Refused == "" || len(p.Due) != 0 {
		t.Errorf("a clock that jumped ahead: %+v", p)
	}
}

// TestNoRunWhereNothingIsDue: each day it is looked whether something is due; no
// run begins, and no certificate is put on record, before something is.
func TestNoRunWhereNothingIsDue(t *testing.T) {
	t.Parallel()
	a := archive{rig.Start(t, rig.Options{Policies: map[string]string{"retention.yaml": purgedMessages}})}
	a.write(t, "4917139200770", "noch lange da")
	var state admin.RetentionState
	look := func(days int) int {
		t.Helper()
		before := tally(t, a.Rig, "retention")
		a.Clock.Forward(time.Duration(days) * 24 * time.Hour)
		rig.Await(t, "the daily look", func() bool { return tally(t, a.Rig, "retention") > before })
		a.Admin(t, "retention.status", admin.None{}, &state)
		if state.Failed != "" {
			t.Fatal(state.Failed)
		}
		a.write(t, "4917139200771", "jeden Tag ein Wort")
		return len(state.Certificates)
	}
	for range 3 {
		if n := look(8); n != 0 {
			t.Fatalf("%d runs that took nothing", n)
		}
	}
	if n := look(8); n != 1 {
		t.Errorf("%d runs after 32 days", n)
	}
}
