package pii

import "math/bits"

// likelyRows gathers the rows that are tried without a label: those whose form
// is enough and those of the countries concerned.
func (p *pass) likelyRows() {
	p.base, p.apart, p.peerRows, p.langRows = p.s.base, p.s.words, nil, p.langRows[:0]
	if p.peer < 0 && p.lang.region == "" && len(p.lang.regions) == 0 {
		return
	}
	p.room = append(p.room[:0], p.s.base...)
	if p.peer >= 0 {
		p.peerRows = p.t.byCountry[countryKey(p.hint.PeerCountry)]
		p.room.join(p.peerRows)
	}
	if p.lang.region != "" {
		p.langRows.join(p.t.byCountry[countryKey(p.lang.region)])
	}
	for _, c := range p.lang.regions {
		p.langRows.join(p.t.byCountry[countryKey(c)])
	}
	p.room.join(p.langRows)
	p.base, p.apart = p.room, p.s.words|p.peerRows.words()|p.langRows.words()
}

// maxAhead is how many words behind the first token of a value may name rows.
const maxAhead = 4

// callers are the words beside a token that name rows.
type callers struct {
	said [maxNear + maxAhead]*said
	n    int
}

// rowsFor adds to the rows that need no word those that words beside token k
// name.
func (p *pass) rowsFor(k int) {
	c := &p.callers
	c.n = 0
	n := p.nearTo(k)
	for i := range n.n {
		c.put(p.t, n.word[i].entry)
	}
	tok := &p.tokens[k]
	for i := int(tok.marks); i < len(p.marks) && i < int(tok.marks)+maxAhead; i++ {
		c.put(p.t, p.marks[i].entry)
	}
	p.tried, p.words = p.base, p.apart
	if c.n == 0 {
		return
	}
	tried := append(p.named[:0], p.base...)
	for _, s := range c.said[:c.n] {
		rows, words := s.able, s.words
		if p.trace != nil {
			rows, words = s.rows, s.rows.words()
		}
		p.words |= words
		for ; words != 0; words &= words - 1 {
			i := bits.TrailingZeros64(words)
			tried[i] |= rows[i]
		}
	}
	p.tried, p.named = tried, tried
}

func (c *callers) put(t *table, entry uint32) {
	if t.brief[entry].calls {
		c.said[c.n] = &t.said[entry]
		c.n++
	}
}
