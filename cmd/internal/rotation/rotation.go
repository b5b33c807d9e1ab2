// Package rotation does what a new version of a key leaves to do: it wraps data
// keys again, moves the blind indexes of people to the new epoch, seals stored
// settings anew, and says what still needs an older version.
//
// Work that was asked for is written down beside the record that says who
// asked, so that it goes on after a stop or a crash: it walks its table again
// and passes over what is done. Each step is short and durable by itself. It
// fails closed: what could not be counted counts as needed.
package rotation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/person"
)

// Scope is the settings scope in the journal: by purpose, since when its work
// is asked for, in Unix seconds.
const Scope = "rotation"

// Config is what a Worker stands on. Pause is the least that lies between two
// steps while messages are recorded, so that they pass; OnError hears of work that failed and is tried again.
type Config struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
	People  *person.Directory
	Now     func() time.Time
	Pause   time.Duration
	OnError func(error)
}

// Worker does the work, one purpose at a time. It is safe for concurrent use.
// Whoever changes a key's version holds its lock meanwhile.
type Worker struct {
	sync.Mutex
	cfg    Config
	wanted chan struct{}
	turn   sync.Mutex // one walk at a time

	mu   sync.Mutex
	work map[keyring.Purpose]*Work
}

// Work is what there is to do for one purpose, and how far it is.
type Work struct {
	Purpose keyring.Purpose `json:"purpose"`
	Version uint32          `json:"version"` // everything is moved to
	State   string          `json:"state"`   // waiting, running, done
	Since   int64           `json:"since"`   // asked for, Unix seconds
	Seen    int             `json:"seen"`    // rows passed in this walk
	Total   int64           `json:"total"`   // rows there were when it began
	Moved   int             `json:"moved"`   // rows changed since the start of this process
	Stuck   int             `json:"stuck"`   // rows that can not be opened any more
	Problem string          `json:"problem,omitempty"`
}

// States of Work.
const (
	waiting = "waiting"
	running = "running"
	done    = "done"
)

// Open reads what an earlier run left to do.
func Open(ctx context.Context, cfg Config) (*Worker, error) {
	w := &Worker{cfg: cfg, wanted: make(chan struct{}, 1), work: map[keyring.Purpose]*Work{}}
	rows, err := cfg.Journal.Settings(ctx, Scope)
	if err != nil {
		return nil, fmt.Errorf("read rotations: %w", err)
	}
	for _, row := range rows {
		since, err := strconv.ParseInt(string(row.Value), 10, 64)
		if err != nil || !Moves(keyring.Purpose(row.Key)) {
			return nil, errors.New("read rotations: a stored one is damaged; verify the journal")
		}
		w.want(keyring.Purpose(row.Key), since)
	}
	return w, nil
}

// Moves reports whether a new version of the purpose leaves anything to move.
func Moves(p keyring.Purpose) bool { return slices.Contains(order, p) }

// Ask adds to a batch that the work of these purposes is to be done. Once it
// is durable and the key rotated, Begin begins it; else the next start does.
func (w *Worker) Ask(b *journal.Batch, purposes ...keyring.Purpose) {
	since := w.cfg.Now()
	for _, p := range purposes {
		b.Settings = append(b.Settings, journal.Setting{
			Scope: Scope, Key: string(p), Value: strconv.AppendInt(nil, since.Unix(), 10), Time: since.UnixMicro(),
		})
	}
}

// Begin begins what was asked for.
func (w *Worker) Begin(purposes ...keyring.Purpose) {
	for _, p := range purposes {
		w.want(p, w.cfg.Now().Unix())
	}
}

func (w *Worker) want(p keyring.Purpose, since int64) {
	w.mu.Lock()
	w.work[p] = &Work{Purpose: p, State: waiting, Since: since}
	w.mu.Unlock()
	select {
	case w.wanted <- struct{}{}:
	default: // it looks again before it rests
	}
}

