package admin_test

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy"
	"postern/retention"
)

// minimise asks for what strict shows, to be done.
func minimise() admin.RedactAsk { return admin.RedactAsk{Redact: strict(), Why: "minimisation"} }

// pair are two operators who may do so.
func (g *gateway) pair() (ann, bob string) {
	g.t.Helper()
	ann = g.operator("ann", admin.RoleApprove, "")
	return ann, g.operator("bob", admin.RoleApprove, ann)
}

// approved is a redaction that somebody else has approved.
func (g *gateway) approved(ann, bob string, in admin.RedactAsk) admin.Redaction {
	g.t.Helper()
	q := must[admin.Redaction](g.t, g.direct, ann, "redact.ask", in)
	return must[admin.Redaction](g.t, g.direct, bob, "redact.approve", admin.RedactionName{ID: q.ID})
}

// applied carries a redaction out, call by call.
func (g *gateway) applied(ann string, q admin.Redaction, packs admin.RedactPacks) (admin.Redacted, error) {
	g.t.Helper()
	for {
		out, err := ask[admin.Redacted](g.t, g.direct, ann, "redact.apply", admin.RedactApply{RedactPacks: packs, ID: q.ID})
		if err != nil || out.Next == 0 {
			return out, err
		}
	}
}

// redacts has ann and bob do what is asked for.
func (g *gateway) redacts(ann, bob string, in admin.RedactAsk) admin.Redacted {
	g.t.Helper()
	out, err := g.applied(ann, g.approved(ann, bob, in), in.RedactPacks)
	if err != nil {
		g.t.Fatal(err)
	}
	return out
}

// sound verifies the trail as somebody would who holds a copy.
func (g *gateway) sound() audit.Report {
	g.t.Helper()
	report, err := audit.Verify(g.t.Context(), g.direct.Journal().Reader(), audit.VerifyOptions{})
	if err != nil || !report.OK() {
		g.t.Errorf("the trail does not verify: %v %v", report.Findings, err)
	}
	return report
}

// body is what a record, or its newest revision, says now.
func (g *gateway) body(key string, id audit.ID) admin.Shown {
	g.t.Helper()
	return must[admin.Shown](g.t, g.direct, key, "record.show", admin.Record{ID: id})
}

// reached are n records of as many people whose bodies the pack changes.
func (g *gateway) reached(n int) (all []audit.Record) {
	for range n {
		all = append(all, g.spoke(audit.NewSubjectID(), 1, textBody("reach "+keptMail), nil))
	}
	return all
}

func (g *gateway) revisions() (out []audit.Record) {
	g.t.Helper()
	for _, r := range g.records() {
		if r.Kind == audit.KindRevision {
			out = append(out, r)
		}
	}
	return out
}

