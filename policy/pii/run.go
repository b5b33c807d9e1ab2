package pii

import (
	"strings"
	"unicode/utf8"
)

const (
	maxDigits = 60 // digits of one run
	maxGap    = 5  // separators between two groups
)

// run is a row of digit groups with separators between them, such as
// "(201) 555-0123" or a card with its expiry behind it. The digits of a group
// stand side by side.
type run struct {
	digit [maxDigits]byte      // values 0 to 9
	at    [maxDigits]int32     // where each group begins
	end   [maxDigits]int32     // where each group ends
	group [maxDigits + 1]uint8 // first digit of each group, and one behind the last of all
	sep   [maxDigits]byte      // what stands before each group, 'x' if mixed
	n     int                  // digits
	count int                  // groups
	cut   bool                 // the run is the rest of a longer one
	tail  int                  // digits that a mask before the run shows
	plus  bool                 // a + stands before the first digit
	start int                  // of the first digit, or of the + or bracket before it
}

// number handles the digits at i and returns where to go on.
func (p *pass) number(i int) int {
	r := &p.run
	r.cut, r.tail = i < p.seam, behindMask(p.text, i)
	stop := r.read(p.text, i)
	p.seam = max(p.seam, r.over(stop))
	r.beforeMask(p.text, stop)
	r.prefix(p.text)
	if r.n >= 7 {
		p.long()
	}
	p.short()
	return stop
}

// inRun says what an ASCII byte is to a run: a digit, a separator, as which one it is
// read, or the end of it, 0.
var inRun = func() (t [utf8.RuneSelf]byte) {
	for _, c := range []byte("*-./()_~`<>") {
		t[c] = c
	}
	for _, c := range []byte(" \n\r\t") {
		t[c] = ' '
	}
	for c := '0'; c <= '9'; c++ {
		t[c] = byte(c)
	}
	return t
}()

// read collects digits from i on. It returns where the next run may begin: not
// beyond the run, and inside it if the run is longer than can be held.
func (r *run) read(text string, i int) int {
	n, count, stop, gap := 0, 0, i, gap{}
	r.plus = false
	for j := i; j < len(text); {
		b, size := text[j], 1
		if b < utf8.RuneSelf {
			b = inRun[b]
		} else {
			b, size = norm(text, j)
		}
		if d := b - '0'; d < 10 {
			if n >= maxDigits {
				r.n, r.count, r.group[count] = n, count, uint8(n)
				return r.full(text, stop)
			}
			if n == 0 || gap.n > 0 {
				r.at[count], r.group[count], r.sep[count] = int32(j), uint8(n), gap.kind
				count++
				gap.n, gap.star, gap.kind = 0, 0, 0
			}
			r.digit[n] = d
			n++
			for j += size; n < maxDigits && uint(j) < uint(len(text)); j++ {
				if d = text[j] - '0'; d > 9 {
					break
				}
				r.digit[n] = d
				n++
			}
			stop, r.end[count-1] = j, int32(j)
			if j+1 < len(text) && text[j] < utf8.RuneSelf && isDigit(text[j+1]) { // one separator, as most have
				if sep := inRun[text[j]]; sep != 0 && !isDigit(sep) {
					gap.n, gap.kind = 1, sep
					j++
				}
			}
			continue
		}
		if size > 1 && b == other && n > 0 && emoji(text, j) > 0 {
			b = ' '
		}
		if (b != ignored || size == 1) && !gap.take(b) {
			break
		}
		j += size
	}
	r.n, r.count, r.group[count] = n, count, uint8(n)
	return stop
}

// full ends a run that has more digits than fit. A group cut in two is left
// out; the next run overlaps by up to 20 digits, so that nothing hides at the
// seam. One endless group is no number of any kind and is passed over.
func (r *run) full(text string, stop int) int {
	last := r.count - 1
	if last == 0 {
		r.n, r.count = 0, 0
		return skipDigits(text, stop)
	}
	if stop == int(r.end[last]) && nextIsDigit(text, stop) {
		r.n, r.count = int(r.group[last]), last
	}
	for g := 1; g < r.count; g++ {
		if int(r.group[g]) >= r.n-20 {
			return int(r.at[g])
		}
	}
	return stop
}

// over is where a run that is taken up again at stop ended, else 0.
func (r *run) over(stop int) int {
	if r.n == 0 {
		return 0
	}
	if end := r.to(r.count - 1); stop < end {
		return end
	}
	return 0
}

