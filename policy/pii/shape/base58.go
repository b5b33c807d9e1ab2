package shape

import "crypto/sha256"

const (
	bitcoin58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	ripple58  = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"

	max58 = 112 // characters: extended keys of BIP-32 have 111
)

var (
	digits58       = alphabet58(bitcoin58)
	rippleDigits58 = alphabet58(ripple58)
)

func alphabet58(letters string) (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range len(letters) {
		t[letters[i]] = int8(i)
	}
	return t
}

// decode58 reads v as a number of size bytes. It fails if v holds other
// characters or a larger number.
func decode58(v string, digits *[256]int8, size int) (out [84]byte, ok bool) {
	if len(v) > max58 || size > len(out) {
		return out, false
	}
	var limbs [21]uint32 // least significant first
	words := (size + 3) / 4
	for i := 0; i < len(v); {
		factor, add := uint64(1), uint64(0)
		for ; i < len(v) && factor < 656356768; i++ { // 58^5 fits 32 bits
			d := digits[v[i]]
			if d < 0 {
				return out, false
			}
			factor, add = factor*58, add*58+uint64(d)
		}
		for w := range words {
			add += uint64(limbs[w]) * factor
			limbs[w] = uint32(add)
			add >>= 32
		}
		if add != 0 {
			return out, false
		}
	}
	for k := range words * 4 {
		b := byte(limbs[k/4] >> (8 * (k % 4)))
		if k < size {
			out[size-1-k] = b
		} else if b != 0 {
			return out, false
		}
	}
	return out, true
}

// checked58 decodes base58check (Bitcoin's addresses and keys): size bytes, the
// last four of them the start of SHA-256 twice. Ripple's alphabet is another.
func checked58(v string, digits *[256]int8, size int) (first byte, ok bool) {
	b, ok := decode58(v, digits, size)
	if !ok {
		return 0, false
	}
	once := sha256.Sum256(b[:size-4])
	twice := sha256.Sum256(once[:])
	return b[0], [4]byte(twice[:4]) == [4]byte(b[size-4:size])
}