// TestRedactApplies: what nothing keeps gets a revision and loses its old body,
// the rest stays; the trail holds, no value is left in any file, and doing it
// again changes nothing.
func TestRedactApplies(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes:\n  messages: {days: 900}\n  statutory: {days: 4000, floor: 2000, keep: redacted, clock: record, action: purge}\n")
	ann, bob := g.pair()
	lena, otto, eve := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	first := g.spoke(lena, 3, textBody("write to "+keptMail+" about noon"), func(r *audit.Record) {
		r.Parts = append(r.Parts, audit.NewPart(audit.PartOriginal, []byte("a sealed original")))
	})
	outcome := g.spoke(audit.SubjectID{}, 3, "no JSON, "+keptLoyalty, func(r *audit.Record) { r.Ref, r.Kind, r.App = first.ID, audit.KindStatus, "" })
	clean := g.spoke(lena, 2, textBody("hello"), nil)
	floor := g.spoke(otto, 2, textBody(keptLoyalty+" by the book"), func(r *audit.Record) { r.Retention = "statutory" })
	held := g.spoke(eve, 2, textBody(keptLoyalty+" in dispute"), func(r *audit.Record) { r.App, r.Number = "desk", "2" })
	must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{App: "desk", Matter: "CASE-2026-0042", Why: "litigation"})

	got := g.redacts(ann, bob, minimise())
	if got.Revised != 2 || got.Next != 0 || got.Certificate.IsZero() || got.Signed == nil {
		t.Errorf("answer %+v", got)
	}
	c, err := got.Signed.Unchecked()
	if err != nil || c.Of != "redaction" || c.Second != "bob" || c.Actor != "ann" || len(c.Packs) != 64 || len(c.Gone) != 1 || c.Gone[0].Count != 2 || c.Gone[0].Day != "2026-02-26" {
		t.Errorf("certificate %+v: %v", c, err)
	}
	stay := []retention.Stays{{Why: "floor: the retention policy's own clause", Count: 1}, {Why: "hold", Count: 1}, {Why: "original: kept sealed, as the packs say", Count: 1}}
	if len(c.Stay) != 3 || c.Stay[1] != stay[1] || c.Stay[2] != stay[2] || !strings.HasPrefix(c.Stay[0].Why, "floor: ") || c.Place[0].Facts["found"] != 0 || c.Place[0].Facts["salts"] == 0 {
		t.Errorf("stays %+v, places %+v", c.Stay, c.Place)
	}

	now := g.body(bob, first.ID)
	if text := now.Parts[audit.PartBody]; now.RevisedBy == "" || strings.Contains(text, keptMail) || !strings.Contains(text, "about noon") || !slices.Contains(now.Sealed, audit.PartOriginal) {
		t.Errorf("the record now: %+v", now)
	}
	revs := g.revisions()
	if len(revs) != 2 {
		t.Fatalf("revisions: %+v", revs)
	}
	if r := revs[0]; r.Ref != first.ID || r.Subject != lena || r.Time != first.Time || r.App != "shop" || r.Actor != "ann" || r.Revision != c.Packs || r.Findings != "EMAIL:1" || !slices.Equal(r.Labels, []string{"revises:admission"}) {
		t.Errorf("revision %+v", r)
	}
	if r := revs[1]; r.Ref != outcome.ID || r.Subject != lena || r.App != "shop" || r.Retention != audit.ClassMessages {
		t.Errorf("revision of an outcome %+v", r)
	}
	for _, r := range []audit.Record{clean, floor, held} {
		if shown := g.body(bob, r.ID); shown.RevisedBy != "" || len(shown.Erased) != 0 || shown.Parts[audit.PartBody] != string(r.Parts[0].Body) {
			t.Errorf("what had to stay: %+v", shown)
		}
	}
	if rep := g.sound(); rep.Erased != 2 || rep.Revisions != 2 {
		t.Errorf("%d parts erased, %d revisions", rep.Erased, rep.Revisions)
	}
	g.storedNowhere(keptMail, "no JSON, "+keptLoyalty)

	table, err := g.direct.Journal().Reader().Query(t.Context(), "SELECT type, result FROM audit WHERE kind = 'retention' ORDER BY seq", journal.QueryOptions{})
	if err != nil || len(table.Rows) != 4 || table.Rows[0][0] != "redact_asked" || table.Rows[1][0] != "redact_approved" || table.Rows[2][0] != "redact_begun" || table.Rows[3][0] != "certificate" {
		t.Errorf("on record: %v (%v)", table.Rows, err)
	}
	if again := g.redacts(ann, bob, minimise()); again.Revised != 0 {
		t.Errorf("again: %+v", again)
	}
	if len(g.revisions()) != 2 {
		t.Error("done again, it revised something")
	}
	if all := must[[]admin.Redaction](t, g.direct, bob, "redact.waiting", admin.None{}); len(all) != 0 {
		t.Errorf("still waiting: %+v", all)
	}
	if show := must[admin.Redacting](t, g.direct, bob, "trail.redact", strict()); show.Records != 2 || show.Kept != 2 || show.Superseded != 0 || show.Bodies != 5 {
		t.Errorf("shown afterwards: %+v", show)
	}
}

