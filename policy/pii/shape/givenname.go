package shape

import (
	_ "embed"
	"strings"
	"unicode"
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
		n += utf8.EncodeRune(bare[n:], base(unicode.ToLower(r)))
	}
	return among(moreGiven, string(bare[:n]))
}

// among looks a word up in a list that is in the order of bytes, by halves.
func among(list, w string) bool {
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
		switch c := strings.Compare(list[begin:end], w); {
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
