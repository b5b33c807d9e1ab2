package audit_test

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"

	"postern/audit"
)

func verify(t *testing.T, m audit.Source, opt audit.VerifyOptions) audit.Report {
	t.Helper()
	r, err := audit.Verify(context.Background(), m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// signed is a trail of n records with stored checkpoints at the given sizes.
func signed(t *testing.T, n int, sizes ...uint64) (*trail, audit.Signer, audit.Verifier) {
	t.Helper()
	s, v := testKey(t, 1)
	m := &trail{chain: testChain}
	for i := range n {
		m.append(t, record(i))
		if slices.Contains(sizes, m.tree.Size()) {
			m.checkpoints = append(m.checkpoints, m.checkpoint(t, s))
		}
	}
	return m, s, v
}

func wantOK(t *testing.T, r audit.Report) {
	t.Helper()
	if !r.OK() {
		t.Fatalf("findings in a sound trail: %v", r.Findings)
	}
}

// wantOnly demands findings of the given fault and record and no other.
func wantOnly(t *testing.T, r audit.Report, fault audit.Fault, seq uint64) {
	t.Helper()
	if r.OK() {
		t.Fatalf("no finding, want %s at %d", fault, seq)
	}
	for _, f := range r.Findings {
		if f.Fault != fault || f.Seq != seq {
			t.Errorf("finding %s %q, want only %s at %d", f.Fault, f, fault, seq)
		}
	}
}

func TestSoundTrail(t *testing.T) {
	for _, n := range []int{0, 1, 2, 255, 256, 257, 4095, 4096, 4097, 9000} {
		m, s, v := signed(t, n, 1, 255, 4096, 4097, 5000)
		outside := audit.OutsideCheckpoint{From: "kept:1", Note: m.checkpoint(t, s)}
		for _, workers := range []int{1, 2, 5} {
			var last atomic.Uint64
			r := verify(t, m, audit.VerifyOptions{
				Verifiers: []audit.Verifier{v}, Workers: workers, Against: []audit.OutsideCheckpoint{outside},
				Progress: func(done, total uint64) {
					if done < last.Load() || done > total {
						t.Errorf("progress %d of %d after %d", done, total, last.Load())
					}
					last.Store(done)
				},
			})
			wantOK(t, r)
			size := uint64(n) //nolint:gosec // small
			if r.Records != size || r.Parts != 2*size || r.ProvenTo.Size != size || r.Root != m.tree.Root() || last.Load() != size {
				t.Errorf("%d records: %+v, progress %d", n, r, last.Load())
			}
			if r.Checkpoints != uint64(len(m.checkpoints)) || r.Outside != 1 {
				t.Errorf("%d records: %d stored and %d outside checkpoints hold", n, r.Checkpoints, r.Outside)
			}
		}
	}
}

// rebuild makes every hash of the trail fit again, as an intruder with write
// access but without the key would.
func rebuild(t *testing.T, m *trail) *trail {
	t.Helper()
	out := &trail{chain: m.chain, checkpoints: m.checkpoints}
	for _, r := range m.records {
		out.append(t, r)
	}
	return out
}

func TestRewritten(t *testing.T) {
	m, s, v := signed(t, 6000, 1000, 2000, 3000, 6000)
	m.records[2500].Result = "refused"
	forged := rebuild(t, m)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	r := verify(t, forged, opt)
	if got := summary(r); got != "[rewritten 2000-2999]" || r.Findings[0].More != 1 || r.SignedTo.Size != 2000 {
		t.Errorf("got %s, more %d, signed to %d", got, r.Findings[0].More, r.SignedTo.Size)
	}

	outside := audit.OutsideCheckpoint{From: "kept:7", Note: m.checkpoints[2]}
	forged.checkpoints = nil // and with the key a new one
	forged.checkpoints = [][]byte{forged.checkpoint(t, s)}
	wantOK(t, verify(t, forged, opt))
	opt.Against = []audit.OutsideCheckpoint{{From: "kept:1", Note: m.checkpoints[0]}, outside}
	r = verify(t, forged, opt)
	// The forged checkpoint holds at 6000, the outside ones up to 1000 only.
	if got := summary(r); got != "[rewritten 1000-2999]" || r.ProvenTo.Size != 1000 || r.Findings[0].From != "kept:7" {
		t.Errorf("got %s, proven to %d", got, r.ProvenTo.Size)
	}
}

// TestLinkNamesRewritten: a record changed together with its stored hashes.
func TestLinkNamesRewritten(t *testing.T) {
	m, _, v := signed(t, 9000, 4096, 9000)
	for _, seq := range []int{0, 17, 4095, 4096, 8000} {
		c := m.clone()
		r := &c.records[seq]
		r.Result = "refused"
		leaf, err := audit.AppendLeaf(nil, r)
		if err != nil {
			t.Fatal(err)
		}
		r.Leaf = audit.LeafHash(leaf)
		got := verify(t, c, audit.VerifyOptions{Verifiers: []audit.Verifier{v}})
		wantOnly(t, got, audit.FaultLink, uint64(seq)) //nolint:gosec // small
	}
}

func TestTruncated(t *testing.T) {
	m, _, v := signed(t, 6000, 1000, 5000, 6000)
	kept := m.checkpoints
	m.records = m.records[:4500]
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	r := verify(t, m, opt)
	if got := summary(r); got != "[truncated 4500-5999]" || r.Findings[0].More != 1 {
		t.Errorf("stored checkpoints: got %s", got)
	}
	m.checkpoints = kept[:1]
	wantOK(t, verify(t, m, opt))
	opt.Against = []audit.OutsideCheckpoint{{From: "kept:1", Note: kept[1]}}
	r = verify(t, m, opt)
	if got := summary(r); got != "[truncated 4500-4999]" || r.ProvenTo.Size != 0 || r.SignedTo.Size != 1000 {
		t.Errorf("outside checkpoint: got %s, proven to %d, signed to %d", got, r.ProvenTo.Size, r.SignedTo.Size)
	}
}

func TestCheckpointFindings(t *testing.T) {
	m, s, v := signed(t, 20, 10)
	other, _ := testKey(t, 9)
	_, rotated := testKey(t, 1)
	foreign := &trail{chain: "elsewhere"}
	foreign.append(t, record(1))
	badHead := audit.Checkpoint{Origin: testChain, Size: 20, Root: m.tree.Root(), Head: [32]byte{1}}
	headNote, err := badHead.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	for name, msg := range map[string][]byte{
		"is not signed by a known key":                m.checkpoint(t, other),
		"is of another chain":                         foreign.checkpoint(t, s),
		"is not a whole, well-formed checkpoint":      []byte("torn\n"),
		"names another last record than its own root": headNote,
	} {
		r := verify(t, m, audit.VerifyOptions{
			Verifiers: []audit.Verifier{rotated, v}, Against: []audit.OutsideCheckpoint{{From: "kept:3", Note: msg}},
		})
		if len(r.Findings) != 1 || r.Findings[0].Fault != audit.FaultCheckpoint || r.Findings[0].Note != name ||
			r.Findings[0].From != "kept:3" || r.ProvenTo.Size != 0 {
			t.Errorf("%s: %+v", name, r.Findings)
		}
	}
	if r := verify(t, m, audit.VerifyOptions{}); r.OK() || r.SignedTo.Size != 0 {
		t.Error("a checkpoint counts without any key")
	}
	if r := verify(t, m, audit.VerifyOptions{Chain: "elsewhere", Verifiers: []audit.Verifier{v}}); r.OK() {
		t.Error("the store of another chain passes")
	}
}

func TestErased(t *testing.T) {
	m, _, v := signed(t, 5000)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	for _, seq := range []uint64{3, 4, 5, 4095, 4096} {
		m.erase(seq, audit.PartBody)
	}
	m.erase(9, audit.PartOriginal)
	r := verify(t, m, opt)
	if got := summary(r); got != "[erased 3-5 erased 9-9 erased 4095-4095 erased 4096-4096]" || r.Erased != 6 {
		t.Errorf("without erasure record: %s, %d erased", got, r.Erased)
	}
	m.append(t, erasureRecord(t, 5000, []string{audit.PartBody}, 3, 5, 4095, 4096))
	r = verify(t, m, opt)
	if got := summary(r); got != "[erased 4-4 erased 9-9]" || r.Findings[1].Part != audit.PartOriginal {
		t.Errorf("partly covered: %s", got)
	}
	m.append(t, erasureRecord(t, 5001, []string{audit.PartBody, audit.PartOriginal}, 4, 9))
	r = verify(t, m, opt)
	wantOK(t, r)
	if r.Erasures != 2 {
		t.Errorf("%d erasure records, want 2", r.Erasures)
	}
	m.erase(5000, audit.PartDetail)
	if r := verify(t, m, opt); r.OK() {
		t.Error("an erasure record that was itself erased still covers")
	}
}

func TestErasureRecordsRefused(t *testing.T) {
	_, v := testKey(t, 1)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	m := newTrail(t, 10)
	m.append(t, erasureRecord(t, 10, []string{audit.PartBody}, 3, 10))
	wantOnly(t, verify(t, m, opt), audit.FaultErasure, 10)

	m = newTrail(t, 10)
	r := erasureRecord(t, 10, []string{audit.PartBody}, 3)
	r.Parts[0].Body = append(r.Parts[0].Body, ' ')
	m.append(t, r)
	wantOnly(t, verify(t, m, opt), audit.FaultErasure, 10)

	m = newTrail(t, 10)
	r.Parts = nil
	m.append(t, r)
	wantOnly(t, verify(t, m, opt), audit.FaultErasure, 10)

	m = newTrail(t, 10) // a forged coverage is found and covers nothing
	m.append(t, erasureRecord(t, 10, []string{audit.PartBody}, 3))
	m.erase(3, audit.PartBody)
	m.erase(4, audit.PartBody)
	forged, err := audit.NewErasure("request", []string{audit.PartBody}, []uint64{3, 4}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	m.records[10].Parts[0].Body = forged
	if got := summary(verify(t, m, opt)); got != "[erased 3-4 part 10-10]" {
		t.Errorf("forged erasure: %s", got)
	}
}

// TestErasedMeanwhile: records and erasures go on while Verify reads.
func TestErasedMeanwhile(t *testing.T) {
	m, _, v := signed(t, 100)
	m.erase(7, audit.PartBody)
	calls := 0
	m.onHead = func(m *trail) {
		if calls++; calls == 2 {
			m.append(t, erasureRecord(t, 100, []string{audit.PartBody}, 7))
		}
	}
	r := verify(t, m, audit.VerifyOptions{Verifiers: []audit.Verifier{v}})
	wantOK(t, r)
	if calls != 2 || r.Records != 100 {
		t.Errorf("%d looks at the head, %d records", calls, r.Records)
	}
}

func TestManyFindingsAreCounted(t *testing.T) {
	m, s, v := signed(t, 9000)
	outside := audit.OutsideCheckpoint{From: "kept:1", Note: m.checkpoint(t, s)}
	for i := range m.records {
		m.records[i].Tenant = "other"
	}
	m.records = m.records[:8999]
	r := verify(t, m, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, MaxFindings: 10, Workers: 1, Against: []audit.OutsideCheckpoint{outside}})
	if len(r.Findings) != 11 || r.Dropped != 8989 || r.Findings[10].Fault != audit.FaultTruncated {
		t.Errorf("%d findings, %d dropped: %s", len(r.Findings), r.Dropped, summary(r))
	}
}

type failing struct{ *trail }

var errDisk = errors.New("disk")

func (f failing) Records(ctx context.Context, from, until uint64, fn func(*audit.Record) error) error {
	if from > 0 {
		return errDisk
	}
	return f.trail.Records(ctx, from, until, fn)
}

func TestUnreadableTrailProvesNothing(t *testing.T) {
	m := newTrail(t, 5000)
	r, err := audit.Verify(context.Background(), failing{m}, audit.VerifyOptions{})
	if !errors.Is(err, errDisk) || r.Records != 0 {
		t.Errorf("got %v and %d records", err, r.Records)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := audit.Verify(ctx, m, audit.VerifyOptions{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}

func TestFindingString(t *testing.T) {
	for _, tt := range []struct {
		finding audit.Finding
		want    string
	}{
		{audit.Finding{Fault: audit.FaultPart, Seq: 4, Last: 4, ID: audit.ID{15: 1}, Part: "body", Note: "n"}, "record 4 (00000000000000000000000000000001), part body: n"},
		{audit.Finding{Fault: audit.FaultTruncated, Seq: 4, Last: 9, From: "f:1", Note: "n", More: 2}, "records 4 to 9, checkpoint f:1: n (and 2 further checkpoints say the same)"},
		{audit.Finding{Fault: audit.FaultCheckpoint, From: "f:1", Note: "n"}, "checkpoint f:1: n"},
	} {
		if got := tt.finding.String(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
