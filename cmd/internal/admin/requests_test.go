package admin_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
	"postern/retention"
)

// asking is a gateway that knows the stranger.
func asking(t *testing.T) (g *gateway, boss, subject string) {
	t.Helper()
	g = newGateway(t)
	g.config.Requests = boot.Requests{Deadline: 28 * 24 * time.Hour}
	boss = g.operator("ann", admin.RoleApprove, "")
	return g, boss, g.known(boss)
}

var access = admin.SubjectRequest{Who: admin.Who{Number: "+" + stranger}, Type: retention.RequestAccess, ProvedBy: "login", Reference: "DSAR-2026-0042"}

func TestRequestsAreRefused(t *testing.T) {
	g, boss, _ := asking(t)
	for name, c := range map[string]struct {
		change func(*admin.SubjectRequest)
		code   admin.Code
		words  string
	}{
		"no type":          {func(in *admin.SubjectRequest) { in.Type = "" }, admin.Invalid, "the type is one of"},
		"no proof":         {func(in *admin.SubjectRequest) { in.ProvedBy = "" }, admin.Invalid, "how identity was proved"},
		"another proof":    {func(in *admin.SubjectRequest) { in.ProvedBy, in.Reference = "other", "" }, admin.Invalid, "needs a reference"},
		"a number in it":   {func(in *admin.SubjectRequest) { in.Reference = "CASE-4915112-345678" }, admin.Invalid, "at most 8 digits"},
		"not a day":        {func(in *admin.SubjectRequest) { in.Received = "2026-02-30" }, admin.Invalid, "write received as"},
		"tomorrow":         {func(in *admin.SubjectRequest) { in.Received = "2026-03-02" }, admin.Invalid, "in the future"},
		"nobody":           {func(in *admin.SubjectRequest) { in.Number = "4915100000000" }, admin.NotFound, "nothing is known"},
		"nobody's subject": {func(in *admin.SubjectRequest) { in.Who = admin.Who{Subject: strings.Repeat("1", 32)} }, admin.NotFound, "nothing is known"},
	} {
		in := access
		c.change(&in)
		_, err := ask[retention.Request](t, g.direct, boss, "subject.request", in)
		wantCode(t, err, c.code)
		if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), stranger) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all := must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{}); len(all) != 0 {
		t.Errorf("%d are open", len(all))
	}
	desk := g.operator("olaf", admin.RoleOperate, boss)
	_, err := ask[retention.Request](t, g.direct, desk, "subject.request", access)
	wantCode(t, err, admin.Forbidden)
}

// TestRequestsAreOpenUntilAnswered: over restarts, with the nearest deadline
// first, and on record with how identity was proved.
func TestRequestsAreOpenUntilAnswered(t *testing.T) {
	g, boss, subject := asking(t)
	first := must[retention.Request](t, g.direct, boss, "subject.request", access)
	older := access
	older.Type, older.Received, older.Reference = retention.RequestRestriction, "2026-02-20", ""
	second := must[retention.Request](t, g.direct, boss, "subject.request", older)
	if want := time.Date(2026, 3, 20, 0, 0, 0, 0, time.UTC).UnixMicro(); second.Deadline != want || first.Subject.String() != subject {
		t.Errorf("received on the 20th: %+v", second)
	}
	g.reopen()
	all := must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{})
	if len(all) != 2 || all[0] != second || all[1] != first {
		t.Fatalf("open: %+v", all)
	}
	done := must[admin.Restriction](t, g.direct, boss, "subject.restrict", admin.SubjectRestrict{Who: access.Who, Why: "disputed"})
	if done.Request != second.ID || !done.Restricted {
		t.Errorf("restricted: %+v", done)
	}
	must[retention.Request](t, g.direct, boss, "subject.close", admin.SubjectClose{ID: first.ID, Refused: true, Why: "unfounded"})
	_, err := ask[retention.Request](t, g.direct, boss, "subject.close", admin.SubjectClose{ID: first.ID, Why: "answered"})
	wantCode(t, err, admin.NotFound)
	if all = must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{}); len(all) != 0 {
		t.Errorf("still open: %+v", all)
	}
	var said []string
	for _, r := range g.records() {
		if r.Kind == audit.KindRequest {
			said = append(said, r.Type+" "+r.Result+" "+strings.Join(r.Labels, " "))
		}
	}
	want := "access received proved_by:login reference:DSAR-2026-0042|restriction received proved_by:login|restriction restricted why:disputed|restriction done |access refused why:unfounded"
	if got := strings.Join(said, "|"); got != want {
		t.Errorf("on record:\n%s\nwant\n%s", got, want)
	}
}

// exports asks for a person's data and lets go of the file.
func exports(t *testing.T, g *gateway, key string, in admin.SubjectExport) (out admin.SubjectExported, err error) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	err = g.direct.Hand(t.Context(), key, "subject.export", raw, func(answer []byte) (io.Writer, error) {
		return io.Discard, json.Unmarshal(answer, &out)
	})
	return out, err
}

