package shape

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed moregivennames.txt
var moreGivenText string

// moreGiven are words in the order of their bytes, one blank or line between.
var moreGiven = strings.TrimSpace(uncommented(moreGivenText))

// givenName reports a given name: one of the frequent ones in any writing, one of
// the others with a capital.
func givenName(w string) bool {
	w, _, _ = strings.Cut(w, "-") // Anne-Marie
	if namedPlain(givenNames(), w) {
		return true
	}
	var bare [32]byte
	n := 0
	if !upperFirst(w) || len(w) < 3 {
		return false
	}
	for _, r := range w {
		if n > len(bare)-utf8.UTFMax {
			return false
		}
		n += utf8.EncodeRune(bare[n:], base(lower(r)))
	}
	return moreGivenSieve().may(bare[:n]) && among(alike(bare[:n]), bare[:n])
}

// alike gives the words of moreGiven that begin with the same two letters as a word.
func alike(w []byte) string {
	if w[0] < 'a' || w[0] > 'z' || w[1] < 'a' || w[1] > 'z' {
		return moreGiven
	}
	at := moreGivenBy()[uint(w[0]&31)<<5|uint(w[1]&31)]
	return moreGiven[at[0]:at[1]]
}

// moreGivenBy gives where the words begin and end whose first two letters are of ASCII,
// five bits of each.
var moreGivenBy = sync.OnceValue(func() *[1 << 10][2]int32 {
	t, from := new([1 << 10][2]int32), 0
	for w := range strings.FieldsSeq(moreGiven) {
		at := &t[uint(w[0]&31)<<5|uint(w[1]&31)]
		if to := from + len(w); w[0] < utf8.RuneSelf && w[1] < utf8.RuneSelf {
			if at[1] == 0 {
				at[0] = int32(from) //nolint:gosec // within the list
			}
			at[1] = int32(to) //nolint:gosec // within the list
		}
		from += len(w) + 1
	}
	return t
})

// sieve is a set of hashes of words: it may say yes too often, never no.
type sieve [1 << 12]uint64

var moreGivenSieve = sync.OnceValue(func() *sieve {
	s := new(sieve)
	for w := range strings.FieldsSeq(moreGiven) {
		i, bit := s.spot([]byte(w))
		s[i] |= bit
	}
	return s
})

func (s *sieve) may(w []byte) bool {
	i, bit := s.spot(w)
	return s[i]&bit != 0
}

// spot is FNV-1a, its upper bits taken.
func (*sieve) spot(w []byte) (i int, bit uint64) {
	h := uint64(14695981039346656037)
	for _, c := range w {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h *= golden
	return int(h >> 52), 1 << (h >> 46 & 63)
}

// among looks a word up in a list that is in the order of bytes, by halves.
func among(list string, w []byte) bool {
	low, high := 0, len(list) // both begin a word
	for low < high {
		begin := low + (high-low)/2
		for begin > low && list[begin-1] > ' ' {
			begin--
		}
		end := begin
		for end < len(list) && list[end] > ' ' {
			end++
		}
		switch c := order(list[begin:end], w); {
		case c == 0:
			return true
		case c < 0:
			low = min(end+1, len(list))
		default:
			high = begin
		}
	}
	return false
}

// order is strings.Compare for a word that is no string, of which none is made.
func order(a string, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}