// TestRedactNeedsTwo: who asks does not approve, who approves does not carry out,
// and what was approved is what is done.
func TestRedactNeedsTwo(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	eve := g.operator("eve", admin.RoleOperate, ann)
	first := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
	in := minimise()
	_, err := ask[admin.Redaction](t, g.direct, eve, "redact.ask", in)
	wantCode(t, err, admin.Forbidden)
	q := must[admin.Redaction](t, g.direct, ann, "redact.ask", in)
	apply := admin.RedactApply{RedactPacks: in.RedactPacks, ID: q.ID}
	_, err = ask[admin.Redacted](t, g.direct, ann, "redact.apply", apply)
	wantCode(t, err, admin.Conflict)
	_, err = ask[admin.Redaction](t, g.direct, ann, "redact.approve", admin.RedactionName{ID: q.ID})
	wantCode(t, err, admin.Forbidden)
	must[admin.Redaction](t, g.direct, bob, "redact.approve", admin.RedactionName{ID: q.ID})
	_, err = ask[admin.Redaction](t, g.direct, bob, "redact.approve", admin.RedactionName{ID: q.ID})
	wantCode(t, err, admin.Conflict)
	_, err = ask[admin.Redacted](t, g.direct, bob, "redact.apply", apply)
	wantCode(t, err, admin.Forbidden)

	other := apply
	other.Files = map[string]string{"pii/strict.yaml": strictPack + "original: erase\n"}
	_, err = ask[admin.Redacted](t, g.direct, ann, "redact.apply", other)
	wantCode(t, err, admin.Conflict)
	if err == nil || !strings.Contains(err.Error(), "not those that were approved") {
		t.Errorf("another pack: %v", err)
	}
	g.reopen() // what was approved stays so
	must[admin.None](t, g.direct, ann, "operator.revoke", admin.Name{Name: "bob"})
	_, err = ask[admin.Redacted](t, g.direct, ann, "redact.apply", apply)
	wantCode(t, err, admin.Conflict)
	if shown := g.body(ann, first.ID); shown.RevisedBy != "" {
		t.Error("it was revised")
	}

	bob = g.operator("bob", admin.RoleApprove, ann)
	late := g.approved(ann, bob, in)
	g.forward(25 * time.Hour)
	_, err = g.applied(ann, late, in.RedactPacks)
	wantCode(t, err, admin.NotFound)
}

// TestRedactGoesOn after a crash at any point: in the end each body that would
// change has one revision, and the old one is gone.
func TestRedactGoesOn(t *testing.T) {
	crash := errors.New("crashed here")
	for _, at := range []string{"revised", "erased"} {
		t.Run(at, func(t *testing.T) {
			g := newGateway(t)
			ann, bob := g.pair()
			all := g.reached(130)
			q := g.approved(ann, bob, minimise())
			n := 0
			g.direct.Fail(func(point string) error {
				if point == at {
					n++
				}
				if point == at && n == 2 {
					return crash
				}
				return nil
			})
			_, err := g.applied(ann, q, minimise().RedactPacks)
			wantCode(t, err, admin.Unavailable)
			g.reopen()
			g.sound()
			show := must[admin.Redacting](t, g.direct, bob, "trail.redact", strict())
			if want := map[string]int64{"revised": 30, "erased": 0}[at]; show.Superseded != want {
				t.Errorf("%d superseded, want %d", show.Superseded, want)
			}
			if text := g.body(bob, all[129].ID).Parts[audit.PartBody]; strings.Contains(text, keptMail) {
				t.Error("the older body is shown")
			}
			out, err := g.applied(ann, q, minimise().RedactPacks)
			if err != nil || out.Next != 0 || out.Revised != 130 {
				t.Fatalf("going on: %+v, %v", out, err)
			}
			c, err := out.Signed.Unchecked()
			if err != nil || len(c.Gone) != 1 || c.Gone[0].Count != 130 {
				t.Errorf("certificate %+v, %v", c, err)
			}
			if len(g.revisions()) != 130 {
				t.Errorf("%d revisions", len(g.revisions()))
			}
			g.sound()
			g.storedNowhere(keptMail)
		})
	}
}

// TestRedactByAClockAhead: a floor that is over only by a clock that was set ahead
// keeps bodies as they are.
func TestRedactByAClockAhead(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {messages: {days: 9000, floor: 300}}")
	_, bob := g.pair()
	g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
	g.passes(9)
	g.forward(4000 * day)
	in := minimise()
	in.Since = "2010-01-01"
	if show := must[admin.Redacting](t, g.direct, bob, "trail.redact", in.Redact); show.Records != 1 || show.Kept != 1 {
		t.Errorf("shown: %+v", show)
	}
}

