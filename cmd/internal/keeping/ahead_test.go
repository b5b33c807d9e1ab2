package keeping

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestNothingEndsByAClockAhead: a gateway that starts with a clock that was set
// ahead keeps the files of a floor, the hold that waits for a second person, and
// the webhook that was delivered.
func TestNothingEndsByAClockAhead(t *testing.T) {
	t.Parallel()
	v := newVault(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  media: {days: 90, floor: 60}\n"},
		Config:   func(text string) string { return text + "holds: {second_person: true}\nretention: {at: \"off\"}\n" },
	})
	if _, answer := uploads(t, v.Rig, "the terms of the loan"); answer.Status != http.StatusOK {
		t.Fatalf("upload: %d %s", answer.Status, answer.Body)
	}
	told := v.hear(t, free, "is it day yet")
	var asked admin.Held
	v.Admin(t, "hold.place", admin.HoldPlace{App: "loans", Matter: "CASE-2026-0047", Why: "litigation"}, &asked)
	v.Halt()
	v.Clock.Jump(200 * 24 * time.Hour)
	v.Resume(t)
	v.looked(t, 2, "holds", "media")
	v.looked(t, 2, "housekeeping") // all tables each time
	var all []admin.Held
	if v.Admin(t, "hold.list", admin.None{}, &all); len(all) != 1 || all[0].Hold.ID != asked.Hold.ID || all[0].Hold.Ended != 0 {
		t.Errorf("holds: %+v", all)
	}
	if n := files(t, v.Rig); n != 1 {
		t.Errorf("%d of 1 file is kept", n)
	}
	if s := v.state(t, told, "delivery"); s != "sealed" {
		t.Errorf("the webhook is %s", s)
	}
}

// looked lets time pass until tasks were done that many times more.
func (v *vault) looked(t *testing.T, times int, tasks ...string) {
	t.Helper()
	for _, task := range tasks {
		for range times {
			before := tally(t, v.Rig, task)
			v.Clock.Forward(time.Minute)
			rig.Await(t, "a look of "+task, func() bool { return tally(t, v.Rig, task) > before })
		}
	}
}

// tally is how often the gateway did a task since it was opened.
func tally(t *testing.T, r *rig.Rig, task string) (n int) {
	t.Helper()
	body := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
	if _, rest, found := strings.Cut(body, `postern_tasks_total{task="`+task+`"} `); found {
		_, err := fmt.Sscan(rest, &n)
		check(t, err)
	}
	return n
}
