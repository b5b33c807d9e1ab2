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
	t     *table
	home  []int  // regions of Config.Countries
	rows  rowSet // rows of those countries
	base  rowSet // and those whose form is enough
	words uint64 // of rows, those that have some
	allow func(Finding, string) bool
	added *added // nil if packs add nothing
}

// New builds a Scanner. It fails on a country it does not know and on rows,
// words, patterns and terms that contradict each other.
func New(cfg Config) (*Scanner, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	t, err := cfg.table()
	if err != nil {
		return nil, err
	}
	s := &Scanner{t: t, allow: cfg.Allow}
	if s.home, err = cfg.regions(t.plan); err != nil {
		return nil, err
	}
	if s.added, err = newAdded(cfg); err != nil {
		return nil, err
	}
	for _, c := range cfg.Countries {
		s.rows.join(t.byCountry[countryKey(c)])
	}
	s.base.join(t.always)
	s.base.join(s.rows)
	s.words = s.rows.words()
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
	p.scan(s, text, &hint)
	dst = p.report(dst)
	p.release()
	return dst
}

// scan fills the findings of a text, in places of the view.
func (p *pass) scan(s *Scanner, text string, hint *Hint) {
	p.reset(s, text, hint)
	p.survey()
	p.judge()
	p.lookalikes()
	p.spoken()
	p.additions()
	p.spare()
	p.found = resolve(p.found, 0)
}
