package trail

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/keyring"
	"postern/retention"
	"postern/retention/backup"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write has a person write to the gateway's number.
func write(t *testing.T, r *rig.Rig, from, words string) {
	t.Helper()
	told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{
		From: "+" + from, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	r.Hooks.With(t, words)
}

// back is the gateway over the newest backup: what came since is lost.
func back(t *testing.T, r *rig.Rig) (lost *boot.Config) {
	t.Helper()
	r.Halt()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	must(t, os.Rename(cfg.Data, cfg.Data+".lost"))
	place, err := cfg.Backup.Open(r.Clock.Now, func() boot.Backup { return cfg.Backup })
	must(t, err)
	_, err = backup.Restore{
		From: place, Data: cfg.Data, Keystore: filepath.Join(cfg.Data+".lost", "keystore.json"), Checkpoints: cfg.Checkpoints.Dir, Actor: "system", Now: r.Clock.Now,
		Open: func(path string) (*keyring.Keyring, error) {
			return boot.OpenCopy(context.WithoutCancel(t.Context()), cfg, path, r.Clock.Now)
		},
	}.Do(t.Context())
	must(t, err)
	r.Resume(t)
	return cfg
}

func placeOf(t *testing.T, c retention.Certificate, name string) retention.Place {
	t.Helper()
	for _, p := range c.Place {
		if p.Name == name {
			return p
		}
	}
	t.Fatalf("the certificate says nothing of %s: %+v", name, c.Place)
	return retention.Place{}
}

func erasePerson(t *testing.T, r *rig.Rig, number string) (admin.Erasure, retention.Certificate) {
	t.Helper()
	var out admin.Erasure
	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + number}, Reason: "request", Confirm: "erase"}, &out)
	if out.Signed == nil {
		t.Fatalf("the erasure has no certificate: %+v", out)
	}
	c, err := out.Signed.Unchecked()
	must(t, err)
	return out, c
}

const stranger = "4917139200655"

// losing is a gateway that lost what two people wrote since its backup, and
// ships again.
func losing(t *testing.T, e *chtest.Server, policies map[string]string) (r *rig.Rig, database string, cfg *boot.Config) {
	t.Helper()
	r, database = toLose(t, e, policies, func(*rig.Rig) {})
	cfg = back(t, r)
	goesOn(t, r)
	return r, database, cfg
}

func goesOn(t *testing.T, r *rig.Rig) {
	t.Helper()
	r.Admin(t, "hold.complete", admin.HoldsComplete{Why: "checked"}, nil)
	rig.Await(t, "the trail that goes on in ClickHouse", func() bool { return shipped(t, r) })
}

// toLose is a gateway with a backup that lacks what two people wrote since, which
// ClickHouse has. before is done before the backup.
func toLose(t *testing.T, e *chtest.Server, policies map[string]string, before func(*rig.Rig)) (r *rig.Rig, database string) {
	t.Helper()
	r, database = shipWith(t, e, "}\nretention: {at: \"off\"}\nbackup: {dir: ./backups, every: 700h, keep_days: 90, keys_days: 35", policies)
	migrate(t, r)
	made := func(before string) string {
		var st backup.Status
		rig.Await(t, "a backup", func() bool {
			r.Admin(t, "backup.status", admin.None{}, &st)
			return !st.Running && st.Made != nil && st.Made.Name != before
		})
		return st.Made.Name
	}
	before(r)
	first := made("")
	write(t, r, r.Env["DEMO_CONSENTED"], "Kiebitz am Anfang")
	r.Admin(t, "backup.create", admin.BackupCreate{}, nil)
	made(first)
	write(t, r, r.Env["DEMO_CONSENTED"], "Rotmilan am Ende")
	write(t, r, stranger, "Wiedehopf am Ende")
	rig.Await(t, "everything in ClickHouse", func() bool { return shipped(t, r) && shows(t, e, database, "Ende") == "2" })
	return r, database
}

func shipped(t *testing.T, r *rig.Rig) bool {
	t.Helper()
	return strings.Contains(metrics(t, r), "postern_clickhouse_lag_records 0\n")
}

// shows counts the records in ClickHouse that say these words.
func shows(t *testing.T, e *chtest.Server, database, words string) string {
	t.Helper()
	return e.Query(t, "SELECT count() FROM "+database+".audit WHERE body LIKE '%"+words+"%'")
}

