package retention

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// TestRunPurges takes what is due of two classes: the trail verifies, no byte of
// it is left, and a second run takes nothing.
func TestRunPurges(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.policy.Presets = []string{"pci"}
	texts := s.fillDays(t, 5, 3)
	s.checkpoint(t)
	before := s.j.Head().Size
	if s.onDisk(t, texts...) == 0 {
		t.Fatal("nothing is in the file before: the test looks in the wrong place")
	}
	c := s.run(t)
	if got := counted(&c, audit.ClassMessages); got != 30 || c.Keys != 1 || !c.Complete || c.Actor != "ann" || c.Revision != "r1" || !slices.Equal(c.Presets, s.policy.Presets) {
		t.Errorf("certificate counts %d messages: %+v", got, c)
	}
	if n := s.onDisk(t, append(texts, []byte("WRAPPED-DATA-KEY"))...); n != 0 {
		t.Errorf("%d of what went are still in the file", n)
	}
	if report := s.sound(t); report.Purged < 30 {
		t.Errorf("%d records purged", report.Purged)
	}
	if p := c.Place[0]; p.Name != "journal" || p.State != StateGone || p.Facts["found"] != 0 || p.Facts["salts"] == 0 || p.Facts["searched_bytes"] == 0 {
		t.Errorf("journal: %+v", p)
	}
	if again := s.run(t); len(again.Gone) != 0 || again.Keys != 0 {
		t.Errorf("a second run takes %+v", again.Gone)
	}
	if s.j.Head().Size > before+40 {
		t.Errorf("two runs wrote %d records", s.j.Head().Size-before)
	}
}

// TestRunGoesOn stops a run at every point and starts it again over the journal
// opened anew: it ends with all of it gone and one certificate that counts all.
func TestRunGoesOn(t *testing.T) {
	for _, c := range []struct {
		at   string
		past int
	}{{"begun", 0}, {"step", 0}, {"step", 2}, {"keys", 0}, {"purged", 0}} {
		t.Run(fmt.Sprint(c.at, c.past), func(t *testing.T) {
			s := newPurging(t, ActionPurge)
			texts := s.fillDays(t, 4, 2)
			s.faults[c.at] = c.past
			if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
				t.Fatalf("did not stop: %v", err)
			}
			s.sound(t)
			s.again(t)
			r := s.runner()
			if waits, err := Interrupted(t.Context(), s.j); err != nil || !waits {
				t.Fatalf("nothing waits to go on: %v", err)
			}
			got, err := r.Start(t.Context(), "system")
			check(t, err)
			if n := counted(&got, audit.ClassMessages); n != 16 || got.Keys != 1 || got.Actor != "ann" {
				t.Errorf("certificate counts %d messages, %d keys", n, got.Keys)
			}
			all, err := Certificates(t.Context(), s.j)
			check(t, err)
			if waits, err := Interrupted(t.Context(), s.j); err != nil || waits || len(all) != 1 {
				t.Errorf("%d certificates, still waiting: %v (%v)", len(all), waits, err)
			}
			if n := s.onDisk(t, texts...); n != 0 {
				t.Errorf("%d texts are still in the file", n)
			}
			s.sound(t)
		})
	}
}

// TestRunUnderAnotherPolicy: a run interrupted under one policy is certified as
// far as it went, and the next one goes by the new policy.
func TestRunUnderAnotherPolicy(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 4, 2)
	s.faults["step"] = 0
	if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	s.policy = Policy{Revision: "r2"}
	c := s.run(t)
	all, err := Certificates(t.Context(), s.j)
	check(t, err)
	if len(c.Gone) != 0 || c.Revision != "r2" || len(all) != 2 {
		t.Errorf("took %v under a policy that keeps all; %d certificates", c.Gone, len(all))
	}
	var cut []bool // whether that run is complete
	for _, one := range all {
		signed, err := ExportCertificate(t.Context(), s.j, one.ID)
		check(t, err)
		if of, err := signed.Unchecked(); err != nil || of.Revision == "r1" {
			cut = append(cut, of.Complete || err != nil)
		}
	}
	if len(cut) != 1 || cut[0] || !c.Complete {
		t.Errorf("the run that was cut off is certified as complete: %v", cut)
	}
	s.sound(t)
}

func TestRunErases(t *testing.T) {
	s := newPurging(t, ActionErase)
	texts := s.fillDays(t, 3, 2)
	c := s.run(t)
	report := s.sound(t)
	if counted(&c, audit.ClassMessages) != 6 || report.Purged != 0 || report.Erased != 12 || s.onDisk(t, texts...) != 0 {
		t.Errorf("%d counted, %d purged, %d parts erased", counted(&c, audit.ClassMessages), report.Purged, report.Erased)
	}
	if c = s.run(t); len(c.Gone) != 0 {
		t.Errorf("again: %v", c.Gone)
	}
}

