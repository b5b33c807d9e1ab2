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

// rowsFor adds to the rows that need no word those that words beside token k
// name.
func (p *pass) rowsFor(k int) {
	p.tried, p.words, p.callers = p.base, p.apart, 0
	n, brief := p.nearTo(k), p.t.brief
	for i := range n.word[:n.n] {
		if entry := n.word[i].entry; brief[entry].calls {
			p.nameRows(entry)
		}
	}
	ahead := p.marks[p.tokens[k].marks:]
	for i := 0; i < len(ahead) && i < maxAhead; i++ {
		if entry := ahead[i].entry; brief[entry].calls {
			p.nameRows(entry)
		}
	}
}

// nameRows adds the rows that a word names.
func (p *pass) nameRows(entry uint32) {
	if p.callers++; p.callers == 1 {
		p.named = append(p.named[:0], p.base...)
		p.tried = p.named
	}
	s := &p.t.said[entry]
	rows, words, tried := s.able, s.words, p.tried
	if p.trace != nil {
		rows, words = s.rows, s.rows.words()
	}
	p.words |= words
	for ; words != 0; words &= words - 1 {
		i := bits.TrailingZeros64(words)
		tried[i] |= rows[i]
	}
}
