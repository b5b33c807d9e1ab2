package pii

import (
	"cmp"
	"slices"
)

// Candidate is a place that was weighed: what it could be, what speaks for and
// against it, and whether it became a finding.
type Candidate struct {
	Finding
	Refused  string // why it is no finding, "" if it is one
	Evidence []Evidence
}

// Evidence is one item of what was weighed: its part of the score in decibits,
// and where in the text it stands. Start and End are equal if it stands
// nowhere.
type Evidence struct {
	What       string // a token of Reasons, or "needs"
	Decibits   int
	Start, End int
}

// Explain gives every candidate in text in order of place, those refused
// included. It is for people who ask why: it allocates and takes longer than
// Scan, whose findings are the candidates that are not refused.
func (s *Scanner) Explain(text string, hint Hint) []Candidate {
	var out []Candidate
	p := new(pass)
	p.reset(s, text, &hint)
	p.trace = &out
	p.survey()
	p.judge()
	p.lookalikes()
	p.spoken()
	mine := len(p.found)
	p.additions()
	for _, f := range p.found[mine:] {
		out = append(out, f.alone())
	}
	p.spare()
	kept := resolve(p.found, 0)
	for i := range out {
		c := &out[i]
		if c.Refused == "" && !slices.ContainsFunc(kept, func(f Finding) bool { return f.same(c.Finding) }) {
			c.Refused = "something stronger stands in its place"
		}
		c.Start, c.End = p.from(c.Start), p.to(c.End)
		if c.Refused == "" && s.allow != nil && s.allow(c.Finding, text[c.Start:c.End]) {
			c.Refused = "the value is allowed"
		}
		for k := range c.Evidence {
			if e := &c.Evidence[k]; e.End > e.Start {
				e.Start, e.End = p.from(e.Start), p.to(e.End)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Candidate) int { return cmp.Or(a.Start-b.Start, b.Score-a.Score) })
	return out
}

// alone is a candidate whose evidence is the finding itself.
func (f Finding) alone() Candidate {
	c := Candidate{Finding: f}
	for i, name := range f.Reasons.Names() {
		e := Evidence{What: name, Start: f.Start, End: f.End}
		if i == 0 {
			e.Decibits = f.Score
		}
		c.Evidence = append(c.Evidence, e)
	}
	return c
}

// same reports two findings of one kind and place.
func (f Finding) same(g Finding) bool {
	return f.Entity == g.Entity && f.Start == g.Start && f.End == g.End
}

// refuse notes a candidate that is none, if somebody asks.
func (p *pass) refuse(f Finding, w *weight, why string) {
	if p.trace != nil {
		f.Score, f.Reasons = w.score, w.why
		p.explain(f, w, why)
	}
}

// explain notes a candidate and its evidence; why says why it is no finding.
func (p *pass) explain(f Finding, w *weight, why string) {
	c := Candidate{Finding: f, Refused: why}
	for _, e := range w.items {
		for _, name := range e.why.Names() {
			c.Evidence = append(c.Evidence, Evidence{What: name, Decibits: e.bits, Start: e.at, End: e.end})
		}
	}
	*p.trace = append(*p.trace, c)
}
