package admin_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// known makes somebody the gateway knows, and gives the subject.
func (g *gateway) known(key string) string {
	g.t.Helper()
	return must[admin.Found](g.t, g.direct, key, "consent.add", admin.Consent{Who: admin.Who{Number: stranger}, Category: "marketing", Source: "branch"}).Subject
}

var litigation = admin.HoldPlace{Persons: []admin.Who{{Number: "+" + stranger}}, Matter: "CASE-2026-0042", Why: "litigation"}

func TestHoldsAreRefused(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	g.known(key)
	for name, c := range map[string]struct {
		change func(*admin.HoldPlace)
		code   admin.Code
		words  string
	}{
		"no scope":          {func(in *admin.HoldPlace) { in.Persons = nil }, admin.Invalid, "it is empty"},
		"a tenant alone":    {func(in *admin.HoldPlace) { in.Persons, in.Tenant = nil, tenant }, admin.Invalid, "it is empty"},
		"no matter":         {func(in *admin.HoldPlace) { in.Matter = "" }, admin.Invalid, "the matter is a reference"},
		"a number for one":  {func(in *admin.HoldPlace) { in.Matter = "CASE-4915112345" }, admin.Invalid, "at most 8 digits"},
		"no why":            {func(in *admin.HoldPlace) { in.Why = "" }, admin.Invalid, "say why"},
		"a sentence":        {func(in *admin.HoldPlace) { in.Why = "the Smith case" }, admin.Invalid, "a short word"},
		"nobody":            {func(in *admin.HoldPlace) { in.Persons[0].Number = "4915100000000" }, admin.NotFound, "nothing is known"},
		"no subject":        {func(in *admin.HoldPlace) { in.Persons[0] = admin.Who{Subject: strings.Repeat("0", 32)} }, admin.NotFound, "nothing is known"},
		"another tenant":    {func(in *admin.HoldPlace) { in.Tenant = "clinic" }, admin.Invalid, "name the tenant"},
		"a phone number":    {func(in *admin.HoldPlace) { in.Number = "+49 151" }, admin.Invalid, "phone_number_id"},
		"a bad day":         {func(in *admin.HoldPlace) { in.From = "2026-02-30" }, admin.Invalid, "write from as"},
		"a bad review":      {func(in *admin.HoldPlace) { in.Review = "soon" }, admin.Invalid, "write review as"},
		"a past review":     {func(in *admin.HoldPlace) { in.Review = g.now.UTC().AddDate(0, 0, -1).Format(time.DateOnly) }, admin.Invalid, "review is not to come"},
		"a review now":      {func(in *admin.HoldPlace) { in.Review = g.now.UTC().Format(time.DateOnly) }, admin.Invalid, "review is not to come"},
		"backwards":         {func(in *admin.HoldPlace) { in.From, in.Until = "2026-02-02", "2026-02-01" }, admin.Invalid, "ends before"},
		"not a code":        {func(in *admin.HoldPlace) { in.Reason = "No consent" }, admin.Invalid, "code of a decision"},
		"not a question":    {func(in *admin.HoldPlace) { in.Query = "DROP TABLE records" }, admin.Invalid, "its query"},
		"a person's number": {func(in *admin.HoldPlace) { in.Query = "SELECT seq FROM audit WHERE body LIKE '%+" + stranger + "%'" }, admin.Invalid, "names somebody"},
		"written apart":     {func(in *admin.HoldPlace) { in.Query = `SELECT seq FROM audit WHERE body LIKE "(0151) 12-34 56"` }, admin.Invalid, "names somebody"},
		"an address":        {func(in *admin.HoldPlace) { in.Query = "SELECT seq FROM audit WHERE body LIKE '%lena@example.org%'" }, admin.Invalid, "names somebody"},
		"a long question":   {func(in *admin.HoldPlace) { in.Query = "SELECT seq FROM audit" + strings.Repeat(" ", 5000) }, admin.Invalid, "longer than"},
	} {
		in := litigation
		in.Persons = slices.Clone(in.Persons)
		c.change(&in)
		_, err := ask[admin.Held](t, g.direct, key, "hold.place", in)
		wantCode(t, err, c.code)
		if err == nil || !strings.Contains(err.Error(), c.words) || strings.Contains(err.Error(), stranger) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all := must[[]admin.Held](t, g.direct, key, "hold.list", admin.None{}); len(all) != 0 {
		t.Errorf("%d holds were placed", len(all))
	}
	for _, r := range g.records() {
		if r.Kind == audit.KindHold {
			t.Error("a refused hold is on record")
		}
	}
	for _, query := range []string{
		"SELECT seq FROM audit WHERE number = '1' AND time > 1762160400000000 AND seq < 10000000",
		"SELECT seq FROM audit WHERE day = '2026-11-03' OR hour = '2026-11-03T09' OR template = 'promo_20261103/en'",
		"SELECT seq FROM audit WHERE subject = '01234567890123456789012345678901'",
		"SELECT seq FROM audit x WHERE ',' || reasons || ',' LIKE '%,no_consent,%' AND seq < 12345678",
		"SELECT seq FROM audit WHERE code IN (131047, 131026) OR result IN ('131047', '131026')",
	} {
		must[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{Query: query, Matter: "CASE-1", Why: "test"})
	}
}

// TestHoldsBeforeErasure: an erasure waits for the last hold, over restarts, and
// is then carried out by itself.
func TestHoldsBeforeErasure(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	subject := g.known(key)
	first := must[admin.Held](t, g.direct, key, "hold.place", litigation)
	if first.Records != 1 || first.Emptied != 0 || first.Waits || len(first.Hold.Scope.Subjects) != 1 || first.Hold.Scope.Subjects[0].String() != subject {
		t.Errorf("placed %+v", first)
	}
	second := must[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{
		Query: "SELECT seq FROM audit WHERE kind = 'consent'", Matter: "SEC-7", Why: "regulator", Review: "2026-12-01",
	})
	erase := admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"}
	queued := must[admin.Erasure](t, g.direct, key, "subject.erase", erase)
	q := queued.Queued
	if q == nil || len(q.Holds) != 2 || !strings.Contains(q.Internal, "CASE-2026-0042") || strings.Contains(q.Public, "CASE") || queued.Records != 0 {
		t.Fatalf("answer %+v, %+v", queued, q)
	}
	g.reopen()
	if again := must[admin.Erasure](t, g.direct, key, "subject.erase", erase); again.Queued == nil || again.Record != queued.Record {
		t.Errorf("asked again: %+v", again)
	}
	known := must[admin.Known](t, g.direct, key, "consent.show", admin.Who{Number: stranger})
	if len(known.Facts) != 1 || known.Subject != subject {
		t.Errorf("under a hold: %+v", known)
	}
	lifted := must[admin.Held](t, g.direct, key, "hold.lift", admin.HoldLift{ID: first.Hold.ID, Why: "settled"})
	if lifted.Erased != 0 || len(must[[]admin.Waiting](t, g.direct, key, "hold.waiting", admin.None{})) != 1 {
		t.Errorf("after the first: %+v", lifted)
	}
	g.reopen()
	if lifted = must[admin.Held](t, g.direct, key, "hold.lift", admin.HoldLift{ID: second.Hold.ID, Why: "closed"}); lifted.Erased != 1 {
		t.Errorf("after the last: %+v", lifted)
	}
	_, err := ask[admin.Known](t, g.direct, key, "consent.show", admin.Who{Number: stranger})
	wantCode(t, err, admin.NotFound)
	if len(must[[]admin.Waiting](t, g.direct, key, "hold.waiting", admin.None{})) != 0 {
		t.Error("it still waits")
	}
	_, err = ask[admin.Held](t, g.direct, key, "hold.show", admin.HoldName{ID: first.Hold.ID})
	wantCode(t, err, admin.NotFound)
	_, err = ask[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{Persons: []admin.Who{{Subject: subject}}, Matter: "CASE-1", Why: "late"})
	wantCode(t, err, admin.Conflict)
	var story []string
	for _, r := range g.records() {
		if r.Kind == audit.KindHold || r.Kind == audit.KindRequest {
			story = append(story, string(r.Kind)+" "+r.Type+" "+r.Result)
			if r.Kind == audit.KindHold && (!r.Subject.IsZero() || r.Actor != "ann") {
				t.Errorf("record %+v", r)
			}
		}
	}
	want := []string{"hold placed ", "hold placed ", "request erase queued", "hold lifted ", "hold lifted ", "request erase begun", "request erase done"}
	if !slices.Equal(story, want) {
		t.Errorf("on record: %q", story)
	}
}

// TestTwoPeopleHold: with a second person nothing is placed or lifted for good by
// one, and what waits to be placed holds meanwhile.
func TestTwoPeopleHold(t *testing.T) {
	g := newGateway(t)
	g.config.Holds = boot.Holds{SecondPerson: true, Expires: time.Hour}
	ann := g.operator("ann", admin.RoleApprove, "")
	bob, ops := g.operator("bob", admin.RoleApprove, ann), g.operator("ops", admin.RoleOperate, ann)
	g.known(ann)
	erase := admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"}

	asked := must[admin.Held](t, g.direct, ann, "hold.place", litigation)
	if !asked.Waits || asked.Hold.Expires == 0 {
		t.Errorf("asked: %+v", asked)
	}
	of := admin.HoldName{ID: asked.Hold.ID}
	_, err := ask[admin.Held](t, g.direct, ops, "hold.approve", of)
	wantCode(t, err, admin.Forbidden)
	_, err = ask[admin.Held](t, g.direct, ann, "hold.approve", of)
	wantCode(t, err, admin.Forbidden)
	if q := must[admin.Erasure](t, g.direct, ann, "subject.erase", erase); q.Queued == nil {
		t.Error("what was asked for holds nothing")
	}
	g.reopen()
	placed := must[admin.Held](t, g.direct, bob, "hold.approve", of)
	if placed.Waits || placed.Hold.Second != "bob" || placed.Hold.Actor != "ann" || placed.Hold.ID != asked.Hold.ID {
		t.Errorf("placed: %+v", placed)
	}
	_, err = ask[admin.Held](t, g.direct, bob, "hold.approve", of)
	wantCode(t, err, admin.Conflict)
	g.forward(2 * time.Hour) // approved in time: it does not end

	lift := admin.HoldLift{ID: asked.Hold.ID, Why: "closed"}
	if out := must[admin.Held](t, g.direct, bob, "hold.lift", lift); !out.Waits || out.Erased != 0 {
		t.Errorf("lifting asked: %+v", out)
	}
	_, err = ask[admin.Held](t, g.direct, ann, "hold.lift", lift)
	wantCode(t, err, admin.Conflict)
	_, err = ask[admin.Held](t, g.direct, bob, "hold.approve", of)
	wantCode(t, err, admin.Forbidden)
	g.forward(2 * time.Hour)
	_, err = ask[admin.Held](t, g.direct, ann, "hold.approve", of)
	wantCode(t, err, admin.Conflict)
	must[admin.Held](t, g.direct, bob, "hold.lift", lift)
	must[admin.None](t, g.direct, ann, "operator.revoke", admin.Name{Name: "bob"})
	_, err = ask[admin.Held](t, g.direct, ann, "hold.approve", of)
	wantCode(t, err, admin.Conflict)
	g.forward(time.Hour)
	bob = g.operator("bob", admin.RoleApprove, ann)
	must[admin.Held](t, g.direct, ann, "hold.lift", lift)
	if out := must[admin.Held](t, g.direct, bob, "hold.approve", of); out.Erased != 1 || out.Waits {
		t.Errorf("lifted: %+v", out)
	}
}

// TestNobodyApproves: what was asked for ends, and what waited for it goes.
func TestNobodyApproves(t *testing.T) {
	g := newGateway(t)
	g.config.Holds = boot.Holds{SecondPerson: true, Expires: time.Hour}
	ann := g.operator("ann", admin.RoleApprove, "")
	g.known(ann)
	asked := must[admin.Held](t, g.direct, ann, "hold.place", litigation)
	must[admin.Erasure](t, g.direct, ann, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if err := g.direct.FinishErasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(must[[]admin.Waiting](t, g.direct, ann, "hold.waiting", admin.None{})) != 1 {
		t.Error("erased under a hold")
	}
	g.forward(2 * time.Hour)
	_, err := ask[admin.Held](t, g.direct, ann, "hold.show", admin.HoldName{ID: asked.Hold.ID})
	wantCode(t, err, admin.NotFound)
	if err := g.direct.FinishErasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(must[[]admin.Waiting](t, g.direct, ann, "hold.waiting", admin.None{})) != 0 {
		t.Error("it still waits")
	}
}

// TestHeldFileKeepsErasure: a hold keeps a file of which no record is left; one by
// reason keeps none, since only records have reasons.
func TestHeldFileKeepsErasure(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(ann))
	if err != nil {
		t.Fatal(err)
	}
	made := g.clock()
	row := journal.Media{ID: audit.NewID(made), Tenant: tenant, Number: "1", App: "shop", Subject: audit.SubjectID(parsed), Upstream: []byte("sealed"), Stored: true, Created: made.UnixMicro()}
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Media: []journal.Media{row}}); err != nil {
		t.Fatal(err)
	}
	must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{Number: "1", Reason: "quiet_hours", Matter: "CASE-2", Why: "litigation"})
	h := must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{Number: "1", Matter: "CASE-1", Why: "litigation"})
	erase := admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"}
	got := must[admin.Erasure](t, g.direct, ann, "subject.erase", erase)
	if got.Queued == nil || !slices.Equal(got.Queued.Holds, []audit.ID{h.Hold.ID}) {
		t.Errorf("%+v", got)
	}
}

