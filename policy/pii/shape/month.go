package shape

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed months.txt
var monthText string

// months maps names in small letters, with and without the accents of Latin
// letters, to their number. Months of the Persian calendar are 13: any day up
// to 31 exists there.
var months = sync.OnceValue(func() map[string]uint8 {
	m := make(map[string]uint8, 1200)
	for line := range strings.Lines(monthText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		n, err := strconv.Atoi(fields[0])
		if err != nil {
			panic("months.txt: a line begins without a number") // built in: a test reads it
		}
		for _, name := range fields[1:] {
			for _, form := range [...]string{name, plain(name)} {
				if _, ok := m[form]; !ok {
					m[form] = uint8(n)
				}
			}
		}
	}
	return m
})

// plain leaves the accents of Latin letters out.
func plain(name string) string {
	return strings.Map(func(r rune) rune { return base(r) }, name)
}

// base gives the letter of ASCII that a letter of Latin with a mark is drawn
// from, others as they are.
func base(r rune) rune {
	if r < 0xC0 || r > 0x24F || bases[r-0xC0] == 0 {
		return r
	}
	return rune(bases[r-0xC0])
}

var bases = func() (t [0x250 - 0xC0]byte) {
	const from, to = "áàâäãåāăąçćčďéèêëēęěíìîïīıłñńňóòôöõøőřśšşșťțţúùûüūůűýźżžđğ", "aaaaaaaaacccdeeeeeeeiiiiiilnnnooooooorsssstttuuuuuuuyzzzdg"
	k := 0
	for _, r := range from {
		t[r-0xC0] = to[k]
		k++
	}
	return t
}()

const maxMonth = 48 // bytes of a name

// monthAt reads the name of a month at i. A dot may end an abbreviation.
func monthAt(s string, i int) (month, end int) {
	if !monthBegins(s, i) {
		return 0, i
	}
	var buf [maxMonth + utf8.UTFMax]byte
	n := 0
	for end = i; end < len(s) && n < maxMonth; {
		c := s[end]
		if c < utf8.RuneSelf {
			if class[c]&isLetter == 0 && (c != '.' || n == 0 || !isThai(s, end)) {
				break
			}
			buf[n] = fold(c)
			n++
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[end:])
		if !spelling(r) {
			break
		}
		n += utf8.EncodeRune(buf[n:], lower(r))
		end += size
	}
	if n == 0 {
		return 0, i
	}
	m := months()
	if month, ok := m[string(buf[:n])]; ok {
		if at(s, end) == '.' && end-i <= 8 {
			end++
		}
		return int(month), end
	}
	if buf[n-1] == '.' {
		if month, ok := m[string(buf[:n-1])]; ok {
			return int(month), end
		}
	}
	return 0, i
}

// monthBegins reports the first letter of the name of a month at i, and the second one if
// both are of ASCII.
func monthBegins(s string, i int) bool {
	c, next := at(s, i), at(s, i+1)
	if c >= utf8.RuneSelf {
		r, _ := utf8.DecodeRuneInString(s[i:])
		return monthHeads().first.has(lower(r))
	}
	return class[c]&isLetter != 0 && (class[next]&isLetter == 0 || monthHeads().second[c&31]>>(next&31)&1 != 0)
}

// heads are the letters with which words begin.
type heads struct {
	first  plane      // those outside ASCII
	second [32]uint32 // bits of the second ones of ASCII, by the first one, five bits of each
}

var monthHeads = sync.OnceValue(func() *heads {
	h := new(heads)
	for name := range months() {
		r, size := utf8.DecodeRuneInString(name)
		h.first.put(r)
		if size == 1 {
			h.second[name[0]&31] |= 1 << (at(name, 1) & 31)
		}
	}
	return h
})

// isThai reports that the dot at i ends a letter of Thai: abbreviations there
// have dots within.
func isThai(s string, i int) bool {
	return i >= 3 && s[i-3] == 0xE0 && s[i-2] >= 0xB8 && s[i-2] <= 0xB9
}
