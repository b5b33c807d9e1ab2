package pii

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"postern/policy/pii/shape"
)

// Most words of most chats are of ASCII letters, stand in no list and are part
// of no structure. They are read eight bytes at a time.

const (
	each = 0x0101010101010101 // one in each byte
	high = each << 7
)

// eight gives the eight bytes at i, the first one lowest, zeros behind the end.
func eight(t string, i int) uint64 {
	if len(t)-i >= 8 {
		return load(t, i)
	}
	return few(t, i)
}

// load is eight where so many stand, which is not looked at again.
func load(t string, i int) uint64 {
	return binary.LittleEndian.Uint64((*[8]byte)(unsafe.Add(unsafe.Pointer(unsafe.StringData(t)), i))[:])
}

// few is eight where fewer stand.
func few(t string, i int) (x uint64) {
	if len(t) >= 8 {
		return load(t, len(t)-8) >> uint(8*(8-len(t)+i))
	}
	for k := len(t) - 1; k >= i; k-- {
		x = x<<8 | uint64(t[k])
	}
	return x
}

// others marks the bytes of x that are no ASCII letters by their highest bit.
func others(x uint64) uint64 {
	low := (x | each*0x20) &^ high
	return (^(low + each*(0x80-'a')) | (low + each*(0x80-'z'-1)) | x) & high
}

// lettersIn counts the ASCII letters that x begins with.
func lettersIn(x uint64) int { return bits.TrailingZeros64(others(x)) >> 3 }

// digitsIn counts the digits that x begins with.
func digitsIn(x uint64) int {
	x ^= each * '0'
	return bits.TrailingZeros64((x+each*(0x80-10)|x)&high) >> 3
}

// latin passes a word that begins with an ASCII letter, and those behind it while
// blanks alone part them and they begin no structure.
func (p *pass) latin(i int) int {
	t := p.text
	for {
		x := uint64(0)
		if len(t)-i >= 8 { // eight, which is not called for each word
			x = load(t, i)
		} else {
			x = few(t, i)
		}
		n, end := 8, i+8
		if z := others(x); z != 0 {
			n = bits.TrailingZeros64(z) >> 3
			end = i + n
			x = (x | each*0x20) & (z&-z>>7 - 1)
		} else if n += lettersIn(eight(t, end)); n == 16 {
			return p.word(i)
		} else {
			end, x = i+n, x|each*0x20
		}
		if end+1 >= len(t) || t[end] != ' ' || classOf[t[end+1]] != isWord || !shape.Common(x, n) {
			return p.latinBefore(i, end, x)
		}
		if entry, stop := p.t.words.Word(t, i, n, x); entry != 0 && p.says(entry, i, end, stop) {
			if i = p.listed(i, end, stop, entry); i >= len(t) || classOf[t[i]] != isWord {
				return i
			}
			continue
		}
		p.unlisted(i, end, x)
		i = end + 1
	}
}

// latinBefore passes a word of ASCII letters, the first eight of which are key, with what
// stands behind it.
func (p *pass) latinBefore(i, end int, key uint64) int {
	t := p.text
	if !shape.Alone(t, i, end) {
		if c := byteAt(t, end); c >= utf8.RuneSelf || isDigit(c) {
			return p.word(i)
		}
		if m, ok := shape.Token(t, i, end, p.floor); ok && m.End > i && p.shaped(m) {
			return m.End
		}
	}
	if entry, stop := p.t.words.Word(t, i, end-i, key); entry != 0 && p.says(entry, i, end, stop) {
		return p.listed(i, end, stop, entry)
	}
	p.unlisted(i, end, key)
	if byteAt(t, end) == ' ' {
		end++
	}
	return end
}

// says reports that an entry, from i to stop in a word or phrase that begins with a word
// up to end, says something, and that no phrase that is being passed has it.
func (p *pass) says(entry uint32, i, end, stop int) bool {
	return stop > p.inside && (stop >= end || stop-i >= minGlued) && !p.spoke(entry, i, stop)
}

// unlisted notes a word of ASCII letters that is in no list.
func (p *pass) unlisted(i, end int, key uint64) {
	if alikes>>(key&31)&(alikes>>(key>>8&31))&1 != 0 {
		p.odd = p.odd || digitsBut(p.text[i:end])
	}
	p.row, p.stars = 0, 0
	if i >= p.inside {
		p.pace += paceWord
	}
}

// alikes has the letters that digitAlike knows, and L.
const alikes = 1<<('i'&31) | 1<<('l'&31) | 1<<('o'&31)

// listed passes a word that begins an entry of the lists, which ends at stop.
func (p *pass) listed(i, end, stop int, entry uint32) int {
	if p.t.brief[entry].at != 0 {
		if next := p.mailAt(i, stop, entry); next > 0 {
			return next
		}
	}
	p.mark(i, stop, entry)
	if stop == end {
		if c := byteAt(p.text, end); c == ' ' {
			return end + 1
		} else if c < utf8.RuneSelf {
			return end
		}
	}
	return p.behind(end, stop)
}
