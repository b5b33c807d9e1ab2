package audit

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
)

// Version is the record format this package writes and reads.
const Version = 1

// MaxLeaf bounds the encoded leaf in bytes.
const MaxLeaf = 64 << 10

// maxParts bounds the parts of one record.
const maxParts = 16

// ErrLeaf is wrapped by every refusal to encode a record.
var ErrLeaf = errors.New("record has no canonical form")

// ErrPurged: the record was purged; its place and its leaf hash stay.
var ErrPurged = errors.New("record was purged when its time was over: its place and leaf hash stay, an erasure record says when and why")

// LeafHash is the RFC 6962 leaf hash, SHA-256(0x00 || leaf).
func LeafHash(leaf []byte) [32]byte {
	var out [32]byte
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(leaf)
	h.Sum(out[:0])
	return out
}

// PartHash is what a leaf says of a part: SHA-256(salt || body).
func PartHash(salt [16]byte, body []byte) [32]byte {
	var out [32]byte
	h := sha256.New()
	h.Write(salt[:])
	h.Write(body)
	h.Sum(out[:0])
	return out
}

// Commitment is the hash that the leaf holds for the part: the stored one, or
// the one computed where none is stored. An erased part without hash and a
// body without salt (after erasure it could be guessed) are refused.
func (p *Part) Commitment() ([32]byte, error) {
	switch {
	case p.Hash != [32]byte{}:
		return p.Hash, nil
	case p.Erased:
		return [32]byte{}, fmt.Errorf("%w: erased part without hash", ErrLeaf)
	case p.Salt == [16]byte{}:
		return [32]byte{}, fmt.Errorf("%w: part without salt", ErrLeaf)
	}
	return PartHash(p.Salt, p.Body), nil
}

// AppendLeaf appends the canonical form of r, as FORMAT.md defines it, to dst.
// It needs Version, Chain, ID and Kind; Leaf, salts and bodies are not in it.
// On error dst comes back unchanged. Errors name the field, never its value.
func AppendLeaf(dst []byte, r *Record) ([]byte, error) {
	if err := checkHead(r); err != nil {
		return dst, err
	}
	start := len(dst)
	e := encoder{b: dst}
	if cap(dst)-start < 1024 {
		e.b = append(make([]byte, 0, start+1536), dst...)
	}
	e.head(r)
	e.parties(r)
	e.decision(r)
	e.outcome(r)
	e.parts(r.Parts)
	e.b = append(e.b, '}')
	if e.err == nil && len(e.b)-start > MaxLeaf {
		e.fail("record", "is too long")
	}
	if e.err != nil {
		return dst, e.err
	}
	return e.b, nil
}

// checkHead refuses a record that lacks what every record has.
func checkHead(r *Record) error {
	switch {
	case r.Purged || r.Kind == KindPurged:
		return fmt.Errorf("%w: %w", ErrLeaf, ErrPurged)
	case r.Version != Version:
		return fmt.Errorf("%w: version %d, this program knows %d", ErrLeaf, r.Version, Version)
	case r.Seq > math.MaxInt64:
		return fmt.Errorf("%w: seq is too large", ErrLeaf)
	case r.ID.IsZero():
		return fmt.Errorf("%w: id is empty", ErrLeaf)
	case r.Kind == "":
		return fmt.Errorf("%w: kind is empty", ErrLeaf)
	case !validChain(r.Chain):
		return fmt.Errorf("%w: chain name is not 1 to 128 printable ASCII characters without space and '+'", ErrLeaf)
	}
	return nil
}

// head writes the fields that are always there.
func (e *encoder) head(r *Record) {
	e.b = append(e.b, `{"version":`...)
	e.digits(int64(r.Version))
	e.b = append(e.b, `,"chain":"`...)
	e.b = append(e.b, r.Chain...)
	e.b = append(e.b, `","seq":`...)
	e.digits(int64(r.Seq)) //nolint:gosec // checkHead bounds it
	e.b = append(e.b, `,"prev":"`...)
	e.hex(r.Prev[:])
	e.b = append(e.b, `","id":"`...)
	e.hex(r.ID[:])
	e.b = append(e.b, '"')
	e.text(`,"kind":"`, string(r.Kind))
	e.b = append(e.b, `,"time":`...)
	e.digits(r.Time)
}

// parties writes who, to whom and by which way.
func (e *encoder) parties(r *Record) {
	if !r.Ref.IsZero() {
		e.binary(`,"ref":"`, r.Ref[:])
	}
	e.text(`,"tenant":"`, r.Tenant)
	e.text(`,"app":"`, r.App)
	e.text(`,"number":"`, r.Number)
	e.text(`,"actor":"`, r.Actor)
	if !r.Subject.IsZero() {
		e.binary(`,"subject":"`, r.Subject[:])
	}
	e.text(`,"country":"`, r.Country)
	e.text(`,"direction":"`, r.Direction)
	e.text(`,"dialect":"`, r.Dialect)
}

// decision writes what it was and why it was let through or not.
func (e *encoder) decision(r *Record) {
	e.text(`,"type":"`, r.Type)
	e.text(`,"category":"`, r.Category)
	e.text(`,"template":"`, r.Template)
	e.text(`,"effect":"`, string(r.Effect))
	e.list(`,"reasons":[`, r.Reasons)
	e.list(`,"observed":[`, r.Observed)
	e.text(`,"revision":"`, r.Revision)
	e.text(`,"facts":"`, r.Facts)
	e.text(`,"findings":"`, r.Findings)
}

// outcome writes what was done and what came of it.
func (e *encoder) outcome(r *Record) {
	if r.Changed {
		e.b = append(e.b, `,"changed":1`...)
	}
	e.binary(`,"mac":"`, r.Mac)
	e.integer(`,"mac_key":`, int64(r.MacKey))
	e.binary(`,"message_id":"`, r.MessageID)
	e.text(`,"result":"`, r.Result)
	e.integer(`,"code":`, r.Code)
	e.text(`,"retention":"`, r.Retention)
	e.list(`,"labels":[`, r.Labels)
}
