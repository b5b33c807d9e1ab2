package admin_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/retention"
)

// strictPack redacts mail addresses and an entity of its own.
const strictPack = `pack: strict
entities:
  LOYALTY_NO:
    class: C
    level: likely
    pattern: '\bLOY-[0-9]{6}\b'
    examples: {match: ["card LOY-123456"], no_match: ["card LOY-12"]}
policy:
  - {types: [EMAIL, LOYALTY_NO], sink: record, action: redact, why: "data minimisation"}
`

const (
	keptMail    = "ana@other.example.com"
	keptLoyalty = "LOY-123456"
)

// strict asks for what the pack would change since some days ago. Settings keep all.
func strict() admin.Redact {
	return admin.Redact{Since: "2026-01-01", RedactPacks: admin.RedactPacks{
		Files: map[string]string{"pii/strict.yaml": strictPack}, Packs: []string{"strict"}, Record: map[string]string{"*": "keep"},
	}}
}

// spoke appends a message with a body, so many days ago.
func (g *gateway) spoke(id audit.SubjectID, ago int, body string, change func(*audit.Record)) audit.Record {
	g.t.Helper()
	at := g.clock().Add(-time.Duration(ago) * day)
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: tenant, App: "shop", Number: "1",
		Subject: id, Direction: "outbound", Type: "text", Effect: audit.EffectAllow, Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte(body))},
	}
	if change != nil {
		change(&r)
	}
	if err := g.direct.Journal().Append(g.t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		g.t.Fatal(err)
	}
	return r
}

func textBody(text string) string {
	raw, err := json.Marshal(map[string]any{"text": map[string]string{"body": text}})
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func TestRedactShows(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes:\n  messages: {days: 900}\n  statutory: {days: 4000, floor: 2000, keep: redacted, clock: record, action: purge}\n")
	boss := g.operator("ann", admin.RoleApprove, "")
	ana, bob, eve := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	first := g.spoke(ana, 3, textBody("write to "+keptMail+" or "+keptMail), func(r *audit.Record) {
		r.Parts = append(r.Parts, audit.NewPart(audit.PartOriginal, []byte("sealed")))
	})
	g.spoke(ana, 2, textBody("hello [EMAIL_1]"), nil)
	g.spoke(bob, 2, textBody(keptLoyalty), func(r *audit.Record) { r.Retention = "statutory" })
	g.spoke(eve, 2, textBody(keptLoyalty), func(r *audit.Record) { r.App, r.Number = "desk", "2" })
	g.spoke(eve, 1, "no JSON, "+keptLoyalty, func(r *audit.Record) { r.Ref, r.Subject = first.ID, audit.SubjectID{} })
	must[admin.Held](t, g.direct, boss, "hold.place", admin.HoldPlace{App: "desk", Matter: "CASE-2026-0042", Why: "litigation"})

	got := must[admin.Redacting](t, g.direct, boss, "trail.redact", strict())
	if got.Bodies != 5 || got.Records != 4 || got.Kept != 2 || got.Originals != 1 || got.Next != 0 || len(got.Revision) != 64 {
		t.Errorf("answer %+v", got)
	}
	want := []admin.RedactCount{
		{Type: "EMAIL", Entity: got.Found[0].Entity, Class: "messages", Day: "2026-02-26", Records: 1},
		{Type: "LOYALTY_NO", Entity: "LOYALTY_NO", Class: "messages", Day: "2026-02-27", Records: 1},
		{Type: "LOYALTY_NO", Entity: "LOYALTY_NO", Class: "messages", Day: "2026-02-28", Records: 1},
		{Type: "LOYALTY_NO", Entity: "LOYALTY_NO", Class: "statutory", Day: "2026-02-27", Records: 1},
	}
	if !slices.Equal(got.Found, want) {
		t.Errorf("found %+v, want %+v", got.Found, want)
	}
	if len(got.KeptBy) != 2 || got.KeptBy[0].By != retention.KeptByFloor || got.KeptBy[1] != (admin.RedactKept{By: retention.KeptByHold, Name: "CASE-2026-0042", Records: 1}) {
		t.Errorf("kept by %+v", got.KeptBy)
	}
	raw, err := json.Marshal(got)
	if err != nil || strings.Contains(string(raw), keptMail) || strings.Contains(string(raw), keptLoyalty) {
		t.Errorf("a value is shown, or %v", err)
	}
	still, err := g.direct.Journal().Record(t.Context(), first.ID)
	if err != nil || !strings.Contains(string(still.Parts[0].Body), keptMail) {
		t.Errorf("it was changed, or %v", err)
	}
	last := g.records()[len(g.records())-1]
	if last.Kind != audit.KindTrailRead || last.Type != "redact" || last.Result != "rows:5" || last.Actor != "ann" {
		t.Errorf("the reading on record: %+v", last)
	}

	for name, c := range map[string]struct {
		change  func(*admin.Redact)
		records int64
	}{
		"a person, and what refers to it": {func(in *admin.Redact) { in.Person = ana.String() }, 2},
		"an app":                          {func(in *admin.Redact) { in.App = "desk" }, 1},
		"a class":                         {func(in *admin.Redact) { in.Class = "statutory" }, 1},
		"since":                           {func(in *admin.Redact) { in.Since = "2026-02-28" }, 1},
		"until":                           {func(in *admin.Redact) { in.Until = "2026-02-27" }, 1},
		"settings that redact all":        {func(in *admin.Redact) { in.Record = nil }, 4},
	} {
		in := strict()
		c.change(&in)
		if got := must[admin.Redacting](t, g.direct, boss, "trail.redact", in); got.Records != c.records {
			t.Errorf("%s: %d records, want %d", name, got.Records, c.records)
		}
	}
}

func TestRedactCountsRestricted(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	id, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	g.spoke(audit.SubjectID(id), 1, textBody(keptMail), nil)
	must[json.RawMessage](t, g.direct, boss, "subject.restrict", admin.SubjectRestrict{Who: admin.Who{Number: stranger}, Why: "disputed"})
	got := must[admin.Redacting](t, g.direct, boss, "trail.redact", strict())
	if got.Records != 1 || got.Kept != 1 || len(got.KeptBy) != 1 || got.KeptBy[0].By != retention.KeptByRequest {
		t.Errorf("answer %+v", got)
	}
}

// TestRedactGoesOnPageByPage: what one answer does not reach, the next one does.
func TestRedactGoesOnPageByPage(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	var b journal.Batch
	for range 1500 {
		now := g.clock()
		b.Records = append(b.Records, audit.Record{
			Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindInbound, Time: now.UnixMicro(), Tenant: tenant, Number: "1",
			Type: "text", Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte(textBody(keptLoyalty)))},
		})
	}
	if err := g.direct.Journal().Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	g.step = day / 24
	g.mu.Unlock()
	in, all, pages := strict(), admin.Redacting{}, 0
	for {
		page := must[admin.Redacting](t, g.direct, boss, "trail.redact", in)
		all.Add(&page)
		if pages++; page.Next == 0 {
			break
		}
		in.From = page.Next
	}
	if pages != 2 || all.Records != 1500 || len(all.Found) != 1 || all.Found[0].Records != 1500 {
		t.Errorf("%d pages, %+v", pages, all)
	}
}

