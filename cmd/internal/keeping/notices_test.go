package keeping

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

const noticedMessages = "version: 1\nclasses:\n  messages: {days: 30, action: purge, notice_hours: 48}\n"

// TestNoticeOverAWholeGateway: messages stay until somebody said that the person
// was told and the hours are over; who was not told stays.
func TestNoticeOverAWholeGateway(t *testing.T) {
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": noticedMessages},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" },
	})}
	a.write(t, "4917139200731", "wiedehopf sang")
	a.write(t, "4917139200732", "gimpel schwieg")
	due := func() (persons []audit.SubjectID, out admin.NoticesDue) {
		t.Helper()
		a.Admin(t, "subject.notices", admin.Notices{}, &out)
		for _, u := range out.Due {
			persons = append(persons, u.Subjects...)
		}
		return persons, out
	}
	if got, _ := due(); len(got) != 0 {
		t.Fatalf("somebody has to be told at once: %v", got)
	}
	for range 7 {
		a.Clock.Forward(4 * 24 * time.Hour)
		a.write(t, "4917139200733", "der dritte schrieb")
	}
	persons, list := due()
	if len(persons) != 2 || list.Due[0].Overdue != 0 || list.Due[0].Class != "messages" {
		t.Fatalf("two days before: %+v", list)
	}
	rig.Await(t, "the metric", func() bool { return a.metric(t, `postern_notices{state="due"} 2`) })
	for name, in := range map[string]admin.NoticesTold{
		"another class": {Class: "audit", Subjects: persons, Until: list.Due[0].Until},
		"nobody":        {Class: "messages", Until: list.Due[0].Until},
		"a stranger":    {Class: "messages", Subjects: []audit.SubjectID{audit.NewSubjectID()}, Until: list.Due[0].Until},
		"too far":       {Class: "messages", Subjects: persons, Until: a.Clock.Now().AddDate(0, 2, 0).UnixMicro()},
		"before":        {Class: "messages", Subjects: persons, Until: 1},
		"to come":       {Class: "messages", Subjects: persons, Until: list.Due[0].Until, Told: "2099-01-01"},
	} {
		if err := a.TryAdmin(t, "subject.told", in, nil); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	var told admin.Told
	mark := admin.NoticesTold{Class: "messages", Subjects: persons[:1], Until: list.Due[0].Until}
	a.Admin(t, "subject.told", mark, &told)
	if told.Record.IsZero() || told.Persons != 1 || told.Before != 0 {
		t.Errorf("%+v", told)
	}
	if a.Admin(t, "subject.told", mark, &told); told.Before != 1 {
		t.Errorf("again: %+v", told)
	}
	rows := a.SQL(t, "SELECT count(*), count(DISTINCT subject), max(labels) FROM audit WHERE kind = 'retention' AND type = 'notice_told' AND actor <> 'system'")
	if rows[0][0] != "1" || rows[0][1] != "1" || !strings.Contains(rows[0][2], "class:messages") || !strings.Contains(rows[0][2], "until:") {
		t.Errorf("on record: %v", rows)
	}
	for range 2 {
		a.Clock.Forward(2 * 24 * time.Hour)
		a.write(t, "4917139200733", "noch einmal")
	}
	if got, out := due(); len(got) < 1 || out.Due[0].Overdue != 1 {
		t.Errorf("over: %+v", out)
	}
	rig.Await(t, "the metric of those overdue", func() bool { return a.metric(t, `postern_notices{state="overdue"} 1`) })
	if ready := a.At(t, http.MethodGet, a.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body; !strings.Contains(ready, `"overdue":1`) {
		t.Errorf("readyz: %s", ready)
	}
	var plan retention.Plan
	if a.Admin(t, "retention.plan", admin.RetentionPlan{}, &plan); len(plan.Untold) == 0 || len(plan.Untold[0].Subjects) != 0 || len(plan.Obstacles) != 0 {
		t.Errorf("plan: %+v", plan)
	}
	if a.Admin(t, "retention.plan", admin.RetentionPlan{Persons: true}, &plan); len(plan.Untold) == 0 || len(plan.Untold[0].Subjects) == 0 {
		t.Errorf("plan with persons: %+v", plan)
	}
	_, c := a.purge(t)
	if n := a.holds(t, "wiedehopf sang", "gimpel schwieg"); n != 1 {
		t.Errorf("%d of two messages are there after one was told: %+v", n, c)
	}
	kept := false
	for _, s := range c.Stay {
		kept = kept || s.Why == retention.KeptByNotice && s.Count > 0
	}
	if !kept {
		t.Errorf("the certificate does not name them: %+v", c.Stay)
	}
	a.Clock.Jump(3 * time.Hour)
	if a.Admin(t, "retention.plan", admin.RetentionPlan{At: a.Clock.Now().Unix()}, &plan); len(plan.Obstacles) == 0 {
		rig.Await(t, "the jump to be seen", func() bool {
			a.Admin(t, "retention.plan", admin.RetentionPlan{At: a.Clock.Now().Unix()}, &plan)
			return len(plan.Obstacles) > 0
		})
	}
	if o := plan.Obstacles[0]; !o.Refuses || o.What != retention.ObstacleClock || o.Remedy == "" {
		t.Errorf("a clock that jumped: %+v", o)
	}
}

func (a archive) metric(t *testing.T, line string) bool {
	t.Helper()
	return strings.Contains(a.At(t, http.MethodGet, a.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, line+"\n")
}

// TestHoldsTellOfThemselves: one that nobody approved ends on record and in the
// metrics, and one whose review has come is named.
func TestHoldsTellOfThemselves(t *testing.T) {
	v := &vault{Rig: rig.Start(t, rig.Options{Config: func(text string) string { return text + "holds: {second_person: true}\n" }})}
	var h admin.Held
	v.Admin(t, "hold.place", admin.HoldPlace{App: "loans", Matter: "CASE-2026-0044", Why: "litigation", Review: v.Clock.Now().Add(time.Hour).UTC().Format(time.RFC3339)}, &h)
	if !h.Waits || h.ReviewDue {
		t.Fatalf("%+v", h)
	}
	v.Clock.Forward(2 * time.Hour)
	rig.Await(t, "the alarm of the review", func() bool { return v.metric(t, `postern_alarms_total{alarm="hold_review"} 1`) })
	for range 2 { // with a record each day, or nobody would believe the clock
		v.Clock.Forward(24 * time.Hour)
		v.SQL(t, "SELECT count(*) FROM audit")
	}
	rig.Await(t, "the end of what nobody approved", func() bool {
		v.Clock.Forward(time.Minute)
		return v.metric(t, `postern_alarms_total{alarm="hold_expired"} 1`)
	})
	rows := v.SQL(t, "SELECT actor, labels, ref FROM audit WHERE kind = 'hold' AND type = 'expired'")
	if len(rows) != 1 || rows[0][0] != "system" || !strings.Contains(rows[0][1], "asked_by:") || rows[0][2] != h.Hold.ID.String() {
		t.Errorf("on record: %v", rows)
	}
	var all []admin.Held
	if v.Admin(t, "hold.list", admin.None{}, &all); len(all) != 1 || all[0].Hold.Ended == 0 || all[0].Waits {
		t.Errorf("listed: %+v", all)
	}
	if ready := v.At(t, http.MethodGet, v.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body; !strings.Contains(ready, `"holds":{"placed":0,"asked":0,"review_due":0}`) {
		t.Errorf("readyz: %s", ready)
	}
}

// TestHoldOutlivesAJump: a clock that was set wrong for a while does not end for
// good what waits for a second person.
func TestHoldOutlivesAJump(t *testing.T) {
	v := &vault{Rig: rig.Start(t, rig.Options{Config: func(text string) string { return text + "holds: {second_person: true}\n" }})}
	var bob admin.OperatorKey
	v.Admin(t, "operator.add", admin.OperatorAdd{Name: "bob", Role: admin.RoleApprove}, &bob)
	var placed, asked admin.Held
	v.Admin(t, "hold.place", admin.HoldPlace{App: "loans", Matter: "CASE-2026-0045", Why: "litigation", Review: v.Clock.Now().AddDate(0, 0, 2).UTC().Format(time.RFC3339)}, &placed)
	raw, err := json.Marshal(admin.HoldName{ID: placed.Hold.ID})
	check(t, err)
	_, err = admin.NewClient(strings.TrimPrefix(v.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), bob.Key, "hold.approve", raw)
	check(t, err)
	v.Admin(t, "hold.place", admin.HoldPlace{App: "loans", Matter: "CASE-2026-0046", Why: "litigation"}, &asked)
	v.Clock.Jump(30 * 24 * time.Hour)
	rig.Await(t, "the jump to be seen", func() bool { return v.metric(t, `postern_alarms_total{alarm="clock_jump"} 1`) })
	v.Clock.Forward(61 * time.Second)
	rig.Await(t, "a look at the holds", func() bool { return v.metric(t, `postern_alarms_total{alarm="hold_review"} 1`) })
	v.Clock.Jump(-30 * 24 * time.Hour)
	var all []admin.Held
	v.Admin(t, "hold.list", admin.None{}, &all)
	for _, h := range all {
		if h.Hold.ID == asked.Hold.ID && h.Waits && h.Hold.Ended == 0 {
			return
		}
	}
	t.Errorf("it ended: %+v", all)
}
