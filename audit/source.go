package audit

import "context"

// Source is a trail as stored, for Verify. Nothing it hands out is trusted.
type Source interface {
	// Head tells what the store holds at this moment. Records may be appended
	// while Verify runs; it asks again when it meets an erased part whose
	// erasure record is newer than the first answer.
	Head(ctx context.Context) (Head, error)

	// Records calls fn for each stored record with from <= Seq < until, in
	// the order of Seq, with Leaf and the parts as stored: an erased part has
	// Erased and Hash set. Records that are missing are left out. The record
	// and everything it points to may be reused after fn returns. It is
	// called from several goroutines for disjoint ranges at once. An error of
	// fn ends the walk and is returned.
	Records(ctx context.Context, from, until uint64, fn func(r *Record) error) error
}

// Head is the state of a store at one moment.
type Head struct {
	Chain       string
	Records     uint64   // highest Seq plus one
	Checkpoints [][]byte // signed notes as stored, all of size <= Records when they were made
}
