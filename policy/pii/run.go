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
// "(201) 555-0123" or a card with its expiry behind it.
type run struct {
	digit [maxDigits]byte  // values 0 to 9
	pos   [maxDigits]int   // where each digit begins
	end   [maxDigits]int   // where each digit ends
	group [maxDigits]uint8 // first digit of each group
	sep   [maxDigits]byte  // what stands before each group, 'x' if mixed
	n     int              // digits
	count int              // groups
	cut   bool             // the run is the rest of a longer one
	tail  int              // digits that a mask before the run shows
	plus  bool             // a + stands before the first digit
	start int              // of the first digit, or of the + or bracket before it
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

// read collects digits from i on. It returns where the next run may begin: not
// beyond the run, and inside it if the run is longer than can be held.
func (r *run) read(text string, i int) int {
	r.n, r.count, r.plus = 0, 0, false
	gap := gap{}
	stop := i
	for j := i; j < len(text); {
		b, size := text[j], 1
		if b >= utf8.RuneSelf || b < ' ' {
			b, size = norm(text, j)
		}
		switch {
		case isDigit(b) && gap.n == 0 && r.n > 0 && r.n < maxDigits:
			r.digit[r.n], r.pos[r.n], r.end[r.n] = b-'0', j, j+size
			r.n++
			stop = j + size
		case isDigit(b):
			if r.n == maxDigits {
				return r.full(text, stop)
			}
			r.take(b-'0', j, j+size, &gap)
			for j += size; j < len(text) && isDigit(text[j]) && r.n < maxDigits; j++ {
				r.digit[r.n], r.pos[r.n], r.end[r.n] = text[j]-'0', j, j+1
				r.n++
			}
			stop = j
			continue
		case b == ignored:
		case b == other && emoji(text, j) > 0 && r.n > 0:
			if !gap.take(' ') {
				return stop
			}
		case !gap.take(b):
			return stop
		}
		j += size
	}
	return stop
}

func (r *run) take(d byte, at, end int, g *gap) {
	if r.n == 0 || g.n > 0 {
		r.group[r.count], r.sep[r.count] = uint8(r.n), g.kind
		r.count++
		*g = gap{}
	}
	r.digit[r.n], r.pos[r.n], r.end[r.n] = d, at, end
	r.n++
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
	if stop == r.end[r.n-1] && nextIsDigit(text, stop) {
		r.n, r.count = int(r.group[last]), last
	}
	for g := 1; g < r.count; g++ {
		if int(r.group[g]) >= r.n-20 {
			return r.pos[r.group[g]]
		}
	}
	return stop
}

// over is where a run that is taken up again at stop ended, else 0.
func (r *run) over(stop int) int {
	if r.n > 0 && stop < r.end[r.n-1] {
		return r.end[r.n-1]
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
	r.start = r.pos[0]
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
	for i := r.pos[0]; i < r.end[r.n-1]; i++ {
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
func (r *run) last(g int) int {
	if g+1 < r.count {
		return int(r.group[g+1])
	}
	return r.n
}

// size is the number of digits of group g.
func (r *run) size(g int) int { return r.last(g) - int(r.group[g]) }

// from is where a finding that begins with group g begins in the text.
func (r *run) from(g int) int {
	if g == 0 {
		return r.start
	}
	return r.pos[r.group[g]]
}

// to is where a finding that ends with group g ends.
func (r *run) to(g int) int { return r.end[r.last(g)-1] }

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
	if g := r.count - 1; g >= 0 && strings.HasPrefix(text[stop:], stars) && r.size(g) <= 4 {
		r.n, r.count = int(r.group[g]), g
	}
}
