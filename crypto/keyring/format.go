package keyring

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// What a keystore file calls itself, see ../FORMAT.md.
const (
	fileFormat  = "postern keystore"
	fileVersion = 1
	maxFile     = 1 << 20
)

// file is the outer object of a keystore file.
type file struct {
	Format     string          `json:"format"`
	Version    int             `json:"version"`
	Protection protection      `json:"protection"`
	SHA256     string          `json:"sha256"`         // of body without white space
	Body       json.RawMessage `json:"body,omitempty"` // an object, or sealed: a string
}

// Why a file is refused, with what to do.
var (
	errForeign = errors.New("this is not a keystore of postern: point the configuration at the right file")
	errNewer   = errors.New("the keystore was written by a newer postern: run that release or a later one")
	errDamaged = errors.New("the keystore is damaged or was edited by hand: restore it from a backup")
)

// encode is a keystore file that holds b, sealed by l.
func (b *body) encode(l *lock) ([]byte, error) {
	if l.wraps() && !all(b.Keys, func(r record) bool { return r.valid(true) }) {
		return nil, errors.New("encode keystore: a key of it is not wrapped")
	}
	inner := b.marshal()
	defer wipe(inner)
	kept, err := l.seal(inner)
	if err != nil {
		return nil, fmt.Errorf("encode keystore: %w", err)
	}
	defer wipe(kept)
	p := l.terms()
	if l.wraps() {
		if p.Tag, err = b.tag(kept); err != nil {
			return nil, err
		}
	}
	return encodeFile(p, kept)
}

// encodeFile is the one byte form a keystore file has.
func encodeFile(p protection, kept []byte) ([]byte, error) {
	sum := sha256.Sum256(kept)
	data, err := file{
		Format: fileFormat, Version: fileVersion, Protection: p, SHA256: hex.EncodeToString(sum[:]),
	}.indented(kept)
	if err != nil {
		return nil, fmt.Errorf("encode keystore: %w", err)
	}
	if len(data) > maxFile {
		return nil, errors.New("the keystore holds too many versions: it would pass 1 MiB")
	}
	return data, nil
}

// opener finds the key for a file's protection; nil where it needs none.
type opener func(protection) (*lock, error)

// decodeBody reads a keystore file. Only the exact bytes that encode writes
// are accepted: no unknown or doubled member, no other spelling, no change.
func decodeBody(data []byte, open opener) (*body, *lock, error) {
	p, kept, err := decodeFile(data)
	if err != nil {
		return nil, nil, err
	}
	defer wipe(kept)
	l, err := open(p)
	if err != nil {
		return nil, nil, err
	}
	inner, err := l.open(kept)
	if err != nil {
		return nil, nil, err
	}
	defer wipe(inner)
	b := &body{}
	if err := json.Unmarshal(inner, b); err != nil {
		return nil, nil, errDamaged // the decoder's own error may quote the content
	}
	err = b.check(inner, l.wraps())
	if err == nil {
		err = l.fill(b, p.Tag, kept)
	}
	if err != nil {
		b.wipe()
		return nil, nil, err
	}
	return b, l, nil
}

// decodeFile checks everything that can be judged without a key.
func decodeFile(data []byte) (protection, []byte, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return f.Protection, nil, errDamaged
	}
	defer wipe(f.Body)
	switch {
	case f.Format != fileFormat:
		return f.Protection, nil, errForeign
	case f.Version != fileVersion || !f.Protection.known():
		return f.Protection, nil, errNewer
	case !f.Protection.valid():
		return f.Protection, nil, errDamaged
	}
	var kept bytes.Buffer
	if err := json.Compact(&kept, f.Body); err != nil {
		return f.Protection, nil, errDamaged
	}
	again, err := encodeFile(f.Protection, kept.Bytes())
	defer wipe(again)
	if err != nil || !bytes.Equal(again, data) {
		wipe(kept.Bytes())
		return f.Protection, nil, errDamaged
	}
	return f.Protection, kept.Bytes(), nil
}

// check holds b against the bytes it was read from.
func (b *body) check(inner []byte, wrapped bool) error {
	again := b.marshal()
	defer wipe(again)
	if !bytes.Equal(again, inner) {
		return errDamaged
	}
	return b.validate(wrapped)
}

// validate refuses content that no release of this format writes.
func (b *body) validate(wrapped bool) error {
	id, err := hex.DecodeString(b.ID)
	if err != nil || len(id) != 16 || !validName(b.Name) || b.Generation == 0 {
		return errDamaged
	}
	seen := map[Purpose]*tally{}
	for i := range b.Keys {
		r := &b.Keys[i]
		if seen[r.Purpose] == nil {
			seen[r.Purpose] = &tally{}
		}
		if !r.valid(wrapped) || !seen[r.Purpose].admits(r) {
			return errDamaged
		}
	}
	return nil
}

// tally follows one purpose through the file.
type tally struct {
	last         uint32
	active, next bool
}

// admits refuses versions out of order, and a second active or next one.
func (t *tally) admits(r *record) bool {
	ok := r.Version > t.last &&
		!(r.State == Active && (t.active || t.next)) && !(r.State == Next && t.next)
	t.last = r.Version
	t.active = t.active || r.State == Active
	t.next = t.next || r.State == Next
	return ok
}

func (r *record) valid(wrapped bool) bool {
	if !known(r.Purpose) || r.Seals > sealLimit {
		return false
	}
	if (len(r.Public) == ed25519.PublicKeySize) != (r.Purpose == Checkpoint) {
		return false
	}
	switch r.State {
	case Next, Active, Retired:
		if wrapped {
			return validWrapped(r.Wrapped)
		}
		return r.Wrapped == "" && r.fits()
	case Destroyed:
		return len(r.Material) == 0 && r.Wrapped == ""
	}
	return false
}

// fits reports whether the material, if there must be any, is that of the version.
func (r *record) fits() bool {
	return r.State == Destroyed || len(r.Material) == keySize && (r.Purpose != Checkpoint || publicOf(r.Material).Equal(r.Public))
}

func known(p Purpose) bool { return slices.Contains(purposes(), p) }
