package pii

import (
	"math/bits"

	"postern/policy/pii/catalog"
)

// weighForm weighs a window that has the look of a form and passes its check or not; why says why it is none, "" if it is one.
func (p *pass) weighForm(sum *weight, w *window, f *form, says verdict, l label, passes bool) (why string) {
	e := &p.t.rows[f.row]
	switch {
	case w.bounds != f.bounds && w.bounds != 0 && !w.whole && says != named:
		return "it is part of a longer row of groups"
	case f.loose && (says != named || l.far > 2):
		return "no word beside it names it"
	}
	prior, home := p.priorOf(int(f.row))
	if f.loose && f.n < leastLoose && !home && !p.nowhere {
		return "so short a number needs the country"
	}
	exact := p.exact(w, f)
	ready := exact || enough(e.row.Needs, f, says, home, len(e.says.exact) > 0)
	if !ready && p.trace == nil {
		return "neither a word nor the country it needs is there"
	}
	if w.part {
		return "it is part of another number, address or mask"
	}
	wrong := !passes && (says != named || l.far > farthestTypo(w, f) || !f.typos)
	if wrong && p.trace == nil {
		return "its check fails"
	}
	sum.add(ByShape, f.looks, w.start, w.end)
	switch {
	case w.bounds == f.bounds && w.bounds != 0:
		sum.add(ByGrouping, min(25*bits.OnesCount64(w.bounds), 75), w.start, w.end)
	case w.bounds != 0:
		odd := -10
		if says == named {
			odd = -5
		}
		sum.add(ByShape, odd, w.start, w.end)
	}
	if prior > 0 {
		sum.add(ByCountry, prior, 0, 0)
	}
	if home && f.check != nil && says == unnamed && w.whole && p.whole(w.start, w.end) {
		sum.add(ByShape, 10, w.start, w.end)
	}
	weighLabel(sum, says, l)
	if !ready {
		return "neither a word nor the country it needs is there"
	}
	if wrong {
		return "its check fails"
	}
	if !w.weighed {
		w.weighed, w.signs = true, p.blank()
		p.weighSigns(&w.signs, w)
	}
	sum.join(&w.signs)
	if passes {
		if exact {
			sum.add(ByShape, exactly, w.start, w.end)
		}
		if f.check != nil {
			sum.add(ByChecksum, f.bits, w.start, w.end)
		}
		return ""
	}
	less := min(-60, likelyFrom-1-sum.score)
	less = max(less, possibleFrom-sum.score) // the label says enough to tell of it
	if f.looks >= 60 {
		less = -60 // letters and digits in their places say enough
	}
	sum.add(BadChecksum, less, w.start, w.end)
	return ""
}

// leastLoose is how many letters and digits a value of any length has at least
// where nothing speaks for its country: "Счёт № 1184" is an invoice.
const leastLoose = 6

// exactly is how much it says that a value is written as nothing else is.
const exactly = 40

// farthestTypo is how many words may stand between a label and a value whose
// check fails: more where the customary groups say what it is meant to be.
func farthestTypo(w *window, f *form) int {
	if w.bounds == f.bounds && bits.OnesCount64(w.bounds) > 1 {
		return 6
	}
	return 4
}

// enough is the gate of a row: what has to stand beside the value at least.
// Own says that the row has words of its own.
func enough(needs catalog.Need, f *form, says verdict, prior, own bool) bool {
	switch needs {
	case catalog.Nothing:
		return true
	case catalog.Prior:
		return says == named || prior || says == shared && f.bits+f.looks >= 60
	}
	return says == named || says == shared && (prior || !own)
}

// priorOf gives what it counts that a row's country is the peer's, the tenant's
// or one where the language is spoken, and whether that is enough beside a check.
func (p *pass) priorOf(row int) (decibits int, enough bool) {
	switch {
	case p.peerRows.has(row):
		return 58, true
	case p.s.rows.has(row):
		return 45, true
	case p.langRows.has(row):
		return 30, p.lang.region != ""
	}
	return 0, false
}

// weighLabel counts what the labels say, less with their distance.
func weighLabel(w *weight, says verdict, l label) {
	near := 2
	if l.far > 1 {
		near = 1
	}
	if l.far > 3 {
		near = 0
	}
	switch says {
	case named:
		w.add(ByLabel, [...]int{75, 105, 125}[near], l.at, l.end)
	case shared:
		w.add(ByWeakLabel, [...]int{30, 45, 55}[near], l.at, l.end)
	case generic:
		w.add(ByWeakLabel, 10, l.at, l.end)
	case against:
		w.add(DespiteLabel, [...]int{-50, -75, -100}[near], l.at, l.end)
	}
}