// TestRedactHoldsFewBodiesAtOnce: large bodies end a page, and none is left out.
func TestRedactHoldsFewBodiesAtOnce(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	for range 10 {
		g.spoke(audit.NewSubjectID(), 1, textBody(keptLoyalty+strings.Repeat(" and so on", 100_000)), nil)
	}
	in := strict()
	in.Since = "2026-02-28"
	all, looks := admin.Redacting{}, 0
	g.mu.Lock()
	g.step = day / 24 // each answer ends behind its first page
	g.mu.Unlock()
	for {
		page := must[admin.Redacting](t, g.direct, boss, "trail.redact", in)
		all.Add(&page)
		if looks++; page.Next == 0 {
			break
		}
		in.From = page.Next
	}
	if looks < 2 || all.Bodies != 10 || all.Records != 10 {
		t.Errorf("%d answers, %d bodies, %d would change", looks, all.Bodies, all.Records)
	}
}

func TestRedactIsRefused(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("ann", admin.RoleApprove, "")
	for name, change := range map[string]func(*admin.Redact){
		"no time":      func(in *admin.Redact) { in.Since = "" },
		"not a time":   func(in *admin.Redact) { in.Since = "yesterday" },
		"backwards":    func(in *admin.Redact) { in.Until = "2025-01-01" },
		"no pack":      func(in *admin.Redact) { in.Packs = nil },
		"no such pack": func(in *admin.Redact) { in.Packs = []string{"absent"} },
		"broken pack":  func(in *admin.Redact) { in.Files["pii/strict.yaml"] = strictPack + "colour: red\n" },
		"operator":     func(in *admin.Redact) { in.Record = map[string]string{"*": "burn"} },
		"person":       func(in *admin.Redact) { in.Person = stranger },
		"tenant":       func(in *admin.Redact) { in.Tenant = "nobody" },
	} {
		in := strict()
		change(&in)
		_, err := ask[admin.Redacting](t, g.direct, boss, "trail.redact", in)
		if err == nil {
			t.Errorf("%s is taken", name)
			continue
		}
		wantCode(t, err, admin.Invalid)
	}
}
