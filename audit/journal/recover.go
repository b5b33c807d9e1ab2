package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"time"
)

// fail takes the journal down, answers the group truly and comes back when the
// store can be written again, or the journal is closed.
func (j *Journal) fail(group []*entry, cause error) {
	j.down.Store(true)
	j.report(fmt.Errorf("%w: %w", ErrDown, cause))
	unknown, want := errors.Is(cause, errCommit), lastOf(group, j.state.epoch)
	if !unknown {
		j.answerWaiting(group, fmt.Errorf("%w: %w", ErrDown, cause))
	}
	up := j.reviveUntilUp(func() { j.answerWaiting(group, ErrUnresolved) })
	found := up && unknown && j.holds(want)
	if found {
		j.runCallbacks(group)
	}
	// Before anybody hears that it went well: the next thing they bring is taken.
	j.down.Store(!up)
	switch {
	case !up && unknown:
		j.answer(group, ErrUnresolved)
	case !up:
		j.answer(group, ErrDown)
	case found:
		j.answer(group, nil)
	default:
		j.answerWaiting(group, ErrDown)
		j.retry(group)
	}
	if !up {
		j.flushQueue(ErrClosed)
	}
}

// reviveUntilUp tries to reopen the store until it works (true) or the journal
// is closed (false). Nobody in the queue waits meanwhile; giveUp lets the
// failed group's callers go after maxHeld.
func (j *Journal) reviveUntilUp(giveUp func()) bool {
	wait, waited := 20*time.Millisecond, time.Duration(0)
	for {
		err := j.revive()
		if err == nil {
			return true
		}
		j.report(fmt.Errorf("recover: %w", err))
		j.flushQueue(ErrDown)
		if waited >= j.cfg.held {
			giveUp()
		}
		timer := time.NewTimer(wait)
		select {
		case <-j.stop:
			timer.Stop()
			return false
		case f := <-j.exclude:
			timer.Stop()
			f()
		case <-timer.C:
			waited += wait
			wait = min(2*wait, j.cfg.RecoverWait)
		}
	}
}

// revive opens the file anew and proves that it can be written: the
// transaction also overwrites or completes whatever a failed COMMIT left in
// the log, and the log is copied whole, so that what is read is on the disk.
func (j *Journal) revive() error {
	if j.w != nil {
		j.report(ignoreDamage(j.w.close()))
		j.w = nil
	}
	j.report(ignoreDamage(j.reader.drain())) // they may look at a file that was replaced
	if err := j.hook(StepRecover); err != nil {
		return err
	}
	if _, err := os.Stat(j.path); err != nil {
		return fmt.Errorf("%w: restore the newest backup and start again: %w", ErrMissing, err)
	}
	w, err := dialWriter(context.Background(), j.path)
	if err != nil {
		return damaged(err)
	}
	j.w = w
	err = j.prove()
	if err != nil {
		j.report(ignoreDamage(w.close()))
		j.w = nil
	}
	return damaged(err)
}

func (j *Journal) prove() error {
	if err := j.w.script("BEGIN IMMEDIATE; UPDATE state SET recoveries = recoveries + 1; COMMIT"); err != nil {
		return fmt.Errorf("write to the store: %w", err)
	}
	if err := j.copyLog("FULL"); err != nil {
		return err
	}
	return j.load()
}

// mark is what a transaction leaves behind: its last record, or its number
// where it has none.
type mark struct {
	seq   uint64
	leaf  [32]byte
	epoch int64
}

func lastOf(group []*entry, epoch int64) mark {
	m := mark{epoch: epoch + 1}
	for _, e := range group {
		if n := len(e.batch.Records); e.err == nil && n > 0 {
			last := &e.batch.Records[n-1]
			m = mark{seq: last.Seq, leaf: last.Leaf}
		}
	}
	return m
}

// holds reads on the store whether the transaction with that mark is there.
func (j *Journal) holds(m mark) bool {
	if m.epoch != 0 {
		return j.state.epoch >= m.epoch
	}
	var leaf [32]byte
	err := j.w.query("SELECT leaf FROM records WHERE seq = ?", func(row []driver.Value) error {
		copy(leaf[:], asBytes(row[0]))
		return nil
	}, int64(m.seq)) //nolint:gosec // far below 2^63
	j.report(err)
	return err == nil && leaf == m.leaf
}

// retry writes the lazy entries of a group that was not stored once more:
// nobody else holds them.
func (j *Journal) retry(group []*entry) {
	var again []*entry
	for _, e := range group {
		switch {
		case e.answered:
		case e.retried || e.err != nil:
			j.reply(e, fmt.Errorf("%w: a lazy batch was lost", ErrDown))
		default:
			e.retried = true
			again = append(again, e)
		}
	}
	if len(again) > 0 {
		j.write(again)
	}
}

// flushQueue refuses everybody who waits in the queue; lazy entries stay
// until the journal is closed.
func (j *Journal) flushQueue(err error) {
	var keep []*entry
	for _, e := range j.queue.take(nil, 1<<30) {
		switch {
		case !e.lazy():
			e.result <- err
		case errors.Is(err, ErrClosed):
			j.report(fmt.Errorf("%w: a lazy batch was lost", ErrDown))
		default:
			keep = append(keep, e)
		}
	}
	j.queue.putBack(keep)
}

// ignoreDamage drops what a broken connection says when it is closed.
func ignoreDamage(err error) error {
	if code(err) != 0 {
		return nil
	}
	return err
}
