package clickhouse

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// FollowerName is the shipper's among the followers of the journal.
const FollowerName = "clickhouse"

// ShipConfig says how a journal is shipped. Zero takes the default.
type ShipConfig struct {
	Rows     int           // most records in a batch; 50,000
	Wait     time.Duration // how long a record waits for company; 1 s
	MinPause time.Duration // after a failure; 250 ms, doubled each time
	MaxPause time.Duration // 10 s

	// OnError hears each failure once it begins or changes. Errors hold no data.
	OnError func(error)
}

// Shipper sends the journal to ClickHouse. Run it once; the rest is safe for
// concurrent use.
type Shipper struct {
	store    *Store
	follower *journal.Follower
	cfg      ShipConfig

	ahead *builder // of batches that are sent for the first time; read's alone
	again *builder // of those whose outcome is not known; Run's alone

	chain    string // of the batch before; Run's alone, like sureFrom
	sureFrom uint64 // what comes of the chain from here on was never sent

	mu      sync.Mutex // guards what follows
	status  Status
	reading error // of the journal's side
}

// Status is what a shipper did since it began, and how it is.
type Status struct {
	Records, Batches, Erasures, Failures uint64
	Err                                  error     // of the last try; nil while all is well
	Since                                time.Time // when Err began
}

// NewShipper ships the records of f to s.
func NewShipper(s *Store, f *journal.Follower, cfg ShipConfig) *Shipper {
	if cfg.Rows <= 0 {
		cfg.Rows = 50_000
	}
	if cfg.Wait <= 0 {
		cfg.Wait = time.Second
	}
	if cfg.MinPause <= 0 {
		cfg.MinPause = 250 * time.Millisecond
	}
	if cfg.MaxPause <= 0 {
		cfg.MaxPause = 10 * time.Second
	}
	return &Shipper{store: s, follower: f, cfg: cfg, ahead: newBuilder(s), again: newBuilder(s)}
}

// Status tells how it stands.
func (h *Shipper) Status() Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := h.status
	out.Err = cmp.Or(out.Err, h.reading)
	return out
}

// Lag is how many records are not confirmed and how long the oldest waits.
func (h *Shipper) Lag() (records uint64, age time.Duration) { return h.follower.Lag() }

// Confirmed is the first record that ClickHouse has not confirmed.
func (h *Shipper) Confirmed() uint64 { return h.follower.Cursor() }

// Run ships until ctx ends, through every failure of either side. It returns
// nil then, or why the journal cannot be followed.
func (h *Shipper) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if !h.try(ctx, &h.status.Err, h.store.Ready) {
		return nil
	}
	batches, failed := h.read(ctx)
	for b := range batches {
		if b.chain != h.chain {
			if !h.try(ctx, &h.status.Err, func(ctx context.Context) error { return h.begin(ctx, b.chain) }) {
				return nil
			}
		}
		unsure := b.from < h.sureFrom
		done := h.try(ctx, &h.status.Err, func(ctx context.Context) error {
			err := h.ship(ctx, b, unsure)
			if err != nil { // the next try cannot know what this one did
				unsure = true
				err = errors.Join(err, h.store.reopen())
			}
			return err
		})
		if !done {
			return nil
		}
	}
	if err := <-failed; err != nil && ctx.Err() == nil && !errors.Is(err, journal.ErrClosed) {
		return err
	}
	return nil
}

// begin asks how far the server is, once nothing of an earlier life runs there:
// up to that place it may have sent in other batches than this one will.
func (h *Shipper) begin(ctx context.Context, chain string) error {
	if err := h.store.idle(ctx, chain); err != nil {
		return err
	}
	have, err := h.store.ends(ctx, chain)
	if err != nil {
		return err
	}
	h.chain, h.sureFrom = chain, have.highest()
	return nil
}

// read packs the next batch while one is sent.
func (h *Shipper) read(ctx context.Context) (<-chan *batch, <-chan error) {
	out, failed := make(chan *batch), make(chan error, 1)
	go func() {
		defer close(out)
		for next := h.follower.Cursor(); ; {
			b, err := h.next(ctx, next)
			if err != nil {
				failed <- err
				return
			}
			select {
			case out <- b:
				next = b.until
			case <-ctx.Done():
				failed <- nil
				return
			}
		}
	}()
	return out, failed
}