// TestRunLeaves: what is held, not shipped, without outcome or proves something
// stays.
func TestRunLeaves(t *testing.T) {
	s := newPurging(t, ActionPurge)
	held := s.send(t, []byte("KOLIBRI held"))
	s.settle(t, held.ID)
	scope := Scope{Subjects: []audit.SubjectID{s.subject}}
	s.subject = audit.NewSubjectID()
	proof := audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindInbound, Time: s.now().UnixMicro(), Tenant: "bank", Subject: s.subject, Type: "text"}
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{proof}, Facts: []journal.Fact{
		{Tenant: "bank", Subject: s.subject, Kind: "optout", Key: "all", Value: []byte("{}"), Record: proof.ID},
	}}))
	s.fillDays(t, 2, 2)
	_, err := s.j.Follow(t.Context(), "slow")
	check(t, err)
	stays := func(c *Certificate, why string) bool {
		return slices.ContainsFunc(c.Stay, func(x Stays) bool { return x.Why == why && x.Count > 0 })
	}
	if c := s.run(t); len(c.Gone) != 0 || !stays(&c, KeptByFollower) {
		t.Errorf("nothing was shipped: %v, %v", c.Gone, c.Stay)
	}
	check(t, s.j.Unfollow(t.Context(), "slow"))
	s.hold(t, scope)
	open := s.send(t, []byte("KOLIBRI without outcome"))
	s.fillDays(t, 1, 1)
	c := s.run(t)
	for _, why := range []string{KeptByHold, keptByFact, keptByOutcome, KeptByProof} {
		if !stays(&c, why) {
			t.Errorf("nothing is kept by %s: %v", why, c.Stay)
		}
	}
	for _, id := range []audit.ID{held.ID, proof.ID, open.ID} {
		if r, err := s.j.Record(t.Context(), id); err != nil || r.Purged {
			t.Errorf("a record that has to stay is gone (%v)", err)
		}
	}
	if counted(&c, audit.ClassMessages) == 0 {
		t.Error("nothing went")
	}
	s.sound(t)
}

func TestRunDistrustsTheClock(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 2, 2)
	s.cfg.Trust = func() error { return errors.New("it jumped") }
	if _, err := s.runner().Start(t.Context(), "system"); !errors.Is(err, ErrClock) {
		t.Errorf("a clock that jumped: %v", err)
	}
	s.cfg.Trust = nil
	s.forward(400 * 24 * time.Hour)
	if _, err := s.runner().Start(t.Context(), "system"); !errors.Is(err, ErrClock) {
		t.Errorf("a clock 400 days ahead: %v", err)
	}
	if report := s.sound(t); report.Purged != 0 {
		t.Errorf("%d records purged", report.Purged)
	}
	if begun, err := Interrupted(t.Context(), s.j); err != nil || begun {
		t.Errorf("a run that was refused has begun: %v", err)
	}
}

// TestRunBeside takes dead letters and media.
func TestRunBeside(t *testing.T) {
	s := newPurging(t, ActionPurge)
	id := audit.NewID(s.now())
	s.putBeside(t, id)
	s.fillDays(t, 1, 1)
	swept := false
	s.cfg.Sweep = func(ctx context.Context) error {
		rows, err := s.j.MediaOver(ctx, s.now().UnixMicro(), 0, 0, 10)
		swept = len(rows) == 1 && rows[0].ID == id
		return err
	}
	c := s.run(t)
	if !swept || counted(&c, audit.ClassDeliveries) != 1 || counted(&c, audit.ClassMedia) != 1 {
		t.Errorf("media over: %v, gone %+v", swept, c.Gone)
	}
	if n := s.onDisk(t, []byte("QUEUED-SEALED-BODY"), []byte("SEALED-UPSTREAM-ID")); n != 0 {
		t.Errorf("%d are still in the file", n)
	}
	s.sound(t)
}

// TestClockJumpsInARun: a key is as old as it was when the run began. Answers to
// repeated sends rest under those of this month.
func TestClockJumpsInARun(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 1, 1)
	young := journal.DataKey{Subject: s.subject, Class: audit.ClassMessages, Month: s.now().UTC().Format("2006-01"), Wrapped: []byte("WRAPPED")}
	check(t, s.j.Append(t.Context(), journal.Batch{DataKeys: []journal.DataKey{young}}))
	s.cfg.Sweep = func(context.Context) error { s.forward(60 * 24 * time.Hour); return nil }
	c := s.run(t)
	if keys, err := s.j.KeysOf(t.Context(), s.subject); err != nil || c.Keys != 1 || len(keys) != 1 || keys[0].Month != young.Month {
		t.Errorf("%d went, there are %+v (%v)", c.Keys, keys, err)
	}
}

