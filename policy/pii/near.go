package pii

import (
	"strings"
	"unicode/utf8"

	"postern/policy/pii/words"
)

const (
	reach     = 96 // bytes before a value in which labels are looked for
	reachBack = 48 // bytes behind it
	maxNear   = 8  // labels that are looked at
	maxPlace  = 1<<31 - 1
	maxPace   = 12 // distance at which a label still counts: six words
)

// near holds the labels before a token, nearest first.
type near struct {
	token int // one more than the token, 0 if none
	n     int
	word  [maxNear]label
}

// label is a word that may name a value.
type label struct {
	entry   uint32
	far     int // words between it and the value
	at, end int // 0, 0 if it stands outside the text
}

// nearTo gives the labels of token k.
func (p *pass) nearTo(k int) *near {
	if p.near.token != k+1 {
		p.gather(k)
	}
	return &p.near
}

// gather fills in the labels of token k.
func (p *pass) gather(k int) {
	n := &p.near
	n.token, n.n = k+1, 0
	tok := &p.tokens[k]
	marks, nearest := p.marks[:tok.marks], int32(maxPlace)
	for i := len(marks) - 1; i >= 0 && n.n < maxNear; i-- {
		m := &marks[i]
		if m.end > nearest {
			continue // reaches into a nearer one
		}
		far := tok.pace - m.pace
		if far > maxPace || tok.at-m.end > reach || m.at < tok.wall && !p.answers(tok) {
			return
		}
		l := &n.word[n.n&(maxNear-1)]
		l.entry, l.far, l.at, l.end = m.entry, int(far+1)>>1, int(m.at), int(m.end)
		n.n++
		nearest = m.at
	}
	if tok.wall > 0 || tok.pace > maxPace || tok.at > reach {
		return
	}
	for i := len(p.given) - 1; i >= 0 && n.n < maxNear; i-- {
		n.word[n.n] = label{entry: p.given[i], far: int(tok.pace+1)/2 + len(p.given) - 1 - i}
		n.n++
	}
}

// answers reports a value that follows a question at once: "SSN? 536-22-8714".
func (p *pass) answers(tok *token) bool {
	at := int(tok.wall)
	if at == 0 || int(tok.at)-at > maxMarkup+maxAssent || !asked(p.text[:at]) {
		return false
	}
	at = p.assent(at)
	return int(tok.at)-at <= maxMarkup && strings.Trim(p.text[at:tok.at], " \n*_~`\"'(-") == ""
}

// maxMarkup is how many blanks and signs of markup stand between a question and its
// answer: "SSN?" and, on the next line, ```536-22-8714```.
const maxMarkup = 5

// questions are the signs of a question.
var questions = [...]string{"?", "؟", "？"}

// asked reports a text that ends with the sign of a question.
func asked(t string) bool {
	if c := byteAt(t, len(t)-1); c != '?' && c != 0x9F { // with which the others end
		return false
	}
	for _, s := range questions {
		if strings.HasSuffix(t, s) {
			return true
		}
	}
	return false
}

// question is the sign of a question that a text begins with, "" if it does not.
func question(t string) string {
	if t == "" || t[0] != '?' && t[0] < utf8.RuneSelf {
		return ""
	}
	for _, s := range questions {
		if strings.HasPrefix(t, s) {
			return s
		}
	}
	return ""
}

// verdict is what labels say about a value.
type verdict uint8

const (
	unnamed verdict = iota
	against         // they name something else
	generic         // "number"
	shared          // a word that it has in common with others
	named           // a word of its own
)

// call asks what the labels before token k say about a target, and which of
// them. The nearest decides; a general word gives way to one up to two words
// before it.
func (p *pass) call(k int, t *target) (verdict, label) {
	n := p.nearTo(k)
	best, which := unnamed, label{}
	limit := maxPace
	for i := range n.word[:n.n] {
		l := &n.word[i]
		if l.far > limit {
			break
		}
		if l.end > 0 && l.at >= p.before {
			continue
		}
		switch v := p.verdict(l.entry, t); {
		case (v == named || v == against) && p.usedUp(l, k, v):
			return best, which
		case v == named:
			which = *l
			if l.far == i && p.onlyLinks(i) {
				which.far = min(l.far, 1) // "the account number on file should be"
			}
			return named, which
		case v == against:
			if next := p.whose(i, t); next != nil {
				return named, *next
			}
			if best == unnamed && l.far > 3 && p.weakly(*l) {
				return unnamed, label{}
			}
			return against, *l
		case v > best:
			if best == unnamed {
				limit = l.far + 2
			}
			best, which = v, *l
		}
	}
	return best, which
}

