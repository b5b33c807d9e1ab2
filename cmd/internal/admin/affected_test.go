package admin_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

func TestAffectedPersons(t *testing.T) {
	g := newGateway(t)
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 1}
	boss := g.operator("ann", admin.RoleApprove, "")
	eve := g.operator("eve", admin.RoleReveal, boss)
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	g.said(audit.SubjectID(parsed), 3) // 26 February
	g.said(audit.NewSubjectID(), 3)
	foreign := audit.Record{Version: audit.Version, ID: audit.NewID(g.clock()), Kind: audit.KindInbound, Time: g.clock().Add(-3 * day).UnixMicro(), Tenant: "clinic", App: "shop", Number: "1", Subject: audit.NewSubjectID(), Type: "text"}
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Records: []audit.Record{foreign}}); err != nil {
		t.Fatal(err)
	}
	in := admin.Affected{Since: "2026-02-26", Until: "2026-02-27", App: "shop"}
	got := must[admin.AffectedPersons](t, g.direct, boss, "subject.affected", in)
	if len(got.Persons) != 2 || got.Records != 2 || !slices.Equal(got.Persons[0].Categories, []string{"identifiers", "messages"}) || len(got.Persons[0].Numbers) > 0 {
		t.Errorf("affected %+v", got)
	}
	all := must[admin.AffectedPersons](t, g.direct, boss, "subject.affected", admin.Affected{Since: "2026-01-01"})
	if len(all.Persons) != 2 || all.Persons[0].Subject != parsed.String() || !slices.Contains(all.Persons[0].Categories, "consents") {
		t.Errorf("since January %+v", all)
	}
	for name, bad := range map[string]admin.Affected{
		"no time": {}, "not a time": {Since: "yesterday"}, "backwards": {Since: "2026-02-27", Until: "2026-02-26"}, "a reference": {Since: "2026-02-26", Reference: "CASE-7"},
	} {
		if _, err := ask[admin.AffectedPersons](t, g.direct, boss, "subject.affected", bad); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	for _, none := range []admin.Affected{{Since: "2026-02-26", App: "desk"}, {Since: "2026-02-26", Number: "2"}, {Since: "2026-02-26", Reason: "opted_out"}} {
		if got := must[admin.AffectedPersons](t, g.direct, boss, "subject.affected", none); len(got.Persons) != 0 {
			t.Errorf("%+v: %+v", none, got)
		}
	}

	g.direct.Bound(1)
	_, err = ask[admin.AffectedPersons](t, g.direct, boss, "subject.affected", in)
	if wantCode(t, err, admin.Invalid); err == nil || !strings.Contains(err.Error(), "more than 1 persons: narrow it") {
		t.Errorf("too many: %v", err)
	}
	g.direct.Bound(2)
	_, err = ask[admin.AffectedPersons](t, g.direct, boss, "affected.numbers", in)
	wantCode(t, err, admin.Forbidden)
	_, err = ask[admin.AffectedPersons](t, g.direct, eve, "affected.numbers", in)
	wantCode(t, err, admin.Invalid) // for which case
	in.Reference = "CASE-2026-7"
	g.config.Reveal.SecondPerson = true
	_, err = ask[admin.AffectedPersons](t, g.direct, eve, "affected.numbers", in)
	wantCode(t, err, admin.Conflict)
	g.config.Reveal.SecondPerson = false
	named := must[admin.AffectedPersons](t, g.direct, eve, "affected.numbers", in)
	numbers := 0
	for _, p := range named.Persons {
		numbers += len(p.Numbers)
		if p.Subject == parsed.String() && !slices.Equal(p.Numbers, []string{stranger}) || p.Erased == (p.Subject == parsed.String()) {
			t.Errorf("named %+v", p)
		}
	}
	if numbers != 1 {
		t.Errorf("%d numbers", numbers)
	}
	_, err = ask[admin.AffectedPersons](t, g.direct, eve, "affected.numbers", in)
	wantCode(t, err, admin.Conflict) // once an hour is what is allowed
	looked, opened := 0, 0
	for _, r := range g.records() {
		if r.Kind != audit.KindTrailRead || r.Type != "affected" {
			continue
		}
		looked++
		if strings.Join(r.Labels, " ") == "reason:CASE-2026-7 numbers" && r.Result == "rows:2" {
			opened++
		}
	}
	if looked != 6 || opened != 1 {
		t.Errorf("%d readings on record, %d with numbers", looked, opened)
	}
}

