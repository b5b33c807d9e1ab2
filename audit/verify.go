package audit

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
)

// chunkSize is how many records one worker takes at a time: a whole subtree,
// so that workers hash their own part of the tree.
const (
	chunkLevel = 12
	chunkSize  = 1 << chunkLevel
)

// VerifyOptions says against what a trail is held.
type VerifyOptions struct {
	Chain       string                   // expected chain; empty takes the store's word
	Verifiers   []Verifier               // current and earlier checkpoint keys; a checkpoint that none of them knows is a finding
	Successions [][]byte                 // statements that lead from these keys to later ones, see FollowKeys
	Against     []OutsideCheckpoint      // read before Verify is called
	Witnesses   []Verifier               // who should have signed checkpoints, too; none are looked for where none is given
	Quorum      int                      // how many of them one checkpoint needs; 0: all
	Workers     int                      // 0: one per CPU
	MaxFindings int                      // 0: 1,000; the rest is counted
	Progress    func(done, total uint64) // called from one goroutine at a time, about every 4,096 records
}

// Verify reads the whole trail once and reports everything in it that
// disagrees: with itself (leaf hashes, part hashes, chain links, gaps), with
// erasure records, and with checkpoints in and outside the store. An error
// means that the trail could not be read to the end; nothing is proved then.
func Verify(ctx context.Context, src Source, opt VerifyOptions) (Report, error) {
	head, err := src.Head(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read head of trail: %w", err)
	}
	if opt.Workers <= 0 {
		opt.Workers = runtime.GOMAXPROCS(0)
	}
	if opt.MaxFindings <= 0 {
		opt.MaxFindings = 1000
	}
	v := &verification{src: src, opt: opt, head: head, heads: make(map[uint64][32]byte), chunks: make(map[uint64]*chunk)}
	v.report.Chain = head.Chain
	for _, w := range opt.Witnesses {
		v.report.Witnesses = append(v.report.Witnesses, Witnessed{Name: w.Name()})
	}
	if opt.Chain != "" && opt.Chain != head.Chain {
		v.add(Finding{Fault: FaultChain, Note: "the whole store is of another chain than the one asked for"})
	}
	v.followKeys()
	v.openCheckpoints()
	if err := v.scan(ctx); err != nil {
		return Report{}, fmt.Errorf("verify trail: %w", err)
	}
	roots := v.merge()
	v.judgeChains()
	if err := v.judgeErased(ctx); err != nil {
		return Report{}, fmt.Errorf("verify trail: %w", err)
	}
	v.judgeCheckpoints(roots)
	v.judgeWitnesses()
	v.report.sort()
	return v.report, nil
}

// followKeys adds the keys that the given ones lead to. Of a broken chain none
// is taken: what later keys signed is then not signed by a known key.
func (v *verification) followKeys() {
	known, err := FollowKeys(v.opt.Verifiers, v.opt.Successions)
	v.opt.Verifiers = known
	if err != nil {
		v.add(Finding{Fault: FaultKeys, Note: err.Error()})
	}
}

// verification is one run. Before and after scan it belongs to one goroutine;
// during scan the fields below mu are shared.
type verification struct {
	src    Source
	opt    VerifyOptions
	head   Head
	report Report
	opened []opened            // by size
	sizes  []uint64            // sizes whose roots are wanted, ascending
	heads  map[uint64][32]byte // leaf hash of the last record at those sizes, as signed
	erased []erasedRun
	covers []Erasure
	chains []chainRun
	// segments are the records by the names of their chain, in order.
	segments []segment

	mu     sync.Mutex
	next   uint64 // first record no worker has taken
	done   uint64
	found  int               // findings kept by finished chunks
	chunks map[uint64]*chunk // by first record
}

// add keeps a finding that is not of one chunk: those are few and tell the most.
func (v *verification) add(f Finding) { v.report.add(len(v.report.Findings)+1, f) }

// scan reads all records, a chunk at a time, with all workers.
func (v *verification) scan(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for range v.opt.Workers {
		wg.Go(func() {
			if err := v.work(ctx); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

func (v *verification) work(ctx context.Context) error {
	var s scanner
	for {
		from, ok := v.take()
		if !ok {
			return nil
		}
		c := &chunk{from: from, until: min(from+chunkSize, v.head.Records), sizes: within(v.sizes, from)}
		if err := s.run(ctx, v, c); err != nil {
			return err
		}
		if c.records == 0 {
			if err := v.skip(ctx, c.until); err != nil {
				return err
			}
		}
		v.finish(c)
	}
}

// take hands out the next chunk.
func (v *verification) take() (uint64, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	from := v.next
	if from >= v.head.Records {
		return 0, false
	}
	v.next += chunkSize
	return from, true
}

var errFound = errors.New("found")

// skip moves the workers past a hole: without it one record with a huge
// number would keep them busy for ever.
func (v *verification) skip(ctx context.Context, from uint64) error {
	next := v.head.Records
	err := v.src.Records(ctx, from, v.head.Records, func(r *Record) error {
		next = r.Seq
		return errFound
	})
	if err != nil && !errors.Is(err, errFound) {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.next = max(v.next, next&^(chunkSize-1))
	return nil
}

// allowance is how many findings the next chunk may keep. Chunks are handed
// out in order, so it is the first ones that are kept.
func (v *verification) allowance() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return max(0, v.opt.MaxFindings-v.found)
}

func (v *verification) finish(c *chunk) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.chunks[c.from] = c
	v.found += len(c.report.Findings)
	v.done = max(v.done+c.until-c.from, min(c.from, v.head.Records)) // a hole counts as done
	if v.opt.Progress != nil {
		v.opt.Progress(min(v.done, v.head.Records), v.head.Records)
	}
}
