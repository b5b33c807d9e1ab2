package audit_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"postern/audit"
)

// tiles keeps the hashes of a trail as a journal does.
func (m *trail) tiles() *tileStore {
	store, tree := new(tileStore), new(audit.Tree)
	for i := range m.records {
		store.levels[0] = append(store.levels[0], m.records[i].Leaf)
		for _, n := range tree.AppendNodes(m.records[i].Leaf, nil) {
			store.levels[n.Level] = append(store.levels[n.Level], n.Hash)
		}
	}
	return store
}

// receipt is that of a record, under the signature of s.
func (m *trail) receipt(tb testing.TB, seq uint64, s audit.Signer, keys ...[]byte) *audit.Receipt {
	tb.Helper()
	path, err := audit.ProveInclusion(m.tiles().tile, m.tree.Size(), m.tree.Root(), seq)
	if err != nil {
		tb.Fatal(err)
	}
	r, err := audit.NewReceipt(&m.records[seq], path, m.checkpoint(tb, s), keys)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// again is the receipt as another program would read it.
func again(tb testing.TB, r *audit.Receipt) *audit.Receipt {
	tb.Helper()
	data, err := r.Encode()
	if err != nil {
		tb.Fatal(err)
	}
	out, err := audit.DecodeReceipt(data)
	if err != nil {
		tb.Fatal(err)
	}
	return out
}

func fields(r audit.ReceiptReport) (out []string) {
	for _, f := range r.Findings {
		out = append(out, f.Field)
	}
	return out
}

func TestReceipt(t *testing.T) {
	m := newTrail(t, 600)
	s, v := testKey(t, 1)
	_, stranger := testKey(t, 2)
	for _, seq := range []uint64{0, 255, 256, 599} {
		r := again(t, m.receipt(t, seq, s))
		got := r.Verify(v)
		want := &m.records[seq]
		if !got.OK() || got.Record.Seq != seq || got.Record.Subject != want.Subject || got.Record.Template != want.Template || got.Checkpoint.Size != 600 {
			t.Errorf("record %d: %v", seq, got.Findings)
		}
		if got := r.Verify(stranger); !slices.Equal(fields(got), []string{"checkpoint"}) {
			t.Errorf("under another key: %v", got.Findings)
		}
		if got := r.Verify(); got.OK() {
			t.Error("no key at all was enough")
		}
	}
}

// TestReceiptOfErased: erasing what a record holds leaves its receipt as it was.
func TestReceiptOfErased(t *testing.T) {
	m := newTrail(t, 20)
	s, v := testKey(t, 1)
	before := m.receipt(t, 7, s)
	for _, p := range []string{audit.PartBody, audit.PartOriginal} {
		m.erase(7, p)
	}
	after := m.receipt(t, 7, s)
	if before.Leaf != after.Leaf || !slices.Equal(before.Proof, after.Proof) {
		t.Error("erasing changed the receipt")
	}
	if got := before.Verify(v); !got.OK() {
		t.Error(got.Findings)
	}
	if strings.Contains(before.Leaf, "Your balance") {
		t.Error("the receipt holds a body")
	}
}

// TestReceiptSubject: without the salt nothing tells whom it concerns, and two
// receipts of one record have nothing in common there.
func TestReceiptSubject(t *testing.T) {
	m := newTrail(t, 3)
	s, v := testKey(t, 1)
	a, b := m.receipt(t, 1, s), m.receipt(t, 1, s)
	if a.Subject.Salt == b.Subject.Salt || a.Subject.Commitment == b.Subject.Commitment {
		t.Error("two receipts share a salt")
	}
	if !a.Subject.Opens(m.records[1].Subject) || a.Subject.Opens(m.records[2].Subject) {
		t.Error("the commitment opens to somebody else")
	}
	r := record(9)
	r.Subject = audit.SubjectID{}
	m.append(t, r)
	none := again(t, m.receipt(t, 3, s))
	if got := none.Verify(v); none.Subject != nil || !got.OK() {
		t.Errorf("about nobody: %+v, %v", none.Subject, got.Findings)
	}
	none.Subject = a.Subject
	if got := none.Verify(v); !slices.Equal(fields(got), []string{"subject"}) {
		t.Errorf("a subject where there is none: %v", got.Findings)
	}
}

// TestReceiptNamesEveryChange changes each member in each way that a liar would.
func TestReceiptNamesEveryChange(t *testing.T) {
	m := newTrail(t, 600)
	s1, v := testKey(t, 1)
	s2, _ := testKey(t, 2)
	s3, _ := testKey(t, 3)
	keys := [][]byte{succession(t, 1, 2), succession(t, 2, 3)}
	other := newTrail(t, 0)
	other.chain = "postern.example/gw2"
	other.append(t, record(1))
	tests := []struct {
		name, field string
		change      func(r *audit.Receipt)
	}{
		{"version", "version", func(r *audit.Receipt) { r.Version = 2 }},
		{"id", "id", func(r *audit.Receipt) { r.ID = strings.Repeat("ab", 16) }},
		{"id spelled otherwise", "id", func(r *audit.Receipt) { r.ID = strings.ToUpper(r.ID) }},
		{"revision", "revision", func(r *audit.Receipt) { r.Revision += "0" }},
		{"revision gone", "revision", func(r *audit.Receipt) { r.Revision = "" }},
		{"subject gone", "subject", func(r *audit.Receipt) { r.Subject = nil }},
		{"salt", "subject", func(r *audit.Receipt) { r.Subject.Salt = flipHex(r.Subject.Salt) }},
		{"salt short", "subject", func(r *audit.Receipt) { r.Subject.Salt = r.Subject.Salt[2:] }},
		{"commitment", "subject", func(r *audit.Receipt) { r.Subject.Commitment = flipHex(r.Subject.Commitment) }},
		{"leaf's effect", "leaf", func(r *audit.Receipt) { r.Leaf = strings.Replace(r.Leaf, `"allow"`, `"deny"`, 1) }},
		{"leaf's place", "leaf", func(r *audit.Receipt) { r.Leaf = strings.Replace(r.Leaf, `"seq":300`, `"seq":301`, 1) }},
		{"leaf beyond the tree", "leaf", func(r *audit.Receipt) { r.Leaf = strings.Replace(r.Leaf, `"seq":300`, `"seq":600`, 1) }},
		{"leaf spelled otherwise", "leaf", func(r *audit.Receipt) { r.Leaf = strings.Replace(r.Leaf, `,"seq"`, `, "seq"`, 1) }},
		{"leaf of another chain", "checkpoint", func(r *audit.Receipt) { r.Leaf = strings.Replace(r.Leaf, "gw1", "gw2", 1) }},
		{"leaf hash", "leaf_hash", func(r *audit.Receipt) { r.LeafHash = flipHex(r.LeafHash) }},
		{"leaf hash of no form", "leaf_hash", func(r *audit.Receipt) { r.LeafHash = "00" }},
		{"leaf with its hash", "proof", func(r *audit.Receipt) {
			r.Leaf = strings.Replace(r.Leaf, `"allow"`, `"deny"`, 1)
			sum := audit.LeafHash([]byte(r.Leaf))
			r.LeafHash = hex.EncodeToString(sum[:])
		}},
		{"proof", "proof", func(r *audit.Receipt) { r.Proof[3] = flipHex(r.Proof[3]) }},
		{"proof spelled otherwise", "proof", func(r *audit.Receipt) { r.Proof[0] = strings.ToUpper(r.Proof[0]) }},
		{"proof short", "proof", func(r *audit.Receipt) { r.Proof = r.Proof[1:] }},
		{"proof long", "proof", func(r *audit.Receipt) { r.Proof = append(r.Proof, r.Proof[0]) }},
		{"proof endless", "proof", func(r *audit.Receipt) { r.Proof = slices.Repeat(r.Proof, 60) }},
		{"checkpoint's size", "checkpoint", func(r *audit.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "\n600\n", "\n601\n", 1) }},
		{"checkpoint's time", "checkpoint", func(r *audit.Receipt) { r.Checkpoint = strings.Replace(r.Checkpoint, "time ", "time 1", 1) }},
		{"checkpoint gone", "checkpoint", func(r *audit.Receipt) { r.Checkpoint = "x" }},
		{"checkpoint of another key", "checkpoint", func(r *audit.Receipt) { s, _ := testKey(t, 9); r.Checkpoint = string(m.checkpoint(t, s)) }},
		{"checkpoint of another chain", "checkpoint", func(r *audit.Receipt) { r.Checkpoint = string(other.checkpoint(t, s3)) }},
		{"statement", "keys", func(r *audit.Receipt) { r.Keys[0] = strings.Replace(r.Keys[0], "time 1", "time 2", 1) }},
		{"statement of one alone", "keys", func(r *audit.Receipt) { r.Keys[0] = r.Keys[0][:strings.LastIndex(r.Keys[0], "— ")] }},
		{"a second successor", "keys", func(r *audit.Receipt) { r.Keys = append(r.Keys, string(succession(t, 2, 9))) }},
		{"statements gone", "checkpoint", func(r *audit.Receipt) { r.Keys = nil }},
		{"first statement gone", "checkpoint", func(r *audit.Receipt) { r.Keys = r.Keys[1:] }},
	}
	for _, tt := range tests {
		r := again(t, m.receipt(t, 300, s3, keys...))
		if got := r.Verify(v); !got.OK() {
			t.Fatal(got.Findings)
		}
		tt.change(r)
		if got := r.Verify(v); got.OK() || !slices.Contains(fields(got), tt.field) {
			t.Errorf("%s: %v", tt.name, got.Findings)
		}
	}
	for i, s := range []audit.Signer{s1, s2} {
		if got := m.receipt(t, 300, s, keys...).Verify(v); !got.OK() {
			t.Errorf("key %d of the chain: %v", i+1, got.Findings)
		}
	}
}

