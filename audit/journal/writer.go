package journal

import (
	"errors"
	"fmt"

	"postern/audit"
)

// run is the writer: the only goroutine that changes the store.
func (j *Journal) run() {
	defer j.wg.Done()
	defer close(j.done)
	var group []*entry
	for {
		var ok bool
		group, ok = j.queue.next(group[:0], j.cfg.MaxBatch, j.cfg.LazyDelay, j.exclude)
		if !ok {
			return
		}
		j.write(group)
		clear(group)
		j.between()
	}
}

// patience is how many groups at most go before other work of the writer.
const patience = 8

// between does what must not run within a transaction. Where somebody waits to
// be recorded, work of others comes later.
func (j *Journal) between() {
	if j.logFull.CompareAndSwap(true, false) {
		j.report(j.restartLog())
	}
	if j.passed++; j.passed < patience && j.Waited() > 0 {
		return
	}
	j.passed = 0
	select {
	case f := <-j.exclude:
		f()
	default:
	}
}

// write commits a group and answers every caller in it. A failure that is one
// batch's own keeps only that one out.
func (j *Journal) write(group []*entry) {
	err := j.transact(group)
	if isConstraint(err) && len(group) > 1 {
		for _, e := range group {
			e.err = nil
			j.write([]*entry{e})
		}
		return
	}
	switch {
	case err == nil:
		j.answer(group, nil)
	case isConstraint(err):
		j.answer(group, fmt.Errorf("%w: a row exists already", ErrInvalid))
	default:
		j.fail(group, err)
	}
}

// answer tells every caller of the group.
func (j *Journal) answer(group []*entry, err error) {
	for _, e := range group {
		j.reply(e, err)
	}
}

// answerWaiting leaves lazy entries for another try.
func (j *Journal) answerWaiting(group []*entry, err error) {
	for _, e := range group {
		if !e.lazy() {
			j.reply(e, err)
		}
	}
}

// reply answers an entry once. Its own error goes before the group's.
func (j *Journal) reply(e *entry, err error) {
	if e.answered {
		return
	}
	e.answered = true
	if e.err != nil {
		err = e.err
	}
	if e.lazy() {
		j.report(err)
	} else {
		e.result <- err
	}
}

// errCommit marks a failure after which the store must say what it holds.
var errCommit = errors.New("commit")

// transact runs one transaction over the group.
func (j *Journal) transact(group []*entry) error {
	if j.w == nil {
		return ErrDown // closed while it was down
	}
	p, err := j.place(group)
	if err != nil || p.empty {
		return err
	}
	if err := j.hook(StepBegin); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if _, err := j.w.exec("BEGIN IMMEDIATE"); err != nil {
		return fmt.Errorf("begin transaction: %w", err)
	}
	if err := j.fill(group, p); err != nil {
		return errors.Join(err, j.rollback(p))
	}
	if err := j.commit(); err != nil {
		return fmt.Errorf("%w: %w", errCommit, err)
	}
	j.committed(group, p)
	return nil
}

// rollback undoes a transaction and what it changed in the writer's memory.
func (j *Journal) rollback(p *plan) error {
	j.contexts.rolledBack()
	if _, err := j.w.exec("ROLLBACK"); err != nil {
		return fmt.Errorf("roll back: %w", err)
	}
	if len(p.records) == 0 {
		return nil
	}
	tree, err := audit.LoadTree(j.head.Size, j.w.tile)
	if err == nil {
		j.work = *tree
	}
	return err
}

func (j *Journal) commit() error {
	if err := j.hook(StepCommit); err != nil {
		return err
	}
	if _, err := j.w.exec("COMMIT"); err != nil {
		return err
	}
	return j.hook(StepCommitted)
}

// plan is what a transaction will have changed in memory once it is durable.
type plan struct {
	empty   bool // every batch was refused
	size    uint64
	leaf    [32]byte // of the last record
	nodes   []audit.Node
	records []*audit.Record
	state   state
	flush   bool // the counts are written
}

// committed moves memory to where the store is, then runs the callbacks.
func (j *Journal) committed(group []*entry, p *plan) {
	j.contexts.committed()
	j.mu.Lock()
	j.state = p.state
	j.head.Size, j.head.Leaf = p.size, p.leaf
	for _, r := range p.records {
		j.tree.Append(r.Leaf)
		track(j.open, r)
		if !p.flush {
			j.counts.add(r)
		}
	}
	if len(p.records) > 0 {
		j.grew()
	}
	j.mu.Unlock()
	if p.flush {
		clear(j.counts)
	}
	j.dirty.Add(1)
	j.commits.Add(1)
	j.runCallbacks(group)
}

func (j *Journal) runCallbacks(group []*entry) {
	for _, e := range group {
		if e.err != nil {
			continue
		}
		for i := range e.batch.Records {
			if j.cfg.Recorded != nil {
				j.cfg.Recorded(&e.batch.Records[i])
			}
		}
		if e.batch.Committed != nil {
			e.batch.Committed()
		}
	}
}