// TestWaitedErasureAsksSlowQueries: before an erasure that waited is carried out a
// query that takes long is asked again, too: what it matches may be new.
func TestWaitedErasureAsksSlowQueries(t *testing.T) {
	g := newGateway(t)
	ann := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(ann))
	if err != nil {
		t.Fatal(err)
	}
	first := must[admin.Held](t, g.direct, ann, "hold.place", litigation)
	must[admin.Erasure](t, g.direct, ann, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	slowly := func(step time.Duration) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.step = step
	}
	slowly(time.Minute)
	query := must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{Query: "SELECT seq FROM audit WHERE type = 'text'", Matter: "CASE-2", Why: "litigation"})
	slowly(0)
	said := g.said(audit.SubjectID(parsed), 0)
	if got := must[admin.Held](t, g.direct, ann, "hold.lift", admin.HoldLift{ID: first.Hold.ID, Why: "closed"}); got.Erased != 0 || g.erasedBody(said) {
		t.Error("erased what a query matches since it was asked")
	}
	if got := must[admin.Held](t, g.direct, ann, "hold.lift", admin.HoldLift{ID: query.Hold.ID, Why: "closed"}); got.Erased != 1 || !g.erasedBody(said) {
		t.Errorf("it waits on: %+v", got)
	}
}

