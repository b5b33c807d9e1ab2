package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"strconv"
	"testing"

	"postern/audit"
)

var update = flag.Bool("update", false, "write testdata/vectors.json anew")

// vectors is testdata/vectors.json: everything FORMAT.md defines, for readers
// in other languages. Hashes and binary are lower-case hex.
type vectors struct {
	Parts       []partVector     `json:"parts"`
	Leaves      []leafVector     `json:"leaves"`
	Roots       []rootVector     `json:"roots"`
	Inclusion   []proofVector    `json:"inclusion"`
	Consistency []proofVector    `json:"consistency"`
	Checkpoint  checkpointVector `json:"checkpoint"`
	Erasure     erasureVector    `json:"erasure"`
	Purge       erasureVector    `json:"purge"`
	Succession  successionVector `json:"succession"`
	Receipt     receiptVector    `json:"receipt"`
}

// successionVector: the statement that the key of the second seed follows that
// of the first.
type successionVector struct {
	Seeds [2]string `json:"seeds"`
	Old   string    `json:"old"`
	New   string    `json:"new"`
	Note  string    `json:"note"`
}

// receiptVector: a receipt that holds under key, and what it says of whom.
type receiptVector struct {
	Key     string         `json:"key"`
	Subject string         `json:"subject"`
	Receipt *audit.Receipt `json:"receipt"`
}

type partVector struct {
	Salt string `json:"salt"`
	Body string `json:"body"` // as text
	Hash string `json:"hash"`
}

type leafVector struct {
	Name   string   `json:"name"`
	Record leafJSON `json:"record"`
	Leaf   string   `json:"leaf"`
	Hash   string   `json:"hash"`
}

// rootVector: leaf hash i of the tree is SHA-256(0x00 || decimal digits of i).
type rootVector struct {
	Size uint64 `json:"size"`
	Root string `json:"root"`
}

type proofVector struct {
	Size  uint64   `json:"size"`
	At    uint64   `json:"at"` // record proved, or size of the older tree
	Proof []string `json:"proof"`
}

type checkpointVector struct {
	Seed   string `json:"seed"` // of the Ed25519 key
	Key    string `json:"key"`
	Origin string `json:"origin"`
	Size   uint64 `json:"size"`
	Root   string `json:"root"`
	Time   int64  `json:"time"`
	Head   string `json:"head"`
	Note   string `json:"note"`
}

type erasureVector struct {
	Reason  string   `json:"reason"`
	Parts   []string `json:"parts"`
	Records []uint64 `json:"records"`
	Detail  string   `json:"detail"`
}

func TestVectors(t *testing.T) {
	const path = "testdata/vectors.json"
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(makeVectors(t)); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), want) {
		t.Errorf("%s does not hold; written now:\n%s", path, b.Bytes())
	}
	checkVectors(t, want)
	format, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(want, &v); err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{v.Leaves[1].Leaf, v.Leaves[1].Hash, v.Parts[0].Hash, v.Checkpoint.Note, v.Checkpoint.Key, v.Erasure.Detail, v.Purge.Detail, v.Succession.Note} {
		if !bytes.Contains(format, []byte(s)) {
			t.Errorf("the worked example of FORMAT.md lacks\n%s", s)
		}
	}
}

// checkVectors reads the file back the way a stranger would.
func checkVectors(t *testing.T, data []byte) {
	t.Helper()
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	for _, l := range v.Leaves {
		r := l.Record.record(t)
		if got := encode(t, r); string(got) != l.Leaf {
			t.Errorf("%s: leaf\n%s", l.Name, got)
		}
		if sum := audit.LeafHash([]byte(l.Leaf)); hex.EncodeToString(sum[:]) != l.Hash {
			t.Errorf("%s: hash %x", l.Name, sum)
		}
	}
	key, err := audit.ParseVerifier(v.Checkpoint.Key)
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Receipt.Receipt.Verify(key); !got.OK() || got.Record.Subject.String() != v.Receipt.Subject {
		t.Errorf("receipt: %v", got.Findings)
	}
	if c, err := audit.OpenCheckpoint([]byte(v.Checkpoint.Note), key); err != nil || c.Size != v.Checkpoint.Size || c.Time != v.Checkpoint.Time {
		t.Errorf("checkpoint %+v, %v", c, err)
	}
}

