package hook

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// job is one body to post.
type job struct {
	updates []Update
	done    []func(Delivery)
	body    []byte // built before the first attempt, the same in every one
	attempt int
}

// shard is the queue of one worker.
type shard struct {
	mu   sync.Mutex
	jobs []*job
	wake chan struct{} // holds one token while jobs may wait
}

func (sh *shard) push(j *job) {
	sh.mu.Lock()
	sh.jobs = append(sh.jobs, j)
	sh.mu.Unlock()
	select {
	case sh.wake <- struct{}{}:
	default:
	}
}

// pop waits for a job; nil means the context ended.
func (sh *shard) pop(ctx context.Context) *job {
	for ctx.Err() == nil {
		if j := sh.take(); j != nil {
			return j
		}
		select {
		case <-sh.wake:
		case <-ctx.Done():
		}
	}
	return nil
}

func (sh *shard) take() *job {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(sh.jobs) == 0 {
		return nil
	}
	j := sh.jobs[0]
	sh.jobs[0] = nil
	sh.jobs = sh.jobs[1:]
	return j
}

// absorb moves untried jobs from the head of the queue into j until it holds
// most updates. What goes elsewhere stays.
func (sh *shard) absorb(j *job, most int, together func(a, b Update) bool) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for len(sh.jobs) > 0 {
		next := sh.jobs[0]
		if next.attempt > 0 || len(j.updates)+len(next.updates) > most || !together(j.updates[0], next.updates[0]) {
			return
		}
		j.updates = append(j.updates, next.updates...)
		j.done = append(j.done, next.done...)
		sh.jobs[0] = nil
		sh.jobs = sh.jobs[1:]
	}
}

func (s *Sender) work(ctx context.Context, sh *shard) {
	for {
		j := sh.pop(ctx)
		if j == nil {
			return
		}
		if most := int(s.batch.Load()); j.attempt == 0 && most > 1 {
			pause(ctx, time.Duration(s.linger.Load()))
			sh.absorb(j, most, s.together)
		}
		s.try(ctx, j, sh)
	}
}

// together reports whether two updates go to one address, with the same proof.
func (s *Sender) together(a, b Update) bool {
	one, proof := s.cfg.Endpoint(a, nil)
	other, another := s.cfg.Endpoint(b, nil)
	return one == other && maps.EqualFunc(proof, another, slices.Equal)
}

func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
