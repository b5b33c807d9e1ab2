package audit_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"testing"

	"postern/audit"
)

// cut is the trail as a backup of its first n records is.
func (m *trail) cut(tb testing.TB, n int) *trail {
	tb.Helper()
	out := &trail{}
	for _, r := range m.clone().records[:n] {
		out.chain = r.Chain
		out.append(tb, r)
	}
	out.chain = m.records[max(n, 1)-1].Chain
	return out
}

// restore goes on under a new name with the record that says so.
func (m *trail) restore(tb testing.TB, s audit.Signer, known ...audit.Lost) {
	tb.Helper()
	r := audit.Restoration{
		Version: 1, From: m.chain, Size: m.tree.Size(), Backup: "20261122T100000Z-01020304", Taken: 5, Known: append([]audit.Lost{}, known...), Keys: true,
	}
	detail, err := r.Sign(s)
	if err != nil {
		tb.Fatal(err)
	}
	m.chain = audit.RestoredChain(m.chain)
	life := record(int(m.tree.Size())) //nolint:gosec // small
	life.Kind, life.Type, life.Parts = audit.KindLife, audit.TypeRestored, []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	m.append(tb, life)
}

// lostAt is what the newest note of a chain says.
func (m *trail) lostAt() audit.Lost {
	root := m.tree.Root()
	return audit.Lost{Chain: m.chain, Size: m.tree.Size(), Root: hex.EncodeToString(root[:]), Time: 7}
}

func outside(notes ...[]byte) (out []audit.OutsideCheckpoint) {
	for _, n := range notes {
		out = append(out, audit.OutsideCheckpoint{From: "file", Note: n})
	}
	return out
}

// fork is a trail of 5,000 records, and one restored from its first 4,200 that
// went on.
func fork(t *testing.T, s audit.Signer) (old, now *trail, notes [][]byte) {
	t.Helper()
	old = newTrail(t, 4200)
	before := old.checkpoint(t, s)
	for i := range 800 {
		old.append(t, record(4200+i))
	}
	now = old.cut(t, 4200)
	now.restore(t, s, old.lostAt())
	now.append(t, record(1))
	now.append(t, erasureRecord(t, 2, []string{"body"}, 3))
	now.erase(3, "body")
	return old, now, [][]byte{before, old.checkpoint(t, s), now.checkpoint(t, s)}
}

func TestVerifyRestored(t *testing.T) {
	s, v := testKey(t, 1)
	old, now, notes := fork(t, s)
	r, err := audit.Verify(t.Context(), now, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: outside(notes...)})
	if err != nil || !r.OK() {
		t.Fatalf("%v %v", err, r.Findings)
	}
	if r.Outside != 2 || r.ProvenTo.Size != now.tree.Size() {
		t.Errorf("%d outside, proven to %d", r.Outside, r.ProvenTo.Size)
	}
	if len(r.Restored) != 1 || r.Restored[0].Lost != 800 || r.Restored[0].Checkpoints != 1 || r.Restored[0].Seq != 4200 {
		t.Fatalf("%+v", r.Restored)
	}
	// Once more, from a backup that is older than the first restoration: the
	// branch that is given up is named, too.
	again := old.cut(t, 100)
	again.restore(t, s, old.lostAt(), now.lostAt())
	notes = append(notes, again.checkpoint(t, s))
	r, err = audit.Verify(t.Context(), again, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: outside(notes...)})
	if err != nil || !r.OK() || r.Restored[0].Checkpoints != 3 {
		t.Fatalf("%v %v %+v", err, r.Findings, r.Restored)
	}
	// And a restoration of what was restored.
	third := now.clone()
	third.restore(t, s)
	r, err = audit.Verify(t.Context(), third, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: outside(notes[:3]...)})
	if err != nil || !r.OK() || len(r.Restored) != 2 {
		t.Fatalf("%v %v %+v", err, r.Findings, r.Restored)
	}
}

// TestVerifyRestoredRefuses: who has no key cannot cut the trail and call it a
// restoration.
func TestVerifyRestoredRefuses(t *testing.T) {
	s, v := testKey(t, 1)
	stranger, _ := testKey(t, 2)
	old, _, notes := fork(t, s)
	for name, c := range map[string]struct {
		signer audit.Signer
		known  []audit.Lost
		change func(*trail)
		fault  audit.Fault
	}{
		"by another key":   {stranger, []audit.Lost{old.lostAt()}, nil, audit.FaultChain},
		"names no loss":    {s, nil, nil, audit.FaultCheckpoint},
		"names less":       {s, []audit.Lost{{Chain: testChain, Size: 4999, Root: hex.EncodeToString(make([]byte, 32))}}, nil, audit.FaultCheckpoint},
		"names other":      {s, []audit.Lost{{Chain: testChain, Size: 5000, Root: hex.EncodeToString(make([]byte, 32))}}, nil, audit.FaultCheckpoint},
		"another store":    {s, []audit.Lost{old.lostAt()}, func(m *trail) { m.chain = "other.example/gw/r01020304" }, audit.FaultChain},
		"detail is gone":   {s, []audit.Lost{old.lostAt()}, func(m *trail) { m.erase(4200, "detail") }, audit.FaultChain},
		"record is absent": {s, []audit.Lost{old.lostAt()}, func(m *trail) { m.records = slices.Delete(m.records, 4200, 4201) }, audit.FaultChain},
	} {
		m := old.cut(t, 4200)
		m.restore(t, c.signer, c.known...)
		m.append(t, record(1))
		if c.change != nil {
			c.change(m)
		}
		r, err := audit.Verify(t.Context(), m, audit.VerifyOptions{Verifiers: []audit.Verifier{v}, Against: outside(notes[:2]...)})
		if err != nil || !slices.ContainsFunc(r.Findings, func(f audit.Finding) bool { return f.Fault == c.fault }) {
			t.Errorf("%s: %v %v", name, err, r.Findings)
		}
	}
}

func TestRestorationReads(t *testing.T) {
	s, v := testKey(t, 1)
	good := audit.Restoration{Version: 1, From: testChain, Size: 1, Known: []audit.Lost{}}
	detail, err := good.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := audit.OpenRestoration(detail, v); err != nil || got.From != testChain {
		t.Errorf("%+v %v", got, err)
	}
	for i := range detail {
		bad := slices.Clone(detail)
		bad[i] ^= 1
		if _, err := audit.OpenRestoration(bad, v); err == nil {
			t.Fatalf("byte %d was changed and it opens", i)
		}
	}
	for name, r := range map[string]audit.Restoration{
		"version": {Version: 2, From: testChain, Known: []audit.Lost{}},
		"chain":   {Version: 1, From: "a b", Known: []audit.Lost{}},
		"null":    {Version: 1, From: testChain},
		"root":    {Version: 1, From: testChain, Known: []audit.Lost{{Chain: "a", Size: 1, Root: "x"}}},
	} {
		if _, err := r.Sign(s); !errors.Is(err, audit.ErrRestoration) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for a, b := range map[string]string{testChain: audit.RestoredChain(testChain), "x/r01020304": audit.RestoredChain("x")} {
		if !audit.SameStore(a, b) || !audit.SameStore(audit.RestoredChain(b), a) || len(audit.RestoredChain(b)) != len(b) {
			t.Errorf("%s and %s", a, b)
		}
	}
	if audit.SameStore("a/r1234567g", "a") || audit.SameStore("a", "b") {
		t.Error("names of two stores")
	}
}
