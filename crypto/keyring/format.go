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
	fileFormat     = "postern keystore"
	fileVersion    = 1
	protectionNone = "none" // key material guarded by the file's permissions only
	maxFile        = 1 << 20
)

// file is the outer object of a keystore file.
type file struct {
	Format     string          `json:"format"`
	Version    int             `json:"version"`
	Protection protection      `json:"protection"`
	SHA256     string          `json:"sha256"` // of body without white space
	Body       json.RawMessage `json:"body"`
}

type protection struct {
	Kind string `json:"kind"`
}

// Why a file is refused, with what to do.
var (
	errForeign = errors.New("this is not a keystore of postern: point the configuration at the right file")
	errNewer   = errors.New("the keystore was written by a newer postern: run that release or a later one")
	errDamaged = errors.New("the keystore is damaged or was edited by hand: restore it from a backup")
)

// encode is the one byte form a keystore file has.
func (b *body) encode() ([]byte, error) {
	inner, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode keystore: %w", err)
	}
	defer wipe(inner)
	sum := sha256.Sum256(inner)
	data, err := json.MarshalIndent(file{
		Format: fileFormat, Version: fileVersion, Protection: protection{protectionNone},
		SHA256: hex.EncodeToString(sum[:]), Body: inner,
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode keystore: %w", err)
	}
	if len(data) >= maxFile {
		return nil, errors.New("the keystore holds too many versions: it would pass 1 MiB")
	}
	return append(data, '\n'), nil
}

// decodeBody reads a keystore file. Only the exact bytes that encode writes
// are accepted: no unknown or doubled member, no other spelling, no change.
func decodeBody(data []byte) (*body, error) {
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return nil, errDamaged // the decoder's own error may quote the content
	}
	defer wipe(f.Body)
	switch {
	case f.Format != fileFormat:
		return nil, errForeign
	case f.Version != fileVersion || f.Protection.Kind != protectionNone:
		return nil, errNewer
	}
	b := &body{}
	if err := json.Unmarshal(f.Body, b); err != nil {
		return nil, errDamaged
	}
	if err := b.check(data); err != nil {
		b.wipe()
		return nil, err
	}
	return b, nil
}

func (b *body) check(data []byte) error {
	again, err := b.encode()
	if err != nil {
		return errDamaged
	}
	defer wipe(again)
	if !bytes.Equal(again, data) {
		return errDamaged
	}
	return b.validate()
}

// validate refuses content that no release of this format writes.
func (b *body) validate() error {
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
		if !r.valid() || !seen[r.Purpose].admits(r) {
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

func (r *record) valid() bool {
	if !known(r.Purpose) || r.Seals > sealLimit {
		return false
	}
	if (len(r.Public) == ed25519.PublicKeySize) != (r.Purpose == Checkpoint) {
		return false
	}
	switch r.State {
	case Next, Active, Retired:
		return len(r.Material) == keySize && (r.Purpose != Checkpoint || publicOf(r.Material).Equal(r.Public))
	case Destroyed:
		return len(r.Material) == 0
	}
	return false
}

func known(p Purpose) bool { return slices.Contains(purposes(), p) }
