package keyring

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// protectionTransit is the kind of a file whose keys a Wrapper has wrapped, one
// by one.
const protectionTransit = "vault-transit"

// maxWrapped bounds what a Wrapper makes of one key, in bytes.
const maxWrapped = 256

// Wrapper wraps keys by a key that it does not give away, such as one of
// Vault's transit engine. Both methods take lists of one length and answer with
// lists of that length. What was bound otherwise must not open.
type Wrapper interface {
	Wrap(plain, bound [][]byte) (wrapped []string, err error)
	Unwrap(wrapped []string, bound [][]byte) (plain [][]byte, err error)
}

// Wrapping is a version of a key as the file keeps it: wrapped.
type Wrapping struct {
	Purpose Purpose
	Number  uint32
	Text    string // by the Wrapper
}

// wrappedKey is a wrapping with what it holds.
type wrappedKey struct {
	Wrapping
	material *held
}

// Why a wrapped keystore is refused, with what to do.
var (
	errWrapperNone  = errors.New("the keys of the keystore are wrapped by Vault: name the transit key in keystore.transit")
	errWrapperExtra = errors.New("a transit key is named but the keystore is not wrapped by Vault: take keystore.transit out of the configuration and run postern keys migrate --to vault")
	errWrapperMoved = errors.New("the keystore was changed by another process meanwhile: try again")
	errWrapperWrong = errors.New("what was wrapped does not open to what it was: nothing was changed; check the transit key")
	errTag          = errors.New("the keystore was changed by something that does not have its keys: restore it from a backup")
)

func validWrapped(text string) bool {
	return text != "" && len(text) <= maxWrapped && !strings.ContainsFunc(text, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		return !letter && (c < '+' || c > ':') && c != '_' && c != '=' // '+' ',' '-' '.' '/' digits ':' are neighbours
	})
}

// wraps reports whether keys are wrapped one by one.
func (l *lock) wraps() bool { return l != nil && l.Kind == protectionTransit }

func newWrapping(w Wrapper) *lock {
	return &lock{protection: protection{Kind: protectionTransit}, wrapper: w}
}

// bound is what a wrapped version is bound to.
func (r *record) bound(id string) []byte {
	return frame([]byte(fileFormat), []byte(protectionTransit), []byte(id), []byte(r.Purpose), binary.BigEndian.AppendUint32(nil, r.Version))
}

// wrap wraps the material of records in one call and holds in another what
// opens again against it.
func (l *lock) wrap(id string, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	plain, bound := make([][]byte, len(records)), make([][]byte, len(records))
	for i, r := range records {
		plain[i], bound[i] = r.Material, r.bound(id)
	}
	wrapped, err := l.wrapper.Wrap(plain, bound)
	if err != nil {
		return err
	}
	if len(wrapped) != len(records) || !all(wrapped, validWrapped) {
		return errWrapperWrong
	}
	made := make([]*record, len(records))
	for i, r := range records {
		made[i] = &record{Purpose: r.Purpose, Version: r.Version, Material: r.Material, Wrapped: wrapped[i]}
	}
	if err := l.proves(id, made); err != nil {
		return fmt.Errorf("check what was wrapped: %w", err)
	}
	for i, r := range records {
		r.Wrapped = wrapped[i]
	}
	return nil
}

// proves has the wrapper open what records hold, and compares.
func (l *lock) proves(id string, records []*record) error {
	again := make([]*record, len(records))
	for i, r := range records {
		again[i] = &record{Purpose: r.Purpose, Version: r.Version, Wrapped: r.Wrapped}
	}
	defer wipeRecords(again)
	if err := l.unwrap(id, again); err != nil {
		return err
	}
	for i, r := range records {
		if subtle.ConstantTimeCompare(again[i].Material, r.Material) != 1 {
			return errWrapperWrong
		}
	}
	return nil
}