func makeVectors(t *testing.T) vectors {
	t.Helper()
	salt := [16]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	var v vectors
	for _, body := range []string{"Your balance changed, write to [EMAIL]", ""} {
		sum := audit.PartHash(salt, []byte(body))
		v.Parts = append(v.Parts, partVector{hex.EncodeToString(salt[:]), body, hex.EncodeToString(sum[:])})
	}
	body := audit.Part{Name: audit.PartBody, Salt: salt, Body: []byte(v.Parts[0].Body)}
	full := newTrail(t, 1).records[0]
	full.Seq, full.Prev, full.Parts = 1, audit.LeafHash([]byte("x")), append(full.Parts, audit.Part{Name: audit.PartDetail, Salt: salt})
	for _, l := range []struct {
		name   string
		record audit.Record
	}{
		{"least", audit.Record{Version: 1, Chain: "c", ID: audit.ID{15: 1}, Kind: "k"}},
		{"worked example", audit.Record{
			Version: 1, Chain: testChain, Seq: 7, Prev: [32]byte{0xaa}, ID: audit.ID{1, 15: 2}, Kind: audit.KindAdmission,
			Time: 1763712000000000, Tenant: "bank", App: "alerts", Actor: "app:alerts", Subject: audit.SubjectID{3, 15: 4},
			Direction: "outbound", Type: "text", Category: "service", Effect: audit.EffectDeny, Reasons: []string{"no_window"},
			Facts: `{"window":0}`, Code: 131047, Parts: []audit.Part{body},
		}},
		{"everything", full},
		{"spelling", audit.Record{
			Version: 1, Chain: "c", Seq: 1<<63 - 1, ID: audit.ID{1}, Kind: `"\`, Time: -1 << 63, Tenant: "Zürich <&> 日本 😀", Code: -5,
			MacKey: 1<<32 - 1, Reasons: []string{`a"b`, "c/d"},
		}},
	} {
		leaf := encode(t, l.record)
		sum := audit.LeafHash(leaf)
		v.Leaves = append(v.Leaves, leafVector{l.name, readLeaf(t, leaf), string(leaf), hex.EncodeToString(sum[:])})
	}
	v.trees(t)
	v.checkpoint(t)
	v.Erasure = erasureVector{Reason: "request", Parts: []string{audit.PartOriginal, audit.PartBody}, Records: []uint64{5, 3, 4, 9}}
	detail, err := audit.NewErasure(v.Erasure.Reason, v.Erasure.Parts, v.Erasure.Records).Encode()
	if err != nil {
		t.Fatal(err)
	}
	v.Erasure.Detail = string(detail)
	v.Purge = erasureVector{Reason: "retention", Parts: []string{audit.PartRecord}, Records: []uint64{0, 1, 2, 7}}
	if detail, err = audit.NewErasure(v.Purge.Reason, v.Purge.Parts, v.Purge.Records).Encode(); err != nil {
		t.Fatal(err)
	}
	v.Purge.Detail = string(detail)
	v.receipt(t)
	return v
}

func readLeaf(t *testing.T, leaf []byte) (l leafJSON) {
	t.Helper()
	if err := json.Unmarshal(leaf, &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func (v *vectors) trees(t *testing.T) {
	t.Helper()
	var tree audit.Tree
	store := new(tileStore)
	for size := uint64(0); size <= 600; size++ {
		switch size {
		case 0, 1, 2, 3, 7, 256, 257, 600:
			root := tree.Root()
			v.Roots = append(v.Roots, rootVector{size, hex.EncodeToString(root[:])})
		}
		leaf := audit.LeafHash(strconv.AppendUint(nil, size, 10))
		store.levels[0] = append(store.levels[0], leaf)
		if size < 600 {
			for _, n := range tree.AppendNodes(leaf, nil) {
				store.levels[n.Level] = append(store.levels[n.Level], n.Hash)
			}
		}
	}
	for _, at := range []uint64{0, 255, 599} {
		proof, err := audit.ProveInclusion(store.tile, 600, tree.Root(), at)
		if err != nil {
			t.Fatal(err)
		}
		v.Inclusion = append(v.Inclusion, proofVector{600, at, hexes(proof)})
	}
	for _, at := range []uint64{1, 256, 257, 600} {
		proof, err := audit.ProveConsistency(store.tile, 600, tree.Root(), at)
		if err != nil {
			t.Fatal(err)
		}
		v.Consistency = append(v.Consistency, proofVector{600, at, hexes(proof)})
	}
}

func hexes(hashes [][32]byte) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h[:]))
	}
	return out
}

func (v *vectors) checkpoint(t *testing.T) {
	t.Helper()
	s, _ := testKey(t, 1)
	c := audit.Checkpoint{
		Origin: testChain, Size: 600, Time: 1763712000000000,
		Root: [32]byte(unhex(t, v.Roots[len(v.Roots)-1].Root)), Head: audit.LeafHash([]byte("599")),
	}
	msg, err := c.Sign(s)
	if err != nil {
		t.Fatal(err)
	}
	pub := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	key, err := audit.VerifierKey(s.Name(), pub)
	if err != nil {
		t.Fatal(err)
	}
	v.Checkpoint = checkpointVector{
		Seed: hex.EncodeToString(bytes.Repeat([]byte{1}, ed25519.SeedSize)), Key: key, Origin: c.Origin, Size: c.Size,
		Root: hex.EncodeToString(c.Root[:]), Time: c.Time, Head: hex.EncodeToString(c.Head[:]), Note: string(msg),
	}
}

// receipt is that of a record in a small trail, whose checkpoint the successor
// of the key in Checkpoint signed.
func (v *vectors) receipt(t *testing.T) {
	t.Helper()
	seed := func(n byte) string { return hex.EncodeToString(bytes.Repeat([]byte{n}, ed25519.SeedSize)) }
	statement := succession(t, 1, 2)
	v.Succession = successionVector{[2]string{seed(1), seed(2)}, keyText(t, 1), keyText(t, 2), string(statement)}
	m := newTrail(t, 7)
	s, _ := testKey(t, 2)
	r := m.receipt(t, 4, s, statement)
	salt, subject := [16]byte{15: 1}, m.records[4].Subject
	sum := audit.PartHash(salt, subject[:])
	r.Subject = &audit.SubjectCommitment{Salt: hex.EncodeToString(salt[:]), Commitment: hex.EncodeToString(sum[:])}
	v.Receipt = receiptVector{keyText(t, 1), subject.String(), r}
}
