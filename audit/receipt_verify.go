package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
)

// ReceiptFinding names a member of a receipt that does not hold, and why. It
// holds no value of the receipt.
type ReceiptFinding struct {
	Field string `json:"field"`
	Note  string `json:"note"`
}

// ReceiptReport is the outcome of checking a receipt. Record and Checkpoint
// may be relied on only if OK.
type ReceiptReport struct {
	Record     Record
	Checkpoint Checkpoint
	Keys       []Verifier // the pinned ones and those they lead to
	Findings   []ReceiptFinding
}

// OK reports whether everything in the receipt holds.
func (r *ReceiptReport) OK() bool { return len(r.Findings) == 0 }

func (r *ReceiptReport) add(field, format string, args ...any) {
	r.Findings = append(r.Findings, ReceiptFinding{field, fmt.Sprintf(format, args...)})
}

// maxPath bounds an audit path: a tree has less than 2^63 leaves.
const maxPath = 63

// Verify checks everything that the receipt says against the pinned keys, with
// nothing else at hand: no store, no network. It goes on after a finding, so
// that each member that does not hold is named.
func (r *Receipt) Verify(pinned ...Verifier) ReceiptReport {
	var out ReceiptReport
	if r.Version != ReceiptVersion {
		out.add("version", "is %d, this program knows %d", r.Version, ReceiptVersion)
	}
	leafOK := r.checkLeaf(&out)
	signed := r.checkCheckpoint(&out, pinned)
	if leafOK && signed {
		r.checkPlace(&out)
	} else if sum := LeafHash([]byte(r.Leaf)); leafOK && r.LeafHash != hex.EncodeToString(sum[:]) {
		out.add("leaf_hash", "is not that of the leaf")
	}
	if leafOK {
		r.checkCopies(&out)
	}
	return out
}

func (r *Receipt) checkLeaf(out *ReceiptReport) bool {
	var err error
	if out.Record, err = DecodeLeaf([]byte(r.Leaf)); err != nil {
		out.add("leaf", "is not a record in its one spelling")
		return false
	}
	return true
}

// checkCheckpoint opens the signed note with the keys pinned or reached.
func (r *Receipt) checkCheckpoint(out *ReceiptReport, pinned []Verifier) bool {
	statements := make([][]byte, len(r.Keys))
	for i, k := range r.Keys {
		statements[i] = []byte(k)
	}
	var err error
	if out.Keys, err = FollowKeys(pinned, statements); err != nil {
		out.add("keys", "do not hold: %s", err)
	}
	out.Checkpoint, err = OpenCheckpoint([]byte(r.Checkpoint), out.Keys...)
	switch {
	case errors.Is(err, ErrUnsigned):
		out.add("checkpoint", "is not signed by the given key, nor by one that the receipt's keys lead to from it")
	case err != nil:
		out.add("checkpoint", "is not a whole, well-formed checkpoint")
	}
	return err == nil
}

// checkPlace follows the path from the leaf to the checkpoint's root. Where it
// fails, the two spellings of the leaf's hash tell which member was changed.
func (r *Receipt) checkPlace(out *ReceiptReport) {
	c, rec := &out.Checkpoint, &out.Record
	if !SameStore(c.Origin, rec.Chain) { // after a restoration the same tree goes on under another name
		out.add("checkpoint", "is of another chain than the leaf")
		return
	}
	stated, ok := unhex(r.LeafHash)
	if !ok {
		out.add("leaf_hash", "is not 32 bytes in lower-case hex")
		stated = rec.Leaf
	}
	path, ok := r.path()
	if !ok {
		out.add("proof", "is not a list of at most %d hashes in lower-case hex", maxPath)
		return
	}
	own := CheckInclusion(path, c.Size, c.Root, rec.Seq, rec.Leaf) == nil
	other := CheckInclusion(path, c.Size, c.Root, rec.Seq, stated) == nil
	switch {
	case own && stated != rec.Leaf:
		out.add("leaf_hash", "is not that of the leaf")
	case !own && other:
		out.add("leaf", "is not the one that the checkpoint covers")
	case !own && stated != rec.Leaf:
		out.add("leaf", "and leaf_hash disagree, and neither is covered by the checkpoint")
	case !own:
		out.add("proof", "does not lead from the leaf to the checkpoint's root (or leaf and leaf_hash were changed together)")
	case rec.Seq == c.Size-1 && c.Head != rec.Leaf:
		out.add("checkpoint", "names another last record than its own root")
	}
}

func (r *Receipt) path() ([][32]byte, bool) {
	out := make([][32]byte, 0, len(r.Proof))
	for _, text := range r.Proof {
		h, ok := unhex(text)
		if !ok || len(out) == maxPath {
			return nil, false
		}
		out = append(out, h)
	}
	return out, true
}

// checkCopies holds what stands beside the leaf for reading against the leaf.
func (r *Receipt) checkCopies(out *ReceiptReport) {
	rec := &out.Record
	if r.ID != rec.ID.String() {
		out.add("id", "is not that of the leaf")
	}
	if r.Revision != rec.Revision {
		out.add("revision", "is not that of the leaf")
	}
	if (r.Subject == nil) != rec.Subject.IsZero() {
		out.add("subject", "is there and the leaf is about nobody, or the other way round")
		return
	}
	if r.Subject != nil && !r.Subject.Opens(rec.Subject) {
		out.add("subject", "is not a commitment to the leaf's subject with this salt")
	}
}

// Opens reports whether the commitment is to s.
func (c *SubjectCommitment) Opens(s SubjectID) bool {
	var salt [16]byte
	if len(c.Salt) != 2*len(salt) {
		return false
	}
	if _, err := hex.Decode(salt[:], []byte(c.Salt)); err != nil {
		return false
	}
	return *commit(salt, s) == *c // in its one spelling
}

// unhex reads 32 bytes in lower-case hex.
func unhex(s string) (out [32]byte, ok bool) {
	if len(s) != 2*len(out) {
		return out, false
	}
	if _, err := hex.Decode(out[:], []byte(s)); err != nil {
		return out, false
	}
	return out, hex.EncodeToString(out[:]) == s
}
