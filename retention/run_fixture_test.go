package retention

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// purging is a shelf whose messages are purged after 30 days.
type purging struct {
	*shelf
	policy  Policy
	cfg     RunConfig
	signer  audit.Signer
	pinned  audit.Verifier
	faults  map[string]int // how often to go past a point before it fails
	subject audit.SubjectID
}

var errCrash = errors.New("crashed here")

func newPurging(t *testing.T, action Action) *purging {
	t.Helper()
	s := &purging{shelf: newShelf(t), faults: map[string]int{}, subject: audit.NewSubjectID()}
	s.signer, s.pinned = keyOf(t, 7)
	s.policy = Policy{Revision: "r1", Classes: map[string]Class{
		audit.ClassMessages: {Days: 30, Action: action, Clock: ClockRecord}, audit.ClassDeliveries: {Days: 30, Action: ActionPurge, Clock: ClockRecord},
		audit.ClassMedia: {Days: 30, Action: ActionPurge, Clock: ClockRecord}, audit.ClassAudit: {Days: 30, Action: action, Clock: ClockRecord},
	}}
	return s
}

func keyOf(t *testing.T, seed byte) (audit.Signer, audit.Verifier) {
	t.Helper()
	priv := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	pub := priv.Public().(ed25519.PublicKey)
	signer, err := audit.NewSigner("test/keys", pub, func(msg []byte) ([]byte, error) { return ed25519.Sign(priv, msg), nil })
	check(t, err)
	v, err := audit.NewVerifier("test/keys", pub)
	check(t, err)
	return signer, v
}

// runner is one over the journal as it is open now.
func (s *purging) runner() *Runner {
	cfg := s.cfg
	cfg.Journal, cfg.Holds, cfg.Policy, cfg.Now = s.j, s.Holds, func() Policy { return s.policy }, s.now
	src := s.source()
	src.Cold = func() bool { return s.cfg.Cold != nil }
	cfg.Source = src
	cfg.Signer = func() (audit.Signer, error) { return s.signer, nil }
	cfg.Pause = func(context.Context, time.Duration) error { return nil }
	cfg.Fault = func(at string) error {
		n, set := s.faults[at]
		if s.faults[at] = n - 1; set && n == 0 {
			return errCrash
		}
		return nil
	}
	return NewRunner(cfg)
}

// send puts a message on the shelf that has no outcome yet.
func (s *purging) send(t *testing.T, text []byte) audit.Record {
	t.Helper()
	b := journal.Batch{
		Records: []audit.Record{{
			Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindAdmission, Time: s.now().UnixMicro(), Tenant: "bank", App: "loans",
			Number: "106540352242922", Subject: s.subject, Type: "text", Effect: audit.EffectAllow, Reasons: []string{"ok"},
			Parts: []audit.Part{audit.NewPart(audit.PartBody, text), audit.NewPart(audit.PartOriginal, []byte("SEALED"))},
		}},
		DataKeys: []journal.DataKey{{Subject: s.subject, Class: "messages", Month: s.now().UTC().Format("2006-01"), Wrapped: []byte("WRAPPED-DATA-KEY")}},
	}
	check(t, s.j.Append(t.Context(), b))
	return b.Records[0]
}

func (s *purging) settle(t *testing.T, adm audit.ID) {
	t.Helper()
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindSettle, Time: s.now().UnixMicro(), Ref: adm, Tenant: "bank", Result: "accepted",
	}}}))
}

// fillDays puts n messages with their outcomes on each of some days, then goes
// on to the fortieth: the first days' are over.
func (s *purging) fillDays(t *testing.T, days, n int) (texts [][]byte) {
	t.Helper()
	for d := range days {
		for i := range n {
			texts = append(texts, fmt.Appendf(nil, "KOLIBRI day %d message %d of the kind that goes", d, i))
			s.settle(t, s.send(t, texts[len(texts)-1]).ID)
		}
		s.forward(24 * time.Hour)
	}
	for range 40 - days {
		check(t, s.j.Append(t.Context(), s.note()))
		s.forward(24 * time.Hour)
	}
	return texts
}

// sound verifies the trail and gives the report.
func (s *purging) sound(t *testing.T) audit.Report {
	t.Helper()
	report, err := audit.Verify(t.Context(), s.j.Reader(), audit.VerifyOptions{Verifiers: []audit.Verifier{s.pinned}})
	check(t, err)
	if !report.OK() {
		t.Errorf("the trail does not verify: %v", report.Findings)
	}
	return report
}

// onDisk counts which texts the store's files hold.
func (s *purging) onDisk(t *testing.T, texts ...[]byte) (n int) {
	t.Helper()
	var all []byte
	for _, name := range []string{s.j.Path(), s.j.Path() + "-wal"} {
		b, err := os.ReadFile(name) //nolint:gosec // a file of the test
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	for _, text := range texts {
		if bytes.Contains(all, text) {
			n++
		}
	}
	return n
}

func (s *purging) checkpoint(t *testing.T) {
	t.Helper()
	h := s.j.Head()
	note, err := audit.Checkpoint{Origin: h.Chain, Size: h.Size, Root: h.Root, Time: s.now().UnixMicro(), Head: h.Leaf}.Sign(s.signer)
	check(t, err)
	check(t, s.j.AddCheckpoint(t.Context(), journal.Signed{Size: h.Size, Time: s.now().UnixMicro(), Note: note}))
}

func (s *purging) run(t *testing.T) Certificate {
	t.Helper()
	c, err := s.runner().Start(t.Context(), "ann")
	check(t, err)
	return c
}

// counted is how many of a class went.
func counted(c *Certificate, class string) (n int64) {
	for _, g := range c.Gone {
		if g.Class == class {
			n += g.Count
		}
	}
	return n
}