// TestExportThatBreaksOff leaves the request open, and says so on record.
func TestExportThatBreaksOff(t *testing.T) {
	g, boss, _ := asking(t)
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 5}
	eve := g.operator("eve", admin.RoleReveal, boss)
	must[retention.Request](t, g.direct, boss, "subject.request", access)
	raw, err := json.Marshal(admin.SubjectExport{Who: access.Who})
	if err != nil {
		t.Fatal(err)
	}
	full := errors.New("the disk is full")
	if err := g.direct.Hand(t.Context(), eve, "subject.export", raw, func([]byte) (io.Writer, error) { return nil, full }); err == nil {
		t.Error("nothing was written, and nobody says so")
	}
	if open := must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{}); len(open) != 1 {
		t.Errorf("the request is answered: %+v", open)
	}
	table, err := g.direct.Journal().Reader().Query(t.Context(), "SELECT group_concat(result) FROM audit WHERE kind = 'request' AND actor = 'eve'", journal.QueryOptions{})
	if err != nil || len(table.Rows) != 1 || table.Rows[0][0] != "begun,broken_off" {
		t.Errorf("on record: %v (%v)", table.Rows, err)
	}
	if _, err := g.direct.Do(t.Context(), eve, "subject.export", raw); err == nil {
		t.Error("it is answered without its file")
	}
}

// TestExportBeginsWhereTheNumberChangedHands, unless somebody answers for more.
func TestExportBeginsWhereTheNumberChangedHands(t *testing.T) {
	g, boss, subject := asking(t)
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 5}
	eve := g.operator("eve", admin.RoleReveal, boss)
	changed := facts.IntervalBegun(facts.Person{Tenant: tenant}, "branch", g.clock())
	id, err := audit.ParseID(subject)
	if err != nil {
		t.Fatal(err)
	}
	fact := journal.Fact{Tenant: tenant, Subject: audit.SubjectID(id), Kind: changed.Kind, Value: changed.Value, Time: changed.Time}
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Facts: []journal.Fact{fact}}); err != nil {
		t.Fatal(err)
	}
	for since, want := range map[string]string{"": "2026-03-01T12:00:00Z", "2026-02-01": "2026-02-01T00:00:00Z"} {
		must[retention.Request](t, g.direct, boss, "subject.request", access)
		got, err := exports(t, g, eve, admin.SubjectExport{Who: access.Who, Since: since})
		if err != nil || got.From != want {
			t.Errorf("proven since %q: from %s, want %s (%v)", since, got.From, want, err)
		}
	}
	must[retention.Request](t, g.direct, boss, "subject.request", access)
	_, err = exports(t, g, eve, admin.SubjectExport{Who: access.Who, Since: "spring"})
	wantCode(t, err, admin.Invalid)
	g.config.Reveal.PerHour = 2
	_, err = exports(t, g, eve, admin.SubjectExport{Who: access.Who})
	wantCode(t, err, admin.Conflict) // it counts as an opening
}

func TestRestrictionIsAFactUntilLifted(t *testing.T) {
	g, boss, subject := asking(t)
	restrict := func(lift bool) {
		t.Helper()
		must[admin.Restriction](t, g.direct, boss, "subject.restrict", admin.SubjectRestrict{Who: access.Who, Why: "disputed", Lift: lift})
	}
	state := func() string {
		t.Helper()
		for _, f := range must[admin.Known](t, g.direct, boss, "subject.show", access.Who).Facts {
			if f.Kind == facts.KindRestrict {
				return string(f.Value)
			}
		}
		return ""
	}
	restrict(false)
	g.reopen()
	if got := state(); !strings.Contains(got, "\"restricted\"") {
		t.Errorf("restricted: %s", got)
	}
	restrict(true)
	if got := state(); !strings.Contains(got, "\"free\"") {
		t.Errorf("lifted: %s", got)
	}
	_, err := ask[admin.Restriction](t, g.direct, boss, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Subject: subject}, Why: "Mr Smith"})
	wantCode(t, err, admin.Invalid)
}

// TestErasureAnswersRequests: those of other types are void with it.
func TestErasureAnswersRequests(t *testing.T) {
	g, boss, _ := asking(t)
	for _, kind := range []retention.RequestType{retention.RequestErasure, retention.RequestAccess} {
		in := access
		in.Type = kind
		must[retention.Request](t, g.direct, boss, "subject.request", in)
	}
	erase := admin.SubjectErase{Who: access.Who, Reason: "request", Confirm: "erase", ProvedBy: "other"}
	_, err := ask[admin.Erasure](t, g.direct, boss, "subject.erase", erase)
	wantCode(t, err, admin.Invalid)
	erase.ProvedBy = "callback"
	must[admin.Erasure](t, g.direct, boss, "subject.erase", erase)
	if all := must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{}); len(all) != 0 {
		t.Errorf("still open: %+v", all)
	}
	results := map[string]bool{}
	for _, r := range g.records() {
		if r.Kind == audit.KindRequest {
			results[r.Type+" "+r.Result] = true
		}
		if r.Kind == audit.KindRequest && r.Result == "begun" && strings.Join(r.Labels, " ") != "reason:request proved_by:callback" {
			t.Errorf("begun with %v", r.Labels)
		}
	}
	if !results["erasure done"] || !results["access void"] {
		t.Errorf("results %v", results)
	}
}
