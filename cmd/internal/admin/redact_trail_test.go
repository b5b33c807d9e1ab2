package admin_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// TestRedactIsOnRecord: who asked, who said yes and that it began stand in the trail, with
// what was meant and by which packs, and refer to each other.
func TestRedactIsOnRecord(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	lena := audit.NewSubjectID()
	g.spoke(lena, 1, textBody(keptMail), nil)
	in := minimise()
	in.App, in.Class, in.Person = "shop", audit.ClassMessages, lena.String()
	out := g.redacts(ann, bob, in)
	var steps []audit.Record
	for _, r := range g.records() {
		if r.Kind == audit.KindRetention && strings.HasPrefix(r.Type, "redact_") {
			steps = append(steps, r)
		}
	}
	if len(steps) != 3 {
		t.Fatalf("%d steps on record", len(steps))
	}
	meant := []string{"why:minimisation", "since:2026-01-01T00:00:00Z", "until:", "original:keep", "app:shop", "class:messages"}
	for i, want := range []struct {
		kind, actor string
		ref         audit.ID
		further     []string
	}{
		{"redact_asked", "ann", audit.ID{}, nil},
		{"redact_approved", "bob", steps[0].ID, []string{"asked_by:ann", "approved_by:bob"}},
		{"redact_begun", "ann", steps[0].ID, []string{"asked_by:ann", "approved_by:bob"}},
	} {
		r := steps[i]
		if r.Type != want.kind || r.Actor != want.actor || r.Ref != want.ref || r.Tenant != tenant || len(r.Revision) != 64 || r.Subject != lena {
			t.Errorf("step %d: %+v", i, r)
		}
		labels := append(slices.Clone(meant), want.further...)
		same := slices.EqualFunc(r.Labels, labels, func(have, want string) bool {
			return have == want || want == "until:" && strings.HasPrefix(have, want)
		})
		if !same {
			t.Errorf("step %d: %v, want %v", i, r.Labels, labels)
		}
	}
	if out.Run != steps[2].ID {
		t.Errorf("the run is %s, on record %s", out.Run, steps[2].ID)
	}
}

// TestRedactReasons: why is a token, for it stays in the trail for good.
func TestRedactReasons(t *testing.T) {
	g := newGateway(t)
	ann, _ := g.pair()
	for _, why := range []string{"", "Because Ana asked", "ana@other.example.com", "+49151", strings.Repeat("a", 33), "a\nb"} {
		in := minimise()
		in.Why = why
		_, err := ask[admin.Redaction](t, g.direct, ann, "redact.ask", in)
		wantCode(t, err, admin.Invalid)
	}
	if waiting := must[[]admin.Redaction](t, g.direct, ann, "redact.waiting", admin.None{}); len(waiting) != 0 {
		t.Errorf("waiting: %+v", waiting)
	}
}

// TestRedactByWhoMayNot: who lost the role, or came into it after the redaction was
// asked for under a name that was free again, neither approves it nor carries it out.
func TestRedactByWhoMayNot(t *testing.T) {
	for name, role := range map[string]admin.Role{"another role": admin.RoleOperate, "the same name anew": admin.RoleApprove} {
		g := newGateway(t)
		ann, bob := g.pair()
		carl := g.operator("carl", admin.RoleApprove, ann)
		g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
		waits := must[admin.Redaction](t, g.direct, ann, "redact.ask", minimise())
		must[admin.Redaction](t, g.direct, bob, "redact.approve", admin.RedactionName{ID: waits.ID})
		if role == admin.RoleApprove { // else it is the role alone that is missing
			g.forward(2 * time.Second)
		}
		must[admin.None](t, g.direct, carl, "operator.revoke", admin.Name{Name: "bob"})
		g.operator("bob", role, ann)
		_, err := g.applied(ann, waits, minimise().RedactPacks)
		wantCode(t, err, admin.Conflict)
		if err == nil || !strings.Contains(err.Error(), "may not any more") {
			t.Errorf("%s: %v", name, err)
		}
		g.forward(25 * time.Hour)
		must[admin.Redaction](t, g.direct, ann, "redact.ask", minimise())
		if waiting := must[[]admin.Redaction](t, g.direct, ann, "redact.waiting", admin.None{}); len(waiting) != 1 || waiting[0].Approver != "" {
			t.Errorf("%s: what expired waits still: %+v", name, waiting)
		}
	}
}

// TestRedactInTime: what began goes on however late it is; what did not ends with its time,
// and with a clock that is set back before it was asked for. What nobody asked for is not known.
func TestRedactInTime(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	_, err := ask[admin.Redaction](t, g.direct, bob, "redact.approve", admin.RedactionName{ID: audit.NewID(g.clock())})
	wantCode(t, err, admin.NotFound)
	g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
	q := g.approved(ann, bob, minimise())
	g.direct.Fail(func(point string) error {
		if point == "revised" {
			return errors.New("crashed here")
		}
		return nil
	})
	_, err = g.applied(ann, q, minimise().RedactPacks)
	wantCode(t, err, admin.Unavailable)
	g.reopen()
	g.forward(25 * time.Hour)
	if out, err := g.applied(ann, q, minimise().RedactPacks); err != nil || out.Revised != 1 || out.Certificate.IsZero() {
		t.Errorf("going on a day later: %+v, %v", out, err)
	}
	late := g.approved(ann, bob, minimise())
	g.forward(-2 * time.Minute)
	_, err = g.applied(ann, late, minimise().RedactPacks)
	wantCode(t, err, admin.NotFound)
}