// TestRedactOriginals: they stay, or go with the body where the packs say so and
// no clause of a law has the class keep them.
func TestRedactOriginals(t *testing.T) {
	g := newGateway(t)
	g.keeps("presets: [sec-17a-4]\nclasses:\n  messages: {days: 9000}\n  media: {days: 9000}\n  deliveries: {days: 9000}\n  audit: {days: 9000}\n  consent: {days: 9000}\n")
	ann, bob := g.pair()
	sealed := func(r *audit.Record) {
		r.Parts = append(r.Parts, audit.NewPart(audit.PartOriginal, []byte("a sealed original")), audit.NewPart(audit.PartInput, []byte("{}")))
	}
	under := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), sealed)
	old := g.spoke(audit.NewSubjectID(), 3000, textBody(keptMail), sealed)
	g.passes(9)
	erase := strings.Replace(strictPack, "pack: strict\n", "pack: strict\noriginal: erase\n", 1)
	in := minimise()
	in.Since, in.Files["pii/strict.yaml"] = "2010-01-01", erase
	if show := must[admin.Redacting](t, g.direct, bob, "trail.redact", in.Redact); show.Original != "erase" || show.Originals != 2 || show.OriginalsKept != 2 || show.Kept != 1 {
		t.Errorf("shown: %+v", show)
	}
	got := g.redacts(ann, bob, in)
	if got.Revised != 1 || len(got.Stay) != 2 || !strings.HasPrefix(got.Stay[0].Why, "floor: sec-17a-4") || !strings.HasPrefix(got.Stay[1].Why, "original: kept sealed by sec-17a-4") {
		t.Errorf("answer %+v", got)
	}
	if shown := g.body(bob, under.ID); shown.RevisedBy != "" || len(shown.Erased) != 0 {
		t.Errorf("the floor keeps it: %+v", shown)
	}
	if shown := g.body(bob, old.ID); !slices.Contains(shown.Sealed, audit.PartOriginal) || shown.RevisedBy == "" {
		t.Errorf("a clause keeps its original: %+v", shown)
	}
	g.sound()

	g = newGateway(t) // no law
	ann, bob = g.pair()
	plain := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), sealed)
	in = minimise()
	in.Files["pii/strict.yaml"] = erase
	if got := g.redacts(ann, bob, in); got.Revised != 1 || len(got.Stay) != 0 {
		t.Errorf("answer %+v", got)
	}
	if shown := g.body(bob, plain.ID); len(shown.Sealed) != 0 || !slices.Contains(shown.Erased, audit.PartOriginal) || shown.Parts[audit.PartInput] == "" {
		t.Errorf("its original: %+v", shown)
	}
	g.sound()
	g.storedNowhere("a sealed original", keptMail)
}

// TestRedactTwice: a stricter pack yet takes the revision as the first took the
// body, and with it the original that was kept then.
func TestRedactTwice(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	first := g.spoke(audit.NewSubjectID(), 1, textBody("KOLIBRI "+keptMail+" "+keptLoyalty), func(r *audit.Record) {
		r.Parts = append(r.Parts, audit.NewPart(audit.PartOriginal, []byte("a sealed original")))
	})
	in := minimise()
	in.Files["pii/strict.yaml"] = strings.Replace(strictPack, "[EMAIL, LOYALTY_NO]", "[EMAIL]", 1)
	if got := g.redacts(ann, bob, in); got.Revised != 1 {
		t.Fatalf("answer %+v", got)
	}
	once := g.body(bob, first.ID)
	if text := once.Parts[audit.PartBody]; !strings.Contains(text, keptLoyalty) || strings.Contains(text, keptMail) || !slices.Contains(once.Sealed, audit.PartOriginal) {
		t.Fatalf("the body after the first: %s", text)
	}
	in.Files["pii/strict.yaml"] = strings.Replace(strictPack, "pack: strict\n", "pack: strict\noriginal: erase\n", 1)
	if got := g.redacts(ann, bob, in); got.Revised != 1 {
		t.Fatalf("answer %+v", got)
	}
	twice := g.body(bob, first.ID)
	if text := twice.Parts[audit.PartBody]; strings.Contains(text, keptLoyalty) || !strings.Contains(text, "KOLIBRI") || twice.RevisedBy == once.RevisedBy || !slices.Contains(twice.Erased, audit.PartOriginal) {
		t.Errorf("the body after the second: %+v", twice)
	}
	revs, err := g.direct.Journal().Revisions(t.Context(), first.ID)
	if err != nil || len(revs) != 2 || !revs[0].Parts[0].Erased || revs[1].Parts[0].Erased {
		t.Fatalf("revisions %+v: %v", revs, err)
	}
	if shown := g.body(bob, revs[0].ID); shown.RevisedBy != revs[1].ID.String() {
		t.Errorf("the first revision: %+v", shown)
	}
	g.sound()
	g.storedNowhere(keptMail, keptLoyalty)
}