// TestLostRows: what a restored store lost and ClickHouse has is named, stays
// until it is somebody's turn to go, and goes then, also for a person who is
// erased, but for what a hold keeps.
func TestLostRows(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	r, database, cfg := losing(t, e, nil)
	show := func(words string) string { return shows(t, e, database, words) }
	s, err := cfg.ClickHouse.Open(time.Now)
	must(t, err)
	defer s.Close() //nolint:errcheck // it only read
	chain := func() string { return r.SQL(t, "SELECT chain FROM audit ORDER BY seq DESC LIMIT 1")[0][0] }
	lost, err := s.Lost(t.Context(), chain())
	if err != nil || len(lost) != 1 || lost[0].Content < 2 || !audit.SameStore(lost[0].Chain, chain()) {
		t.Fatalf("lost: %+v, %v", lost, err)
	}

	out, c := erasePerson(t, r, r.Env["DEMO_CONSENTED"])
	rig.Await(t, "a certificate that says what is left", func() bool {
		p := placeOf(t, c, "lost")
		if p.State == retention.StatePending && p.Facts["unnamed"] == 1 {
			return true
		}
		r.Clock.Forward(11 * time.Minute) // ClickHouse did not answer in time: it is asked again
		c = latest(t, r, out.Record)
		return false
	})
	if show("Rotmilan") != "0" || show("Wiedehopf") != "1" {
		t.Errorf("of the person who was erased %s lost records show what was said, of another %s", show("Rotmilan"), show("Wiedehopf"))
	}

	var held admin.Held
	r.Admin(t, "hold.place", admin.HoldPlace{From: "2020-01-01", Until: "2050-01-01", Matter: "CASE-1", Why: "litigation"}, &held)
	var taken retention.LostTaken
	purge := admin.LostPurge{Reason: "imported", Confirm: "purge"}
	rig.Await(t, "the held records to be looked at", func() bool { return r.TryAdmin(t, "clickhouse.lost", purge, &taken) == nil })
	if taken.Taken != 0 || taken.Kept[retention.KeptByHold] == 0 || show("Wiedehopf") != "1" {
		t.Errorf("under a hold: %+v", taken)
	}
	r.Admin(t, "hold.lift", admin.HoldLift{ID: held.Hold.ID, Why: "closed"}, nil)
	for _, wrong := range []admin.LostPurge{{Reason: "imported"}, {Confirm: "purge"}, {Reason: "Very Long", Confirm: "purge"}} {
		if err := r.TryAdmin(t, "clickhouse.lost", wrong, nil); err == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
	rig.Await(t, "the purge", func() bool {
		taken = retention.LostTaken{}
		return r.TryAdmin(t, "clickhouse.lost", purge, &taken) == nil
	})
	if len(taken.Kept) != 0 || show("Wiedehopf") != "0" {
		t.Errorf("without one: %+v", taken)
	}
	if lost, err := s.Lost(t.Context(), chain()); err != nil || len(lost) != 1 || lost[0].Records != 0 || lost[0].Purged == 0 {
		t.Errorf("afterwards: %+v, %v", lost, err)
	}
	if n := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'retention' AND type = 'lost' AND labels LIKE '%reason:imported%'")[0][0]; n == "0" {
		t.Error("the purge is not on record")
	}
	rig.Await(t, "a certificate that says gone", func() bool {
		r.Clock.Forward(11 * time.Minute)
		return placeOf(t, latest(t, r, out.Record), "lost").State == retention.StateGone
	})
}