func flipHex(s string) string {
	c := byte('0')
	if s[0] == '0' {
		c = '1'
	}
	return string(c) + s[1:]
}

func TestDecodeReceiptRefuses(t *testing.T) {
	s, _ := testKey(t, 1)
	data, err := newTrail(t, 3).receipt(t, 1, s).Encode()
	if err != nil {
		t.Fatal(err)
	}
	whole := string(data)
	for name, text := range map[string]string{
		"nothing":        "",
		"null":           "null",
		"empty":          "{}",
		"list":           "[]",
		"unknown member": strings.Replace(whole, "{", `{"more":1,`, 1),
		"member twice":   strings.Replace(whole, "{", `{"version":1,`, 1),
		"other case":     strings.Replace(whole, `"leaf":`, `"Leaf":`, 1),
		"text behind":    whole + "{}",
		"cut off":        whole[:len(whole)-20],
		"bad UTF-8":      strings.Replace(whole, `"id": "`, "\"id\": \"\xff", 1),
		"too long":       whole + strings.Repeat(" ", audit.MaxReceipt),
	} {
		if _, err := audit.DecodeReceipt([]byte(text)); !errors.Is(err, audit.ErrReceipt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := audit.DecodeReceipt([]byte("\n " + whole + " \n")); err != nil {
		t.Error(err)
	}
}

func TestNewReceiptRefusesDamagedRecord(t *testing.T) {
	m := newTrail(t, 3)
	m.records[1].Tenant = "other"
	if _, err := audit.NewReceipt(&m.records[1], nil, nil, nil); !errors.Is(err, audit.ErrProof) {
		t.Error(err)
	}
}

// FuzzReceipt: what holds is what was signed, however it came.
func FuzzReceipt(f *testing.F) {
	m := newTrail(f, 5)
	s, v := testKey(f, 1)
	s2, _ := testKey(f, 2)
	for _, r := range []*audit.Receipt{m.receipt(f, 2, s), m.receipt(f, 4, s2, succession(f, 1, 2))} {
		data, err := r.Encode()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := audit.DecodeReceipt(data)
		if err != nil {
			return
		}
		got := r.Verify(v)
		if !got.OK() {
			return
		}
		if seq := got.Record.Seq; seq > 4 || got.Record.Leaf != m.records[seq].Leaf {
			t.Errorf("a receipt of what was never recorded: %q", data)
		}
		if text := again(t, r).Verify(v); !text.OK() {
			t.Errorf("written again it fails: %v", text.Findings)
		}
	})
}

// FuzzDecodeLeaf: a leaf has one reading.
func FuzzDecodeLeaf(f *testing.F) {
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		f.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		f.Fatal(err)
	}
	for _, l := range v.Leaves {
		if _, err := audit.DecodeLeaf([]byte(l.Leaf)); err != nil {
			f.Errorf("%s: %v", l.Name, err)
		}
		f.Add([]byte(l.Leaf))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := audit.DecodeLeaf(data)
		if err != nil {
			return
		}
		if leaf, err := audit.AppendLeaf(nil, &r); err != nil || !bytes.Equal(leaf, data) {
			t.Errorf("%q is read and written as %q (%v)", data, leaf, err)
		}
	})
}

func BenchmarkReceiptVerify(b *testing.B) {
	m := newTrail(b, 600)
	s, _ := testKey(b, 2)
	_, first := testKey(b, 1)
	data, err := m.receipt(b, 300, s, succession(b, 1, 2)).Encode()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		r, err := audit.DecodeReceipt(data)
		if err != nil {
			b.Fatal(err)
		}
		if got := r.Verify(first); !got.OK() {
			b.Fatal(got.Findings)
		}
	}
}

// BenchmarkProveInclusion: a path in a tree of 10,000,000 leaves kept in memory.
func BenchmarkProveInclusion(b *testing.B) {
	const size = 10_000_000
	store, tree := new(tileStore), new(audit.Tree)
	var nodes []audit.Node
	for i := range size {
		h := leaf(i)
		store.levels[0] = append(store.levels[0], h)
		nodes = tree.AppendNodes(h, nodes[:0])
		for _, n := range nodes {
			store.levels[n.Level] = append(store.levels[n.Level], n.Hash)
		}
	}
	root, seq := tree.Root(), uint64(0)
	for b.Loop() {
		if _, err := audit.ProveInclusion(store.tile, size, root, seq); err != nil {
			b.Fatal(err)
		}
		seq = (seq + 7_654_321) % size
	}
}
