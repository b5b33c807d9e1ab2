package pii

import (
	"postern/policy/pii/catalog"
	"postern/policy/pii/words"
)

// added finds what packs and lexicons add. It stands beside the engine until
// the engine's own walk looks for patterns and terms; New makes it and Scan
// calls it, nothing else knows it.
type added struct {
	patterns []Pattern
	terms    []Terms
	words    *words.Set
	terminal map[words.Topic]int // place among terms
	except   words.Topic         // of phrases inside which no term counts
	labels   []map[words.Topic]bool
	needs    []letters // by pattern: of its literal
}

// letters is a set of ASCII bytes without regard to case.
type letters [2]uint64

func lettersOf(text string) (l letters) {
	for i := range len(text) {
		c := text[i]
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		l[c>>6&1] |= 1 << (c & 63) // bytes outside ASCII fall on others: they only let more through
	}
	return l
}

// holds reports that all of m stand in l.
func (l letters) holds(m letters) bool { return m[0]&^l[0]|m[1]&^l[1] == 0 }

const exceptTopic = "\x00except"

// newAdded gives nil if nothing is added.
func newAdded(cfg Config) (*added, error) {
	if len(cfg.Patterns)+len(cfg.Terms) == 0 {
		return nil, nil
	}
	a := &added{patterns: cfg.Patterns, terms: cfg.Terms, terminal: map[words.Topic]int{}}
	var b words.Builder
	for _, list := range cfg.Words {
		if err := b.AddList(list); err != nil {
			return nil, err
		}
	}
	for _, p := range cfg.Patterns {
		for _, list := range p.Words {
			if err := b.AddList(list); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range cfg.Terms {
		for _, w := range t.Words {
			if err := b.Add(w, "\x00"+t.Name); err != nil {
				return nil, err
			}
		}
		for _, w := range t.Except {
			if err := b.Add(w, exceptTopic); err != nil {
				return nil, err
			}
		}
	}
	a.words = b.Build()
	a.except = a.words.Topic(exceptTopic)
	for i, t := range cfg.Terms {
		a.terminal[a.words.Topic("\x00"+t.Name)] = i
	}
	for _, p := range cfg.Patterns {
		is := map[words.Topic]bool{}
		for _, l := range p.Labels {
			is[a.words.Topic(l)] = true
		}
		a.labels = append(a.labels, is)
		a.needs = append(a.needs, lettersOf(p.Literal))
	}
	return a, nil
}

// scan appends what is added and stands in text.
func (a *added) scan(text string, hint Hint, dst []Finding) []Finding {
	if len(a.patterns) > 0 {
		has := lettersOf(text)
		for i := range a.patterns {
			if has.holds(a.needs[i]) {
				dst = a.pattern(i, text, hint, dst)
			}
		}
	}
	if len(a.terms) == 0 {
		return dst
	}
	excepted := 0
	a.walk(text, func(sense words.Topic, start, end int) {
		if a.except != 0 && sense == a.except {
			excepted = max(excepted, end)
		}
		if i, ok := a.terminal[sense]; ok && start >= excepted {
			t := a.terms[i]
			dst = append(dst, Finding{Type: t.Type, Entity: t.Name, Level: t.Level, Score: 100 * (1 + int(t.Level)), Start: start, End: end, Reasons: ByTerm})
		}
	})
	return dst
}

// walk gives the senses of what begins at each start of a word.
func (a *added) walk(text string, each func(sense words.Topic, start, end int)) {
	inside := false
	for i := 0; i < len(text); {
		kind, size := words.KindAt(text, i)
		if kind == words.Dense || kind == words.Spaced && !inside {
			if entry, end := a.words.Match(text, i); entry != 0 {
				for _, s := range a.words.Senses(entry) {
					each(s, i, max(end, words.WordEnd(text, i)))
				}
			}
		}
		inside = kind == words.Spaced
		i += size
	}
}

func (a *added) pattern(i int, text string, hint Hint, dst []Finding) []Finding {
	p := &a.patterns[i]
	for from := 0; from < len(text); {
		start, end, ok := p.Find(text, from)
		if !ok {
			return dst
		}
		from = max(end, from+1)
		if p.Check != nil && !p.Check(bareUpper(text[start:end])) {
			continue
		}
		f := Finding{Type: p.Type, Entity: p.Name, Level: p.Level, Start: start, End: end, Reasons: ByPattern}
		if a.labelled(i, text, hint, start, end) {
			f.Level, f.Reasons = Certain, f.Reasons|ByLabel
		} else if p.Needs != catalog.Nothing {
			continue
		}
		if p.Check != nil {
			f.Reasons |= ByChecksum
		}
		f.Score = 100 * (1 + int(f.Level))
		dst = append(dst, f)
	}
	return dst
}

// labelled reports a word that names the pattern, near before it or behind it.
func (a *added) labelled(i int, text string, hint Hint, start, end int) bool {
	if len(a.labels[i]) == 0 {
		return false
	}
	found := false
	look := func(part string) {
		a.walk(part, func(sense words.Topic, _, _ int) { found = found || a.labels[i][sense] })
	}
	look(hint.Label + " " + text[max(0, start-reach):start])
	look(text[end:min(len(text), end+reachBack)])
	return found
}

// bareUpper are the letters and digits of a value, letters in upper case.
func bareUpper(value string) []byte {
	return visible(value, func(b byte) (byte, bool) {
		if isLetter(b) {
			b &^= 0x20
		}
		return b, isAlnum(b)
	})
}
