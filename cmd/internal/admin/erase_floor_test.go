package admin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/policy/facts"
	"postern/retention"
)

const day = 24 * time.Hour

// said appends a message to a person, so many days ago, with its data key.
func (g *gateway) said(id audit.SubjectID, ago int) audit.Record {
	g.t.Helper()
	now := g.clock()
	at := now.Add(-time.Duration(ago) * day)
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: tenant, App: "shop", Number: "1",
		Subject: id, Direction: "outbound", Type: "text", Effect: audit.EffectAllow, Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte(`{"text":{"body":"hello"}}`)), audit.NewPart(audit.PartOriginal, []byte("sealed"))},
	}
	key := journal.DataKey{Subject: id, Class: audit.ClassMessages, Month: at.UTC().Format("2006-01"), Wrapped: []byte("wrapped")}
	if err := g.direct.Journal().Append(g.t.Context(), journal.Batch{Records: []audit.Record{r}, DataKeys: []journal.DataKey{key}}); err != nil {
		g.t.Fatal(err)
	}
	return r
}

// passes lets days pass, with a record on each as a running gateway has.
func (g *gateway) passes(days int) {
	g.t.Helper()
	for range days {
		g.forward(day)
		g.starts()
	}
}

// starts appends a record of now.
func (g *gateway) starts() {
	g.t.Helper()
	now := g.clock()
	r := audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Type: "start"}
	if err := g.direct.Journal().Append(g.t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		g.t.Fatal(err)
	}
}

