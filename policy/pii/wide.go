package pii

import (
	"postern/policy/pii/shape"
	"postern/policy/pii/words"
)

// wide passes a rune outside ASCII, or the word that it begins.
func (p *pass) wide(i int) int {
	t := p.text
	kind, size := words.KindAt(t, i)
	if kind == words.Separator {
		if s := t[i : i+size]; s == "؟" || s == "！" || s == "？" {
			p.wall = int32(i + size)
		}
		p.row = 0
		if shape.Marks[t[i]] {
			return max(p.sign(i, t[i]), i+size)
		}
		if entry := p.t.picture(t[i : i+size]); entry != 0 {
			p.mark(i, i+size, entry)
		}
		return i + size
	}
	entry, end := p.t.words.Match(t, i)
	within := entry != 0 && end <= p.inside // of a phrase that goes further
	mute := within || entry != 0 && p.spoke(entry, i, end)
	if mute {
		entry = 0
	}
	if kind == words.Spaced {
		if entry == 0 && !mute && t[i] >= 0xD7 && t[i] <= 0xD9 {
			entry, end = p.joined(i)
		}
		stop := p.wordEnd(max(end, i+size), t[i] < 0xCD)
		p.odd = p.odd || lookalikeLead(t[i]) && isAlnum(byteAt(t, stop))
		if entry != 0 {
			if next := p.mailAt(i, end, entry); next > 0 {
				return next
			}
			p.mark(i, end, entry)
			return stop
		}
		p.row = 0
		p.pace += paceWord
		return stop
	}
	p.row = 0
	if entry != 0 {
		if next := p.mailAt(i, end, entry); next > 0 {
			return next
		}
		p.mark(i, end, entry)
		return end
	}
	p.pace += paceDense
	return i + size
}

// lookalikeLead reports first bytes of Cyrillic and Greek.
func lookalikeLead(c byte) bool { return c >= 0xCD && c <= 0xD1 }

// joined looks for a word behind what Arabic and Hebrew write in front of it.
func (p *pass) joined(i int) (entry uint32, end int) {
	t := p.text
	if len(t)-i < 2 {
		return 0, 0
	}
	for _, head := range fronts[t[i+1]&0x3F] {
		if n := len(head); len(t)-i > n && t[i:i+n] == head {
			if entry, end = p.t.words.Match(t, i+n); entry != 0 {
				return entry, end
			}
		}
	}
	return 0, 0
}

// fronts are articles, "and", "with", "for", by the second byte of their first letter:
// no two of these letters share it.
var fronts = func() (t [64][]string) {
	for _, head := range [...]string{"ال", "وال", "بال", "لل", "و", "ب", "ל", "ה", "ב", "ו", "ש", "מה", "וה", "שה"} {
		t[head[1]&0x3F] = append(t[head[1]&0x3F], head)
	}
	return t
}()