// usedUp reports a label whose value stands between it and token k, and something that
// ends a value behind that: the phone in "NHI ZZZ0016, 021 123 4567" is not spoken against,
// and "rekening NL91ABNA0417164300, 06-12345678" names one account.
func (p *pass) usedUp(l *label, k int, v verdict) bool {
	if k == 0 || l.end == 0 || int(p.tokens[k-1].at) < l.end {
		return false
	}
	value, tok := &p.tokens[k-1], &p.tokens[k]
	if tok.pace-value.pace <= paceWord && byteAt(p.text, int(value.end)) != ',' {
		return false
	}
	if value.digit < 0 {
		return p.verdict(l.entry, &p.t.account) == named
	}
	return v == against && coded(p.text[value.at:value.end])
}

// leastCoded is how many digits a code of letters and digits has at least that is taken
// for the value of a label.
const leastCoded = 4

// coded reports letters and digits, enough of them for the value of a label.
func coded(s string) bool {
	n := 0
	for i := range len(s) {
		if isDigit(s[i]) {
			n++
		}
	}
	return n >= leastCoded && n < len(s)
}

// whose gives the label that says whose number label i speaks of: "kart numaram"
// (card, my number), "Aadhaar card number", "the cvv of my card", "the sort code of my
// bank is"; nil if there is none.
func (p *pass) whose(i int, t *target) *label {
	n := &p.near
	l, verb := &n.word[i], i > 0 && p.onlyLinks(i)
	thing := p.thing(l.entry)
	if !thing && !verb {
		return nil
	}
	of := 0
	for i++; i+1 < n.n && of < maxOf && p.joins(n.word[i].entry); i++ {
		of++
	}
	if !thing && of == 0 || of > 1 && !verb && l.far > 1 {
		return nil
	}
	next := &n.word[min(i, maxNear-1)]
	if i < n.n && (of == 0 || next.end > 0) && next.far <= l.far+of+1 && p.verdict(next.entry, t) == named {
		return next
	}
	return nil
}

// maxOf is how many words stand between a label and whose it is: "of all my cards".
const maxOf = 3

// thing reports words for what has numbers and codes of several kinds.
func (p *pass) thing(entry uint32) bool {
	return p.verdict(entry, &p.t.phone) == named || p.verdict(entry, &p.t.card) == named
}

// joins reports words such as "of" and "my" between a label and whose it is.
func (p *pass) joins(entry uint32) bool {
	s := &p.t.said[entry]
	return s.links || s.of
}

// verdict is what the label of an entry says. A word that names the value in one
// language and speaks against it in another counts as shared.
func (p *pass) verdict(entry uint32, t *target) verdict {
	s := &p.t.said[entry]
	i, bit := t.bit>>6, uint64(1)<<(t.bit&63)
	switch {
	case s.named[i]&bit != 0:
		return named
	case s.shared[i]&bit != 0:
		return shared
	}
	return s.rest
}

// weakly reports labels of orders and the like, which speak against a value
// only close to it.
func (p *pass) weakly(l label) bool { return p.t.said[l.entry].weakly }

