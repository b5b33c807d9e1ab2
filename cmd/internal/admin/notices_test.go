package admin_test

import (
	"testing"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/retention"
)

// TestToldAgain: what a person was told before stays beside what is told now, and
// a notice from when the class had more days does not stand in the way of one.
func TestToldAgain(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {messages: {days: 100, action: purge, notice_hours: 48}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	id := audit.SubjectID(parsed)
	tell := func(days, before, earlier int) {
		t.Helper()
		told := g.clock()
		got := must[admin.Told](t, g.direct, boss, "subject.told", admin.NoticesTold{
			Class: audit.ClassMessages, Subjects: []audit.SubjectID{id}, Until: told.AddDate(0, 0, days).UnixMicro(),
		})
		n, err := retention.NoticeOf(t.Context(), g.direct.Journal(), id, audit.ClassMessages)
		if err != nil || got.Before != before || len(n.Earlier) != earlier || before == 0 && n.Told < told.UnixMicro() {
			t.Errorf("%+v, %+v (%v)", got, n, err)
		}
	}
	tell(3, 0, 0)
	g.forward(day)
	tell(3, 0, 1)
	tell(2, 1, 1) // covered
	g.forward(day)
	tell(90, 0, 2) // the hours of the first are over, and those of the second are not
	g.forward(40 * day)
	tell(5, 1, 2)
	g.keeps("classes: {messages: {days: 30, action: purge, notice_hours: 48}}")
	tell(5, 0, 1)
}