// TestFloorKeepsKeysOfItsClass: of one month and one person the key of what a
// clause keeps stays, and those of all else go: of other classes, of files and of
// webhooks given up.
func TestFloorKeepsKeysOfItsClass(t *testing.T) {
	g := newGateway(t)
	text := "classes:\n  messages: {days: 900}\n  statutory: {days: 4000, floor: 2000, keep: redacted, clock: record, action: purge}\n"
	g.keeps(text)
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	id, at := audit.SubjectID(parsed), g.clock().Add(-400*day)
	month := at.UTC().Format("2006-01")
	b := journal.Batch{
		Media:      []journal.Media{{ID: audit.NewID(at), Tenant: tenant, Subject: id, Month: month, Upstream: []byte("sealed"), Until: at.UnixMicro(), Created: at.UnixMicro()}},
		Deliveries: []journal.Delivery{{ID: audit.NewID(at), Tenant: tenant, App: "shop", Subject: id, Month: month, State: journal.DeliveryDead, Created: at.UnixMicro(), Body: []byte("sealed")}},
	}
	for _, class := range []string{audit.ClassMessages, "statutory", audit.ClassMedia, audit.ClassDeliveries} {
		b.DataKeys = append(b.DataKeys, journal.DataKey{Subject: id, Class: class, Month: month, Wrapped: []byte("wrapped")})
	}
	for _, class := range []string{"", "statutory"} {
		b.Records = append(b.Records, audit.Record{
			Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindInbound, Time: at.UnixMicro(), Tenant: tenant, App: "shop", Number: "1",
			Subject: id, Type: "text", Retention: class, Parts: []audit.Part{audit.NewPart(audit.PartOriginal, []byte("sealed"))},
		})
	}
	if err := g.direct.Journal().Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	g.passes(9)
	got := must[admin.Erasure](t, g.direct, boss, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if got.Queued == nil || got.Records != 1 || got.Keys != 3 || got.Deliveries != 1 {
		t.Errorf("answer %+v", got)
	}
	if c, err := got.Signed.Unchecked(); err != nil || c.Keys != 3 || len(c.Stay) != 1 || c.Stay[0].Count != 1 {
		t.Errorf("certificate %+v (%v)", c, err)
	}
	keys, err := g.direct.Journal().KeysOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	keys = slices.DeleteFunc(keys, func(k journal.DataKey) bool { return k.Month != month })
	if len(keys) != 1 || keys[0].Class != "statutory" {
		t.Errorf("keys that stay: %+v", keys)
	}
}

// TestFloorKeepsWhoHadASendRoundTheGate: a clause about it keeps the person known.
func TestFloorKeepsWhoHadASendRoundTheGate(t *testing.T) {
	for _, floor := range []string{"", ", floor: 2000, keep: redacted"} {
		g := newGateway(t)
		g.keeps("classes:\n  messages: {days: 4000" + floor + ", clock: record, action: purge}\n")
		boss := g.operator("ann", admin.RoleApprove, "")
		parsed, err := audit.ParseID(g.known(boss))
		if err != nil {
			t.Fatal(err)
		}
		at := g.clock().Add(-400 * day)
		r := audit.Record{
			Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindUnmatchedSend, Time: at.UnixMicro(), Tenant: tenant, App: "shop", Number: "1",
			Subject: audit.SubjectID(parsed), Type: "status/sent", Direction: "outbound", Result: "unmatched",
		}
		if err := g.direct.Journal().Append(t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
			t.Fatal(err)
		}
		g.passes(9)
		got := must[admin.Erasure](t, g.direct, boss, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
		if (got.Queued != nil) != (floor != "") {
			t.Errorf("with floor %q: %+v", floor, got)
		}
	}
}

func (g *gateway) erasedBody(r audit.Record) bool {
	g.t.Helper()
	got, err := g.direct.Journal().Record(g.t.Context(), r.ID)
	if err != nil {
		g.t.Fatal(err)
	}
	return got.Parts[0].Erased
}

// TestFloorsKeepWhatTheyMust: what no clause keeps goes now, the rest when the
// last clause ends, and nothing is done with it until then.
func TestFloorsKeepWhatTheyMust(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {messages: {days: 900, floor: 300}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	id := audit.SubjectID(parsed)
	old, young := g.said(id, 400), g.said(id, 200)
	erase := admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase", ProvedBy: "login"}
	asked := access
	asked.Type = retention.RequestErasure
	must[retention.Request](t, g.direct, boss, "subject.request", asked)
	got := must[admin.Erasure](t, g.direct, boss, "subject.erase", erase)
	if open := must[[]retention.Request](t, g.direct, boss, "subject.requests", admin.None{}); len(open) != 0 {
		t.Errorf("the request is not answered: %+v", open)
	}
	if got.Queued == nil || !strings.HasPrefix(got.Queued.Until, "2026-06-") || got.Records != 1 || got.Keys != 1 || len(got.Kept) != 1 || got.Kept[0].Count != 1 {
		t.Fatalf("answer %+v, %+v", got, got.Queued)
	}
	if !strings.Contains(got.Kept[0].Why, "its own floor") || strings.Contains(got.Queued.Public, "floor") {
		t.Errorf("why: %+v, %+v", got.Kept, got.Queued)
	}
	if !g.erasedBody(old) || g.erasedBody(young) {
		t.Errorf("old gone %v, young gone %v", g.erasedBody(old), g.erasedBody(young))
	}
	if c, err := got.Signed.Unchecked(); err != nil || c.Complete || c.Run != got.Record || len(c.Stay) != 1 || c.Stay[0].Count != 1 || c.Place[0].State != retention.StateGone {
		t.Errorf("certificate of a part: %+v (%v)", c, err)
	}
	keys, err := g.direct.Journal().KeysOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k.Class == audit.ClassMessages && k.Month == time.UnixMicro(old.Time).UTC().Format("2006-01") {
			t.Error("the key of what is free is there")
		}
	}
	restricted := false
	for _, f := range must[admin.Known](t, g.direct, boss, "subject.show", erase.Who).Facts {
		restricted = restricted || f.Kind == facts.KindRestrict
	}
	if !restricted {
		t.Error("what stays is not restricted")
	}
	g.reopen()
	if again := must[admin.Erasure](t, g.direct, boss, "subject.erase", erase); again.Queued == nil || again.Record != got.Record || again.Queued.Until != got.Queued.Until {
		t.Errorf("asked again: %+v", again.Queued)
	}
	finish := func() {
		t.Helper()
		if err := g.direct.FinishErasures(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if finish(); g.erasedBody(young) {
		t.Fatal("it went before the floor ended")
	}
	g.forward(500 * day)
	if finish(); g.erasedBody(young) {
		t.Fatal("it went by a clock that was set ahead")
	}
	g.forward(-500 * day)
	g.passes(101)
	if finish(); !g.erasedBody(young) {
		t.Error("it stays after the floor ended")
	}
	if state := must[admin.RetentionState](t, g.direct, boss, "retention.status", admin.None{}); len(state.Certificates) != 2 {
		t.Errorf("certificates: %+v", state.Certificates)
	}
	_, err = ask[admin.Known](t, g.direct, boss, "subject.show", erase.Who)
	wantCode(t, err, admin.NotFound)
}

// TestFloorThatFalls: another policy is another judgement.
func TestFloorThatFalls(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {messages: {days: 900, floor: 300}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	young := g.said(audit.SubjectID(parsed), 200)
	erase := admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"}
	if got := must[admin.Erasure](t, g.direct, boss, "subject.erase", erase); got.Queued == nil || got.Records != 0 {
		t.Fatalf("answer %+v", got)
	}
	g.keeps("classes: {messages: {days: 900, floor: 100}}")
	if err := g.direct.FinishErasures(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !g.erasedBody(young) {
		t.Error("it stays after the floor fell")
	}
}

// TestFloorOfAFile keeps an erasure waiting as that of a record does.
func TestFloorOfAFile(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {media: {days: 900, floor: 300}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	made := g.clock().Add(-200 * day)
	row := journal.Media{
		ID: audit.NewID(made), Tenant: tenant, Number: "1", App: "shop", Subject: audit.SubjectID(parsed), Month: made.Format("2006-01"), Hash: [16]byte{1},
		Upstream: []byte("sealed"), Kind: "image", Mime: "image/png", Bytes: 10, Inbound: true, Stored: true, Created: made.UnixMicro(), Until: made.Add(7 * day).UnixMicro(),
	}
	coming := row // and has not been fetched from upstream yet
	coming.ID, coming.Hash, coming.Stored, coming.FetchAt = audit.NewID(made), [16]byte{2}, false, g.clock().UnixMicro()
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Media: []journal.Media{row, coming}}); err != nil {
		t.Fatal(err)
	}
	got := must[admin.Erasure](t, g.direct, boss, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if got.Queued == nil || len(got.Kept) != 1 || got.Kept[0].Count != 2 || !strings.HasPrefix(got.Queued.Until, made.Add(300*day).Format(time.DateOnly)) {
		t.Errorf("answer %+v, %+v", got, got.Queued)
	}
	for _, id := range []audit.ID{row.ID, coming.ID} {
		if left, err := g.direct.Journal().Media(t.Context(), id); err != nil || left.Upstream == nil {
			t.Errorf("the file: %+v %v", left, err)
		}
	}
}

// TestFloorOfAWebhook: one that was given up is kept like a record.
func TestFloorOfAWebhook(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {deliveries: {days: 900, floor: 300}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	id, made := audit.SubjectID(parsed), g.clock().Add(-200*day)
	dead := journal.Delivery{ID: audit.NewID(made), Tenant: tenant, App: "shop", Subject: id, Month: made.Format("2006-01"), State: journal.DeliveryDead, Created: made.UnixMicro(), Body: []byte("sealed")}
	if err := g.direct.Journal().Append(t.Context(), journal.Batch{Deliveries: []journal.Delivery{dead}}); err != nil {
		t.Fatal(err)
	}
	got := must[admin.Erasure](t, g.direct, boss, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if got.Queued == nil || len(got.Kept) != 1 || got.Kept[0].Count != 1 || !strings.HasPrefix(got.Queued.Until, made.Add(300*day).Format(time.DateOnly)) {
		t.Errorf("answer %+v, %+v", got, got.Queued)
	}
	if left, err := g.direct.Journal().DeadOf(t.Context(), id); err != nil || len(left) != 1 {
		t.Errorf("%d webhooks are left (%v)", len(left), err)
	}
}

// TestFloorsByAClockAhead: a floor on a record, a file or a webhook that is over
// only by a clock that was set ahead keeps an erasure waiting.
func TestFloorsByAClockAhead(t *testing.T) {
	g := newGateway(t)
	g.keeps("classes: {messages: {days: 900, floor: 300}, media: {days: 900, floor: 300}, deliveries: {days: 900, floor: 300}}")
	boss := g.operator("ann", admin.RoleApprove, "")
	parsed, err := audit.ParseID(g.known(boss))
	if err != nil {
		t.Fatal(err)
	}
	id, made := audit.SubjectID(parsed), g.clock().Add(-200*day)
	young := g.said(id, 200)
	err = g.direct.Journal().Append(t.Context(), journal.Batch{
		Media: []journal.Media{{
			ID: audit.NewID(made), Tenant: tenant, Number: "1", App: "shop", Subject: id, Month: made.Format("2006-01"), Hash: [16]byte{1},
			Upstream: []byte("sealed"), Kind: "image", Mime: "image/png", Bytes: 10, Inbound: true, Stored: true, Created: made.UnixMicro(), Until: made.Add(7 * day).UnixMicro(),
		}},
		Deliveries: []journal.Delivery{{ID: audit.NewID(made), Tenant: tenant, App: "shop", Subject: id, Month: made.Format("2006-01"), State: journal.DeliveryDead, Created: made.UnixMicro(), Body: []byte("sealed")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	g.passes(9)
	g.forward(500 * day)
	got := must[admin.Erasure](t, g.direct, boss, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: stranger}, Reason: "request", Confirm: "erase"})
	if got.Queued == nil || len(got.Kept) != 1 || got.Kept[0].Count != 3 || got.Records != 0 || got.Deliveries != 0 || !strings.HasPrefix(got.Queued.Until, made.Add(300*day).Format(time.DateOnly)) {
		t.Errorf("answer %+v, %+v", got, got.Queued)
	}
	if g.erasedBody(young) {
		t.Error("it went by a clock that was set ahead")
	}
}
