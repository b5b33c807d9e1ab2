package journal

import (
	"fmt"
	"slices"

	"postern/audit"
)

// seal prepares in the caller's goroutine what does not depend on the place
// in the chain: the hashes of parts, over all their bytes.
func seal(b *Batch) error {
	for _, s := range b.Subjects {
		for _, e := range s.Index {
			if e.Kind == "" || !slices.Contains(indexKinds, e.Kind) {
				return fmt.Errorf("%w: a blind index is of no known kind", ErrInvalid)
			}
		}
	}
	for i := range b.Records {
		r := &b.Records[i]
		if r.Version == 0 {
			r.Version = audit.Version
		}
		for k := range r.Parts {
			p := &r.Parts[k]
			if !slices.Contains(partNames[:], p.Name) {
				return fmt.Errorf("%w: a record has a part the store does not know", ErrInvalid)
			}
			if p.Erased {
				return fmt.Errorf("%w: a record begins with an erased part", ErrInvalid)
			}
			p.Hash = [32]byte{}
			sum, err := p.Commitment()
			if err != nil {
				return fmt.Errorf("%w: %w", ErrInvalid, err)
			}
			p.Hash = sum
		}
	}
	return nil
}

// place decides which batches of the group go in, in order, and gives their
// records their place in the chain. Nothing is written yet.
func (j *Journal) place(group []*entry) (*plan, error) {
	p := &plan{empty: true, size: j.head.Size, leaf: j.head.Leaf, state: j.state}
	var pending []Fact
	seen := make(map[[16]byte]bool)
	for _, e := range group {
		if e.batch.Recheck != nil {
			if e.err = e.batch.Recheck(pending); e.err != nil {
				continue
			}
		}
		dup, err := j.seenBefore(seen, e.batch.Seen)
		if err != nil {
			return nil, err
		}
		if dup {
			e.err = ErrSeen
			continue
		}
		if e.err = j.chain(p, e.batch.Records); e.err != nil {
			continue
		}
		for _, s := range e.batch.Seen {
			seen[s.Hash] = true
		}
		pending = append(pending, e.batch.Facts...)
		p.empty = false
	}
	for _, r := range p.records {
		p.nodes = j.work.AppendNodes(r.Leaf, p.nodes)
	}
	return p, nil
}

// chain gives records their place at the end of the plan, all of them or none.
func (j *Journal) chain(p *plan, records []audit.Record) error {
	size, leaf := p.size, p.leaf
	for i := range records {
		r := &records[i]
		r.Seq, r.Prev, r.Chain = size, leaf, j.cfg.Chain
		var err error
		if j.leafBuf, err = audit.AppendLeaf(j.leafBuf[:0], r); err != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, err)
		}
		r.Leaf = audit.LeafHash(j.leafBuf)
		size, leaf = size+1, r.Leaf
	}
	p.size, p.leaf = size, leaf
	for i := range records {
		p.records = append(p.records, &records[i])
	}
	return nil
}

// seenBefore reports whether one of the marks is in the store or among those
// of this transaction. One that is twice in the list counts once.
func (j *Journal) seenBefore(group map[[16]byte]bool, marks []Seen) (bool, error) {
	for _, s := range marks {
		if group[s.Hash] {
			return true, nil
		}
		n, err := j.w.integer("SELECT 1 FROM seen WHERE hash = ?", s.Hash[:])
		if err != nil {
			return false, fmt.Errorf("look up mark: %w", err)
		}
		if n != 0 {
			return true, nil
		}
	}
	return false, nil
}
