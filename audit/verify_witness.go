package audit

import (
	"bytes"
	"fmt"
)

// Witnessed is what a witness signed of the checkpoints that hold.
type Witnessed struct {
	Name        string `json:"name"`
	Checkpoints uint64 `json:"checkpoints"` // how many; 0: the witness is missing
	Size        uint64 `json:"size"`        // of the largest
}

// Cosigned says, for each witness, whether it signed the checkpoint, and
// whether those who did are enough: quorum of them, or all if that is 0.
func Cosigned(note []byte, witnesses []Verifier, quorum int) (signed []bool, enough bool) {
	signed, n := make([]bool, len(witnesses)), 0
	for i, w := range witnesses {
		if !bytes.Contains(note, []byte("\u2014 "+w.Name()+" ")) {
			continue // spares the parsing of those that nobody signed
		}
		if _, err := OpenCheckpoint(note, w); err == nil {
			signed[i] = true
			n++
		}
	}
	if quorum <= 0 {
		quorum = len(witnesses)
	}
	return signed, len(witnesses) > 0 && n >= quorum
}

// countWitnesses counts a checkpoint that holds; sizes come ascending.
func (v *verification) countWitnesses(o *opened, reach Reach) {
	for i, signed := range o.signed {
		if signed {
			v.report.Witnesses[i].Checkpoints++
			v.report.Witnesses[i].Size = o.Size
		}
	}
	if o.enough {
		v.report.WitnessedTo = reach
	}
}

// judgeWitnesses names it where no checkpoint that holds has enough of them.
func (v *verification) judgeWitnesses() {
	if len(v.opt.Witnesses) == 0 || v.report.WitnessedTo.Size > 0 {
		return
	}
	quorum := v.opt.Quorum
	if quorum <= 0 {
		quorum = len(v.opt.Witnesses)
	}
	v.add(Finding{Fault: FaultWitness, Note: fmt.Sprintf("no checkpoint that holds is signed by %d of the %d witnesses given", quorum, len(v.opt.Witnesses))})
}
