package shape

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unicode/utf8"
)

// set is a closed list of short words in small letters.
type set struct {
	short  []uint64            // those of up to eight bytes, the first one lowest: by their hash or behind it, half full at most
	shift  uint8               // of a hash, down to the number of a place
	long   map[string]struct{} // the others
	begins [32]uint32          // bits of their lengths in bytes, by the first one; the last bit for all from there on
	leads  uint64              // bits of the first bytes from leastLead on
	most   int                 // bytes that a word of any writing has at most, which is one of them in small letters without accents
}

// shrinks is how many times shorter a letter may be in small letters, without accents.
const shrinks = 3

const golden = 0x9E3779B97F4A7C15 // spreads what is multiplied with it

// setOf reads a list with blanks between.
func setOf(list string) *set {
	words := strings.Fields(list)
	t := &set{long: map[string]struct{}{}, shift: uint8(bits.LeadingZeros64(uint64(2 * len(words))))} //nolint:gosec // at most 64
	t.leads = casedLeads
	t.short = make([]uint64, 1<<(64-t.shift))
	for _, w := range words {
		if c := w[0]; c >= leastLead {
			t.leads |= 1 << (c - leastLead)
			t.leads |= t.leads >> 1 & 1 // the capitals of some Cyrillic letters have the byte before
		}
		t.begins[w[0]&31] |= 1 << min(len(w), 31)
		t.most = max(t.most, shrinks*len(w))
		if len(w) > 8 {
			t.long[w] = struct{}{}
			continue
		}
		place := t.place(packed([]byte(w)))
		*place = packed([]byte(w))
	}
	return t
}

// has looks a word up: most that are in no list show by how they begin.
func (t *set) has(w []byte) bool {
	if len(w) == 0 || t.begins[w[0]&31]>>min(len(w), 31)&1 == 0 {
		return false
	}
	if len(w) <= 8 {
		return *t.place(packed(w)) != 0
	}
	_, ok := t.long[string(w)]
	return ok
}

// place gives where a short word stands, or the free place that it would take.
func (t *set) place(key uint64) *uint64 {
	for i := key * golden >> t.shift; ; i++ {
		if p := &t.short[i&uint64(len(t.short)-1)]; *p == key || *p == 0 {
			return p
		}
	}
}

// packed gives up to eight bytes as a number.
func packed(w []byte) (key uint64) {
	if cap(w) >= 8 {
		return binary.LittleEndian.Uint64(w[:8]) & (1<<(8*len(w)) - 1)
	}
	for i, c := range w {
		key |= uint64(c) << (8 * i)
	}
	return key
}

// namedPlain looks a word of any script up, in small letters, with its accents
// and then without.
func namedPlain(list *set, w string) bool {
	if len(w) > list.most || len(w) == 0 {
		return false
	}
	if len(w) <= 8 {
		if key := packedString(w); key&notASCII == 0 {
			return list.begins[w[0]&31]>>len(w)&1 != 0 && *list.place(folded(key)) != 0
		}
		return namedWide(list, w)
	}
	var small [namedMost]byte
	for i := range len(w) {
		if w[i] >= utf8.RuneSelf || i == len(small) {
			return namedWide(list, w)
		}
		small[i] = fold(w[i])
	}
	return list.has(small[:len(w)])
}

const namedMost = 60 // bytes of a word that is looked up

// namedWide is namedPlain for words outside ASCII.
func namedWide(list *set, w string) bool {
	if c := w[0]; c >= leastLead && list.leads>>(c-leastLead)&1 == 0 {
		return false
	}
	var small, bare [namedMost + utf8.UTFMax]byte
	n, m := 0, 0
	for _, r := range w {
		if n > len(small)-utf8.UTFMax {
			return false
		}
		r = lower(r)
		n += utf8.EncodeRune(small[n:], r)
		m += utf8.EncodeRune(bare[m:], base(r))
	}
	return list.has(small[:n]) || n != m && list.has(bare[:m])
}

const (
	each      = 0x0101010101010101 // one in each byte
	notASCII  = each << 7
	leastLead = 0xD0 // first byte of Cyrillic, and of what has no accents to leave out

	// casedLeads are first bytes, as bits, of which some begin letters that have small letters
	// with another first byte.
	casedLeads = 1<<(0xD4-leastLead) | 1<<(0xD5-leastLead) | 1<<(0xD6-leastLead) | 1<<(0xE1-leastLead) | 1<<(0xE2-leastLead) | 1<<(0xEA-leastLead) | 0x3FF<<(0xEE-leastLead)
)

// packedString is packed for a string.
func packedString(w string) uint64 {
	switch n := len(w); {
	case n == 8:
		return eightOf(w)
	case n >= 4:
		return uint64(four(w)) | uint64(four(w[n-4:]))<<(8*(n-4))
	case n > 0:
		return uint64(w[0]) | uint64(w[n/2])<<(8*(n/2)) | uint64(w[n-1])<<(8*(n-1))
	}
	return 0
}

// eightOf has eight bytes as a number, the first one lowest.
func eightOf(w string) uint64 { return uint64(four(w)) | uint64(four(w[4:]))<<32 }

func four(w string) uint32 {
	return uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24
}

// folded has the capitals of ASCII among the bytes of x as small letters.
func folded(x uint64) uint64 {
	capital := (x + each*(0x80-'A')) &^ (x + each*(0x80-'Z'-1)) & notASCII
	return x | capital>>2
}

// leads orders a list of words in small letters by their first bytes.
func leads(list []string) (t [256][]string) {
	for _, w := range list {
		t[w[0]] = append(t[w[0]], w)
	}
	return t
}

// uncommented leaves out the lines of a list that begin with #.
func uncommented(list string) string {
	for strings.HasPrefix(list, "#") {
		_, list, _ = strings.Cut(list, "\n")
	}
	return list
}

const maxName = 32

// named looks a name up in any case; - and _ within do not count.
func named(list *set, name string) bool {
	var buf [maxName]byte
	n := 0
	for i := range len(name) {
		c := name[i]
		if c == '-' || c == '_' {
			continue
		}
		if n == maxName || class[c]&isAlnum == 0 {
			return false
		}
		buf[n] = fold(c)
		n++
	}
	return list.has(buf[:n])
}
