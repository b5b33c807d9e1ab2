package audit

import (
	"context"
	"fmt"
	"reflect"
	"slices"
)

// erasedRun is a part that is gone from adjacent records; id is of the first.
type erasedRun struct {
	part        string
	first, last uint64
	id          ID
}

// account checks what belongs to r alone: its chain, its parts and, if it is
// an erasure record, what it covers.
func (s *scanner) account(r *Record, this *seen) {
	c := s.c
	c.records++
	if r.Seq == 0 && r.Prev != [32]byte{} {
		s.add(Finding{Fault: FaultLink, Seq: 0, ID: r.ID, Note: "is the first and yet names one before it"})
	}
	if r.Purged {
		s.purged(r)
		return
	}
	whole := this.sound()
	for i := range r.Parts {
		whole = s.part(r, &r.Parts[i]) && whole
	}
	s.noteChain(r, whole)
	if r.Kind == KindRevision {
		c.revisions++
	}
	if r.Kind == KindErasure {
		c.erasures++
		if whole {
			s.erasure(r)
		}
	}
}

// purged checks what stays of a record that is gone. Whether it was allowed to
// go is judged with the erased parts, whether its leaf hash is the one it had
// by the links and the checkpoints.
func (s *scanner) purged(r *Record) {
	s.c.purged++
	s.c.noteErased(r, PartRecord)
	bare := Record{Version: r.Version, Seq: r.Seq, ID: r.ID, Prev: r.Prev, Leaf: r.Leaf, Kind: KindPurged, Purged: true}
	if !reflect.DeepEqual(*r, bare) {
		s.add(Finding{Fault: FaultLeaf, Seq: r.Seq, ID: r.ID, Note: "was purged and yet has fields"})
	}
}

// part checks one part and reports whether its body is as committed. Where no
// hash is stored the leaf was computed from the body and has said it already.
func (s *scanner) part(r *Record, p *Part) bool {
	if p.Elsewhere && p.Salt == [16]byte{} && len(p.Body) == 0 {
		return true
	}
	if p.Erased {
		s.c.gone++
		s.c.noteErased(r, p.Name)
		return false
	}
	s.c.parts++
	if !p.Elsewhere && (p.Hash == [32]byte{} || PartHash(p.Salt, p.Body) == p.Hash) {
		return true
	}
	s.add(Finding{Fault: FaultPart, Seq: r.Seq, ID: r.ID, Part: p.Name, Note: "its content is not what the record was made with"})
	return false
}

// noteErased extends a run or begins one; a record has few parts, so the run
// to extend is among the last few.
func (c *chunk) noteErased(r *Record, part string) {
	for i := len(c.erased) - 1; i >= max(0, len(c.erased)-maxParts); i-- {
		if run := &c.erased[i]; run.part == part && run.last+1 == r.Seq {
			run.last = r.Seq
			return
		}
	}
	c.erased = append(c.erased, erasedRun{part: part, first: r.Seq, last: r.Seq, id: r.ID})
}

// erasure keeps what a sound erasure record covers.
func (s *scanner) erasure(r *Record) {
	for i := range r.Parts {
		if r.Parts[i].Name != PartDetail {
			continue
		}
		e, err := DecodeErasure(r.Parts[i].Body)
		if err != nil {
			s.add(Finding{Fault: FaultErasure, Seq: r.Seq, ID: r.ID, Part: PartDetail, Note: "cannot be read, covers nothing"})
			return
		}
		if e.Ranges[len(e.Ranges)-1].Last >= r.Seq {
			s.add(Finding{Fault: FaultErasure, Seq: r.Seq, ID: r.ID, Part: PartDetail, Note: "names records that are not before it, covers nothing"})
			return
		}
		s.c.covers = append(s.c.covers, e)
		return
	}
	s.add(Finding{Fault: FaultErasure, Seq: r.Seq, ID: r.ID, Part: PartDetail, Note: "is not there, the record covers nothing"})
}

// judgeErased holds erased parts against erasure records. The trail may have
// grown since it was measured: an erasure is recorded before it is carried
// out, so its record can be among the new ones.
func (v *verification) judgeErased(ctx context.Context) error {
	open := uncovered(v.erased, v.covers)
	if len(open) > 0 {
		later, err := v.laterErasures(ctx)
		if err != nil {
			return err
		}
		open = uncovered(open, append(v.covers, later...))
	}
	for i, run := range open {
		if i == v.opt.MaxFindings {
			v.report.Dropped += uint64(len(open) - i) //nolint:gosec // not negative
			break
		}
		v.add(Finding{
			Fault: FaultErased, Seq: run.first, Last: run.last, ID: run.id, Part: run.part,
			Note: "is gone and no erasure record covers it",
		})
	}
	return nil
}

// laterErasures reads the records that came after the first look at the head.
func (v *verification) laterErasures(ctx context.Context) ([]Erasure, error) {
	head, err := v.src.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read head of trail: %w", err)
	}
	if head.Records <= v.head.Records {
		return nil, nil
	}
	tail := &verification{src: v.src, opt: v.opt, head: head}
	c := &chunk{from: v.head.Records, until: head.Records}
	var s scanner
	if err := s.run(ctx, tail, c); err != nil {
		return nil, err
	}
	return c.covers, nil
}

// uncovered returns what of runs no erasure covers.
func uncovered(runs []erasedRun, covers []Erasure) []erasedRun {
	if len(runs) == 0 {
		return nil
	}
	byPart := make(map[string][]SeqRange)
	for _, e := range covers {
		for _, part := range e.Parts {
			byPart[part] = append(byPart[part], e.Ranges...)
		}
	}
	for part := range byPart {
		byPart[part] = JoinRanges(byPart[part])
	}
	var open []erasedRun
	for _, run := range runs {
		open = subtract(open, run, byPart[run.part])
	}
	return open
}

// subtract appends to dst the pieces of run that cover, sorted and joined,
// leaves open.
func subtract(dst []erasedRun, run erasedRun, cover []SeqRange) []erasedRun {
	i, _ := slices.BinarySearchFunc(cover, run.first, func(r SeqRange, seq uint64) int {
		if r.Last < seq {
			return -1
		}
		return 1
	})
	for ; i < len(cover) && cover[i].First <= run.last; i++ {
		if cover[i].First > run.first {
			dst = append(dst, erasedRun{part: run.part, first: run.first, last: cover[i].First - 1, id: run.id})
		}
		if cover[i].Last >= run.last {
			return dst
		}
		run.first, run.id = cover[i].Last+1, ID{}
	}
	return append(dst, run)
}
