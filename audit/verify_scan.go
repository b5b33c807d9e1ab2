package audit

import (
	"context"
	"crypto/sha256"
	"sort"

	"golang.org/x/mod/sumdb/tlog"
)

// chunk is what one walk over the records from..until-1 found.
type chunk struct {
	from, until uint64
	sizes       []uint64 // checkpoint sizes in (from, until]

	records, parts, gone, purged, erasures, revisions uint64

	tree   Tree // over the chunk alone
	edges  []edge
	erased []erasedRun
	covers []Erasure
	chains []chainRun
	report Report // findings only
}

// edge is the right edge of the chunk's tree at a checkpoint's size.
type edge struct {
	size   uint64
	hashes []tlog.Hash
	head   [32]byte
}

// within returns the sizes that fall into the chunk beginning at from.
func within(sizes []uint64, from uint64) []uint64 {
	lo := sort.Search(len(sizes), func(i int) bool { return sizes[i] > from })
	hi := sort.Search(len(sizes), func(i int) bool { return sizes[i] > from+chunkSize })
	return sizes[lo:hi]
}

// seen is what is known of a record until its successor was read.
type seen struct {
	seq      uint64
	id       ID
	computed [32]byte
	stored   [32]byte
	valid    bool // there is such a record
	purged   bool // nothing but the stored hash tells of it
}

func (s *seen) sound() bool { return s.computed == s.stored && s.computed != [32]byte{} }

// scanner walks chunks; it belongs to one worker and keeps its buffers.
type scanner struct {
	buf   []byte
	v     *verification
	c     *chunk
	next  uint64 // sequence number expected
	last  seen   // read, waiting for its successor
	limit int
}

// run walks c and one record beyond it: the successor of the last one says
// which leaf hash it was chained to.
func (s *scanner) run(ctx context.Context, v *verification, c *chunk) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	*s = scanner{buf: s.buf, v: v, c: c, next: c.from, limit: v.allowance()}
	end := min(c.until+1, v.head.Records)
	if err := v.src.Records(ctx, c.from, end, s.record); err != nil {
		return err
	}
	s.settle(nil, [32]byte{})
	s.gap(c.until, [32]byte{})
	return nil
}

func (s *scanner) add(f Finding) { s.c.report.add(s.limit, f) }

// record takes one record from the source.
func (s *scanner) record(r *Record) error {
	if r.Seq < s.next || r.Seq > s.c.until {
		s.add(Finding{Fault: FaultSequence, Seq: r.Seq, ID: r.ID, Note: "is out of order or there twice"})
		return nil
	}
	this := s.examine(r)
	switch {
	case r.Seq == s.next:
		s.settle(&this, r.Prev)
	case this.sound():
		s.settle(nil, [32]byte{})
		s.gap(r.Seq, r.Prev)
	default:
		s.settle(nil, [32]byte{})
		s.gap(r.Seq, [32]byte{})
	}
	if r.Seq == s.c.until {
		return nil // only here for its link
	}
	s.account(r, &this)
	s.last, s.next = this, r.Seq+1
	return nil
}

// examine computes the leaf hash of r; zero if it has none.
func (s *scanner) examine(r *Record) seen {
	this := seen{seq: r.Seq, id: r.ID, stored: r.Leaf, valid: true, purged: r.Purged}
	if r.Purged {
		this.computed = r.Leaf
		return this
	}
	var err error
	// One buffer, one call: LeafHash would carry the state of a digest about.
	if s.buf, err = AppendLeaf(append(s.buf[:0], 0), r); err == nil {
		this.computed = sha256.Sum256(s.buf)
	}
	return this
}

// settle judges the record before next, which is nil if there is none, and
// gives its leaf to the tree. Three hashes tell of it: the computed one, the
// stored one and the one its successor was chained to.
func (s *scanner) settle(next *seen, link [32]byte) {
	l := s.last
	if !l.valid {
		return
	}
	s.last.valid = false
	trusted := next != nil && link != [32]byte{} && (next.sound() && !next.purged || link == l.computed || link == l.stored)
	leaf := l.stored
	if head, ok := s.v.heads[l.seq+1]; ok && !trusted && head == l.computed {
		trusted, link = true, head // a signed checkpoint ends here and says it too
	}
	if trusted {
		leaf = link
	}
	switch {
	case !l.sound():
		note := "its fields do not give the leaf hash stored with it"
		if trusted && link == l.computed {
			note = "the leaf hash stored with it was changed, its fields are as they were"
		}
		s.add(Finding{Fault: FaultLeaf, Seq: l.seq, ID: l.id, Note: note})
	case trusted && link != l.stored:
		s.add(Finding{Fault: FaultLink, Seq: l.seq, ID: l.id, Note: "is not the record that the next one was chained to"})
	case next != nil && next.purged && link != l.stored:
		s.add(Finding{Fault: FaultLink, Seq: next.seq, ID: next.id, Note: "was purged and is not chained to the record before it"})
	}
	s.push(l.seq, leaf)
}

// gap notes the records from s.next to until-1 as missing. link is the leaf
// hash of the last of them as its successor has it, so that one missing
// record does not hide what the checkpoints say of the others.
func (s *scanner) gap(until uint64, link [32]byte) {
	if until <= s.next {
		return
	}
	s.add(Finding{Fault: FaultMissing, Seq: s.next, Last: until - 1, Note: "not in the store"})
	for ; s.next < until-1; s.next++ {
		s.push(s.next, [32]byte{})
	}
	s.push(s.next, link)
	s.next = until
}

// push gives a leaf to the chunk's tree and keeps its edge at checkpoints.
func (s *scanner) push(seq uint64, leaf [32]byte) {
	s.c.tree.Append(leaf)
	for len(s.c.sizes) > 0 && s.c.sizes[0] == seq+1 {
		hashes := append([]tlog.Hash(nil), s.c.tree.edge...)
		s.c.edges = append(s.c.edges, edge{size: seq + 1, hashes: hashes, head: leaf})
		s.c.sizes = s.c.sizes[1:]
	}
}
