package pii

import (
	"sync"
	"unicode/utf8"

	"postern/policy/pii/catalog"
)

// pass is the state of one Scan. Its findings are in places of the view until
// they are reported.
type pass struct {
	s *Scanner
	t *table
	view
	surveyor
	hint    Hint
	peer    int // region of the peer, -1 if unknown
	lang    language
	nowhere bool     // no country is concerned
	given   []uint32 // entries of the words of Hint.Label
	found   []Finding
	trace   *[]Candidate // nil unless somebody asks why

	addition
	names names
	plain view      // of a second reading, see lookalikes
	folds []int32   // places in it that were replaced
	said  []uttered // bytes of it that words say, see spoken

	near   near
	before int // labels from here on are part of the value
	sure   int // findings from here on are numbers that no part of can win against
	floor  int // no structure begins before this
	card   int // end of the last card found, -1 if none
	seam   int // runs that begin before this continue a longer one
	at     int // token that is being judged
	run    run
	luhns  luhns

	answered [8]answer // the last values that were asked for
	asks     int       // how many so far
	series   series
	tallies  [tallies]tally
	turn     uint8    // in which they are known
	callers  int      // words beside the token in hand that name rows
	owning   []uint32 // entries of words that name rows alone and may count for the window in hand
	base     rowSet   // rows tried without a label
	named    rowSet   // of tried, where words name some of them
	tried    rowSet   // rows tried for the token in hand
	words    uint64   // of tried, those that have rows beyond the ones whose form is enough
	apart    uint64   // the same of base
	window   window
	room     rowSet // of base, where it is the pass's own
	peerRows rowSet
	langRows rowSet
}

// passes keeps the room of scans for the next ones.
var passes = sync.Pool{New: func() any { return new(pass) }}

// reset makes the pass ready for a text.
func (p *pass) reset(s *Scanner, text string, hint *Hint) {
	p.s, p.t, p.hint, p.peer, p.lang = s, s.t, *hint, s.t.plan.region(hint.PeerCountry), languageOf(hint.Lang)
	p.found, p.marks, p.tokens = p.found[:0], p.marks[:0], p.tokens[:0]
	p.pace, p.wall, p.row, p.stars, p.inside = 0, 0, 0, 0, 0
	p.floor, p.card, p.seam, p.near.token = 0, -1, 0, 0
	p.nowhere = p.peer < 0 && len(s.home) == 0 && p.lang.region == "" && len(p.lang.regions) == 0
	p.odd, p.heard, p.before = false, 0, maxPlace
	p.aloud, p.saidRow, p.saidEnd = false, 0, 0
	p.view.read(text)
	p.given, p.names.list = p.given[:0], p.names.list[:0]
	if len(hint.Names) > 0 {
		p.readNames(hint.Names)
	}
	if hint.Label != "" {
		p.readLabel(hint.Label)
	}
}

// keptRoom is how much room a pass keeps for the next scan, in bytes of a view;
// giants are left to the collector.
const keptRoom = 1 << 16

// release gives the pass back, without what it knew of the text. What it knows of its
// scanner rests with it until the collector takes both.
func (p *pass) release() {
	if cap(p.buf) > keptRoom || cap(p.tokens) > keptRoom/16 || cap(p.marks) > keptRoom/16 || cap(p.calls) > keptRoom/16 || cap(p.found) > keptRoom/64 {
		return
	}
	p.hint, p.orig, p.text, p.plain.orig = Hint{}, "", "", ""
	if len(p.names.buf) > 0 {
		clear(p.names.buf)
		p.names.buf = p.names.buf[:0]
	}
	passes.Put(p)
}

// report appends the findings to dst, in places of the original text.
func (p *pass) report(dst []Finding) []Finding {
	for i := range p.found {
		f := &p.found[i]
		if len(p.steps) > 0 || f.End < len(p.orig) && p.orig[f.End] >= utf8.RuneSelf {
			f.Start, f.End = p.from(f.Start), p.to(f.End)
		}
		if p.s.allow == nil || !p.s.allow(*f, p.orig[f.Start:f.End]) {
			dst = append(dst, *f)
		}
	}
	return dst
}

// judge weighs what the survey found: numbers first, then rows of letters and
// digits.
func (p *pass) judge() {
	stop, tokens := 0, p.tokens
	p.sure = len(p.found)
	for k := range tokens {
		if at := int(tokens[k].digit); at >= stop && at >= 0 && !p.lonelyDigits(k) {
			p.at = k
			stop = p.number(at)
		}
	}
	p.identifiers()
	p.values()
	p.owners()
	p.residences()
	p.places()
	p.bearers()
	p.echoes()
}

// decide makes a candidate a finding if its evidence is enough, and reports
// whether it is.
func (p *pass) decide(f *Finding, w *weight) bool {
	if f.Type == catalog.Passport || f.Entity == "GR_ADT" {
		f.Start = p.cyrillicSeries(f.Start)
	}
	switch f.Entity {
	case "BR_RG":
		f.Start = stateBefore(p.text, f.Start)
	case "BO_CI":
		f.End = departmentBehind(p.text, f.End)
	}
	l, ok := level(w.score)
	f.Level, f.Score, f.Reasons = l, w.score, w.why
	if p.trace != nil {
		why := ""
		if !ok {
			why = "the evidence is not enough"
		}
		p.explain(*f, w, why)
	}
	if ok {
		p.found = append(p.found, *f)
	}
	return ok
}

// tokenAt gives the token that holds a place, beginning at the one being judged.
func (p *pass) tokenAt(at int) int {
	k := p.at
	for k+1 < len(p.tokens) && int(p.tokens[k+1].at) <= at {
		k++
	}
	return k
}
