package retention

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
)

// RunConfig is what a Runner stands on.
type RunConfig struct {
	Journal *journal.Journal
	Holds   *Holds
	Policy  func() Policy // the one in force
	Source  Source
	Now     func() time.Time
	Signer  func() (audit.Signer, error) // the checkpoint key

	// Trust says why the clock cannot be trusted now; nil where it can. May be nil.
	Trust func() error
	// Sweep takes the content of media whose rows are over away. May be nil.
	Sweep func(ctx context.Context) error
	// Forget hears of data keys that were destroyed. May be nil.
	Forget func([]journal.DataKey)
	// Lapsed hears of facts that went, in the journal's writer. May be nil.
	Lapsed func([]journal.Fact)
	// Vacate takes persons out of use whom look names, while nobody is looked up,
	// and has take destroy what they are found by; nil: they stay.
	Vacate func(ctx context.Context, look func() ([]audit.SubjectID, error), take func([]audit.SubjectID) error) error
	// Cold opens what takes records that move to cold storage; where it is nil or
	// gives nil, they stay.
	Cold func() (blob.Bucket, error)
	// ColdAway hears why a run goes on without cold storage. May be nil.
	ColdAway func(error)
	// Elsewhere says how what went stands in other stores, for the certificate.
	Elsewhere []func(ctx context.Context, g Gone) (Place, error)
	// Lost are records that the trail lost when it was restored. May be nil.
	Lost Lost
	// Pause is between two steps, the last of which took so long, and between two
	// looks at rows. Nil waits half as long, and longer while sends wait for the
	// writer. Within a step the journal leaves them the writer most of the time.
	Pause func(ctx context.Context, took time.Duration) error
	// Fault, for tests, may stop a run at a named point, as a crash would.
	Fault func(at string) error
}

// Runner carries out what the retention policy says. It records before it
// acts, and goes on after a crash where it was: what is gone is not due again.
// One run goes at a time.
type Runner struct {
	cfg  RunConfig
	busy sync.Mutex // held over a run
}

// NewRunner returns a runner over its parts.
func NewRunner(cfg RunConfig) *Runner {
	if cfg.Pause == nil {
		cfg.Pause = Rest(cfg.Journal)
	}
	return &Runner{cfg: cfg}
}

const (
	crowded  = 8 // that many sends that wait at once are a crowd
	crowding = 10 * time.Millisecond
	longest  = time.Second // of a rest, whatever waits
)

// Rest leaves the writer to others between two steps, the last of which took so
// long.
func Rest(j *journal.Journal) func(ctx context.Context, took time.Duration) error {
	return restWhile(j.Waited)
}

// restWhile waits between two steps, and on while a crowd waits for the writer.
func restWhile(waited func() int) func(context.Context, time.Duration) error {
	return func(ctx context.Context, took time.Duration) error {
		for wait, left := min(took/2, longest), longest; ; wait = crowding {
			timer := time.NewTimer(wait)
			select {
			case <-timer.C:
			case <-ctx.Done():
				timer.Stop()
				return context.Cause(ctx)
			}
			if left -= wait + crowding; left <= 0 || waited() < crowded {
				return nil
			}
		}
	}
}

// Errors of runs that a caller branches on.
var (
	// ErrRunning: a run is under way.
	ErrRunning = errors.New("a retention run is under way")
	// ErrClock: the clock cannot be trusted, so nothing goes.
	ErrClock = errors.New("the clock cannot be trusted, so nothing was purged")
)

// Run is a run that was begun, as the store keeps it until it has ended.
type Run struct {
	ID       audit.ID `json:"id"`     // of the record that says it began
	Actor    string   `json:"actor"`  // who started it
	Moment   int64    `json:"moment"` // up to which it looks, microseconds
	Revision string   `json:"revision"`

	// Tallied: what goes beside the trail is counted where it goes. A run that a
	// version before that began is counted by its records.
	Tallied bool `json:"tallied,omitempty"`
}

// tally is the key under which is counted what a kind of step took.
func (r Run) tally(of string) string { return r.ID.String() + " " + of }

// toldKeys is how the count of data keys ends.
const toldKeys = "keys"

const (
	scopeRun    = "retention"
	keyRun      = "run"
	typeBegun   = "run_begun"
	typeKeys    = "keys_destroyed"
	typeBeside  = "beside"
	typeWritten = "certificate"
)

