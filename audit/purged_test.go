package audit_test

import (
	"errors"
	"testing"

	"postern/audit"
)

// purge leaves of records what a store leaves, without a record of it.
func (m *trail) purge(seqs ...uint64) {
	for _, seq := range seqs {
		r := &m.records[seq]
		*r = audit.Record{Version: 1, Seq: r.Seq, ID: r.ID, Prev: r.Prev, Leaf: r.Leaf, Kind: audit.KindPurged, Purged: true}
	}
}

// TestPurged purges records, some of which lost a part before: covered they
// verify against every checkpoint, uncovered each is named.
func TestPurged(t *testing.T) {
	m, s, v := signed(t, 5000, 4, 100, 4096, 5000)
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: []audit.OutsideCheckpoint{{From: "kept:1", Note: m.checkpoint(t, s)}}}
	m.erase(3, audit.PartBody)
	m.purge(0, 3, 4, 5, 4095, 4096, 4999)
	r := verify(t, m, opt)
	if got := summary(r); got != "[erased 0-0 erased 3-5 erased 4095-4095 erased 4096-4096 erased 4999-4999]" ||
		r.Purged != 7 || r.Findings[0].Part != audit.PartRecord {
		t.Errorf("without erasure record: %s, %d purged", got, r.Purged)
	}
	m.append(t, erasureRecord(t, 5000, []string{audit.PartBody}, 0, 3, 4, 5, 4095, 4096, 4999))
	if r := verify(t, m, opt); r.OK() {
		t.Error("the erasure of a part covers purged records")
	}
	m.append(t, erasureRecord(t, 5001, []string{audit.PartRecord}, 0, 3, 4, 5, 4095, 4096, 4999))
	r = verify(t, m, opt)
	wantOK(t, r)
	if r.Checkpoints != 4 || r.Outside != 1 || r.Records != 5002 {
		t.Errorf("%d checkpoints, %d outside, %d records", r.Checkpoints, r.Outside, r.Records)
	}
}

// TestPurgedTampered changes what stays of purged records, side by side and
// alone: only the id of one can be changed unseen.
func TestPurgedTampered(t *testing.T) {
	whole, _, v := signed(t, 20, 20)
	seqs := []uint64{3, 4, 5, 19}
	whole.purge(seqs...)
	whole.append(t, erasureRecord(t, 20, []string{audit.PartRecord}, seqs...))
	opt := audit.VerifyOptions{Verifiers: []audit.Verifier{v}}
	wantOK(t, verify(t, whole, opt))
	for name, c := range map[string]struct {
		change func(*trail)
		want   string
	}{
		"leaf, the next one is there":    {func(m *trail) { m.records[5].Leaf[0] ^= 1 }, "[link 5-5]"},
		"leaf, the next one is gone":     {func(m *trail) { m.records[3].Leaf[0] ^= 1 }, "[rewritten 0-19 link 4-4]"},
		"leaf, the last":                 {func(m *trail) { m.records[19].Leaf[0] ^= 1 }, "[link 19-19]"},
		"link of one that is gone":       {func(m *trail) { m.records[4].Prev[0] ^= 1 }, "[link 4-4]"},
		"link to one that is there":      {func(m *trail) { m.records[3].Prev[0] ^= 1 }, "[link 3-3]"},
		"leaf and link":                  {func(m *trail) { m.records[3].Leaf[0] ^= 1; m.records[4].Prev[0] ^= 1 }, "[rewritten 0-19]"},
		"a field":                        {func(m *trail) { m.records[4].Tenant = "bank" }, "[leaf 4-4]"},
		"a part":                         {func(m *trail) { m.records[4].Parts = record(4).Parts }, "[leaf 4-4]"},
		"another record made a gone one": {func(m *trail) { m.purge(6) }, "[erased 6-6]"},
	} {
		m := whole.clone()
		c.change(m)
		if got := summary(verify(t, m, opt)); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPurgedHasNoLeaf(t *testing.T) {
	m := newTrail(t, 1)
	m.purge(0)
	if _, err := audit.AppendLeaf(nil, &m.records[0]); !errors.Is(err, audit.ErrPurged) || !errors.Is(err, audit.ErrLeaf) {
		t.Errorf("leaf of a purged record: %v", err)
	}
	r := record(0)
	r.Version, r.Chain, r.Kind = audit.Version, testChain, audit.KindPurged
	if _, err := audit.AppendLeaf(nil, &r); !errors.Is(err, audit.ErrPurged) {
		t.Errorf("record of kind purged: %v", err)
	}
	if _, err := audit.NewReceipt(&m.records[0], nil, nil, nil); !errors.Is(err, audit.ErrPurged) {
		t.Errorf("receipt of a purged record: %v", err)
	}
}

func TestPermanent(t *testing.T) {
	for _, c := range []struct {
		kind audit.Kind
		typ  string
		want bool
	}{
		{audit.KindErasure, "", true}, {audit.KindAccess, "checkpoint_key", true}, {audit.KindAccess, "app", false},
		{audit.KindLife, "restored", true}, {audit.KindLife, "start", false}, {audit.KindAdmission, "text", false},
	} {
		if got := audit.Permanent(c.kind, c.typ); got != c.want {
			t.Errorf("%s %s: %v", c.kind, c.typ, got)
		}
	}
}
