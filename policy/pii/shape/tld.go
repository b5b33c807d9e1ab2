package shape

import (
	_ "embed"
	"sync"
	"unicode/utf8"
)

//go:embed tlds.txt
var tldText string

const maxTLD = 40 // bytes, the longest name in the list fits

var tlds = sync.OnceValue(func() *set { return setOf(uncommented(tldText)) })

// isTLD reports a top level domain of the list, in any case of ASCII.
func isTLD(label string) bool {
	if len(label) < 2 || len(label) > maxTLD {
		return false
	}
	var buf [maxTLD]byte
	for i := range len(label) {
		buf[i] = fold(label[i])
	}
	return tlds().has(buf[:len(label)])
}

// fileEndings are what names of files end with and domains hardly do.
var fileEndings = setOf("png jpg jpeg gif webp svg pdf css html htm mp4 mp3 heic docx doc xlsx xls csv txt json xml log exe apk php jsp asp aspx js ts")

// domain is a name of two labels or more.
type domain struct {
	end   int
	known bool // its last label is a top level domain
	tld   int  // where that label begins
}

const (
	maxLabel  = 63
	maxDomain = 253
)

// readDomain reads the longest domain that begins at i (RFC 1035, 2.3.1, and
// RFC 5890 for letters beyond ASCII). A sentence that goes on behind the dot is
// not part of it, nor are letters of another script glued to its end. A domain
// that is not known ends in a label of letters that is in no list; d.end is 0 if
// there is none at all.
func readDomain(s string, i int) (d domain, known bool) {
	start := i
	for n := 0; i-start <= maxDomain; n++ {
		end := readLabel(s, i)
		if end == i {
			break
		}
		if n > 0 {
			e := tldEnd(s, i, end)
			switch {
			case e > 0 && !sentence(s, i, d):
				d, known = domain{end: e, known: true, tld: i}, true
			case !known && end-i >= 2 && onlyLetters(s[i:end]):
				d = domain{end: end, tld: i}
			}
			if e > 0 && e < end {
				break
			}
		}
		if at(s, end) != '.' {
			break
		}
		i = end + 1
	}
	return d, known
}

// sentence reports that the label at i begins a new sentence behind the domain
// d: a capital after a known domain in small letters.
func sentence(s string, i int, d domain) bool {
	return d.known && is(s, i, isUpper) && is(s, d.tld, isLower)
}

// readLabel reads letters, digits and inner hyphens.
func readLabel(s string, i int) int {
	end := i
	for end < len(s) && end-i <= maxLabel*4 {
		if c := s[end]; class[c]&isAlnum != 0 || c == '-' && end > i {
			end++
			continue
		}
		_, size, letter := foreign(s, end)
		if !letter {
			break
		}
		end += size
	}
	for end > i && s[end-1] == '-' {
		end--
	}
	return end
}

// tldEnd gives the end of the top level domain that the label s[i:end] is, or
// begins with before letters of another script; 0 if it is none.
func tldEnd(s string, i, end int) int {
	if isTLD(s[i:end]) {
		return end
	}
	for k := i; k < end; k++ {
		if s[k] >= utf8.RuneSelf {
			if k > i && isTLD(s[i:k]) {
				return k
			}
			return 0
		}
	}
	return 0
}

func onlyLetters(s string) bool {
	for i := range len(s) {
		if s[i] < utf8.RuneSelf && class[s[i]]&isLetter == 0 {
			return false
		}
	}
	return true
}
