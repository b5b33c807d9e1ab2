package journal

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"postern/audit"
)

// TestWentIsWhatIsGone compares what erasures claim, in ranges near to each other
// and apart, with what each record says for itself.
func TestWentIsWhatIsGone(t *testing.T) {
	ctx, cfg := context.Background(), config(t.TempDir())
	j := open(t, cfg)
	const size = 1200
	for range size / 100 {
		b := Batch{}
		for range 100 {
			b.Records = append(b.Records, admission(cfg.Now(), audit.NewSubjectID()))
		}
		if err := j.Append(ctx, b); err != nil {
			t.Fatal(err)
		}
	}
	some := func(oneIn, from, to int) (out []uint64) {
		for seq := from; seq < to; seq++ {
			if rand.IntN(oneIn) == 0 { //nolint:gosec // which one is no secret
				out = append(out, uint64(seq)) //nolint:gosec // not negative
			}
		}
		return out
	}
	gone := map[uint64]bool{}
	for _, seq := range append(some(2, 0, 600), some(40, 600, size)...) {
		gone[seq] = true
	}
	e := purge(j, slices.Sorted(maps.Keys(gone))...)
	e.Parts = []string{audit.PartBody}
	if err := j.Erase(ctx, e); err != nil {
		t.Fatal(err)
	}
	for name, claimed := range map[string][]uint64{
		"all": some(1, 0, size), "one in two": some(2, 0, size), "one in three": some(3, 0, size), "few": some(150, 0, size), "the end": {size - 1}, "none gone": {},
	} {
		if len(claimed) == 0 {
			claimed = slices.DeleteFunc(some(3, 0, size), func(seq uint64) bool { return gone[seq] })
		}
		want := slices.DeleteFunc(slices.Clone(claimed), func(seq uint64) bool { return !gone[seq] })
		got, err := j.Went(ctx, audit.NewErasure("request", []string{audit.PartBody}, claimed))
		if err != nil {
			t.Fatal(err)
		}
		var seqs []uint64
		for _, r := range got.Ranges {
			for seq := r.First; seq <= r.Last; seq++ {
				seqs = append(seqs, seq)
			}
		}
		if !slices.Equal(seqs, want) {
			t.Errorf("%s: %d of %d claimed are said to be gone, %d are", name, len(seqs), len(claimed), len(want))
		}
	}
}
