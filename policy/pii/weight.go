package pii

import "math/bits"

// Evidence is counted in decibits, tenths of a bit: ten say that it is twice
// as likely. Integers, so that every machine comes to the same sum.
const (
	possibleFrom = 50
	likelyFrom   = 100
	certainFrom  = 150
)

// weight sums up the evidence for one candidate. The items are kept only where
// somebody asks why.
type weight struct {
	score int
	why   Reasons
	keep  bool
	items []weighed
}

// weighed is one item: which Reasons, how much, and where it stands.
type weighed struct {
	why     Reasons
	bits    int
	at, end int
}

// blank is a weight without evidence.
func (p *pass) blank() weight { return weight{keep: p.trace != nil} }

// add counts one item of evidence; a place of 0, 0 is none.
func (w *weight) add(why Reasons, decibits, at, end int) {
	w.score += decibits
	w.why |= why
	if w.keep {
		w.items = append(w.items, weighed{why, decibits, at, end})
	}
}

// join counts all items of another weight.
func (w *weight) join(o *weight) {
	w.score += o.score
	w.why |= o.why
	if w.keep {
		w.items = append(w.items, o.items...)
	}
}

// level is the level of a score; ok is false if it is no finding at all.
func level(score int) (l Level, ok bool) {
	switch {
	case score >= certainFrom:
		return Certain, true
	case score >= likelyFrom:
		return Likely, true
	}
	return Possible, score >= possibleFrom
}

// rarity gives the decibits of "one in n", rounded down.
func rarity(n int) int {
	if n <= 1 {
		return 0
	}
	whole := bits.Len(uint(n)) - 1
	tenth := 0
	for tenth < 9 && uint64(n)*1000 >= uint64(1)<<whole*tenthPowers[tenth+1] {
		tenth++
	}
	return 10*whole + tenth
}

// tenthPowers are a thousand times two to the power of 0.0, 0.1 ... 0.9.
var tenthPowers = [10]uint64{1000, 1072, 1149, 1232, 1320, 1415, 1516, 1625, 1742, 1867}
