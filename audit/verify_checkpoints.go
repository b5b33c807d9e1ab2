package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// opened is a checkpoint whose signature was looked at.
type opened struct {
	Checkpoint
	from    string
	outside bool
	signed  []bool // by which witnesses
	enough  bool
	err     error
}

// rootAt is what the records say of a size.
type rootAt struct{ root, head [32]byte }

// openCheckpoints checks all signatures and collects the sizes to look at.
func (v *verification) openCheckpoints() {
	stored := len(v.head.Checkpoints)
	v.opened = make([]opened, stored+len(v.opt.Against))
	var next atomic.Int64
	var wg sync.WaitGroup
	for range v.opt.Workers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(v.opened); i = int(next.Add(1)) - 1 {
				if i < stored {
					v.opened[i] = v.open(fmt.Sprintf("store:%d", i+1), v.head.Checkpoints[i])
					continue
				}
				v.opened[i] = v.open(v.opt.Against[i-stored].From, v.opt.Against[i-stored].Note)
				v.opened[i].outside = true
			}
		})
	}
	wg.Wait()
	slices.SortStableFunc(v.opened, func(a, b opened) int { return cmp.Compare(a.Size, b.Size) })
	for i := range v.opened {
		if o := &v.opened[i]; o.err == nil && o.Size > 0 && o.Size <= v.head.Records {
			v.sizes = append(v.sizes, o.Size)
			if _, there := v.heads[o.Size]; !there || o.Origin == v.head.Chain { // others may be of a chain that was lost
				v.heads[o.Size] = o.Head
			}
		}
	}
	v.sizes = slices.Compact(v.sizes)
}

func (v *verification) open(from string, msg []byte) opened {
	c, err := OpenCheckpoint(msg, v.opt.Verifiers...)
	if err != nil {
		c = Checkpoint{}
	}
	o := opened{Checkpoint: c, from: from, err: err}
	o.signed, o.enough = Cosigned(msg, v.opt.Witnesses, v.opt.Quorum)
	return o
}

// merge puts the chunks together in order and returns the roots at the sizes
// of checkpoints. Behind a hole there are none.
func (v *verification) merge() map[uint64]rootAt {
	roots := map[uint64]rootAt{0: {root: fold(nil, nil)}}
	var tree Tree
	whole, next := true, uint64(0)
	for _, from := range slices.Sorted(maps.Keys(v.chunks)) {
		c := v.chunks[from]
		if from > next {
			whole = false
			v.missing(next, from-1)
		}
		next = c.until
		if whole {
			for _, e := range c.edges {
				roots[e.size] = rootAt{root: fold(tree.edge, e.hashes), head: e.head}
			}
			tree.join(&c.tree)
		}
		v.collect(c)
	}
	if next < v.head.Records {
		whole = false
		v.missing(next, v.head.Records-1)
	}
	if whole {
		v.report.Root = tree.Root()
	}
	return roots
}

func (v *verification) missing(first, last uint64) {
	v.addJoined(Finding{Fault: FaultMissing, Seq: first, Last: last, Note: "not in the store"})
}

// addJoined adds a finding, or extends the last one where the same is missing on.
func (v *verification) addJoined(f Finding) {
	if n := len(v.report.Findings); n > 0 && f.Fault == FaultMissing {
		if l := &v.report.Findings[n-1]; l.Fault == FaultMissing && l.Last+1 == f.Seq {
			l.Last = f.Last
			return
		}
	}
	v.add(f)
}

func (v *verification) collect(c *chunk) {
	r := &v.report
	r.Records += c.records
	r.Parts += c.parts
	r.Erased += c.gone
	r.Revisions += c.revisions
	r.Purged += c.purged
	r.Erasures += c.erasures
	r.Dropped += c.report.Dropped
	for _, f := range c.report.Findings {
		v.addJoined(f)
	}
	v.erased = append(v.erased, c.erased...)
	v.covers = append(v.covers, c.covers...)
	v.chains = append(v.chains, c.chains...)
}

// judgeCheckpoints holds each checkpoint against the records. Those that
// disagree in the same way are one finding.
func (v *verification) judgeCheckpoints(roots map[uint64]rootAt) {
	var good uint64 // largest size that holds so far
	type class struct {
		fault   Fault
		outside bool
		note    string
	}
	kept := make(map[class]*Finding)
	var order []*Finding
	for i := range v.opened {
		o := &v.opened[i]
		if v.excuse(o) {
			continue
		}
		f := v.judge(o, roots, good)
		if f == nil {
			good = o.Size
			v.hold(o)
			continue
		}
		k := class{f.Fault, o.outside, f.Note}
		if have := kept[k]; have != nil {
			have.More++
			if f.Fault == FaultTruncated {
				have.From, have.Last = f.From, f.Last
			}
			continue
		}
		kept[k] = f
		order = append(order, f)
	}
	for _, f := range order {
		v.add(*f)
	}
}

// judge returns what is wrong with a checkpoint, nil if it holds.
func (v *verification) judge(o *opened, roots map[uint64]rootAt, good uint64) *Finding {
	f := Finding{Fault: FaultCheckpoint, From: o.from}
	at, known := roots[o.Size]
	switch {
	case errors.Is(o.err, ErrUnsigned):
		f.Note = "is not signed by a known key"
	case o.err != nil:
		f.Note = "is not a whole, well-formed checkpoint"
	case o.Size > v.head.Records && o.Origin != v.head.Chain || o.Size <= v.head.Records && !v.ownChain(&o.Checkpoint):
		f.Note = "is of another chain"
	case o.Size > v.head.Records:
		f = Finding{Fault: FaultTruncated, From: o.from, Seq: v.head.Records, Last: o.Size - 1, Note: "are covered by the checkpoint and not in the store"}
	case !known || at.root != o.Root:
		f = Finding{Fault: FaultRewritten, From: o.from, Seq: good, Last: o.Size - 1, Note: "are not as they were when the checkpoint was made"}
	case at.head != o.Head:
		f.Note = "names another last record than its own root"
	default:
		return nil
	}
	return &f
}

// hold counts a checkpoint that agrees; sizes come ascending.
func (v *verification) hold(o *opened) {
	reach := Reach{Size: o.Size, Time: o.Time, From: o.from}
	v.countWitnesses(o, reach)
	if o.outside {
		v.report.Outside++
		v.report.ProvenTo = reach
		return
	}
	v.report.Checkpoints++
	v.report.SignedTo = reach
}