func (g *gateway) forward(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(d)
}

// TestDamagedHold: a store whose holds can not be read opens nothing that erases.
func TestDamagedHold(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	h := must[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{App: "shop", Matter: "CASE-1", Why: "test"})
	if !slices.Equal(h.Hold.Scope.AppNumbers, []string{"1"}) {
		t.Errorf("numbers of the app: %v", h.Hold.Scope.AppNumbers)
	}
	broken := journal.Setting{Scope: "hold", Key: h.Hold.ID.String(), Value: []byte(`{"scope":{}}`), Time: 1}
	if err := errors.Join(g.direct.Journal().Append(t.Context(), journal.Batch{Settings: []journal.Setting{broken}}), g.direct.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := admin.Open(t.Context(), g.config, g.clock); err == nil || !strings.Contains(err.Error(), "is damaged") {
		t.Errorf("opened: %v", err)
	}
}

// TestHoldAgainstErasure asks for both at once: what a hold that found everything
// in place covers is never gone.
func TestHoldAgainstErasure(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	for range 6 {
		subject := g.known(key)
		who := admin.Who{Subject: subject}
		var held admin.Held
		var placing, erasing error
		var erasure admin.Erasure
		var wait sync.WaitGroup
		wait.Go(func() {
			held, placing = ask[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{Persons: []admin.Who{who}, Matter: "CASE-1", Why: "litigation"})
		})
		wait.Go(func() {
			erasure, erasing = ask[admin.Erasure](t, g.direct, key, "subject.erase", admin.SubjectErase{Who: who, Reason: "request", Confirm: "erase"})
		})
		wait.Wait()
		if erasing != nil {
			t.Fatal(erasing)
		}
		facts := 0
		if known, err := ask[admin.Known](t, g.direct, key, "consent.show", who); err == nil {
			facts = len(known.Facts)
		}
		switch queued := erasure.Queued != nil; {
		case placing != nil: // refused: the person was erased before
			wantCode(t, placing, admin.Conflict)
			if queued || facts != 0 {
				t.Errorf("refused, and the erasure is queued %v, %d facts are left", queued, facts)
			}
		case held.Emptied == 0 && (!queued || facts != 1):
			t.Errorf("held whole, and the erasure is queued %v, %d facts are left", queued, facts)
		case held.Emptied > 0 && (queued || facts != 0):
			t.Errorf("%d records had lost parts, and the erasure is queued %v, %d facts are left", held.Emptied, queued, facts)
		}
		if placing == nil {
			must[admin.Held](t, g.direct, key, "hold.lift", admin.HoldLift{ID: held.Hold.ID, Why: "next"})
		}
	}
}

// TestQueriesThatNameSomebody are refused however the number is put together.
func TestQueriesThatNameSomebody(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	for _, condition := range []string{
		"body LIKE '%+49 151 1234 5678%'",
		"body LIKE '%49151' || '12345' || '678%'",
		"body = ('49' || ('151' || 12345678))",
		"body = CAST(49151 AS TEXT) || substr('12345678', 1, 8)",
		"body = concat('49151', '12345678')",
		"body = PRINTF('%d%d', 49151, 12345678)",
		"body = char(52, 57, 49)",
		"body = x'3439313531'",
		"body = CAST(4915112345678 AS TEXT)",
		"body = 'it''s 4915112345678'",
		"body <> '' -- 4915112345678",
		"body <> '' /* 4915112345678 */",
		"body AS \"4915112345678\"",
		"body LIKE '%ann@example.org%'",
	} {
		_, err := ask[admin.Held](t, g.direct, key, "hold.place", admin.HoldPlace{Query: "SELECT seq FROM audit WHERE " + condition, Matter: "CASE-1", Why: "test"})
		wantCode(t, err, admin.Invalid)
		if err == nil || !strings.HasPrefix(err.Error(), "the query ") || strings.Contains(err.Error(), "12345678") {
			t.Errorf("%s: %v", condition, err)
		}
	}
}
