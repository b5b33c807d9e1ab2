package audit

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// ReceiptVersion is the receipt format this package writes and reads.
const ReceiptVersion = 1

// MaxReceipt bounds a receipt's JSON in bytes: a leaf, escaped, and what
// proves it.
const MaxReceipt = 4 * MaxLeaf

// ErrReceipt is wrapped where a text is no receipt of FORMAT.md.
var ErrReceipt = errors.New("not a well-formed receipt")

// Receipt is what an app keeps of one admission: the record as a leaf, the way
// from it to a signed checkpoint, and nothing else that is needed to check
// both. It is one JSON document; binary is lower-case hex. The zero value
// proves nothing.
type Receipt struct {
	Version    int                `json:"version"`
	ID         string             `json:"id"`                // of the record
	Revision   string             `json:"revision,omitzero"` // of the policy that decided
	Subject    *SubjectCommitment `json:"subject,omitzero"`  // none where the record is about nobody
	Leaf       string             `json:"leaf"`
	LeafHash   string             `json:"leaf_hash"`
	Proof      []string           `json:"proof"`         // RFC 6962 audit path, leaf first
	Checkpoint string             `json:"checkpoint"`    // signed note
	Keys       []string           `json:"keys,omitzero"` // statements of succession, oldest first
}

// SubjectCommitment stands for a person where the subject id itself should not
// be shown: SHA-256(salt || subject id), with a salt of 16 random bytes that is
// made for this receipt and kept nowhere else.
type SubjectCommitment struct {
	Salt       string `json:"salt"`
	Commitment string `json:"commitment"`
}

// NewReceipt puts a receipt together. r is the record as stored, path its
// proof of inclusion in the checkpoint's tree, keys the statements known.
func NewReceipt(r *Record, path [][32]byte, checkpoint []byte, keys [][]byte) (*Receipt, error) {
	leaf, err := AppendLeaf(nil, r)
	if err != nil {
		return nil, fmt.Errorf("make receipt: %w", err)
	}
	sum := LeafHash(leaf)
	if sum != r.Leaf {
		return nil, fmt.Errorf("make receipt: %w: the record is not the one its leaf hash was made of", ErrProof)
	}
	out := &Receipt{
		Version: ReceiptVersion, ID: r.ID.String(), Revision: r.Revision, Leaf: string(leaf),
		LeafHash: hex.EncodeToString(sum[:]), Proof: make([]string, 0, len(path)), Checkpoint: string(checkpoint),
	}
	for _, h := range path {
		out.Proof = append(out.Proof, hex.EncodeToString(h[:]))
	}
	for _, k := range keys {
		out.Keys = append(out.Keys, string(k))
	}
	if !r.Subject.IsZero() {
		var salt [16]byte
		rand.Read(salt[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
		out.Subject = commit(salt, r.Subject)
	}
	return out, nil
}

func commit(salt [16]byte, s SubjectID) *SubjectCommitment {
	sum := PartHash(salt, s[:])
	return &SubjectCommitment{Salt: hex.EncodeToString(salt[:]), Commitment: hex.EncodeToString(sum[:])}
}

// Encode is the receipt as JSON, one member a line.
func (r *Receipt) Encode() ([]byte, error) {
	out, err := json.Marshal(r, jsontext.WithIndent("  "))
	if err != nil {
		return nil, fmt.Errorf("encode receipt: %w", err)
	}
	return append(out, '\n'), nil
}

// DecodeReceipt reads a receipt. White space between members and the order of
// them are free; unknown members, repeated ones and missing ones are refused.
// It checks the form only: Verify says what is proved.
func DecodeReceipt(data []byte) (*Receipt, error) {
	if len(data) > MaxReceipt {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrReceipt, MaxReceipt)
	}
	r := new(Receipt)
	if err := json.Unmarshal(bytes.TrimSpace(data), r, json.RejectUnknownMembers(true)); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of FORMAT.md", ErrReceipt)
	}
	if r.ID == "" || r.Leaf == "" || r.LeafHash == "" || r.Checkpoint == "" {
		return nil, fmt.Errorf("%w: id, leaf, leaf_hash and checkpoint must be there", ErrReceipt)
	}
	return r, nil
}
