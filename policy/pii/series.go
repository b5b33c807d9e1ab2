package pii

import (
	"encoding/binary"

	"postern/policy/pii/words"
)

const (
	maxGroups = 24
	maxSeries = 5 // separators between two groups
)

// series is a row of tokens that may be one value, with single separators
// between them: "784-1985-1234567-1", "AB 12 34 56 C", "A123456(7)". The
// characters of a group stand side by side.
type series struct {
	char   [64 + 8]byte         // letters in upper case, and digits, maxValue at most; what is behind the last one means nothing
	n      int                  // characters
	letter uint64               // which of them are letters
	bounds uint64               // at which of them a group begins that something stands before
	group  [maxGroups + 1]uint8 // first character of each, and one behind the last of all
	at     [maxGroups]int32     // where each begins in the text
	end    [maxGroups]int32     // and ends
	token  [maxGroups]int32     // the survey's token of each, or of the next one
	groups int
	wide   uint32 // bits of groups before which a space or a line stands
	glued  uint32 // of those before which nothing stands
	single uint32 // of those of one character
}

// collect reads the series that begins with token k, and gives the first token
// behind it.
func (p *pass) collect(s *series, k int) int {
	s.n, s.groups, s.letter, s.bounds, s.wide, s.glued, s.single = 0, 0, 0, 0, 0, 0, 0
	tok := &p.tokens[k]
	if at := p.lettersBefore(tok); at >= 0 {
		end := at
		for isLetter(p.text[end]) {
			end++
		}
		s.push(p.text, at, end, k, wideBefore)
	}
	end := int(tok.end)
	if tok.marks > 0 && (p.marks[tok.marks-1].at == tok.at || p.marks[tok.marks-1].end == tok.digit) { // a label without a gap
		s.push(p.text, int(tok.at), int(tok.digit), k, wideBefore)
		if s.push(p.text, int(tok.digit), end, k, wideBefore) {
			s.glue()
		}
	} else {
		s.push(p.text, int(tok.at), end, k, wideBefore)
	}
	first := k
	for k++; s.n < maxValue && s.groups < maxGroups-1; {
		at, before := p.gap(end)
		if next := p.behindSeries(first, end); next >= 0 {
			at, before = next, wideBefore
		}
		if at < 0 {
			return k
		}
		if k < len(p.tokens) && int(p.tokens[k].at) == at {
			end = int(p.tokens[k].end)
			if !s.push(p.text, at, end, k, before) {
				return k
			}
			k++
			continue
		}
		stop := p.letters(at, k-1, before != 0)
		if stop < 0 || !s.push(p.text, at, stop, k-1, before) {
			return k
		}
		end = stop
	}
	return k
}

// push appends a group; false if it does not fit.
func (s *series) push(text string, at, end, token int, before uint32) bool {
	g, k := s.groups, s.n&63
	n := k + end - at
	if n > maxValue {
		return false
	}
	s.n, s.groups, s.group[g+1] = n, g+1, uint8(n)
	s.at[g], s.end[g], s.token[g] = int32(at), int32(end), int32(token)
	s.bounds |= 1 << k
	s.wide |= before << (g & 31)
	if end-at == 1 {
		c := text[at]
		s.single |= 1 << (g & 31)
		s.char[k] = c &^ (c >> 6 << 5)
		s.letter |= uint64(c>>6) << k
		return true
	}
	for ; at < end; k, at = (k+8)&63, at+8 {
		x := eight(text, at)
		letters := x >> 6 & each // letters have this bit, digits do not
		binary.LittleEndian.PutUint64(s.char[k:k+8], x&^(letters<<5))
		s.letter |= letters * 0x0102040810204080 >> 56 << k // a bit of each byte, side by side
	}
	s.letter &= 1<<(n&63) - 1
	return true
}

// glue notes that nothing stands before the last group.
func (s *series) glue() {
	g := s.groups - 1
	s.glued |= 1 << g
	s.bounds &^= 1 << s.group[g]
}

// lettersBefore gives the start of one to four letters that may begin the value
// before a token, -1 if there are none: capitals before a space, any before a
// dash. Labels are none.
func (p *pass) lettersBefore(tok *token) int {
	if at := p.seriesBefore(tok); at >= 0 {
		return at
	}
	t, end := p.text, int(tok.at)-1
	if end < 1 || t[end] != ' ' && t[end] != '-' && t[end] != '.' && t[end] != '/' {
		return -1
	}
	at := end
	for at > 0 && isLetter(t[at-1]) && end-at < 5 {
		if t[end] == ' ' && !isUpper(t[at-1]) && !(smallBegins>>min(tok.end-tok.at, 8)&1 != 0 && smallCode(t, end-2)) {
			return -1
		}
		at--
	}
	if at == end || end-at > 4 && !sixBehind(t, at, end) || at > 0 && (isDigit(t[at-1]) || t[at-1] >= 0x80 || t[at-1] == '-' || t[at-1] == '\'') {
		return -1
	}
	if tok.marks > 0 && int(p.marks[tok.marks-1].end) > at && !p.initials(tok.marks-1, at, end) {
		return -1
	}
	return at
}