// Status is all work since the start, finished work included, by purpose.
func (w *Worker) Status() []Work {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Work
	for _, p := range order {
		if k := w.work[p]; k != nil {
			out = append(out, *k)
		}
	}
	return out
}

// Run does work as it is asked for, until ctx ends.
func (w *Worker) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-w.wanted:
		}
		for {
			err := w.Finish(ctx)
			if err == nil || ctx.Err() != nil {
				break
			}
			w.cfg.OnError(err)
			if !rest(ctx, retry) {
				return nil
			}
		}
	}
}

// retry is how long work that failed rests.
const retry = time.Second

// rest reports whether the time passed, and not ctx.
func rest(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// Finish does all work that waits, now. Where a walk fails the others are done
// nevertheless.
func (w *Worker) Finish(ctx context.Context) error {
	w.turn.Lock()
	defer w.turn.Unlock()
	var errs []error
	for _, p := range order {
		if w.begin(p) {
			errs = append(errs, w.end(p, w.finish(ctx, p)))
		}
	}
	return errors.Join(errs...)
}

func (w *Worker) begin(p keyring.Purpose) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.work[p]
	if k == nil || k.State == done {
		return false
	}
	k.State, k.Problem = running, ""
	return true
}

func (w *Worker) end(p keyring.Purpose, err error) error {
	w.note(p, func(k *Work) {
		if err != nil && k.State == running {
			k.State, k.Problem = waiting, err.Error()
		}
	})
	if err != nil {
		return fmt.Errorf("move to the new %s key: %w", p, err)
	}
	return nil
}

// note changes what is known of the work under way.
func (w *Worker) note(p keyring.Purpose, change func(*Work)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w.work[p])
}

// finish walks until nothing is left under an older version, and records it.
func (w *Worker) finish(ctx context.Context, p keyring.Purpose) error {
	version, err := w.cfg.Keys.ActiveVersion(p)
	if err != nil {
		return err
	}
	moved, stuck := 0, 0
	w.note(p, func(k *Work) { k.Version, k.Moved = version, 0 })
	for {
		found, err := w.walk(ctx, p)
		moved += found.moved
		if err != nil {
			return err
		}
		if stuck = found.stuck; found.moved+found.lost == 0 && !w.pending(p, version) {
			break
		}
		if found.moved == 0 && !rest(ctx, settle) {
			return context.Cause(ctx)
		}
	}
	return w.record(ctx, p, version, moved, stuck)
}

// settle is how long rows on their way into the store are waited for.
const settle = 50 * time.Millisecond

// pending reports whether memory holds what goes into the store under an older
// version.
func (w *Worker) pending(p keyring.Purpose, active uint32) bool {
	for _, v := range w.cfg.Keys.Versions() {
		if v.Purpose == p && v.Number != active && w.cfg.People.Pending(p, v.Number) > 0 {
			return true
		}
	}
	return false
}

// record ends the work: what was moved is counted, and what was asked for is
// no longer written down unless it was asked for again.
func (w *Worker) record(ctx context.Context, p keyring.Purpose, version uint32, moved, stuck int) error {
	now := w.cfg.Now()
	b := journal.Batch{
		Records: []audit.Record{{
			Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: "system",
			Type: "key_rewrapped", Result: Name(p, version), Code: int64(moved),
		}},
	}
	again := false
	w.note(p, func(k *Work) { again = k.State == waiting })
	if !again {
		b.Settings = []journal.Setting{{Scope: Scope, Key: string(p), Time: now.UnixMicro()}}
		b.OnCommit(func() {
			w.note(p, func(k *Work) {
				if k.State == running {
					k.State, k.Stuck = done, stuck
				}
			})
		})
	}
	return w.cfg.Journal.Append(ctx, b)
}

// Name is how a version is called: "kek/2".
func Name(p keyring.Purpose, version uint32) string { return fmt.Sprintf("%s/%d", p, version) }
