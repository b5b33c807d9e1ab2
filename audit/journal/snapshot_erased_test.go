package journal

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
)

// TestSnapshotForgetsWhatWasErased: of a row whose old pages are still in the log
// nothing gets into the copy, neither in its page nor on pages of its own.
func TestSnapshotForgetsWhatWasErased(t *testing.T) {
	cfg := config(t.TempDir())
	j := open(t, cfg)
	words := func(i int) string { return fmt.Sprintf("forgotten %06d ", i) }
	for at := 0; at < 6000; at += 500 {
		b := Batch{}
		for i := at; i < at+500; i++ {
			r := admission(cfg.Now(), audit.SubjectID{1, byte(i), byte(i >> 8)})
			r.Parts = []audit.Part{audit.NewPart(audit.PartBody, []byte(strings.Repeat(words(i), 1+i%2*max(0, 100-i))))}
			b.Records = append(b.Records, r)
		}
		if err := j.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	r := audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindErasure, Time: 1, Actor: "test"}
	if err := j.Erase(t.Context(), Erase{Record: r, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{20, 21, 22, 23}, Later: true}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	if _, err := j.Snapshot(t.Context(), path, func(DataKey) error { return nil }, nil); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 20; i < 24; i++ {
		if bytes.Contains(raw, []byte(words(i))) {
			t.Errorf("what was erased of record %d is in the copy", i)
		}
	}
	if !bytes.Contains(raw, []byte(words(24))) {
		t.Error("more is gone")
	}
}
