package pii

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
	for _, f := range s.Scan(text, hint, nil) {
		c := Candidate{Finding: f}
		for _, why := range f.Reasons.Names() {
			c.Evidence = append(c.Evidence, Evidence{What: why, Start: f.Start, End: f.End})
		}
		out = append(out, c)
	}
	return out
}
