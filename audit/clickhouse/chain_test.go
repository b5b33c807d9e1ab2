package clickhouse

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// TestChainOfARestoredStore: what belongs to the store is told from what it lost.
func TestChainOfARestoredStore(t *testing.T) {
	const renamed = "test-chain/r0badcafe"
	e := chtest.Start(t)
	s := store(t, e)
	e.Query(t, "INSERT INTO "+s.table("leaves")+" SELECT chain, number, '' FROM (SELECT arrayJoin(['test-chain', 'elsewhere']) AS chain, number FROM numbers(10))")
	// Restored from the first 7 of that, then from the first 9 of this, then from
	// the first 5 of the first once more.
	const again, thirdly = "test-chain/r0badcaff", "test-chain/r0badcafd"
	for _, c := range []struct {
		name, from string
		begin      uint64
	}{{renamed, "test-chain", 7}, {again, renamed, 9}, {thirdly, "test-chain", 5}} {
		e.Query(t, fmt.Sprintf("INSERT INTO %s SELECT '%s', number + %d, '' FROM numbers(5)", s.table("leaves"), c.name, c.begin))
		if _, err := s.ofStore(t.Context(), c.name); !errors.Is(err, ErrLineage) {
			t.Errorf("%s goes on from nothing: %v", c.name, err)
		}
		r := restoration(t, c.from, c.begin)
		e.Query(t, fmt.Sprintf("INSERT INTO %s (chain, seq, kind, type, detail) VALUES ('%s', %d, 'life', 'restored', '%s')",
			s.table("records"), c.name, c.begin, strings.NewReplacer("\\", "\\\\", "'", "\\'").Replace(string(r.Parts[0].Body))))
	}
	for chain, want := range map[string]string{renamed: "12", again: "14", thirdly: "10", "elsewhere": "10", "unknown": "0", "test-chain": "10"} {
		of, err := s.ofStore(context.Background(), chain)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.Query(t, "SELECT count() FROM "+s.table("leaves")+" WHERE "+of); got != want {
			t.Errorf("%s has %s records, want %s", chain, got, want)
		}
	}
}

// restoration is the first record of a chain that goes on from another.
func restoration(t *testing.T, from string, size uint64) audit.Record {
	t.Helper()
	priv := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	pub, _ := priv.Public().(ed25519.PublicKey)
	signer, err := audit.NewSigner("test/keys", pub, func(msg []byte) ([]byte, error) { return ed25519.Sign(priv, msg), nil })
	if err != nil {
		t.Fatal(err)
	}
	detail, err := audit.Restoration{Version: 1, From: from, Size: size, Backup: "b", Taken: 1, Known: []audit.Lost{}}.Sign(signer)
	if err != nil {
		t.Fatal(err)
	}
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(start), Kind: audit.KindLife, Type: audit.TypeRestored, Time: start.UnixMicro(),
		Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}
}

// restore gives the journal as it is now, brought back after what it went on
// to do, and how its chain is called then.
func restore(t *testing.T, j *journal.Journal, meanwhile func()) (restored *journal.Journal, chain string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "copy.db")
	taken, err := j.Snapshot(t.Context(), path, func(journal.DataKey) error { return nil }, nil)
	if err != nil {
		t.Fatal(err)
	}
	size := j.Head().Size
	meanwhile()
	chain = audit.RestoredChain(taken.Chain)
	if err := journal.Complete(t.Context(), path, chain, func(func(journal.DataKey, error) bool) {}); err != nil {
		t.Fatal(err)
	}
	restored = openJournal(t, path)
	appendRecords(t, restored, restoration(t, taken.Chain, size))
	return restored, chain
}

// TestSearchOfARestoredStore: a search finds what the restored store has, under
// its earlier chain name, too, and nothing that it lost.
func TestSearchOfARestoredStore(t *testing.T) {
	s, j, person := store(t, chtest.Start(t)), openJournal(t, t.TempDir()), audit.NewSubjectID()
	say := func(j *journal.Journal, n int) {
		for range n {
			r := message(int(j.Head().Size)) //nolint:gosec // small
			r.Subject = person
			appendRecords(t, j, r)
		}
	}
	say(j, 6)
	restored, chain := restore(t, j, func() {
		say(j, 5)
		shipAll(t, s, j)
	})
	say(restored, 3)
	cfg := s.cfg
	cfg.Chain = chain
	reader, err := OpenToAsk(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close() //nolint:errcheck // it only read
	q := journal.Search{Subject: person, Limit: 5}
	if _, err := reader.Search(t.Context(), q); !errors.Is(err, ErrNotBegun) {
		t.Errorf("before it is shipped: %v", err)
	}
	shipAll(t, s, restored)
	for _, q := range []journal.Search{q, {Words: []string{"appointment"}, Limit: 5}, {Kind: "admission", Limit: 5}} {
		for page := range 2 {
			want, err := restored.Reader().Search(t.Context(), q)
			if err != nil {
				t.Fatal(err)
			}
			got, err := reader.Search(t.Context(), q)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("page %d of %+v: %v\n%v\nwant\n%v", page, q, err, got, want)
			}
			q.Before = want.Next
		}
	}
	trail := &Trail{Store: s, Chain: chain, Confirmed: func(context.Context) (uint64, error) { return restored.Head().Size, nil }}
	n := uint64(0)
	if err := trail.Records(t.Context(), 0, restored.Head().Size, func(r *audit.Record) error {
		if r.Seq != n || r.Version != audit.Version {
			t.Errorf("record %d is %d", n, r.Seq)
		}
		n++
		return nil
	}); err != nil || n != restored.Head().Size {
		t.Errorf("%d records, %v", n, err)
	}
}
