package pii

import (
	"slices"
	"sort"

	"postern/policy/pii/words"
)

// Words that name a pattern count as labels of the engine do: within six words
// before the value or directly behind it, in the same sentence, and not past a
// label of something else.

// readAddedLabel takes the words of Hint.Label.
func (p *pass) readAddedLabel() {
	a, x, name := p.s.added, &p.addition, p.hint.Label
	for at, inside := 0, false; ; {
		if at, inside = a.index.Next(name, at, inside); at == len(name) {
			return
		}
		x.hits = a.index.At(name, at, x.hits[:0])
		for _, h := range x.hits {
			for _, topic := range a.words.Senses(h.Entry) {
				if a.roles[topic].kind == addedLabel {
					x.calls = append(x.calls, called{topic, -1, -1})
				}
			}
		}
		_, size := words.KindAt(name, at)
		at += size
	}
}

// calledBeside reports a word of the topics near before a value or behind it.
func (p *pass) calledBeside(topics []words.Topic, start, end int) bool {
	if len(topics) == 0 {
		return false
	}
	for i := range p.calls {
		if c := &p.calls[i]; c.at >= 0 {
			break
		} else if slices.Contains(topics, c.topic) && p.calledBefore(c, start) {
			return true
		}
	}
	first := sort.Search(len(p.calls), func(i int) bool { return p.calls[i].at >= max(start-2*reach, 0) })
	for i := first; i < len(p.calls); i++ {
		c := &p.calls[i]
		switch {
		case !slices.Contains(topics, c.topic):
		case c.end <= start && p.calledBefore(c, start):
			return true
		case c.at > end+reachBack:
			return false
		case c.at >= end && p.calledBehind(c, end):
			return true
		}
	}
	return false
}

// calledBefore reports that a word names a value that begins at start.
func (p *pass) calledBefore(c *called, start int) bool {
	from := max(c.end, 0)
	return start-from <= reach && p.within(from, start) && !p.namesOther(from, start)
}

// namesOther reports a label of something else between two places.
func (p *pass) namesOther(from, to int) bool {
	for i := p.markFrom(from); i < len(p.marks) && int(p.marks[i].at) < to; i++ {
		if m := &p.marks[i]; int(m.end) <= to && p.t.said[m.entry].rest == against {
			return true
		}
	}
	return false
}

// calledBehind reports that a word behind a value that ends at end names it;
// words that link may stand between.
func (p *pass) calledBehind(c *called, end int) bool {
	at := end
	for i := p.markFrom(end); i < len(p.marks) && int(p.marks[i].at) < c.at; i++ {
		m := &p.marks[i]
		if int(m.at) >= at && int(m.end) <= c.at && p.links(label{entry: m.entry}) && p.clear(at, int(m.at)) {
			at = int(m.end)
		}
	}
	return p.clear(at, c.at)
}

// markFrom gives the first mark that begins at a place or behind it.
func (p *pass) markFrom(at int) int {
	low, high := 0, len(p.marks)
	for low < high {
		if mid := int(uint(low+high) >> 1); int(p.marks[mid].at) < at {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low
}

// within reports that from one place to another it is no further than a label
// reaches: the distance in words, and no end of a sentence, other number or mask
// between. It counts as the survey does.
func (p *pass) within(from, to int) bool {
	pace, digits, stars := 0, 0, 0
	for i := from; i < to; {
		kind, size := words.KindAt(p.text, i)
		c := p.text[i]
		if c != '*' {
			stars = 0
		}
		switch {
		case isDigit(c):
			if digits++; digits > 5 {
				return false
			}
		case kind == words.Spaced:
			size = max(words.WordEnd(p.text, i)-i, size)
			pace, digits = pace+paceWord, 0
		case kind == words.Dense:
			pace, digits = pace+paceDense, 0
		case c == '\n':
			pace, digits = pace+paceWord, 0
		case c == '!' || c == '?' || c == ']':
			return false
		case c == '*':
			if stars++; stars > 2 {
				return false
			}
		}
		i += size
	}
	return pace <= maxPace
}
