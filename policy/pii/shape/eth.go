package shape

import (
	"hash"
	"sync"

	"golang.org/x/crypto/sha3"
)

// keccak holds a hash and the room for its input and output.
type keccak struct {
	hash.Hash
	in  [40]byte
	out [32]byte
}

var keccaks = sync.Pool{New: func() any { return &keccak{Hash: sha3.NewLegacyKeccak256()} }}

// eip55 checks the capitals of 40 hexadecimal digits: those are large whose
// nibble in the Keccak-256 of the small form is 8 or more (EIP-55). An address
// in letters of one case has no checksum; that is reported as neither.
func eip55(v string) (checked, broken bool) {
	k := keccaks.Get().(*keccak)
	defer keccaks.Put(k)
	cases := uint8(0)
	for i := range 40 {
		cases |= class[v[i]] & isLetter
		k.in[i] = fold(v[i])
	}
	if cases != isLetter {
		return false, false
	}
	k.Reset()
	k.Write(k.in[:])
	k.Sum(k.out[:0])
	for i := range 40 {
		if class[v[i]]&isLetter == 0 {
			continue
		}
		nibble := k.out[i/2] >> 4
		if i%2 == 1 {
			nibble = k.out[i/2] & 15
		}
		if nibble >= 8 != (class[v[i]]&isUpper != 0) {
			return false, true
		}
	}
	return true, false
}
