package journal

import (
	"bytes"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/audit"
)

// filled is a journal with records, keys and all that lies beside them.
func filled(t *testing.T, records int) *Journal {
	t.Helper()
	cfg := config(t.TempDir())
	j := open(t, cfg)
	for at := 0; at < records; at += 500 {
		b := Batch{}
		for i := at; i < min(at+500, records); i++ {
			s := audit.SubjectID{1, byte(i), byte(i >> 8)}
			r := admission(cfg.Now(), s)
			r.Parts = []audit.Part{audit.NewPart(audit.PartBody, fmt.Appendf(nil, "unique body %06d", i))}
			b.Records = append(b.Records, r, settle(cfg.Now(), &r, "accepted"))
			b.DataKeys = append(b.DataKeys, DataKey{Subject: s, Class: "messages", Month: "2026-11", Wrapped: fmt.Appendf(nil, "wrapped key %06d", i)})
			b.Subjects = append(b.Subjects, Subject{ID: s, Tenant: "bank", Created: 1})
		}
		if err := j.Append(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

// schema is every statement of a store.
func schema(t *testing.T, path string) []string {
	t.Helper()
	var out []string
	viewed(t, path, func(c *conn) (err error) { out, err = statements(c, "table", "index", "view"); return err })
	slices.Sort(out)
	return out
}

func viewed(t *testing.T, path string, fn func(c *conn) error) {
	t.Helper()
	r, err := OpenReader(context.Background(), path)
	if err == nil {
		err = errors.Join(r.view(t.Context(), fn), r.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// rowsOf counts the rows of every table.
func rowsOf(t *testing.T, path string) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	viewed(t, path, func(c *conn) error {
		var names []string
		err := c.query("SELECT name FROM sqlite_schema WHERE type = 'table'", func(row []driver.Value) error {
			names = append(names, asString(row[0]))
			return nil
		})
		for _, name := range names {
			n, bad := c.integer("SELECT count(*) FROM " + name)
			out[name], err = n, errors.Join(err, bad)
		}
		return err
	})
	return out
}

// TestSnapshot copies while records come and are erased, and goes on from it.
func TestSnapshot(t *testing.T) {
	j := filled(t, 5000)
	if err := j.AddCheckpoint(t.Context(), Signed{Size: 9000, Time: 1, Note: []byte("note")}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "copy.db")
	var keys []DataKey
	was := rowsOf(t, j.path)
	head, erased := j.Head(), make(chan error, 1)
	s, err := j.Snapshot(t.Context(), path, func(k DataKey) error { keys = append(keys, k); return nil }, func(done, _ int64) {
		if done > copyPiece {
			return
		}
		appendOne(t, j, admission(j.cfg.Now(), audit.SubjectID{1}))
		go func() { // it returns once nothing holds the log
			r := audit.Record{ID: audit.NewID(j.cfg.Now()), Kind: audit.KindErasure, Time: 1, Actor: "test"}
			erased <- j.Erase(context.WithoutCancel(t.Context()), Erase{Record: r, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{20}})
		}()
	})
	if err := errors.Join(err, <-erased); err != nil {
		t.Fatal(err)
	}
	if j.Head().Size != head.Size+2 || s.Size != head.Size || s.Root != head.Root || s.Leaf != head.Leaf || s.Chain != "test-chain" || s.Checkpoints != 9000 || s.Keys != 5000 || len(keys) != 5000 {
		t.Errorf("%d records, %d keys: %+v", s.Size, len(keys), head)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("wrapped key 000011")) || !bytes.Contains(raw, []byte("unique body 000011")) {
		t.Error("a data key is in the copy, or a record is not")
	}
	copied := func(yield func(DataKey, error) bool) {
		for _, k := range keys {
			if !yield(k, nil) {
				return
			}
		}
	}
	chain := audit.RestoredChain(s.Chain)
	if err := Complete(t.Context(), path, chain, copied); err != nil {
		t.Fatal(err)
	}
	if a, b := schema(t, j.path), schema(t, path); !slices.Equal(a, b) {
		t.Errorf("other tables, indexes or views:\n%q\n%q", a, b)
	}
	was["data_keys"] = 5000
	if a, b := was, rowsOf(t, path); !maps.Equal(a, b) {
		t.Errorf("other rows: %v, were %v", b, a)
	}
	cfg := config(path)
	again := open(t, cfg)
	r := appendOne(t, again, admission(cfg.Now(), audit.SubjectID{1}))
	if r.Chain != chain || r.Seq != s.Size || r.Prev != s.Leaf {
		t.Errorf("goes on with %s, record %d", r.Chain, r.Seq)
	}
}

func TestSnapshotLeavesNothing(t *testing.T) {
	j := filled(t, 10)
	path := filepath.Join(t.TempDir(), "copy.db")
	fault := errors.New("fault")
	if _, err := j.Snapshot(t.Context(), path, func(DataKey) error { return fault }, nil); !errors.Is(err, fault) {
		t.Error(err)
	}
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) > 0 {
		t.Errorf("of a copy is left: %v, %v", left, err)
	}
	j.cfg.MinFree = 1 << 60
	if _, err := j.Snapshot(t.Context(), path, nil, nil); !errors.Is(err, ErrNoSpace) {
		t.Error(err)
	}
}

// TestSnapshotIsOfOneMoment, wherever the pages of the store lie when it begins
// and whatever is moved meanwhile.
func TestSnapshotIsOfOneMoment(t *testing.T) {
	copied := func(j *Journal) error {
		return j.alone(context.Background(), func() error { _, _, err := j.w.checkpoint("PASSIVE"); return err })
	}
	cut := func(j *Journal) error { return j.DropLog(context.Background()) }
	for name, prepare := range map[string]func(j *Journal) error{
		"all in the log": func(*Journal) error { return nil }, "the log copied": copied, "the log cut": cut, "the log cut, and written": cut,
	} {
		t.Run(name, func(t *testing.T) {
			j := open(t, config(t.TempDir()))
			var b Batch
			for range 300 { // more than two pieces of a copy
				r := admission(j.cfg.Now(), audit.SubjectID{1})
				r.Parts = []audit.Part{audit.NewPart(audit.PartBody, bytes.Repeat([]byte("long text "), 2000))}
				b.Records = append(b.Records, r)
			}
			if err := j.Append(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if err := prepare(j); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "written") {
				appendOne(t, j, admission(j.cfg.Now(), audit.SubjectID{1}))
			}
			head, pieces, path := j.Head(), 0, filepath.Join(t.TempDir(), "copy.db")
			s, err := j.Snapshot(t.Context(), path, func(DataKey) error { return nil }, func(int64, int64) {
				pieces++
				for range 5 {
					appendOne(t, j, admission(j.cfg.Now(), audit.SubjectID{2}))
				}
				if err := copied(j); err != nil {
					t.Error(err)
				}
			})
			if err != nil || pieces < 2 && name != "all in the log" || s.Size != head.Size || s.Root != head.Root {
				t.Fatalf("%d records of %d in %d pieces: %v", s.Size, head.Size, pieces, err)
			}
			viewed(t, path, func(c *conn) error {
				return c.query("PRAGMA integrity_check", func(row []driver.Value) error {
					if asString(row[0]) != "ok" {
						t.Errorf("the copy is damaged: %v", row)
					}
					return nil
				})
			})
			r, err := OpenReader(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			got, err := audit.Verify(t.Context(), r, audit.VerifyOptions{Chain: s.Chain})
			if err = errors.Join(err, r.Close()); err != nil || !got.OK() || got.Root != head.Root {
				t.Errorf("the copy does not verify: %+v, %v", got.Findings, err)
			}
			if raw, err := os.ReadFile(path); err != nil || raw[18] != 1 || raw[19] != 1 {
				t.Errorf("the copy needs a log beside it: %v", err)
			}
			if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 1 {
				t.Errorf("beside the copy lies %v, %v", left, err)
			}
		})
	}
}

// TestErasedIsHeard: what must know of an erasure hears of it before anything
// is overwritten, and can stop it.
func TestErasedIsHeard(t *testing.T) {
	cfg := config(t.TempDir())
	fault := errors.New("fault")
	var heard []uint64
	cfg.Erased = func(r audit.Record, e Erase) error {
		heard = append(heard, r.Seq)
		if len(heard) == 1 {
			return fault
		}
		return nil
	}
	j := open(t, cfg)
	appendOne(t, j, admission(cfg.Now(), audit.SubjectID{1}))
	erase := func() error {
		r := audit.Record{ID: audit.NewID(cfg.Now()), Kind: audit.KindErasure, Time: 1, Actor: "test"}
		return j.Erase(t.Context(), Erase{Record: r, Reason: "request", Parts: []string{audit.PartBody}, Seqs: []uint64{0}})
	}
	if err := erase(); !errors.Is(err, fault) || !onDisk(t, j, []byte("Dear customer")) {
		t.Errorf("stopped: %v", err)
	}
	if err := erase(); err != nil || onDisk(t, j, []byte("Dear customer")) {
		t.Errorf("asked for again: %v", err)
	}
	if !slices.Equal(heard, []uint64{1, 2}) {
		t.Errorf("heard of %v", heard)
	}
}