// TestErasureReachesRevisions: with a person goes what was left of what they said.
func TestErasureReachesRevisions(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	id, err := audit.ParseID(g.known(ann))
	if err != nil {
		t.Fatal(err)
	}
	first := g.spoke(audit.SubjectID(id), 1, textBody("KOLIBRI wrote to "+keptMail), nil)
	if got := g.redacts(ann, bob, minimise()); got.Revised != 1 {
		t.Fatalf("answer %+v", got)
	}
	if text := g.body(bob, first.ID).Parts[audit.PartBody]; !strings.Contains(text, "KOLIBRI") {
		t.Fatalf("the body now: %s", text)
	}
	must[admin.Erasure](t, g.direct, ann, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if shown := g.body(bob, first.ID); shown.RevisedBy != "" || shown.Parts[audit.PartBody] != "" {
		t.Errorf("it is still shown: %+v", shown)
	}
	g.sound()
	g.storedNowhere("KOLIBRI", keptMail)
	if got := g.redacts(ann, bob, minimise()); got.Revised != 0 {
		t.Errorf("again: %+v", got)
	}
}

// TestRedactMeetsHolds: from the moment that a hold is placed nothing that it
// covers changes, however far a redaction is.
func TestRedactMeetsHolds(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	all := g.reached(600)
	q := g.approved(ann, bob, minimise())
	begun, once := make(chan struct{}), sync.Once{}
	g.direct.Fail(func(string) error { once.Do(func() { close(begun) }); return nil })
	var done sync.WaitGroup
	done.Go(func() {
		if _, err := g.applied(ann, q, minimise().RedactPacks); err != nil {
			t.Error(err)
		}
	})
	<-begun
	must[admin.Held](t, g.direct, bob, "hold.place", admin.HoldPlace{App: "shop", Matter: "CASE-2026-0042", Why: "litigation"})
	state := func() (out []bool) {
		for i := range all {
			r, err := g.direct.Journal().Record(t.Context(), all[i].ID)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, r.Parts[0].Erased)
		}
		return out
	}
	at := state()
	done.Wait()
	if after := state(); !slices.Equal(at, after) {
		t.Error("something went under the hold")
	}
	if !slices.Contains(at, false) || !slices.Contains(at, true) {
		t.Log("the hold came before or behind all of it: nothing was shown this time")
	}
	if n := len(g.revisions()); n != len(slices.DeleteFunc(at, func(gone bool) bool { return !gone })) {
		t.Errorf("%d revisions of other records than those whose body went", n)
	}
	g.sound()
}

