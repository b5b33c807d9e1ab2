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

// nearby is the folded text beside a value, cut into words. Digits in front of
// a word belong to other values: what stands before them says nothing here.
type nearby struct {
	buf   [foldRoom]byte
	n     int
	start [foldRoom / 2]uint8
	end   [foldRoom / 2]uint8
	words int
}

// topicBefore says what the words before at call the value that begins there.
func (p *pass) topicBefore(at int) topic {
	t, _ := p.labelBefore(at)
	return t
}

// labelBefore also gives how many words stand between label and value.
func (p *pass) labelBefore(at int) (topic, int) {
	var n nearby
	from := max(at-reach, 0)
	if from == 0 {
		n.read(p.hint.Label)
	}
	for from < at && !utf8.RuneStart(p.text[from]) {
		from++
	}
	n.read(p.text[from:at])
	return n.nearest(p.s.words)
}

// read folds text and appends its words.
func (n *nearby) read(text string) {
	digits, stars := 0, 0
	open := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		i += size
		switch {
		case r == '!' || r == '?' || r == ']':
			n.words, n.n, open, digits = 0, 0, false, 0
		case r == '*':
			if stars++; stars > 2 {
				n.words, n.n, open = 0, 0, false
			}
			continue
		case r >= '0' && r <= '9':
			if digits++; digits > 5 {
				n.words, n.n, open = 0, 0, false
			}
		default:
			if !numberMark(r) {
				digits = 0
			}
		}
		stars = 0
		open = n.put(r, open)
	}
	if open {
		n.end[n.words-1] = uint8(n.n)
	}
}

// numberMark reports runes that may stand inside one number.
func numberMark(r rune) bool {
	return r == ' ' || r == '-' || r == '.' || r == '/' || r == '(' || r == ')'
}

// put appends one rune to the current word, begins a word or ends it.
func (n *nearby) put(r rune, open bool) bool {
	if !wordRune(r) {
		if open {
			n.end[n.words-1] = uint8(n.n)
			n.space()
		}
		return false
	}
	if n.n+4 > foldRoom || n.words == len(n.start) {
		n.words, n.n, open = 0, 0, false
	}
	if !open {
		n.start[n.words] = uint8(n.n)
		n.words++
	}
	n.n += utf8.EncodeRune(n.buf[n.n:], lower(r))
	return true
}

func (n *nearby) space() {
	if n.n < foldRoom {
		n.buf[n.n] = ' '
		n.n++
	}
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
	if len(word) > 2 && word[len(word)-3] >= 0xE0 {
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
		if t == topicNone {
			t = p.s.words.denseAfter(n.buf[n.start[i]:n.end[i]])
		}
		if t != topicLink {
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
