package audit

import (
	"cmp"
	"fmt"
	"slices"
)

// Fault is what a finding is about. The set is open.
type Fault string

// Faults that Verify names.
const (
	FaultLeaf       Fault = "leaf"       // the record's fields are not those its leaf hash was made of
	FaultPart       Fault = "part"       // a part's body or salt is not the one committed to
	FaultLink       Fault = "link"       // the record is not the one the next record was chained to
	FaultMissing    Fault = "missing"    // no such record in the store
	FaultSequence   Fault = "sequence"   // a record out of order or beyond the end
	FaultChain      Fault = "chain"      // the record names another chain
	FaultErased     Fault = "erased"     // a part is gone and no erasure record covers it
	FaultErasure    Fault = "erasure"    // an erasure record cannot be read or covers what is not before it
	FaultCheckpoint Fault = "checkpoint" // a checkpoint is malformed, of another chain, or not signed by a known key
	FaultRewritten  Fault = "rewritten"  // the records are not those a checkpoint was made of
	FaultTruncated  Fault = "truncated"  // a checkpoint covers records that are not in the store
	FaultWitness    Fault = "witness"    // no checkpoint is signed by enough of the witnesses asked for
	FaultKeys       Fault = "keys"       // the statements that lead from one checkpoint key to the next do not hold
)

// Finding is one thing that disagrees. It holds positions and names, never values.
type Finding struct {
	Fault Fault  `json:"fault"`
	Seq   uint64 `json:"seq"`
	Last  uint64 `json:"last"` // last record it is about; equals Seq for a single one
	ID    ID     `json:"id"`   // of record Seq; zero if it is not in the store
	Part  string `json:"part"` // part name, empty if it is about no part
	From  string `json:"from"` // which checkpoint: "store:12" or file and line
	More  uint64 `json:"more"` // further checkpoints that disagree in the same way
	Note  string `json:"note"` // detail for people
}

// String is one sentence for people.
func (f Finding) String() string {
	s := f.where() + ": " + f.Note
	if f.More > 0 {
		s += fmt.Sprintf(" (and %d further checkpoints say the same)", f.More)
	}
	return s
}

// where names the place: checkpoint, records and part as far as they apply.
func (f Finding) where() string {
	switch f.Fault {
	case FaultCheckpoint:
		return "checkpoint " + f.From
	case FaultKeys:
		return "checkpoint keys"
	case FaultWitness:
		return "witnesses"
	default:
	}
	s := fmt.Sprintf("record %d", f.Seq)
	if f.Last > f.Seq {
		s = fmt.Sprintf("records %d to %d", f.Seq, f.Last)
	}
	if !f.ID.IsZero() {
		s += " (" + f.ID.String() + ")"
	}
	if f.Part != "" {
		s += ", part " + f.Part
	}
	if f.From != "" {
		s += ", checkpoint " + f.From
	}
	return s
}

// Reach says up to where a proof reaches: the first Size records, as they
// stood at Time (microseconds since 1970). Zero proves nothing.
type Reach struct {
	Size uint64 `json:"size"`
	Time int64  `json:"time"`
	From string `json:"from"`
}

// Report is the outcome of Verify.
type Report struct {
	Chain       string    `json:"chain"`
	Records     uint64    `json:"records"`     // records read and checked
	Parts       uint64    `json:"parts"`       // part bodies hashed
	Erased      uint64    `json:"erased"`      // parts gone, covered or not
	Purged      uint64    `json:"purged"`      // records gone, covered or not
	Erasures    uint64    `json:"erasures"`    // erasure records
	Revisions   uint64    `json:"revisions"`   // records that hold the body of another one since packs treated it
	Checkpoints uint64    `json:"checkpoints"` // stored checkpoints that hold
	Outside     uint64    `json:"outside"`     // outside checkpoints that hold
	Root        [32]byte  `json:"-"`           // tree hash over all records
	Findings    []Finding `json:"findings"`    // by record; at most VerifyOptions.MaxFindings
	Dropped     uint64    `json:"dropped"`     // findings beyond that
	SignedTo    Reach     `json:"signed_to"`   // by a checkpoint in the store: holds against all but the holder of its key
	ProvenTo    Reach     `json:"proven_to"`   // by a checkpoint outside: what it does not cover cannot be proved complete

	Witnesses   []Witnessed `json:"witnesses,omitempty"` // of VerifyOptions, in that order
	WitnessedTo Reach       `json:"witnessed_to"`        // by a checkpoint that enough of them signed

	Restored []Restored `json:"restored,omitempty"` // where the trail goes on after a restoration, in order
}

// OK reports whether nothing disagreed. It says nothing about records beyond ProvenTo.
func (r *Report) OK() bool { return len(r.Findings) == 0 && r.Dropped == 0 }

// add keeps a finding, or counts it where there are too many.
func (r *Report) add(limit int, f Finding) {
	if len(r.Findings) >= limit {
		r.Dropped++
		return
	}
	f.Last = max(f.Last, f.Seq)
	r.Findings = append(r.Findings, f)
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int { return cmp.Compare(a.Seq, b.Seq) })
}
