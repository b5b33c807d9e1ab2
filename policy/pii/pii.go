// Package pii finds personal data in chat text and in WhatsApp JSON, and
// replaces it. A Scanner finds; a Treatment says what happens to each type; a
// Lexicon compares whole messages with known words.
//
// A finding is evidence, not a match: shape, checksum, a label beside the
// value and the countries concerned are weighed into a level. Findings carry
// type, level and span, never the value, and cannot print it.
//
// It fails towards hiding: an operator that is missing or unknown redacts, a
// JSON member that is not known is scanned, what cannot be parsed is an error
// without output. Nothing here reads a clock, a file or the network.
package pii

// Scanner finds personal data. It is immutable and safe for concurrent use.
type Scanner struct {
	plan  *plan
	words *vocabulary
	home  []int // regions of Config.Countries
	allow func(Finding, string) bool
}

// New builds a Scanner. It fails on a country it does not know and on rows,
// patterns and terms that contradict each other.
func New(cfg Config) (*Scanner, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	s := &Scanner{plan: sharedPlan(), words: sharedVocabulary(), allow: cfg.Allow}
	var err error
	if s.home, err = cfg.regions(s.plan); err != nil {
		return nil, err
	}
	return s, nil
}

// Scan appends the findings in text to dst, ordered by Start and free of
// overlap. Offsets are bytes of text on grapheme boundaries. It takes time
// linear in len(text) and allocates only when dst has to grow. Text may be
// invalid UTF-8.
func (s *Scanner) Scan(text string, hint Hint, dst []Finding) []Finding {
	p := pass{s: s, text: text, hint: hint, dst: dst, base: len(dst), peer: s.plan.region(hint.PeerCountry), card: -1}
	p.walk()
	p.dst = resolve(p.dst, p.base)
	return s.permit(text, p.dst, p.base)
}

// permit leaves out findings whose value is allowed.
func (s *Scanner) permit(text string, found []Finding, base int) []Finding {
	if s.allow == nil {
		return found
	}
	kept := found[:base]
	for _, f := range found[base:] {
		if !s.allow(f, text[f.Start:f.End]) {
			kept = append(kept, f)
		}
	}
	return kept
}

// pass is the state of one Scan.
type pass struct {
	s     *Scanner
	text  string
	hint  Hint
	peer  int // region of the peer, -1 if unknown
	dst   []Finding
	base  int // findings before this belong to the caller
	floor int // no e-mail begins before this
	card  int // end of the last card found, -1 if none
	seam  int // runs that begin before this continue a longer one
	run   run
	seen  struct {
		at, far int // at is one more than the place, 0 if none
		is      topic
	}
}

// What the first byte of a candidate can begin.
const (
	actNone = iota
	actDigit
	actAt
	actToken
	actLabel
	actRune
)

var action = actions()

func actions() (a [256]uint8) {
	for c := '0'; c <= '9'; c++ {
		a[c] = actDigit
	}
	a['@'] = actAt
	for _, c := range "EwWgAH" {
		a[c] = actToken
	}
	a['['] = actLabel
	// Lead bytes of digits outside ASCII, and of full width signs.
	for _, c := range []byte{0xD9, 0xDB, 0xDF, 0xE0, 0xE1, 0xE2, 0xEA, 0xEF, 0xF0} {
		a[c] = actRune
	}
	return a
}

// walk goes once over the text and tries what each place can begin.
func (p *pass) walk() {
	for i := 0; i < len(p.text); {
		switch action[p.text[i]] {
		case actNone:
			i++
		case actDigit:
			i = p.number(i)
		case actAt:
			i = p.email(i, i+1)
		case actToken:
			i = p.token(i)
		case actLabel:
			i = skipLabel(p.text, i)
		case actRune:
			i = p.foreign(i)
		}
	}
}

// foreign handles a rune that may be a digit of another script or a full
// width sign.
func (p *pass) foreign(i int) int {
	b, size := norm(p.text, i)
	switch {
	case b >= '0' && b <= '9':
		return p.number(i)
	case b == '@':
		return p.email(i, i+size)
	}
	return i + size
}

// add notes a finding, widened so that no grapheme is cut.
func (p *pass) add(f Finding) {
	f.End = widen(p.text, f.End)
	f.Entity, f.Score = string(f.Type), 100*(1+int(f.Level))
	p.dst = append(p.dst, f)
}