// sixBehind reports five capitals and six digits behind them, as British driving
// licences begin.
func sixBehind(t string, at, end int) bool {
	for i := range 6 {
		if i < 5 && !isUpper(t[at+i]) || !isDigit(byteAt(t, end+1+i)) {
			return false
		}
	}
	return !isAlnum(byteAt(t, end+7))
}

// initials reports that the letters from a place to end are written as the
// beginning of a code though they are a word as well: LE 50 71 24 A, km 98 57 41 a.
func (p *pass) initials(mark int32, at, end int) bool {
	m := &p.marks[mark]
	if int(m.at) != at || int(m.end) != end {
		return false
	}
	if isUpper(p.text[at]) && (p.links(label{entry: m.entry}) || mark > 0 && at-int(p.marks[mark-1].end) <= 2) {
		return true // "RAMQ TREM 8557 0411", where a train is a word for something else
	}
	return smallCode(p.text, at)
}

// smallBegins has the lengths that the first token of a smallCode may have: pairs of
// digits, three at most, and a letter behind all of them.
const smallBegins = 1<<2 | 1<<4 | 1<<6 | 1<<7

// smallCode reports two small letters at a place, six digits in groups of two or
// in one and a letter, as people type codes without the shift key: ab 12 34 56 c.
func smallCode(t string, at int) bool {
	if at < 0 || !letterAmong(t, at+8, at+13) {
		return false
	}
	i, n := at, 0
	for ; i < len(t) && n < 9; n++ {
		if isLetter(t[i]) != (n < 2 || n == 8) || !isAlnum(t[i]) {
			return false
		}
		if i++; n%2 == 1 && (byteAt(t, i) == ' ' || byteAt(t, i) == '-') {
			i++
		}
	}
	return n == 9 && !isAlnum(byteAt(t, i))
}

// letterAmong reports an ASCII letter between two places.
func letterAmong(t string, from, to int) bool {
	for i := from; i < min(to, len(t)); i++ {
		if isLetter(t[i]) {
			return true
		}
	}
	return false
}

// letters gives the end of the letters at a place if they may belong to a
// value behind token k, else -1.
func (p *pass) letters(at, k int, wide bool) int {
	t, end := p.text, at
	for end < len(t) && isLetter(t[end]) {
		if wide && !isUpper(t[end]) && (p.series.n != 8 || p.series.letter != 3) {
			return -1
		}
		end++
	}
	if end == at || end-at > 6 || end < len(t) && t[end] >= 0x80 {
		return -1
	}
	if end < len(t) && t[end] >= 0x80 {
		if kind, _ := words.KindAt(t, end); kind == words.Spaced {
			return -1
		}
	}
	for i := int(p.tokens[k].marks); i < len(p.marks) && int(p.marks[i].at) <= at; i++ {
		if m := &p.marks[i]; int(m.end) > at && (m.end-m.at > 1 && (wide || end-at > 2) || !isUpper(t[at])) && p.series.letter != 3 {
			return -1
		}
	}
	return end
}

// What a byte between two groups is.
const (
	wideBefore = 1 // a space or a line
	inWord     = 2 // a letter or digit
	picture    = 4 // perhaps the beginning of an emoji
	otherSign  = 8
)

var betweenGroups = func() (t [256]uint8) {
	for c := range t {
		switch {
		case isAlnum(byte(c)):
			t[c] = inWord
		case c >= 0xE2:
			t[c] = picture
		}
	}
	for _, c := range []byte("-./()_*~`") {
		t[c] = otherSign
	}
	t[' '], t['\n'] = wideBefore, wideBefore
	return t
}()

// gap passes the separators at i. It gives where the next group begins, -1 if
// the series ends, and whether a space or line stands between: wideBefore.
func (p *pass) gap(i int) (at int, before uint32) {
	t := p.text
	for n := 0; i < len(t); n++ {
		what := betweenGroups[t[i]]
		switch {
		case what == inWord && n > 0:
			return i, before & wideBefore
		case what == inWord || n == maxSeries || what == 0:
			return -1, 0
		case what == picture:
			size := emoji(t, i)
			if size == 0 {
				return -1, 0
			}
			what = wideBefore
			i += size - 1
		}
		before |= uint32(what)
		i++
	}
	return -1, 0
}

// emoji gives the size of the emoji or symbol at i, zero if none stands there.
func emoji(t string, i int) int {
	switch {
	case len(t)-i >= 4 && t[i] == 0xF0 && t[i+1] == 0x9F:
		return 4
	case len(t)-i >= 3 && t[i] == 0xE2 && t[i+1] >= 0x98 && t[i+1] <= 0xAD && (t[i+1] <= 0x9E || t[i+1] >= 0xAC):
		return 3
	}
	return 0
}

// last is the character behind the last one of group g.
func (s *series) last(g int) int { return int(s.group[g+1]) }

// spelled has the groups that go on with what is written character by
// character: they and those before them are single ones, and so is a neighbour.
func (s *series) spelled() uint32 {
	one := s.single
	return one & (one << 1) & (one<<2 | one>>1)
}