// TestAffectedBySendsRoundTheGate: who had a message that no gate saw is affected,
// by a message.
func TestAffectedBySendsRoundTheGate(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(g.clock()), Kind: audit.KindUnmatchedSend, Time: g.clock().Add(-3 * day).UnixMicro(),
		Tenant: tenant, App: "shop", Number: "1", Subject: audit.NewSubjectID(), Type: "status/sent", Direction: "outbound", Result: "unmatched",
	}
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		t.Fatal(err)
	}
	got := must[admin.AffectedPersons](t, g.direct, boss, "subject.affected", admin.Affected{Since: "2026-02-01"})
	if len(got.Persons) != 1 || got.Persons[0].Subject != r.Subject.String() || !slices.Equal(got.Persons[0].Categories, []string{"identifiers", "messages"}) {
		t.Errorf("affected %+v", got)
	}
}

// TestAffectedIsOnePerson: whose subjects proved to be one is listed once, with all
// that was touched and every number.
func TestAffectedIsOnePerson(t *testing.T) {
	g := newGateway(t)
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 1}
	boss := g.operator("ann", admin.RoleApprove, "")
	eve := g.operator("eve", admin.RoleReveal, boss)
	first, second := g.known(boss), must[admin.Found](t, g.direct, boss, "consent.add", admin.Consent{
		Who: admin.Who{Number: "4917139200099"}, Category: "utility", Source: "branch",
	}).Subject
	ids := make([]audit.SubjectID, 2)
	for i, text := range []string{first, second} {
		id, err := audit.ParseID(text)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = audit.SubjectID(id)
		g.said(ids[i], 3+i) // 26 and 25 February
	}
	row, err := g.direct.Journal().Subject(t.Context(), ids[1])
	row.Alias = ids[0]
	if err = errors.Join(err, g.direct.Journal().Append(t.Context(), journal.Batch{Subjects: []journal.Subject{row}})); err != nil {
		t.Fatal(err)
	}
	g.reopen()
	in := admin.Affected{Since: "2026-02-01", Reference: "CASE-2026-7"}
	got := must[admin.AffectedPersons](t, g.direct, eve, "affected.numbers", in)
	if len(got.Persons) != 1 || got.Records != 4 {
		t.Fatalf("affected %+v, want one person and four records", got)
	}
	p := got.Persons[0]
	if p.Subject != first || p.Records != 4 || !strings.HasPrefix(p.First, "2026-02-25") || !strings.HasPrefix(p.Last, "2026-03-01") || p.Erased ||
		!slices.Equal(p.Numbers, []string{stranger, "4917139200099"}) || !slices.Equal(p.Categories, []string{"identifiers", "consents", "messages"}) {
		t.Errorf("affected %+v", p)
	}
}

// TestAffectedInATime: what came in at its first moment counts, and at its last no
// more.
func TestAffectedInATime(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	at := func(when time.Time) string {
		id := audit.NewSubjectID()
		r := audit.Record{Version: audit.Version, ID: audit.NewID(g.clock()), Kind: audit.KindInbound, Time: when.UnixMicro(), Tenant: tenant, App: "shop", Number: "1", Subject: id, Type: "text"}
		if err := g.direct.Journal().Append(t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
			t.Fatal(err)
		}
		return id.String()
	}
	since := time.Date(2026, 2, 26, 0, 0, 0, 0, time.UTC)
	at(since.Add(-time.Microsecond))
	want := []string{at(since), at(since.Add(day - time.Microsecond))}
	at(since.Add(day))
	got := must[admin.AffectedPersons](t, g.direct, boss, "subject.affected", admin.Affected{Since: "2026-02-26", Until: "2026-02-27"})
	var who []string
	for _, p := range got.Persons {
		who = append(who, p.Subject)
	}
	slices.Sort(want)
	if slices.Sort(who); !slices.Equal(who, want) {
		t.Errorf("affected %v, want %v", who, want)
	}
	_, err := ask[admin.AffectedPersons](t, g.direct, boss, "subject.affected", admin.Affected{Since: "2027-01-01"})
	if wantCode(t, err, admin.Invalid); err == nil || !strings.Contains(err.Error(), "nothing lies between") {
		t.Errorf("a time to come: %v", err)
	}
}