// wrapFirst wraps all keys of a body whose file had no wrapper before.
func (l *lock) wrapFirst(b *body) error {
	if !l.wraps() {
		return nil
	}
	var records []*record
	for i := range b.Keys {
		if b.Keys[i].State != Destroyed {
			records = append(records, &b.Keys[i])
		}
	}
	return l.wrap(b.ID, records)
}

func all[T any](list []T, ok func(T) bool) bool {
	return !slices.ContainsFunc(list, func(v T) bool { return !ok(v) })
}

func wipeAll(list [][]byte) {
	for _, b := range list {
		wipe(b)
	}
}

// unwrap gives records their material in one call.
func (l *lock) unwrap(id string, records []*record) error {
	if len(records) == 0 {
		return nil
	}
	wrapped, bound := make([]string, len(records)), make([][]byte, len(records))
	for i, r := range records {
		wrapped[i], bound[i] = r.Wrapped, r.bound(id)
	}
	plain, err := l.wrapper.Unwrap(wrapped, bound)
	if err != nil {
		return err
	}
	if len(plain) != len(records) || !all(plain, func(b []byte) bool { return len(b) == keySize }) {
		wipeAll(plain)
		return errDamaged
	}
	for i, r := range records {
		r.Material = plain[i]
	}
	return nil
}

// fill gives the keys of b their material: from memory where they were met
// before, the others from the wrapper. Then it holds b against its tag.
func (l *lock) fill(b *body, tag, kept []byte) error {
	if !l.wraps() {
		return nil
	}
	var unknown []*record
	for i := range b.Keys {
		if r := &b.Keys[i]; r.State != Destroyed && !l.recall(r) {
			unknown = append(unknown, r)
		}
	}
	if err := l.unwrap(b.ID, unknown); err != nil {
		return err
	}
	want, err := b.tag(kept)
	if err != nil {
		return err
	}
	if !hmac.Equal(want, tag) || !all(b.Keys, func(r record) bool { return r.fits() }) {
		return errTag
	}
	return nil
}

// recall reports whether r was met before, and gives it its material.
func (l *lock) recall(r *record) bool {
	i := slices.IndexFunc(l.held, func(h wrappedKey) bool { return h.Wrapping == r.wrapping() })
	if i < 0 {
		return false
	}
	return l.held[i].material.use(func(secret []byte) { r.Material = append([]byte(nil), secret...) })
}

func (r *record) wrapping() Wrapping { return Wrapping{r.Purpose, r.Version, r.Wrapped} }

// tag authenticates what stands beside the wrapped keys, under all of them
// together.
func (b *body) tag(kept []byte) ([]byte, error) {
	secrets := make([]byte, 0, keySize*len(b.Keys))
	for i := range b.Keys {
		secrets = append(secrets, b.Keys[i].Material...)
	}
	defer wipe(secrets)
	key, err := hkdf.Key(sha256.New, secrets, nil, "postern keystore "+protectionTransit, keySize)
	if err != nil {
		return nil, fmt.Errorf("authenticate keystore: %w", err)
	}
	defer wipe(key)
	mac := hmac.New(sha256.New, key)
	mac.Write(kept)
	return mac.Sum(nil), nil
}

// hold keeps the material of b in memory, so that the file can be read and
// written again while the wrapper is away.
func (l *lock) hold(in *memory, b *body) ([]wrappedKey, error) {
	if !l.wraps() {
		return nil, nil
	}
	var out []wrappedKey
	for i := range b.Keys {
		r := &b.Keys[i]
		if r.State == Destroyed {
			continue
		}
		material, err := in.keep(r.Material)
		if err != nil {
			wipeHeld(out)
			return nil, err
		}
		out = append(out, wrappedKey{r.wrapping(), material})
	}
	return out, nil
}

// remember takes what hold gave; l may be nil.
func (l *lock) remember(held []wrappedKey) {
	if l != nil {
		l.held = held
	}
}

// forget overwrites what was remembered; l may be nil.
func (l *lock) forget() {
	if l != nil {
		wipeHeld(l.held)
		l.held = nil
	}
}

func wipeHeld(list []wrappedKey) {
	for _, h := range list {
		h.material.wipe()
	}
}
