package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention/backup"
)

// TestAnErasureThatWasCutOff is not carried out again by a restoration as far as
// a crash left it: a hold may have come to keep that. What took the rest later is.
func TestAnErasureThatWasCutOff(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 10)
	s.checkpoint(t)
	s.create(t)
	crash := errors.New("crash")
	cut := func(seqs ...uint64) {
		t.Helper()
		check(t, s.journal.Close())
		var err error
		s.journal, err = journal.Open(t.Context(), journal.Config{Path: s.path("data"), Chain: s.keys.Name(), Now: s.clock, MinFree: -1, Erased: func(r audit.Record, e journal.Erase) error {
			return errors.Join(s.append(r, e), crash) // noted, and nothing overwritten
		}})
		check(t, err)
		e := journal.Erase{
			Record: audit.Record{Version: 1, ID: audit.NewID(s.now), Kind: audit.KindErasure, Time: s.now.UnixMicro(), Actor: "test"},
			Reason: "request", Parts: []string{audit.PartBody, audit.PartOriginal}, Seqs: seqs,
		}
		for _, seq := range seqs {
			e.Keys = append(e.Keys, journal.DataKey{Subject: audit.SubjectID{1, byte(seq)}, Class: "messages", Month: "2026-11"})
		}
		if err := s.journal.Erase(t.Context(), e); !errors.Is(err, crash) {
			t.Fatal(err)
		}
	}
	start := func() {
		t.Helper()
		check(t, s.journal.Close())
		var err error
		s.journal, err = journal.Open(t.Context(), journal.Config{Path: s.path("data"), Chain: s.keys.Name(), Now: s.clock, MinFree: -1, Erased: s.append})
		check(t, err)
		for range 2 {
			check(t, s.log.GoOn(t.Context(), s.journal, s.now.UnixMicro()))
		}
	}
	start() // with the row that is there while an erasure goes on
	s.erase(t, 1, 1)
	cut(3, 4, 5)
	start()
	s.erase(t, 4, 4) // no hold keeps this one
	before := s.log.Mark().N
	start()
	if n := s.log.Mark().N; n != 4 || n != before {
		t.Errorf("the log has %d lines, and %d before another start", n, before)
	}
	s.now = s.now.Add(time.Hour)
	s.send(t, 10, 1)
	s.checkpoint(t)
	out, data, err := s.restore(t, nil)
	check(t, err)
	if out.Erasures != 3 {
		t.Errorf("%d erasures were carried out again", out.Erasures)
	}
	raw, err := os.ReadFile(filepath.Join(data, "journal.db"))
	check(t, err)
	for text, want := range map[string]bool{
		"redacted text 000001": false, "redacted text 000003": true, "redacted text 000004": false, "redacted text 000005": true, "redacted text 000006": true,
	} {
		if bytes.Contains(raw, []byte(text)) != want {
			t.Errorf("%q is there: %v", text, !want)
		}
	}
	j, err := journal.Open(t.Context(), journal.Config{Path: data, Chain: s.keys.Name(), Now: s.clock, MinFree: -1})
	check(t, err)
	defer func() { check(t, j.Close()) }()
	for i, want := range map[byte]int{1: 0, 3: 1, 4: 0, 5: 1} {
		if n, err := j.KeysOf(t.Context(), audit.SubjectID{1, i}); err != nil || len(n) != want {
			t.Errorf("person %d has %d data keys, %v", i, len(n), err)
		}
	}
	_, err = backup.OpenLog(s.path("checkpoints"), s.keys.ID(), 1) // reads it whole
	check(t, err)
}