func skipDigits(text string, i int) int {
	for i < len(text) {
		b, size := norm(text, i)
		if !isDigit(b) && b != ignored {
			return i
		}
		i += size
	}
	return i
}

func nextIsDigit(text string, i int) bool {
	for i < len(text) {
		b, size := norm(text, i)
		if b != ignored {
			return isDigit(b)
		}
		i += size
	}
	return false
}

// gap is what stands between two groups.
type gap struct {
	n    int
	star int
	kind byte
}

// take accepts a separator or reports that the run ends. Three stars are a
// mask, not markdown.
func (g *gap) take(b byte) bool {
	switch b {
	case '*':
		g.star++
	case ' ', '-', '.', '/', '(', ')', '_', '~', '`', '<', '>':
	default:
		return false
	}
	if g.n++; g.n > maxGap || g.star > 2 {
		return false
	}
	if g.kind == 0 || g.kind == b {
		g.kind = b
	} else {
		g.kind = 'x'
	}
	return true
}

// prefix looks at what stands before the first digit: "+", "+(", "(+", "(".
func (r *run) prefix(text string) {
	if r.n == 0 {
		return
	}
	r.start = int(r.at[0])
	switch c := byteAt(text, r.start-1); {
	case c != '+' && c != '(' && c < utf8.RuneSelf:
		return // as before most
	case c == '+' && byteAt(text, r.start-2) == ' ':
		r.plus, r.start = true, r.start-1
		return
	}
	open := -1
	for i, steps := r.start, 0; i > 0 && steps < 6; steps++ {
		b, at := before(text, i)
		switch {
		case b == '(' && open < 0:
			open = at
		case b == '+' && !r.plus && !digitBefore(text, at):
			r.plus, r.start = true, at
		case b == ignored, b == ' ' && open == r.start:
		default:
			r.open(text, open)
			return
		}
		i = at
	}
	r.open(text, open)
}

// open includes a bracket that is closed within the run.
func (r *run) open(text string, at int) {
	if at < 0 || at > r.start {
		return
	}
	for i, end := int(r.at[0]), r.to(r.count-1); i < end; i++ {
		if text[i] == ')' {
			r.start = at
			return
		}
	}
}

func digitBefore(text string, i int) bool {
	if i == 0 {
		return false
	}
	b, _ := before(text, i)
	return isDigit(b)
}

// last is the index one behind the last digit of group g.
func (r *run) last(g int) int { return int(r.group[g+1]) }

// size is the number of digits of group g.
func (r *run) size(g int) int { return int(r.group[g+1]) - int(r.group[g]) }

// from is where a finding that begins with group g begins in the text.
func (r *run) from(g int) int {
	if g == 0 {
		return r.start
	}
	return int(r.at[g])
}

// to is where a finding that ends with group g ends.
func (r *run) to(g int) int { return int(r.end[g]) }

// digits are those of groups a to b.
func (r *run) digits(a, b int) []byte { return r.digit[r.group[a]:r.last(b)] }

// value reads group g as a number; groups have at most nine digits here.
func (r *run) value(g int) int {
	v := 0
	for _, d := range r.digits(g, g) {
		v = v*10 + int(d)
	}
	return v
}

// behindMask gives how many digits at i a mask of ours shows: two behind four
// stars, up to four behind the eight or more that hide a card or account. No
// phone number or code begins with them; a card still may, so that stars in
// front of it do not hide it.
func behindMask(text string, i int) int {
	if i < len(stars) || text[i-1] != '*' && text[i-2] != '*' {
		return 0
	}
	if starsBefore(text, i) >= 8 {
		return 4
	}
	if strings.HasSuffix(text[:i], stars) {
		return 2
	}
	return 0
}

// starsBefore counts up to eight stars before i, single spaces and dashes
// between them allowed.
func starsBefore(text string, i int) (n int) {
	for gap := false; i > 0 && n < 8; i-- {
		switch c := text[i-1]; {
		case c == '*':
			n++
			gap = false
		case (c == ' ' || c == '-') && !gap:
			gap = true
		default:
			return n
		}
	}
	return n
}

// beforeMask leaves out the digits a mask shows in front of its stars.
func (r *run) beforeMask(text string, stop int) {
	if g := r.count - 1; byteAt(text, stop) == '*' && g >= 0 && strings.HasPrefix(text[stop:], stars) && r.size(g) <= 4 {
		r.n, r.count = int(r.group[g]), g
	}
}
