package pii

import (
	"postern/policy/pii/catalog"
	"postern/policy/pii/words"
)

// added is what packs and lexicons add: words and phrases that are findings,
// and patterns with the words that name them. Its words stand in an index of
// their own. In the engine's lists, where the longest word counts, a phrase of
// a lexicon would hide a label and a label a word of a lexicon; here all that
// begin at a place are seen, and what a business adds never changes what is
// found without it.
type added struct {
	patterns []Pattern
	sift     func(text string, may []uint64)
	terms    []Terms
	words    *words.Set
	index    *words.Index // nil if there are no words
	roles    []addedRole  // by topic
	labels   [][]words.Topic
}

// addedRole is what a topic means.
type addedRole struct {
	kind addedKind
	term int // of terms
}

type addedKind uint8

const (
	addedLabel  addedKind = iota // names patterns
	addedTerm                    // is a finding
	addedExcept                  // nothing of the term counts inside
)

// Prefixes of topics that no list can name.
const (
	termTopic   = "\x00term "
	exceptTopic = "\x00except "
)

// newAdded gives nil if nothing is added.
func newAdded(cfg Config) (*added, error) {
	if len(cfg.Patterns)+len(cfg.Terms) == 0 {
		return nil, nil
	}
	a := &added{patterns: cfg.Patterns, sift: cfg.Sift, terms: cfg.Terms}
	var b words.Builder
	for _, p := range cfg.Patterns {
		for _, list := range p.Words {
			if err := b.AddList(list); err != nil {
				return nil, err
			}
		}
	}
	for _, t := range cfg.Terms {
		if err := addAll(&b, t.Words, termTopic+t.Name); err != nil {
			return nil, err
		}
		if err := addAll(&b, t.Except, exceptTopic+t.Name); err != nil {
			return nil, err
		}
	}
	a.words = b.Build()
	a.read()
	return a, nil
}

func addAll(b *words.Builder, list []string, topic string) error {
	for _, w := range list {
		if err := b.Add(w, topic); err != nil {
			return err
		}
	}
	return nil
}

// read notes what each topic means.
func (a *added) read() {
	if a.words.Topics() > 1 {
		a.index = words.NewIndex(a.words)
	}
	a.roles = make([]addedRole, a.words.Topics())
	for i, t := range a.terms {
		a.roles[a.words.Topic(termTopic+t.Name)] = addedRole{addedTerm, i}
		if topic := a.words.Topic(exceptTopic + t.Name); topic != 0 {
			a.roles[topic] = addedRole{addedExcept, i}
		}
	}
	for _, p := range a.patterns {
		var own []words.Topic
		for _, l := range p.Labels {
			if topic := a.words.Topic(l); topic != 0 {
				own = append(own, topic)
			}
		}
		a.labels = append(a.labels, own)
	}
}

// addition is the state of a pass for what is added. Its room is kept.
type addition struct {
	hits    []words.Hit
	calls   []called
	covered []int // by terms: end of the last phrase inside which none counts
	may     []uint64
}

// called is a word that names patterns.
type called struct {
	topic   words.Topic
	at, end int // below zero if it stands in Hint.Label
}

// additions finds what packs and lexicons add.
func (p *pass) additions() {
	if a := p.s.added; a != nil {
		p.add(a)
	}
}

func (p *pass) add(a *added) {
	x := &p.addition
	x.calls, x.covered = x.calls[:0], x.covered[:0]
	if a.index != nil {
		p.readAddedLabel()
		p.addedWords()
	}
	if len(a.patterns) > 0 {
		p.addedPatterns()
	}
}

// addedWords walks over the words of the text.
func (p *pass) addedWords() {
	a, x := p.s.added, &p.addition
	for at, inside := 0, false; ; {
		if at, inside = a.index.Next(p.text, at, inside); at == len(p.text) {
			return
		}
		x.hits = a.index.At(p.text, at, x.hits[:0])
		for i := len(x.hits) - 1; i >= 0; i-- { // the longest may be an exception for those inside
			for _, topic := range a.words.Senses(x.hits[i].Entry) {
				p.addedWord(topic, at, x.hits[i].End)
			}
		}
		_, size := words.KindAt(p.text, at)
		at += size
	}
}

// addedWord takes one meaning of a word.
func (p *pass) addedWord(topic words.Topic, at, end int) {
	a, x := p.s.added, &p.addition
	role := a.roles[topic]
	switch role.kind {
	case addedLabel:
		x.calls = append(x.calls, called{topic, at, end})
	case addedExcept:
		for len(x.covered) <= role.term {
			x.covered = append(x.covered, 0)
		}
		x.covered[role.term] = max(x.covered[role.term], end)
	case addedTerm:
		if role.term >= len(x.covered) || end > x.covered[role.term] {
			t := &a.terms[role.term]
			p.found = append(p.found, Finding{Type: t.Type, Entity: t.Name, Level: t.Level, Score: addedScore(t.Level), Start: at, End: end, Reasons: ByTerm})
		}
	}
}

// addedScore is the score of findings whose level is given.
func addedScore(l Level) int { return 100 * (1 + int(l)) }

// addedPatterns runs the patterns that can stand in the text.
func (p *pass) addedPatterns() {
	a, x := p.s.added, &p.addition
	x.may = append(x.may[:0], make([]uint64, (len(a.patterns)+63)/64)...)
	if a.sift == nil {
		for i := range x.may {
			x.may[i] = ^uint64(0)
		}
	} else {
		a.sift(p.text, x.may)
	}
	for i := range a.patterns {
		if x.may[i>>6]>>(i&63)&1 != 0 {
			p.addedPattern(i)
		}
	}
}

// addedPattern takes all values of a pattern.
func (p *pass) addedPattern(i int) {
	pattern := &p.s.added.patterns[i]
	for from := 0; from < len(p.text); {
		start, end, ok := pattern.Find(p.text, from)
		if !ok {
			return
		}
		from = max(end, from+1)
		if pattern.Check != nil && !pattern.Check(bareUpper(p.text[start:end])) {
			continue
		}
		f := Finding{Type: pattern.Type, Entity: pattern.Name, Level: pattern.Level, Start: start, End: end, Reasons: ByPattern}
		if p.calledBeside(p.s.added.labels[i], start, end) {
			f.Level, f.Reasons = Certain, f.Reasons|ByLabel
		} else if pattern.Needs != catalog.Nothing {
			continue
		}
		if pattern.Check != nil {
			f.Reasons |= ByChecksum
		}
		f.Score = addedScore(f.Level)
		p.found = append(p.found, f)
	}
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