// TestOneRun: a second one is refused while one goes.
func TestOneRun(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 1, 1)
	inside, release := make(chan struct{}), make(chan struct{})
	s.cfg.Sweep = func(context.Context) error { close(inside); <-release; return nil }
	r := s.runner()
	done := make(chan error, 1)
	go func() { _, err := r.Start(context.Background(), "ann"); done <- err }()
	<-inside
	if _, err := r.Start(t.Context(), "ben"); !errors.Is(err, ErrRunning) {
		t.Errorf("a second run: %v", err)
	}
	close(release)
	check(t, <-done)
}

// TestCertificate exports one before and after a checkpoint covers it, checks
// it with the public key alone, and changes each member of it.
func TestCertificate(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 1, 1)
	c := s.run(t)
	all, err := Certificates(t.Context(), s.j)
	check(t, err)
	unproven, err := ExportCertificate(t.Context(), s.j, all[0].ID)
	check(t, err)
	s.checkpoint(t)
	proven, err := ExportCertificate(t.Context(), s.j, all[0].ID)
	check(t, err)
	for _, f := range []CertificateFile{unproven, proven} {
		got, err := VerifyCertificate(encoded(t, f), s.pinned)
		check(t, err)
		if got.Proven != (len(f.Receipt) > 0) || got.Certificate.Run != c.Run || len(got.Certificate.Gone) != len(c.Gone) {
			t.Errorf("checked %+v", got)
		}
	}
	if !bytes.Contains(proven.Receipt, []byte("leaf_hash")) {
		t.Error("no receipt though a checkpoint covers it")
	}
	for name, change := range map[string]func(f *CertificateFile){
		"a count":           func(f *CertificateFile) { f.Note = strings.Replace(f.Note, `"count":`, `"count":1`, 1) },
		"a count, unproven": func(f *CertificateFile) { f.Note, f.Receipt = strings.Replace(f.Note, `"count":`, `"count":1`, 1), nil },
		"the signature":     func(f *CertificateFile) { f.Note = f.Note[:len(f.Note)-9] + "AAAAAAA=\n" },
		"the salt":          func(f *CertificateFile) { f.Salt = strings.Repeat("0", 32) },
		"a salt of no hex":  func(f *CertificateFile) { f.Salt = "xyz" },
		"the receipt":       func(f *CertificateFile) { f.Receipt = json.RawMessage(`{"version":1}`) },
		"another's receipt": func(f *CertificateFile) { f.Receipt = s.receiptOf(t) },
		"the version":       func(f *CertificateFile) { f.Version = 2 },
		"nothing":           func(f *CertificateFile) { f.Note = "" },
	} {
		f := proven
		change(&f)
		if _, err := VerifyCertificate(encoded(t, f), s.pinned); !errors.Is(err, ErrCertificate) {
			t.Errorf("%s changed: %v", name, err)
		}
	}
	_, stranger := keyOf(t, 9)
	for _, f := range []CertificateFile{unproven, proven} {
		if _, err := VerifyCertificate(encoded(t, f), stranger); !errors.Is(err, ErrCertificate) {
			t.Errorf("another key: %v", err)
		}
	}
	file := append(bytes.TrimSuffix(encoded(t, proven), []byte("}\n")), `,"more":1}`...)
	if _, err := VerifyCertificate(file, s.pinned); !errors.Is(err, ErrCertificate) {
		t.Errorf("a member too many: %v", err)
	}
}

func encoded(t *testing.T, f CertificateFile) []byte {
	t.Helper()
	out, err := f.Encode()
	check(t, err)
	return out
}

// receiptOf is the receipt of the newest record that is covered and no certificate.
func (s *purging) receiptOf(t *testing.T) json.RawMessage {
	t.Helper()
	var other audit.Record
	check(t, s.j.Records(t.Context(), 0, func(r *audit.Record) error {
		if r.Kind == audit.KindRetention && r.Type == typeBegun {
			other = *r
			other.Parts = slices.Clone(r.Parts)
		}
		return nil
	}))
	receipt, err := s.j.Reader().Receipt(t.Context(), &other)
	check(t, err)
	out, err := receipt.Encode()
	check(t, err)
	return out
}

// TestFollowerBeginsDuringARun: from then on nothing goes that it has not read.
func TestFollowerBeginsDuringARun(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 3, 2)
	run, steps := s.runner(), 0
	run.cfg.Fault = func(at string) error {
		if at != "step" {
			return nil
		}
		if steps++; steps == 1 {
			_, err := s.j.Follow(t.Context(), "late")
			return err
		}
		return nil
	}
	c, err := run.Start(t.Context(), "ann")
	check(t, err)
	i := slices.IndexFunc(c.Stay, func(x Stays) bool { return x.Why == KeptByFollower })
	if steps < 2 || counted(&c, audit.ClassMessages) == 0 || i < 0 {
		t.Errorf("%d steps; gone %v, stays %v", steps, c.Gone, c.Stay)
	}
}