// next reads from the journal through its failures: it recovers by itself.
func (h *Shipper) next(ctx context.Context, from uint64) (*batch, error) {
	var b *batch
	var closed error
	h.try(ctx, &h.reading, func(ctx context.Context) error {
		built, err := h.build(ctx, h.ahead, from, h.cfg.Rows, nil)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			closed = journal.ErrClosed
			return nil
		}
		b = built
		return err
	})
	if b == nil {
		return nil, errors.Join(closed, ctx.Err())
	}
	return b, nil
}

// build makes a batch of at most that many records, without what is there.
func (h *Shipper) build(ctx context.Context, with *builder, from uint64, rows int, have *there) (*batch, error) {
	with.begin(h.follower.Chain(), from, have)
	if err := h.follower.Each(ctx, from, rows, h.cfg.Wait, with.add); err != nil {
		return nil, err
	}
	if !with.named { // all of them were purged
		var err error
		if with.batch.chain, err = h.follower.ChainOf(ctx, from); err != nil {
			return nil, err
		}
	}
	return with.done()
}

// rest is what the server does not have of a batch.
func (h *Shipper) rest(ctx context.Context, b *batch) (*batch, error) {
	have, err := h.store.there(ctx, b)
	if err != nil {
		return nil, err
	}
	rest, err := h.build(ctx, h.again, b.from, int(b.until-b.from), have) //nolint:gosec // a batch's length
	if err == nil && rest.until != b.until {
		err = errors.New("a batch that is sent again reads otherwise: run postern audit verify")
	}
	return rest, err
}

// ship brings one batch home: rows, then what its erasures take away, then the
// cursor. unsure says that a part may be there already: then the server is asked
// first, and what is missing is read again and sent.
func (h *Shipper) ship(ctx context.Context, b *batch, unsure bool) error {
	send := b
	if unsure {
		var err error
		if send, err = h.rest(ctx, b); err != nil {
			return err
		}
	}
	if err := h.store.put(ctx, send); err != nil {
		return err
	}
	went, err := h.went(ctx, b.erasures)
	if err != nil {
		return err
	}
	if err := h.store.carryOut(ctx, b.chain, went); err != nil {
		return err
	}
	h.mu.Lock()
	h.status.Records += b.until - b.from
	h.status.Batches++
	h.status.Erasures += uint64(len(b.erasures))
	h.mu.Unlock()
	if err := h.follower.Commit(ctx, b.until); err != nil && h.cfg.OnError != nil {
		h.cfg.OnError(err) // it counts in memory; after a crash these records are looked for again
	}
	return nil
}

// went is what the erasures took in the journal. A row that one covers and did
// not take, since a crash cut it off and a hold came before it went on, stays.
func (h *Shipper) went(ctx context.Context, erasures []recorded) ([]audit.Erasure, error) {
	out := make([]audit.Erasure, 0, len(erasures))
	for _, e := range erasures {
		took, err := h.follower.Erased(ctx, e.record, e.Erasure)
		if err != nil {
			return nil, err
		}
		if len(took.Ranges) > 0 {
			out = append(out, took)
		}
	}
	return out, nil
}

// try does something until it succeeds (true) or ctx ends (false). at is where
// its failure is kept.
func (h *Shipper) try(ctx context.Context, at *error, do func(context.Context) error) bool {
	for pause := h.cfg.MinPause; ; pause = min(2*pause, h.cfg.MaxPause) {
		err := do(ctx)
		if ctx.Err() != nil {
			return err == nil
		}
		h.note(at, err)
		if err == nil {
			return true
		}
		timer := time.NewTimer(pause/2 + rand.N(pause)) //nolint:gosec // spreads tries, hides nothing
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
	}
}

// note keeps the state of affairs and tells of a change for the worse.
func (h *Shipper) note(at *error, err error) {
	h.mu.Lock()
	before := *at
	*at = err
	if err != nil {
		h.status.Failures++
		if before == nil {
			h.status.Since = h.store.cfg.Now()
		}
	}
	h.mu.Unlock()
	if err != nil && h.cfg.OnError != nil && (before == nil || before.Error() != err.Error()) {
		h.cfg.OnError(err)
	}
}
