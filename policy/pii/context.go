package pii

import (
	"unicode"
	"unicode/utf8"
)

const (
	reach     = 96 // bytes before a value that are looked at
	reachBack = 48 // bytes behind it
	maxWords  = 6  // words before a value that may be its label
	foldRoom  = 160
)

// nearby is the folded text beside a value, cut into words.
type nearby struct {
	buf   [foldRoom]byte
	n     int
	start [maxWords + 2]uint8
	end   [maxWords + 2]uint8
	words int
}

// labelBefore says what the words before the digits of group g call them, and
// how many words stand between. Six digits in front of a word belong to
// another value: what stands before them says nothing here.
func (p *pass) labelBefore(g int) (topic, int) {
	if p.run.cut || p.run.group[g] > 5 {
		return topicNone, 0
	}
	return p.wordsBefore(p.run.from(g))
}

// topicBefore is labelBefore without the distance.
func (p *pass) topicBefore(g int) topic {
	t, _ := p.labelBefore(g)
	return t
}

// wordsBefore reads the label that ends at a place, and remembers the last one.
func (p *pass) wordsBefore(at int) (topic, int) {
	if p.seen.at == at+1 {
		return p.seen.is, p.seen.far
	}
	from, open := labelStart(p.text, at)
	var n nearby
	if open {
		n.read(p.hint.Label)
	}
	n.read(p.text[from:at])
	t, far := n.nearest(p.s.words)
	p.seen.at, p.seen.is, p.seen.far = at+1, t, far
	return t, far
}

// labelStart goes back from a value to where its label can begin: not beyond
// other values, masks, labels of ours and ends of sentences. Open says that
// this is the start of the text.
func labelStart(text string, at int) (from int, open bool) {
	digits, stars, words := 0, 0, 0
	inWord := false
	for from = at; from > 0 && at-from < reach; from-- {
		c := text[from-1]
		switch {
		case isDigit(c):
			digits++
		case c == '*':
			stars++
		case c == '!' || c == '?' || c == ']':
			return from, false
		case !numberMark(c):
			digits, stars = 0, 0
		}
		if letter := isAlnum(c) || c >= utf8.RuneSelf; letter != inWord {
			if inWord = letter; inWord {
				words++
			}
		}
		if digits > 5 || stars > 2 || words > maxWords+1 {
			return from, false
		}
	}
	for from > 0 && from < at && !utf8.RuneStart(text[from]) {
		from++
	}
	return from, from == 0
}

// numberMark reports bytes that may stand inside one number.
func numberMark(c byte) bool {
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'
}

// read folds text and appends its words. It keeps the last ones; the first
// are not missed, since labels are short and near.
func (n *nearby) read(text string) {
	open := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		open = n.put(r, open)
	}
	if open {
		n.end[n.words-1] = uint8(n.n)
	}
}

// put appends one rune to the current word, begins a word or ends it.
func (n *nearby) put(r rune, open bool) bool {
	if !wordRune(r) {
		if open {
			n.end[n.words-1] = uint8(n.n)
		}
		return false
	}
	if !open && n.words == len(n.start) || n.n+5 > foldRoom {
		n.words, n.n, open = 0, 0, false
	}
	if !open {
		if n.n > 0 {
			n.buf[n.n] = ' '
			n.n++
		}
		n.start[n.words] = uint8(n.n)
		n.words++
	}
	if r < utf8.RuneSelf {
		n.buf[n.n] = byte(lower(r))
		n.n++
		return true
	}
	n.n += utf8.EncodeRune(n.buf[n.n:], lower(r))
	return true
}

func lower(r rune) rune {
	if r < utf8.RuneSelf {
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	if r < 0x0600 {
		return unicode.ToLower(r)
	}
	return r
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	if r < 0x00C0 {
		return r == 0xB0 || r == 0xBA || r == 0xAA // n°, nº
	}
	return unicode.IsLetter(r) || unicode.IsMark(r) && !invisible(r)
}

// nearest goes back from the value to the first word with a topic. A weak one
// ("number") gives way to a strong one up to two words before it.
func (n *nearby) nearest(v *vocabulary) (topic, int) {
	weak := -1
	for back := range min(maxWords, n.words) {
		if weak >= 0 && back > weak+2 {
			break
		}
		t := n.at(v, n.words-1-back)
		switch {
		case t == topicNumber && weak < 0:
			weak = back
		case t == topicOrder && weak < 0 && back > 2:
			return topicNone, 0
		case t != topicLink && t != topicNone && t != topicNumber:
			return t, back
		}
	}
	if weak >= 0 {
		return topicNumber, weak
	}
	return topicNone, 0
}

// at gives the topic of the phrase of up to three words that ends with word i.
func (n *nearby) at(v *vocabulary, i int) topic {
	word := n.buf[n.start[i]:n.end[i]]
	if l := len(word); l > 2 && (word[l-3] > 0xE0 || word[l-3] == 0xE0 && word[l-2] >= 0xB8) { // Thai and beyond
		if t := v.denseBefore(word); t != topicNone {
			return t
		}
	}
	if v.ends[word[len(word)-1]] {
		for first := max(i-2, 0); first < i; first++ {
			if t, ok := v.exact[string(n.buf[n.start[first]:n.end[i]])]; ok {
				return t
			}
		}
	}
	return v.word(word)
}

// labelAfter says what the words behind a value call it: "... is my number",
// "... (mobile)", "...が私の番号です". Only the first word counts, or one of the
// two behind it if the first links.
func (p *pass) labelAfter(end int) topic {
	stop := end
	for stop < len(p.text) && stop < end+reachBack && !endsContext(p.text[stop]) {
		stop++
	}
	for stop < len(p.text) && !utf8.RuneStart(p.text[stop]) {
		stop--
	}
	var n nearby
	n.read(p.text[end:max(stop, end)])
	for i := range min(3, n.words) {
		t := n.at(p.s.words, i)
		word := n.buf[n.start[i]:n.end[i]]
		if t == topicNone {
			t = p.s.words.denseAfter(word)
		}
		particle := t == topicNone && len(word) <= 6 && word[0] >= 0xE1
		if t != topicLink && !particle {
			return t
		}
	}
	return topicNone
}

func endsContext(c byte) bool {
	switch c {
	case '!', '?', '*', '[', '{', ',', ';', '\n':
		return true
	}
	return isDigit(c)
}

const denseReach = 36 // bytes of a dense word, about twelve runes

// denseBefore finds the last known word in a row of letters without spaces; a
// weak one gives way to a strong one just before it.
func (v *vocabulary) denseBefore(w []byte) topic {
	weak := topicNone
	low := max(len(w)-denseReach, 0)
	for end := len(w); end > low; end-- {
		if !v.tails[w[end-1]] {
			continue
		}
		t := v.denseEnding(w[low:end])
		switch {
		case t == topicNumber:
			weak = t
			low = max(end-18, low)
		case t != topicNone:
			return t
		}
	}
	return weak
}

// denseEnding is the topic of the longest known word at the end of w.
func (v *vocabulary) denseEnding(w []byte) topic {
	for start := max(len(w)-24, 0); start < len(w)-2; start++ {
		if t, ok := v.dense[string(w[start:])]; ok {
			return t
		}
	}
	return topicNone
}

// denseAfter finds the first known word near the start of a row of letters.
func (v *vocabulary) denseAfter(w []byte) topic {
	for end := 3; end <= min(len(w), denseReach); end++ {
		if v.tails[w[end-1]] {
			if t := v.denseEnding(w[:end]); t != topicNone {
				return t
			}
		}
	}
	return topicNone
}
