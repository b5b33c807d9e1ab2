package journal

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"postern/audit"
)

// signer signs checkpoints with a fixed key.
func signer(t testing.TB, seed byte) (audit.Signer, audit.Verifier) {
	t.Helper()
	private := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey) //nolint:errcheck // what Public of this key is
	s, err := audit.NewSigner("test-keys", public, func(msg []byte) ([]byte, error) { return ed25519.Sign(private, msg), nil })
	if err != nil {
		t.Fatal(err)
	}
	v, err := audit.NewVerifier("test-keys", public)
	if err != nil {
		t.Fatal(err)
	}
	return s, v
}

// sign stores a checkpoint over all there is.
func sign(t testing.TB, j *Journal, s audit.Signer) Head {
	t.Helper()
	h := j.Head()
	note, err := audit.Checkpoint{Origin: h.Chain, Size: h.Size, Root: h.Root, Time: 1, Head: h.Leaf}.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := j.AddCheckpoint(context.Background(), Signed{Size: h.Size, Time: 1, Note: note}); err != nil {
		t.Fatal(err)
	}
	return h
}

func appendMany(t testing.TB, j *Journal, n int) []audit.Record {
	t.Helper()
	records := make([]audit.Record, n)
	for i := range records {
		records[i] = admission(j.cfg.Now(), audit.NewSubjectID())
	}
	if err := j.Append(context.Background(), Batch{Records: records}); err != nil {
		t.Fatal(err)
	}
	return records
}

func TestReceiptFromStore(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	s, v := signer(t, 1)
	records := appendMany(t, j, 700)
	if _, err := j.Reader().Receipt(ctx, &records[3]); !errors.Is(err, ErrUncovered) {
		t.Fatalf("before a checkpoint: %v", err)
	}
	first := sign(t, j, s)
	records = append(records, appendMany(t, j, 3_000-700)...)
	late := appendMany(t, j, 1)
	second := sign(t, j, s)
	for _, seq := range []uint64{0, 255, 256, 699, 700, 767, 768, 2_999} {
		rec, err := j.Reader().Record(ctx, records[seq].ID)
		if err != nil {
			t.Fatal(err)
		}
		receipt, err := j.Reader().Receipt(ctx, &rec)
		if err != nil {
			t.Fatal(err)
		}
		want := first.Size
		if seq >= first.Size {
			want = second.Size
		}
		got := receipt.Verify(v)
		if !got.OK() || got.Checkpoint.Size != want || got.Record.ID != rec.ID || got.Record.Seq != seq {
			t.Errorf("record %d: %v, checkpoint of %d", seq, got.Findings, got.Checkpoint.Size)
		}
	}
	growth, err := j.Reader().ProveGrowth(ctx, first.Size, second.Size, second.Root)
	if err != nil || audit.CheckConsistency(growth, second.Size, second.Root, first.Size, first.Root) != nil {
		t.Errorf("growth from %d to %d: %v", first.Size, second.Size, err)
	}
	// Erasing keeps every receipt as it was.
	before, err := j.Reader().Receipt(ctx, &late[0])
	if err != nil {
		t.Fatal(err)
	}
	erase := Erase{
		Record: audit.Record{Version: 1, ID: audit.NewID(j.cfg.Now()), Kind: audit.KindErasure, Actor: "system"}, Reason: "request",
		Parts: []string{audit.PartBody, audit.PartOriginal}, Seqs: []uint64{late[0].Seq},
	}
	if err := j.Erase(ctx, erase); err != nil {
		t.Fatal(err)
	}
	rec, err := j.Reader().Record(ctx, late[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	after, err := j.Reader().Receipt(ctx, &rec)
	if err != nil || !rec.Parts[0].Erased || after.Leaf != before.Leaf || !slices.Equal(after.Proof, before.Proof) {
		t.Errorf("after the erasure: %v", err)
	}
}

// TestProveRefusesDamagedTiles: a node that was changed makes no proof.
func TestProveRefusesDamagedTiles(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	s, _ := signer(t, 1)
	records := appendMany(t, j, 700)
	sign(t, j, s)
	if err := j.alone(ctx, func() error {
		_, err := j.w.exec("UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND n = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Reader().Receipt(ctx, &records[3]); err == nil {
		t.Error("a proof over a changed node")
	}
	if _, err := j.Reader().Record(ctx, audit.ID{1}); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestSuccessionsAreKept(t *testing.T) {
	ctx := context.Background()
	j := open(t, config(t.TempDir()))
	err := j.Append(ctx, Batch{Settings: []Setting{
		{Scope: ScopeCheckpointKeys, Key: "3", Value: []byte("second"), Time: 2},
		{Scope: ScopeCheckpointKeys, Key: "2", Value: []byte("first"), Time: 1},
		{Scope: "other", Key: "2", Value: []byte("x"), Time: 1},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got, err := j.Reader().Successions(ctx)
	if err != nil || !equal(got, [][]byte{[]byte("first"), []byte("second")}) {
		t.Errorf("%q, %v", got, err)
	}
}

// BenchmarkReceipt: a receipt from a journal of 100,000 records.
func BenchmarkReceipt(b *testing.B) {
	ctx := context.Background()
	j := open(b, config(b.TempDir()))
	s, _ := signer(b, 1)
	var records []audit.Record
	for range 10 {
		records = append(records, appendMany(b, j, 10_000)...)
	}
	sign(b, j, s)
	i := 0
	for b.Loop() {
		i = (i + 7919) % len(records)
		rec, err := j.Reader().Record(ctx, records[i].ID)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := j.Reader().Receipt(ctx, &rec); err != nil {
			b.Fatal(err)
		}
	}
}
