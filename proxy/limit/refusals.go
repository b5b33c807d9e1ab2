package limit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"postern/audit"
	"postern/audit/journal"
)

// Of an app's malformed requests this many are recorded one by one: a thousand
// at once and ten a second for ever. What comes on top is counted, and one
// record a minute says how often and why. A client gone wrong, or one with a
// stolen key, can so not fill the journal with what never passed the gate.
const (
	refusalRate  = 10
	refusalBurst = 1000
)

// maxReasons bounds the different reasons of one such record.
const maxReasons = 64

// Refusals bounds what malformed requests of authenticated apps can make the
// gateway write. Its keys are apps of the configuration, so it stays small.
type Refusals struct {
	journal *journal.Journal
	now     func() time.Time

	mu      sync.Mutex
	buckets map[string]*rate.Limiter // by app
	excess  map[string]*refused      // by app, since the last record
}

// refused is what was counted of one app.
type refused struct {
	tenant string
	total  int
	counts map[string]int
}

// NewRefusals returns an empty count.
func NewRefusals(j *journal.Journal, now func() time.Time) *Refusals {
	return &Refusals{journal: j, now: now, buckets: map[string]*rate.Limiter{}, excess: map[string]*refused{}}
}

// Single reports whether a refused request of the app gets a record of its own.
// If not it was counted under what, a fixed word.
func (f *Refusals) Single(tenant, app, what string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	b := f.buckets[app]
	if b == nil {
		b = rate.NewLimiter(refusalRate, refusalBurst)
		f.buckets[app] = b
	}
	if b.AllowN(f.now(), 1) {
		return true
	}
	f.add(tenant, app, what, 1)
	return false
}

// add is called with mu held.
func (f *Refusals) add(tenant, app, what string, n int) {
	e := f.excess[app]
	if e == nil {
		e = &refused{tenant: tenant, counts: map[string]int{}}
		f.excess[app] = e
	}
	e.total += n
	if _, known := e.counts[what]; !known && len(e.counts) >= maxReasons {
		what = "others"
	}
	e.counts[what] += n
}

// Flush writes one record for each app with requests that were only counted.
// What can not be recorded now stays counted.
func (f *Refusals) Flush(ctx context.Context) error {
	f.mu.Lock()
	excess := f.excess
	f.excess = map[string]*refused{}
	f.mu.Unlock()
	if len(excess) == 0 {
		return nil
	}
	if err := f.write(ctx, excess); err != nil {
		f.putBack(excess)
		return fmt.Errorf("record repeated refusals: %w", err)
	}
	return nil
}

func (f *Refusals) putBack(excess map[string]*refused) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for app, e := range excess {
		for what, n := range e.counts {
			f.add(e.tenant, app, what, n)
		}
	}
}

func (f *Refusals) write(ctx context.Context, excess map[string]*refused) error {
	now := f.now()
	var b journal.Batch
	for app, e := range excess {
		detail, err := json.Marshal(map[string]any{"requests": e.counts})
		if err != nil {
			return fmt.Errorf("encode: %w", err)
		}
		b.Records = append(b.Records, audit.Record{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(), Tenant: e.tenant, App: app,
			Actor: "app:" + app, Direction: "outbound", Type: "repeated", Effect: audit.EffectDeny,
			Reasons: []string{"request_repeated"}, Result: "refused", Code: int64(e.total),
			Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
		})
	}
	return f.journal.Append(ctx, b)
}
