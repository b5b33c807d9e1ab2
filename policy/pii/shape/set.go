package shape

import (
	"encoding/binary"
	"math/bits"
	"strings"
)

// set is a closed list of short words in small letters.
type set struct {
	short  []uint64            // those of up to eight bytes, the first one lowest: by their hash or behind it, half full at most
	shift  uint8               // of a hash, down to the number of a place
	long   map[string]struct{} // the others
	begins [32]uint32          // bits of their lengths in bytes, by the first one; the last bit for all from there on
	most   int                 // bytes that a word of any writing has at most, which is one of them in small letters without accents
}

// shrinks is how many times shorter a letter may be in small letters, without accents.
const shrinks = 3

const golden = 0x9E3779B97F4A7C15 // spreads what is multiplied with it

// setOf reads a list with blanks between.
func setOf(list string) *set {
	words := strings.Fields(list)
	t := &set{long: map[string]struct{}{}, shift: uint8(bits.LeadingZeros64(uint64(2 * len(words))))} //nolint:gosec // at most 64
	t.short = make([]uint64, 1<<(64-t.shift))
	for _, w := range words {
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
