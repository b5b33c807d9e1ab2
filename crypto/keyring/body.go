package keyring

import (
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"time"
)

// body is the content of a keystore file.
type body struct {
	ID         string    `json:"id"` // 32 hexadecimal digits
	Name       string    `json:"name"`
	Generation uint64    `json:"generation"`
	Created    time.Time `json:"created"`
	Keys       []record  `json:"keys"`

	draft *record // material for the next fresh version, wrapped already; nil: it is made then
}

// record is one version of one key in the file.
type record struct {
	Purpose  Purpose           `json:"purpose"`
	Version  uint32            `json:"version"`
	State    State             `json:"state"`
	Created  time.Time         `json:"created"`
	Seals    uint64            `json:"seals,omitempty"`    // reserved so far
	Material []byte            `json:"material,omitempty"` // 32 bytes, none when destroyed; not written where there is Wrapped
	Wrapped  string            `json:"wrapped,omitempty"`  // protection vault-transit
	Public   ed25519.PublicKey `json:"public,omitempty"`   // purpose checkpoint
}

func newBody(name string, now time.Time) (*body, error) {
	if !validName(name) {
		return nil, errors.New(`the name must be 1 to 100 letters, digits or "./_-", for example "gateway-1"`)
	}
	b := &body{ID: hex.EncodeToString(randomBytes(16)), Name: name, Generation: 1, Created: second(now)}
	for _, p := range purposes() {
		r, err := b.fresh(p, now)
		if err != nil {
			return nil, err
		}
		r.State = Active
		b.Keys = append(b.Keys, *r)
	}
	return b, nil
}

// second is what the file keeps of a time.
func second(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func validName(name string) bool {
	for _, c := range []byte(name) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (c < '-' || c > '9') && c != '_' { // '-' './' digits are neighbours
			return false
		}
	}
	return name != "" && len(name) <= 100
}

func (r *record) describe() Version {
	return Version{Purpose: r.Purpose, Number: r.Version, State: r.State, Created: r.Created, Seals: r.Seals}
}

// fresh is a new version of p after all there are, not yet in b and without
// state.
func (b *body) fresh(p Purpose, now time.Time) (*record, error) {
	if !known(p) {
		return nil, noKey(p, "new version")
	}
	last := uint32(0)
	for i := range b.Keys {
		if b.Keys[i].Purpose == p {
			last = b.Keys[i].Version
		}
	}
	if last == math.MaxUint32 {
		return nil, errors.New("version numbers are used up")
	}
	r := &record{Purpose: p, Version: last + 1, Created: second(now)}
	if err := b.supply(r); err != nil {
		return nil, err
	}
	if p == Checkpoint {
		r.Public = publicOf(r.Material)
	}
	return r, nil
}

// supply gives a fresh version its material.
func (b *body) supply(r *record) error {
	d := b.draft
	switch {
	case d == nil:
		r.Material = randomBytes(keySize)
	case d.Purpose != r.Purpose || d.Version != r.Version:
		return errWrapperMoved
	default:
		r.Material, r.Wrapped = d.Material, d.Wrapped
	}
	return nil
}

// publicOf is the public half of an Ed25519 seed.
func publicOf(seed []byte) ed25519.PublicKey {
	private := ed25519.NewKeyFromSeed(seed)
	defer wipe(private)
	return append(ed25519.PublicKey(nil), private[ed25519.PrivateKeySize-ed25519.PublicKeySize:]...)
}

// prepare adds the next version of p.
func (b *body) prepare(p Purpose, now time.Time) (uint32, error) {
	if r := b.inState(p, Next); r != nil {
		return 0, fmt.Errorf("version %d is prepared already: rotate or destroy it first", r.Version)
	}
	r, err := b.fresh(p, now)
	if err != nil {
		return 0, err
	}
	r.State = Next
	b.Keys = append(b.Keys, *r)
	return r.Version, nil
}

// rotate makes the next version of p active, a new one if none was prepared.
func (b *body) rotate(p Purpose, now time.Time) (uint32, error) {
	if b.inState(p, Next) == nil {
		if _, err := b.prepare(p, now); err != nil {
			return 0, err
		}
	}
	if r := b.inState(p, Active); r != nil {
		r.State = Retired
	}
	r := b.inState(p, Next)
	r.State = Active
	return r.Version, nil
}

func (b *body) destroy(p Purpose, version uint32) error {
	r := b.find(p, version)
	switch {
	case r == nil:
		return noKey(p, "this version")
	case r.State == Active:
		return errors.New("it is active: rotate the purpose first")
	case r.State == Destroyed:
		return ErrDestroyed
	}
	wipe(r.Material)
	r.Material, r.Wrapped, r.State = nil, "", Destroyed
	return nil
}

// reserve counts another block of seals for the active version of p.
func (b *body) reserve(p Purpose) error {
	r := b.inState(p, Active)
	if r == nil {
		return noKey(p, "active version")
	}
	if r.Seals > sealLimit-sealBlock {
		return ErrExhausted
	}
	r.Seals += sealBlock
	return nil
}

func (b *body) find(p Purpose, version uint32) *record {
	for i := range b.Keys {
		if r := &b.Keys[i]; r.Purpose == p && r.Version == version {
			return r
		}
	}
	return nil
}

func (b *body) inState(p Purpose, s State) *record {
	for i := range b.Keys {
		if r := &b.Keys[i]; r.Purpose == p && r.State == s {
			return r
		}
	}
	return nil
}

// wipe overwrites the key material.
func (b *body) wipe() {
	for i := range b.Keys {
		wipe(b.Keys[i].Material)
	}
}