// Start begins a run, or goes on with one that was interrupted, and returns
// when it has ended. It answers ErrRunning, ErrClock and ErrRestored.
func (r *Runner) Start(ctx context.Context, actor string) (Certificate, error) {
	if !r.busy.TryLock() {
		return Certificate{}, ErrRunning
	}
	defer r.busy.Unlock()
	if r.cfg.Trust != nil {
		if err := r.cfg.Trust(); err != nil {
			return Certificate{}, fmt.Errorf("%w: %w", ErrClock, err)
		}
	}
	if err := r.cfg.Holds.Known(); err != nil {
		return Certificate{}, err
	}
	p := r.cfg.Policy()
	if refused, err := p.distrusts(ctx, r.cfg.Source, r.cfg.Now()); err != nil || refused != "" {
		return Certificate{}, cmp.Or(err, fmt.Errorf("%w: %s", ErrClock, refused))
	}
	run, found, err := unfinished(ctx, r.cfg.Journal)
	if err != nil {
		return Certificate{}, err
	}
	if found && run.Revision != p.Revision { // another policy may keep what that one let go
		if _, err := r.certify(ctx, run, p, &steps{}); err != nil {
			return Certificate{}, err
		}
		found = false
	}
	if !found {
		if run, err = r.begin(ctx, actor, p); err != nil {
			return Certificate{}, err
		}
	}
	return r.work(ctx, run, p)
}

// distrusts says why the clock can not be believed.
func (p Policy) distrusts(ctx context.Context, src Source, now time.Time) (string, error) {
	state, err := src.State(ctx, now)
	if err != nil {
		return "", fmt.Errorf("look at the newest records: %w", err)
	}
	return state.distrust(now), nil
}

// Interrupted reports whether a run has begun and not ended.
func Interrupted(ctx context.Context, j *journal.Journal) (bool, error) {
	_, found, err := unfinished(ctx, j)
	return found, err
}

func unfinished(ctx context.Context, j *journal.Journal) (run Run, found bool, err error) {
	rows, err := j.Settings(ctx, scopeRun)
	if err != nil {
		return run, false, fmt.Errorf("look for a retention run: %w", err)
	}
	for _, row := range rows {
		if row.Key == keyRun {
			if err := json.Unmarshal(row.Value, &run); err != nil {
				return run, false, errors.New("the stored retention run cannot be read: verify the journal")
			}
			return run, true, nil
		}
	}
	return run, false, nil
}

// begin puts a run on record and remembers it.
func (r *Runner) begin(ctx context.Context, actor string, p Policy) (Run, error) {
	rec := r.record(audit.KindRetention, typeBegun)
	rec.Actor, rec.Revision = actor, p.Revision
	run := Run{ID: rec.ID, Actor: actor, Moment: rec.Time, Revision: p.Revision, Tallied: true}
	value, err := json.Marshal(run)
	if err != nil {
		return run, fmt.Errorf("encode retention run: %w", err)
	}
	err = r.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{rec},
		Settings: []journal.Setting{{Scope: scopeRun, Key: keyRun, Value: value, Time: rec.Time}},
	})
	if err != nil {
		return run, fmt.Errorf("begin retention run: %w", err)
	}
	return run, r.fault("begun")
}

// record is one of this run or about it.
func (r *Runner) record(kind audit.Kind, typ string) audit.Record {
	now := r.cfg.Now()
	return audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Actor: "system", Type: typ}
}

func (r *Runner) fault(at string) error {
	if r.cfg.Fault == nil {
		return nil
	}
	return r.cfg.Fault(at)
}

// work goes through what is due, then looks whether it is gone and certifies it.
func (r *Runner) work(ctx context.Context, run Run, p Policy) (Certificate, error) {
	s, err := r.newSteps(ctx, run, p)
	if err != nil {
		return Certificate{}, err
	}
	refused, err := p.Each(ctx, r.cfg.Holds, time.UnixMicro(run.Moment), r.gently(), 0, func(it Item, f Fate) error { return s.take(ctx, it, f) })
	if err != nil {
		return Certificate{}, fmt.Errorf("retention run: %w", err)
	}
	if refused != "" {
		return Certificate{}, fmt.Errorf("%w: %s", ErrClock, refused)
	}
	if err := s.rest(ctx); err != nil {
		return Certificate{}, fmt.Errorf("retention run: %w", err)
	}
	if r.cfg.Lost != nil {
		if err := r.lost(ctx, run, p, s); err != nil {
			return Certificate{}, fmt.Errorf("retention run: %w", err)
		}
	}
	if r.cfg.Sweep != nil {
		if err := r.cfg.Sweep(ctx); err != nil {
			return Certificate{}, fmt.Errorf("take media away: %w", err)
		}
	}
	if err := s.destroyKeys(ctx); err != nil {
		return Certificate{}, fmt.Errorf("destroy keys that nothing needs: %w", err)
	}
	if err := DropNotices(ctx, r.cfg.Journal, r.cfg.Now()); err != nil {
		return Certificate{}, err
	}
	if err := r.cfg.Journal.DropContexts(ctx); err != nil {
		return Certificate{}, err
	}
	if err := r.cfg.Journal.DropLog(ctx); err != nil {
		return Certificate{}, err
	}
	if err := r.fault("purged"); err != nil {
		return Certificate{}, err
	}
	return r.certify(ctx, run, p, s)
}