// callBehind asks what stands behind a value that ends at end, within token k:
// "... is my number", "... (mobile)", "...が私の番号です". Only the first word
// counts, or the one behind words that link and such as "number".
func (p *pass) callBehind(k, end int, t *target) (verdict, label) {
	at := end
	tok := &p.tokens[k]
	best, which := unnamed, label{}
	for i, links := int(tok.marks), 0; i < len(p.marks) && links < 5; i++ {
		m := &p.marks[i]
		if int(m.at) < end || m.end-m.at <= 3 && (byteAt(p.text, int(m.at)-1) == '-' && !isUpper(p.text[m.at]) || strings.EqualFold(p.text[m.at:m.end], "a.c")) {
			continue // "2012-ci il", "427-347 a.C."
		}
		if int(m.at) > end+reachBack || !p.clear(at, int(m.at)) && !p.lastWord(end, m) && !p.overleaf(k, end, m) {
			break
		}
		if i+1 < len(p.marks) && p.marks[i+1].at < m.end && p.marks[i+1].end > m.end {
			continue // "mon numéro" in "mon numéro d'assurance sociale"
		}
		if p.mereOf(m.entry) {
			continue // "nambari ya kadi yangu"
		}
		l := label{m.entry, links / 2, int(m.at), int(m.end)}
		if v := p.verdict(m.entry, t); v == named || !p.links(l) { // "ein" is an article, and an EIN
			if v > best || v == against {
				best, which = v, l
			}
			if v != generic {
				return best, which
			}
		}
		links++
		at = int(m.end)
	}
	return best, which
}

// onlyLinks reports that the n labels nearest to a value are words that link.
func (p *pass) onlyLinks(n int) bool {
	for _, l := range p.near.word[:n] {
		if !p.links(l) {
			return false
		}
	}
	return true
}

// links reports words that may stand between a label and its value.
func (p *pass) links(l label) bool { return p.t.said[l.entry].links }

// lastWord reports a label that stands alone behind a value, a comma or a line
// between, and ends its line: "536-22-8714, SSN".
func (p *pass) lastWord(end int, m *mark) bool {
	t, at := p.text, int(m.at)
	if at-end > 2 || byteAt(t, end) != '\n' && byteAt(t, end) != ',' {
		return false
	}
	return int(m.end) == len(t) || t[m.end] == '\n' || t[m.end] == '.' && int(m.end)+1 == len(t)
}

// overleaf reports a word that links and begins the line behind a value that has a
// line to itself: "536-22-8714", and below it "thats my social".
func (p *pass) overleaf(k, end int, m *mark) bool {
	at := int(m.at)
	if byteAt(p.text, end) != '\n' || at != end+1 || !p.links(label{entry: m.entry}) {
		return false
	}
	start := int(p.tokens[k].at)
	return strings.LastIndexByte(p.text[:start], '\n')+1 == start || end-start < maxValue && p.lineOf(end)
}

// lineOf reports that a line which ends at a place holds digits and their signs alone.
func (p *pass) lineOf(end int) bool {
	for i := end - 1; i >= 0 && p.text[i] != '\n'; i-- {
		if c := p.text[i]; !isDigit(c) && !numberMark(c) && c != '+' {
			return false
		}
	}
	return true
}

// clear reports that nothing between two places ends what a label behind a
// value may belong to: at most a particle of a script without spaces, or one
// short word.
func (p *pass) clear(from, to int) bool {
	runes, short := 0, 0
	for i := from; i < to; {
		kind, size := words.KindAt(p.text, i)
		switch {
		case kind == words.Dense:
			if runes++; runes > 4 {
				return false
			}
		case kind == words.Spaced:
			end := words.WordEnd(p.text, i)
			if short++; short > 1 || end-i > 10 || isDigit(p.text[i]) {
				return false
			}
			size = end - i
		case p.text[i] == '*' && byteAt(p.text, i+1) != '*':
		case endsContext(p.text[i]):
			return false
		}
		i += size
	}
	return true
}

func endsContext(c byte) bool {
	switch c {
	case '!', '?', '*', '[', '{', ',', ';', '\n':
		return true
	}
	return false
}

// readLabel takes the words of Hint.Label, in which '_' and capitals separate.
func (p *pass) readLabel(name string) {
	for i := 0; i < len(name); {
		kind, size := words.KindAt(name, i)
		if kind == words.Separator {
			i += size
			continue
		}
		entry, end := p.t.words.Match(name, i)
		if entry != 0 {
			p.given = append(p.given, entry)
			p.heard |= p.t.said[entry].heard
		}
		i = max(words.WordEnd(name, i), end, i+size)
	}
}

// callGroup is call for the digits of group g of the run. What continues a
// longer run has no label.
func (p *pass) callGroup(g int, t *target) (verdict, label) {
	if p.run.cut || p.run.group[g] > 5 {
		return unnamed, label{}
	}
	return p.call(p.tokenAt(int(p.run.at[g])), t)
}