// TestLostRowsAge: a run takes lost records whose days are over like others.
// While ClickHouse is away it goes on without, and says so.
func TestLostRowsAge(t *testing.T) {
	t.Parallel()
	e := chtest.StartOwn(t)
	r, database, _ := losing(t, e, map[string]string{"retention.yaml": "version: 1\nclasses:\n  messages: {days: 30, action: purge}\n"})
	for range 5 {
		r.Clock.Forward(8 * 24 * time.Hour)
		r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"later"}}`) // the clock is believed
	}
	rig.Await(t, "the rest in ClickHouse", func() bool { return shipped(t, r) })
	run := func(after retention.Certificate) (c retention.Certificate) {
		r.Admin(t, "retention.run", admin.RetentionRun{Confirm: "purge"}, nil)
		rig.Await(t, "the certificate", func() bool {
			c = newest(t, r)
			return c.Version != 0 && c.Run != after.Run
		})
		return c
	}
	rig.Await(t, "lost records in the plan", func() bool {
		var plan retention.Plan
		r.Admin(t, "retention.plan", admin.RetentionPlan{}, &plan)
		return slices.ContainsFunc(plan.Due, func(d retention.Due) bool { return d.Store == retention.StoreLost && d.Count >= 2 })
	})
	e.Kill(t)
	without := run(retention.Certificate{})
	if p := placeOf(t, without, "lost"); p.State == retention.StateGone || !slices.ContainsFunc(without.Stay, func(s retention.Stays) bool { return s.Why == "lost_unreached" }) {
		t.Errorf("while ClickHouse is away: %+v, %+v", p, without.Stay)
	}
	e.Restart(t)
	rig.Await(t, "what was purged meanwhile to go", func() bool { return shipped(t, r) && shows(t, e, database, "Anfang") == "0" })
	if n := shows(t, e, database, "Ende"); n != "2" {
		t.Errorf("%s lost records are there, want both", n)
	}
	c := without
	rig.Await(t, "the lost records to go", func() bool {
		c = run(c)
		return shows(t, e, database, "Ende") == "0" && placeOf(t, c, "lost").State == retention.StateGone
	})
	if n := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'retention' AND type = 'beside' AND labels LIKE '%store:lost%'")[0][0]; n == "0" {
		t.Error("what went is not on record")
	}
}

// TestLostRowsAnnounced: of whom only lost records are due is told like others
// before these go.
func TestLostRowsAnnounced(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	policies := map[string]string{"retention.yaml": "version: 1\nclasses:\n  messages: {days: 30, action: purge, notice_hours: 48}\n"}
	r, database := toLose(t, e, policies, func(r *rig.Rig) { // known, without a message
		var in admin.Imported
		data := "fact,number,time,category,source\nconsent,+" + stranger + "," + r.Clock.Now().Add(-time.Hour).UTC().Format(time.RFC3339) + ",marketing,form\n"
		if r.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &in); in.Stored == 0 || len(in.Problems) > 0 {
			t.Fatalf("%+v", in)
		}
	})
	back(t, r)
	goesOn(t, r)
	later := func(d time.Duration) {
		t.Helper()
		r.Clock.Forward(d)
		r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"later"}}`) // the clock is believed
	}
	for range 20 {
		later(2 * 24 * time.Hour)
	}
	var who admin.Found
	r.Admin(t, "subject.find", admin.Who{Number: "+" + stranger}, &who)
	told := admin.NoticesTold{Class: "messages"}
	rig.Await(t, "the person among those to be told", func() bool {
		var list admin.NoticesDue
		r.Admin(t, "subject.notices", admin.Notices{}, &list)
		return slices.ContainsFunc(list.Due, func(u retention.Untold) bool {
			told.Until = u.Until
			at := slices.IndexFunc(u.Subjects, func(id audit.SubjectID) bool { return id.String() == who.Subject })
			if at < 0 {
				return false
			}
			told.Subjects = u.Subjects[at : at+1]
			return true
		})
	})
	var last retention.Certificate
	run := func() {
		t.Helper()
		r.Admin(t, "retention.run", admin.RetentionRun{Confirm: "purge"}, nil)
		rig.Await(t, "the certificate", func() bool {
			c := newest(t, r)
			defer func() { last = c }()
			return c.Version != 0 && c.Run != last.Run
		})
	}
	run()
	if n := shows(t, e, database, "Wiedehopf am Ende"); n != "1" {
		t.Errorf("%s lost records of who was not told", n)
	}
	r.Admin(t, "subject.told", told, nil)
	later(50 * time.Hour)
	rig.Await(t, "the lost record to go", func() bool {
		run()
		return shows(t, e, database, "Wiedehopf am Ende") == "0"
	})
}

// TestErasedBeforeTheLoss: who was erased while ClickHouse was away, and whose
// records and erasure were lost together, is erased there after the restoration,
// but for what a hold keeps that was placed again.
func TestErasedBeforeTheLoss(t *testing.T) {
	t.Parallel()
	e := chtest.StartOwn(t)
	r, database := toLose(t, e, nil, func(*rig.Rig) {})
	e.Kill(t)
	for _, number := range []string{stranger, r.Env["DEMO_CONSENTED"]} {
		r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + number}, Reason: "request", Confirm: "erase"}, nil)
	}
	back(t, r)
	e.Restart(t)
	var held admin.Held
	r.Admin(t, "hold.place", admin.HoldPlace{From: "2020-01-01", Until: "2050-01-01", Matter: "CASE-1", Why: "litigation"}, &held)
	goesOn(t, r)
	const waits = "SELECT count(*) FROM audit WHERE kind = 'retention' AND type = 'lost' AND labels LIKE '%reason:restored%'"
	r.Clock.Forward(11 * time.Minute)
	rig.Await(t, "a look at the holds", func() bool {
		return r.TryAdmin(t, "clickhouse.lost", admin.LostPurge{Reason: "test", Confirm: "purge"}, nil) == nil
	})
	if n := shows(t, e, database, "am Ende"); n != "2" || r.SQL(t, waits)[0][0] != "0" {
		t.Errorf("under a hold %s of two are there", n)
	}
	r.Admin(t, "hold.lift", admin.HoldLift{ID: held.Hold.ID, Why: "closed"}, nil)
	rig.Await(t, "the erasure in ClickHouse", func() bool {
		r.Clock.Forward(11 * time.Minute)
		return shows(t, e, database, "am Ende") == "0"
	})
	if n := r.SQL(t, waits)[0][0]; n == "0" {
		t.Error("it is not on record")
	}
	rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'inbound' AND body LIKE '%Kiebitz%'")
	if rows[0][0] != "0" {
		t.Error("what the backup had is there again")
	}
}
