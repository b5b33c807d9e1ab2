package audit

import "slices"

// chainRun is where records begin to name a chain.
type chainRun struct {
	seq   uint64
	id    ID
	chain string
	begun *Restoration // the record is a sound restoration
}

// Restored is a place in the trail where it goes on after a restoration.
type Restored struct {
	Seq   uint64 `json:"seq"` // of the record that says so
	ID    ID     `json:"id"`
	Chain string `json:"chain"` // its name from here on
	Restoration
	Lost        uint64 `json:"lost"`        // records of the old chain known to be lost
	Checkpoints uint64 `json:"checkpoints"` // that cover lost records, and agree with what it says
}

// noteChain keeps where the name changes.
func (s *scanner) noteChain(r *Record, whole bool) {
	if n := len(s.c.chains); n > 0 && s.c.chains[n-1].chain == r.Chain {
		return
	}
	run := chainRun{seq: r.Seq, id: r.ID, chain: r.Chain}
	if whole {
		run.begun = s.v.restoration(r)
	}
	s.c.chains = append(s.c.chains, run)
}

// restoration is what a record says of itself as the first after one, and one
// of the keys signed; else nil.
func (v *verification) restoration(r *Record) *Restoration {
	if !BeginsChain(r) {
		return nil
	}
	for i := range r.Parts {
		if r.Parts[i].Name != PartDetail {
			continue
		}
		found, err := OpenRestoration(r.Parts[i].Body, v.opt.Verifiers...)
		if err == nil && found.Size == r.Seq && SameStore(found.From, r.Chain) {
			return &found
		}
	}
	return nil
}

// judgeChains goes back from the store's name: it may change only at a record
// that is a restoration, to the name that this one gives.
func (v *verification) judgeChains() {
	expect, end := v.head.Chain, v.head.Records
	v.segments = []segment{{chain: expect}}
	var wrong []Finding
	for _, run := range slices.Backward(v.chains) {
		switch {
		case run.chain != expect:
			wrong = append(wrong, Finding{Fault: FaultChain, Seq: run.seq, Last: end - 1, ID: run.id, Note: "names another chain than its store"})
		case run.begun != nil && run.begun.From != expect:
			expect = run.begun.From
			v.segments[0].from = run.seq
			v.segments = append([]segment{{chain: expect}}, v.segments...)
			v.report.Restored = append([]Restored{{Seq: run.seq, ID: run.id, Chain: run.chain, Restoration: *run.begun, Lost: lost(run.begun)}}, v.report.Restored...)
		}
		end = run.seq
	}
	for _, f := range slices.Backward(wrong) {
		v.add(f)
	}
}

func lost(r *Restoration) uint64 {
	for _, l := range r.Known {
		if l.Chain == r.From && l.Size > r.Size {
			return l.Size - r.Size
		}
	}
	return 0
}

// segment is the records from one restoration to the next.
type segment struct {
	from  uint64
	chain string
}

// ownChain reports whether a checkpoint of this size and origin is about the
// records that are there.
func (v *verification) ownChain(c *Checkpoint) bool {
	for _, s := range slices.Backward(v.segments) {
		if c.Size > s.from || c.Size == 0 && s.chain == c.Origin || s.from == 0 {
			return s.chain == c.Origin
		}
	}
	return false
}

// excuse counts a checkpoint over records that a restoration names as lost.
func (v *verification) excuse(o *opened) bool {
	if o.err != nil || o.Size <= v.head.Records && v.ownChain(&o.Checkpoint) {
		return false
	}
	for i := range slices.Backward(v.report.Restored) {
		if r := &v.report.Restored[i]; r.names(&o.Checkpoint) {
			r.Checkpoints++
			return true
		}
	}
	return false
}
