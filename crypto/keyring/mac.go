package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"sync"
)

// VersionedMAC is a MAC and the version of the key that made it.
type VersionedMAC struct {
	Version uint32
	Sum     [sha256.Size]byte
}

var errNoParts = errors.New("nothing to authenticate: at least one part is needed")

// MAC authenticates parts with HMAC-SHA-256 under the active version of p. The
// parts are framed with their lengths: ("ab", "c") and ("a", "bc") differ.
// Purposes: index, original, suppression, app, webhook.
func (k *Keyring) MAC(p Purpose, parts ...[]byte) (version uint32, sum [sha256.Size]byte, err error) {
	key, err := k.loaded().active(p)
	if err != nil {
		return 0, sum, err
	}
	if key.mac == nil {
		return 0, sum, noKey(p, "MAC")
	}
	if len(parts) == 0 {
		return 0, sum, errNoParts
	}
	return key.version, key.mac.sum(parts), nil
}

// MACs is MAC under every version that verifies: the active one, then the
// retired ones, newest first. It serves look-ups over several key epochs.
func (k *Keyring) MACs(p Purpose, parts ...[]byte) ([]VersionedMAC, error) {
	s := k.loaded()
	active, err := s.active(p)
	if err != nil {
		return nil, err
	}
	if active.mac == nil {
		return nil, noKey(p, "MAC")
	}
	if len(parts) == 0 {
		return nil, errNoParts
	}
	list := []VersionedMAC{{active.version, active.mac.sum(parts)}}
	for _, e := range slices.Backward(s.rings[p].versions) {
		if e.State == Retired {
			list = append(list, VersionedMAC{e.key.version, e.key.mac.sum(parts)})
		}
	}
	return list, nil
}

// VerifyMAC reports whether sum is the MAC of parts under the given version.
// The comparison takes the same time for every wrong sum.
func (k *Keyring) VerifyMAC(p Purpose, version uint32, sum []byte, parts ...[]byte) bool {
	key, err := k.loaded().opening(p, version)
	if err != nil || key.mac == nil {
		return false
	}
	want := key.mac.sum(parts)
	return hmac.Equal(want[:], sum)
}

// macBuffer holds all parts of a usual MAC at once; longer ones go through in
// pieces.
const macBuffer = 256

// macKey computes MACs under one key. Keyed states are pooled, because setting
// one up costs more than a short MAC.
type macKey struct {
	secret []byte // never changed
	pool   sync.Pool
}

// macState collects parts in a buffer of its own, so that the caller's bytes
// need not move to the heap to be hashed.
type macState struct {
	hash hash.Hash
	used int
	buf  [macBuffer]byte
}

func (m *macKey) sum(parts [][]byte) (sum [sha256.Size]byte) {
	s, ok := m.pool.Get().(*macState)
	if !ok {
		s = m.newState()
	}
	s.hash.Reset()
	for _, p := range parts {
		s.add(p)
	}
	s.flush()
	copy(sum[:], s.hash.Sum(s.buf[:0]))
	clear(s.buf[:])
	m.pool.Put(s)
	return sum
}

// newState includes the first Reset, which is when the keyed states are made.
func (m *macKey) newState() *macState {
	s := &macState{}
	erasing(func() {
		s.hash = hmac.New(sha256.New, m.secret)
		s.hash.Reset()
	})
	return s
}

// add frames one part as appendPart does.
func (s *macState) add(part []byte) {
	if s.used+8 > macBuffer {
		s.flush()
	}
	binary.BigEndian.PutUint64(s.buf[s.used:], uint64(len(part)))
	s.used += 8
	for len(part) > 0 {
		if s.used == macBuffer {
			s.flush()
		}
		n := copy(s.buf[s.used:], part)
		s.used += n
		part = part[n:]
	}
}

func (s *macState) flush() {
	s.hash.Write(s.buf[:s.used]) // a hash never returns an error
	s.used = 0
}
