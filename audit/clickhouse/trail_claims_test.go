package clickhouse

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

// TestPutBackWhereErased: an erasure covers what is gone, and never a text that
// somebody put in its place; nor one that stays while only its salt went.
func TestPutBackWhereErased(t *testing.T) {
	e := chtest.Start(t)
	s, j := store(t, e), openJournal(t, t.TempDir())
	appendMessages(t, j, 12)
	erase(t, j, []string{audit.PartBody, audit.PartInput}, 4)
	shipAll(t, s, j)
	if found := prove(t, s, j.Head().Size); len(found) > 0 {
		t.Fatalf("before anything was put back: %q", found)
	}
	for _, column := range []string{"body", "input", "body_salt"} {
		set := func(value string) {
			e.Query(t, "ALTER TABLE "+s.table("records")+" UPDATE "+column+" = '"+value+"' WHERE seq = 4 SETTINGS mutations_sync = 2")
		}
		set("Nothing was said")
		if found := prove(t, s, j.Head().Size); len(found) == 0 || !strings.Contains(found[0], "record 4") {
			t.Errorf("a %s where it was erased: %q", column, found)
		}
		set("")
	}
	e.Query(t, "ALTER TABLE "+s.table("records")+" UPDATE body_salt = '' WHERE seq = 5 SETTINGS mutations_sync = 2")
	if found := prove(t, s, j.Head().Size); len(found) == 0 || !strings.Contains(found[0], "record 5") {
		t.Errorf("a body whose salt alone is gone: %q", found)
	}
}

// TestCheckpointsAtTheCursor: what the journal signed beyond the last confirmed
// record is no fault of this copy, and what it signed before is held against it.
func TestCheckpointsAtTheCursor(t *testing.T) {
	s, j := store(t, chtest.Start(t)), openJournal(t, t.TempDir())
	priv := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	pub := priv.Public().(ed25519.PublicKey)
	signer, err := audit.NewSigner("postern.example/keys", pub, func(msg []byte) ([]byte, error) { return ed25519.Sign(priv, msg), nil })
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := audit.NewVerifier("postern.example/keys", pub)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(h journal.Head) []byte {
		note, err := audit.Checkpoint{Origin: h.Chain, Size: h.Size, Root: h.Root, Head: h.Leaf, Time: start.UnixMicro()}.Sign(signer)
		if err != nil {
			t.Fatal(err)
		}
		return note
	}
	appendMessages(t, j, 5)
	within := j.Head()
	appendMessages(t, j, 4)
	shipAll(t, s, j)
	appendMessages(t, j, 3)
	beyond := sign(j.Head())
	forged := within
	forged.Root[0] ^= 1
	at := func(n uint64) func(context.Context) (uint64, error) {
		return func(context.Context) (uint64, error) { return n, nil }
	}
	for name, c := range map[string]struct {
		notes [][]byte
		want  string
	}{
		"one within and one beyond": {[][]byte{sign(within), beyond}, ""},
		"one of another root":       {[][]byte{sign(forged), beyond}, "are not as they were when the checkpoint was made"},
		"what is none":              {[][]byte{[]byte("no checkpoint"), beyond}, "checkpoint"},
	} {
		trail := &Trail{Store: s, Chain: "test-chain", Confirmed: at(9), Size: at(12), Checkpoints: c.notes}
		report, err := trail.Verify(t.Context(), audit.VerifyOptions{Verifiers: []audit.Verifier{verifier}})
		if err != nil {
			t.Fatal(err)
		}
		switch said := report.Findings; {
		case c.want == "" && (len(said) > 0 || report.Checkpoints != 1 || report.Records != 9):
			t.Errorf("%s: %v, %d checkpoints for %d records", name, said, report.Checkpoints, report.Records)
		case c.want != "" && (len(said) == 0 || !strings.Contains(said[0].String(), c.want)):
			t.Errorf("%s: %v", name, said)
		}
	}
}
