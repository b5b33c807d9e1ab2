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

// lettersIn counts the ASCII letters that x begins with.
func lettersIn(x uint64) int {
	low := (x | each*0x20) &^ high
	is := (low + each*(0x80-'a')) &^ (low + each*(0x80-'z'-1)) &^ x & high
	return bits.TrailingZeros64(^is&high) >> 3
}

// digitsIn counts the digits that x begins with.
func digitsIn(x uint64) int {
	x ^= each * '0'
	return bits.TrailingZeros64((x+each*(0x80-10)|x)&high) >> 3
}

// latin passes a word that begins with an ASCII letter, and those behind it while
// they begin no entry of the lists and no structure.
func (p *pass) latin(i int) int {
	t := p.text
	for {
		x := uint64(0)
		if len(t)-i >= 8 { // eight, which is not called for each word
			x = load(t, i)
		} else {
			x = few(t, i)
		}
		n := lettersIn(x)
		end := i + n
		if x |= each * 0x20; n < 8 {
			x &= 1<<(8*n) - 1
		} else if end += lettersIn(eight(t, end)); end-i == 16 {
			return p.word(i)
		}
		n = end - i
		common := end+1 < len(t) && t[end] == ' ' && classOf[t[end+1]] == isWord && shape.Common(x, n)
		if !common && !shape.Alone(t, i, end) {
			if c := byteAt(t, end); c >= utf8.RuneSelf || isDigit(c) {
				return p.word(i)
			}
			if m, ok := shape.Token(t, i, end, p.floor); ok && m.End > i && p.shaped(m) {
				return m.End
			}
		}
		if entry, stop := p.t.words.Word(t, i, n, x); entry != 0 && stop > p.inside && (stop >= end || stop-i >= minGlued) && !p.spoke(entry, i, stop) {
			return p.listed(i, end, stop, entry)
		}
		if alikes>>(x&31)&1 != 0 && n > 1 {
			p.odd = p.odd || digitsBut(t[i:end])
		}
		p.row, p.stars = 0, 0
		if i >= p.inside {
			p.pace += paceWord
		}
		switch {
		case common:
			i = end + 1
		case end < len(t) && t[end] == ' ':
			return end + 1
		default:
			return end
		}
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
	if stop == end && end < len(p.text) && p.text[end] == ' ' {
		return end + 1
	}
	return p.behind(end, stop)
}