// TestExportShowsRevisions: a person is given what is kept of a message now.
func TestExportShowsRevisions(t *testing.T) {
	g, boss, subject := asking(t)
	bob := g.operator("bob", admin.RoleApprove, boss)
	id, err := audit.ParseID(subject)
	if err != nil {
		t.Fatal(err)
	}
	g.spoke(audit.SubjectID(id), 1, textBody("KOLIBRI wrote to "+keptMail), nil)
	if got := g.redacts(boss, bob, minimise()); got.Revised != 1 {
		t.Fatalf("answer %+v", got)
	}
	g.config.Reveal = boot.Reveal{Expires: time.Hour, PerHour: 5}
	eve := g.operator("eve", admin.RoleReveal, boss)
	must[retention.Request](t, g.direct, boss, "subject.request", access)
	var all strings.Builder
	for _, f := range parcel(t, g, eve, admin.SubjectExport{Who: access.Who}).File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(&all, r); err != nil { //nolint:gosec // our own
			t.Fatal(err)
		}
	}
	if strings.Count(all.String(), "KOLIBRI") == 0 || strings.Contains(all.String(), keptMail) {
		t.Error("the newest body is not what the person is given")
	}
}

// TestRedactKeepsTokens: a token that still stands in a body can be opened after
// it was revised, whoever asks for the record or the revision; others go.
func TestRedactKeepsTokens(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	shown, gone := [10]byte{1, 2, 3}, [10]byte{4, 5, 6}
	text := "call tok_PHONE_v1" + proxy.TokenName(shown) + " or write to " + keptMail
	id := audit.NewSubjectID()
	first := g.spoke(id, 1, textBody(text), nil)
	b := journal.Batch{}
	for _, hash := range [][10]byte{shown, gone} {
		b.Tokens = append(b.Tokens, journal.Token{Hash: hash, Record: first.ID, Subject: id, Class: "messages", Month: "2026-02", Time: first.Time, Sealed: []byte("sealed")})
	}
	if err := g.direct.Journal().Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	if got := g.redacts(ann, bob, minimise()); got.Revised != 1 {
		t.Fatalf("answer %+v", got)
	}
	if now := g.body(bob, first.ID).Parts[audit.PartBody]; !strings.Contains(now, proxy.TokenName(shown)) || strings.Contains(now, keptMail) {
		t.Errorf("the body now: %s", now)
	}
	for _, r := range append(g.revisions(), first) {
		if left, err := g.direct.Journal().TokensOf(t.Context(), &r); err != nil || len(left) != 1 || left[0].Hash != shown {
			t.Errorf("tokens of %s: %+v, %v", r.Kind, left, err)
		}
	}
}

// TestRedactLeavesAlone whose data may only be kept, and who waits for an answer.
func TestRedactLeavesAlone(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	id, err := audit.ParseID(g.known(ann))
	if err != nil {
		t.Fatal(err)
	}
	first := g.spoke(audit.SubjectID(id), 1, textBody(keptMail), nil)
	must[json.RawMessage](t, g.direct, ann, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Number: stranger}, Why: "disputed"})
	got := g.redacts(ann, bob, minimise())
	if got.Revised != 0 || len(got.Stay) != 1 || got.Stay[0].Count != 1 || !strings.HasPrefix(got.Stay[0].Why, retention.KeptByRequest+": ") {
		t.Errorf("answer %+v", got)
	}
	if shown := g.body(bob, first.ID); shown.RevisedBy != "" || len(shown.Erased) != 0 {
		t.Errorf("it is restricted: %+v", shown)
	}
}

// TestRedactAsksHolds: what a hold's query matches only since is held in the
// next step already.
func TestRedactAsksHolds(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	first := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
	must[admin.Held](t, g.direct, ann, "hold.place", admin.HoldPlace{
		Query:  "SELECT a.seq FROM audit a JOIN audit s ON s.ref = a.id WHERE s.result = 'disputed'",
		Matter: "CASE-2026-0042", Why: "litigation",
	})
	q := g.approved(ann, bob, minimise())
	g.spoke(audit.SubjectID{}, 0, textBody("later"), func(r *audit.Record) { r.Ref, r.Kind, r.Result = first.ID, audit.KindStatus, "disputed" })
	got, err := g.applied(ann, q, minimise().RedactPacks)
	if err != nil || got.Revised != 0 || len(got.Stay) != 1 || got.Stay[0].Why != "hold" {
		t.Errorf("answer %+v: %v", got, err)
	}
	if shown := g.body(bob, first.ID); shown.RevisedBy != "" {
		t.Errorf("it is held: %+v", shown)
	}
}
