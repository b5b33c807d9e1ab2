package retention

import (
	"slices"
	"testing"

	"postern/audit"
)

func TestScopeCovers(t *testing.T) {
	ann, bob := audit.NewSubjectID(), audit.NewSubjectID()
	it := Item{
		Store: StoreRecords, Seq: 41, Time: 1000, Kind: audit.KindAdmission, Tenant: "bank", App: "loans", Number: "106540352242922",
		Subject: ann, Reasons: []string{"no_consent", "quiet_hours"},
	}
	inbound := it
	inbound.App, inbound.Kind = "", audit.KindInbound
	for _, c := range []struct {
		name  string
		scope Scope
		item  Item
		want  bool
	}{
		{"nothing", Scope{}, it, false},
		{"a tenant alone", Scope{Tenant: "bank"}, it, false},
		{"person", Scope{Subjects: []audit.SubjectID{bob, ann}}, it, true},
		{"another person", Scope{Subjects: []audit.SubjectID{bob}}, it, false},
		{"person of another tenant", Scope{Tenant: "clinic", Subjects: []audit.SubjectID{ann}}, it, false},
		{"number", Scope{Number: "106540352242922"}, it, true},
		{"another number", Scope{Number: "106540352242923"}, it, false},
		{"app", Scope{App: "loans"}, it, true},
		{"another app", Scope{App: "cards"}, it, false},
		{"what an app's number received", Scope{App: "loans", AppNumbers: []string{"106540352242922"}}, inbound, true},
		{"what another app's number received", Scope{App: "cards", AppNumbers: []string{"1"}}, inbound, false},
		{"another app on the number", Scope{App: "cards", AppNumbers: []string{"106540352242922"}}, it, false},
		{"from its moment on", Scope{From: 1000}, it, true},
		{"after it", Scope{From: 1001}, it, false},
		{"until its moment", Scope{Until: 1000}, it, false},
		{"over its moment", Scope{From: 1, Until: 1001}, it, true},
		{"a time that ends before it begins", Scope{From: 1001, Until: 1}, it, false},
		{"second reason", Scope{Reason: "quiet_hours"}, it, true},
		{"another reason", Scope{Reason: "window"}, it, false},
		{"matched", Scope{Query: "q", Seqs: []audit.SeqRange{{First: 3, Last: 3}, {First: 40, Last: 41}}}, it, true},
		{"not matched", Scope{Query: "q", Seqs: []audit.SeqRange{{First: 3, Last: 40}, {First: 42, Last: 50}}}, it, false},
		{"matched nothing yet", Scope{Query: "q"}, it, false},
		{"all but one", Scope{Subjects: []audit.SubjectID{ann}, Number: "106540352242922", Reason: "window"}, it, false},
		{"all", Scope{Subjects: []audit.SubjectID{ann}, Number: "106540352242922", App: "loans", From: 1, Until: 2000, Reason: "no_consent"}, it, true},
	} {
		if got := c.scope.Covers(c.item); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestJoinedRuns(t *testing.T) {
	for _, c := range []struct {
		a, b, want []audit.SeqRange
		grown      bool
	}{
		{nil, nil, nil, false},
		{nil, runs(1, 2), runs(1, 2), true},
		{runs(1, 2), runs(1, 1), runs(1, 2), false},
		{runs(1, 2), runs(3, 4), runs(1, 4), true},
		{runs(1, 2, 9, 9), runs(4, 7), runs(1, 2, 4, 7, 9, 9), true},
		{runs(5, 9), runs(0, 20), runs(0, 20), true},
		{runs(0, 20), runs(5, 9, 11, 12), runs(0, 20), false},
	} {
		got, grown := joined(c.a, c.b)
		if !slices.Equal(got, c.want) || grown != c.grown {
			t.Errorf("%v and %v: %v, %v", c.a, c.b, got, grown)
		}
	}
}

// runs are pairs of first and last.
func runs(ends ...uint64) (out []audit.SeqRange) {
	for i := 0; i < len(ends); i += 2 {
		out = append(out, audit.SeqRange{First: ends[i], Last: ends[i+1]})
	}
	return out
}
