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

import "sync"

// Scanner finds personal data. It is immutable and safe for concurrent use.
type Scanner struct {
	plan  *plan
	words *vocabulary
	home  []int // regions of Config.Countries
	allow func(Finding, string) bool
	added *added // nil if packs add nothing
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
	if s.added, err = newAdded(cfg); err != nil {
		return nil, err
	}
	return s, nil
}

// Scan appends the findings in text to dst, ordered by Start and free of
// overlap. Offsets are bytes of text on grapheme boundaries. It takes time
// linear in len(text) and allocates only when dst has to grow. Text may be
// invalid UTF-8.
func (s *Scanner) Scan(text string, hint Hint, dst []Finding) []Finding {
	if hint.Before != "" && Piece(text) {
		return s.joined(text, hint, dst)
	}
	p := passes.Get().(*pass)
	p.reset(s, text, hint)
	p.walk()
	if s.added != nil {
		p.dst = s.added.scan(p.text, hint, p.dst)
	}
	p.dst = resolve(p.dst, 0)
	dst = p.report(dst)
	p.release()
	return dst
}

// passes keeps the room of scans for the next ones.
var passes = sync.Pool{New: func() any { return new(pass) }}

// pass is the state of one Scan.
type pass struct {
	s     *Scanner
	view  view
	text  string // of the view
	hint  Hint
	peer  int       // region of the peer, -1 if unknown
	dst   []Finding // in places of the view
	floor int       // no e-mail begins before this
	card  int       // end of the last card found, -1 if none
	seam  int       // runs that begin before this continue a longer one
	run   run
	seen  struct {
		at, far int // at is one more than the place, 0 if none
		is      topic
	}
}

// reset makes the pass ready for a text.
func (p *pass) reset(s *Scanner, text string, hint Hint) {
	p.s, p.hint, p.peer = s, hint, s.plan.region(hint.PeerCountry)
	p.dst, p.floor, p.card, p.seam = p.dst[:0], 0, -1, 0
	p.seen.at = 0
	p.view.read(text)
	p.text = p.view.text
}

// keptRoom is how much room a pass keeps for the next scan, in bytes of a view;
// giants are left to the collector.
const keptRoom = 1 << 16

// release gives the pass back, without what it knew of the text.
func (p *pass) release() {
	if cap(p.view.buf) > keptRoom || cap(p.dst) > keptRoom/64 {
		return
	}
	p.s, p.hint, p.text = nil, Hint{}, ""
	p.view.orig, p.view.text = "", ""
	passes.Put(p)
}

// report appends the findings to dst, in places of the original text.
func (p *pass) report(dst []Finding) []Finding {
	for _, f := range p.dst {
		f.Start, f.End = p.view.from(f.Start), p.view.to(f.End)
		if p.s.allow == nil || !p.s.allow(f, p.view.orig[f.Start:f.End]) {
			dst = append(dst, f)
		}
	}
	return dst
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

// add notes a finding.
func (p *pass) add(f Finding) {
	f.Entity, f.Score = string(f.Type), 100*(1+int(f.Level))
	p.dst = append(p.dst, f)
}