// TestRedactIsOfOneTenant: records of another tenant are neither counted nor changed.
func TestRedactIsOfOneTenant(t *testing.T) {
	g := newGateway(t)
	g.config.Tenants = append(g.config.Tenants, boot.Tenant{Name: "clinic", LegalEntity: "Example Clinic"})
	ann, bob := g.pair()
	ours := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), nil)
	theirs := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail), func(r *audit.Record) { r.Tenant = "clinic" })
	in := minimise()
	in.Tenant = tenant
	if show := must[admin.Redacting](t, g.direct, ann, "trail.redact", in.Redact); show.Bodies != 1 || show.Records != 1 {
		t.Errorf("shown: %+v", show)
	}
	if out := g.redacts(ann, bob, in); out.Revised != 1 {
		t.Errorf("%d revised", out.Revised)
	}
	if now := g.body(bob, ours.ID); now.RevisedBy == "" {
		t.Error("it was not revised")
	}
	if now := g.body(bob, theirs.ID); now.RevisedBy != "" || !strings.Contains(now.Parts[audit.PartBody], keptMail) {
		t.Errorf("another tenant's record: %+v", now)
	}
}

// TestRedactHashes: packs that hash, or make tokens, leave labels in what is kept: no key
// is given to what goes over the past.
func TestRedactHashes(t *testing.T) {
	g := newGateway(t)
	ann, bob := g.pair()
	rec := g.spoke(audit.NewSubjectID(), 1, textBody(keptMail+" 4111 1111 1111 1111, again 4111 1111 1111 1111, "+keptLoyalty), nil)
	in := minimise()
	in.Files = map[string]string{"pii/strict.yaml": strictPack + "  - {types: [CREDIT_CARD], sink: record, action: hash}\n  - {types: [EMAIL], sink: record, action: token}\n"}
	g.redacts(ann, bob, in)
	if body := g.body(bob, rec.ID).Parts[audit.PartBody]; body != textBody("[EMAIL_1] [CREDIT_CARD_1], again [CREDIT_CARD_1], [LOYALTY_NO_1]") {
		t.Errorf("the body now: %s", body)
	}
}

// TestRedactCountsWhatGoes: members that are personal by what they are count as such where
// nothing else is found; what the packs keep, or alert of, does not count.
func TestRedactCountsWhatGoes(t *testing.T) {
	g := newGateway(t)
	ann, _ := g.pair()
	g.spoke(audit.NewSubjectID(), 1, `{"contacts":[{"profile":{"name":"Ana Souza"}}]}`, nil)
	g.spoke(audit.NewSubjectID(), 1, textBody(keptMail+" and +49 151 23456789, "+keptLoyalty), nil)
	in := strict()
	in.Record = map[string]string{"*": "keep", "PHONE": "alert"}
	var found []string
	for _, f := range must[admin.Redacting](t, g.direct, ann, "trail.redact", in).Found {
		found = append(found, f.Type)
	}
	if !slices.Equal(found, []string{"EMAIL", "FIELD", "LOYALTY_NO"}) {
		t.Errorf("found %v", found)
	}
}

// TestAnswersAddUp: the counts of one answer and of the next are those of both.
func TestAnswersAddUp(t *testing.T) {
	mail, number := admin.RedactCount{Type: "EMAIL", Class: "messages", Day: "2026-02-28"}, admin.RedactCount{Type: "LOYALTY_NO", Class: "messages", Day: "2026-02-28"}
	hold, floor := admin.RedactKept{By: "hold", Name: "CASE-1"}, admin.RedactKept{By: "floor", Name: "clause"}
	found := func(c admin.RedactCount, n int64) admin.RedactCount { c.Records = n; return c }
	kept := func(k admin.RedactKept, n int64) admin.RedactKept { k.Records = n; return k }
	all := admin.Redacting{
		Revision: "r", Next: 5, Size: 9, Bodies: 4, Records: 3, Kept: 2, Originals: 1, Original: "keep", OriginalsKept: 1, Superseded: 1,
		Found: []admin.RedactCount{found(number, 2), found(mail, 1)}, KeptBy: []admin.RedactKept{kept(hold, 1)},
	}
	all.Add(&admin.Redacting{
		Revision: "s", Next: 0, Size: 10, Bodies: 40, Records: 30, Kept: 20, Originals: 10, Original: "erase", OriginalsKept: 10, Superseded: 10,
		Found: []admin.RedactCount{found(mail, 10)}, KeptBy: []admin.RedactKept{kept(hold, 10), kept(floor, 20)},
	})
	if all.Revision != "s" || all.Next != 0 || all.Size != 10 || all.Bodies != 44 || all.Records != 33 || all.Kept != 22 || all.Originals != 11 || all.Original != "erase" || all.OriginalsKept != 11 || all.Superseded != 11 {
		t.Errorf("%+v", all)
	}
	if !slices.Equal(all.Found, []admin.RedactCount{found(mail, 11), found(number, 2)}) || !slices.Equal(all.KeptBy, []admin.RedactKept{kept(floor, 20), kept(hold, 11)}) {
		t.Errorf("found %+v, kept by %+v", all.Found, all.KeptBy)
	}
}
