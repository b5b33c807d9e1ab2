// Package limit sheds load before anything is recorded: messages per number, per
// app and per pair of number and person, management calls per business account,
// and strangers' requests. It learns from Meta: a number has the throughput that
// Meta gives it, and what Meta refuses for its limits, or because the number is
// restricted or in maintenance, is answered here until Meta takes it again.
//
// How many people a portfolio may write to in a day only Meta can count, since
// others write from it, too: its refusal is handed on, and holds nothing off.
//
// It bounds its own memory: what it forgets it allows again, which only ever
// lets more through to the real limits behind it (the recording queue and
// upstream's own). A restart forgets all of it: the first call after one is the
// probe that tells what still holds.
package limit

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rates are in messages per second; 0 has no limit.
type Rates struct {
	PerNumber  float64 // at most; Meta's own throughput of the number counts where it is less
	PerApp     float64
	Pair       float64 // whatsapp.md 3.10: one per six seconds
	PairBurst  int     // and 45 at once
	Pairs      int     // remembered at most; 0 is a million
	Management float64 // management calls of a business account, an hour
}

// Config is what a limiter needs.
type Config struct {
	Rates
	Now func() time.Time
}

// Scope says which limit was reached.
type Scope int

// Scopes; None means that the call may go on.
const (
	None Scope = iota
	Number
	App
	Pair
	Account    // the business account, or Meta's app, with all it does
	Management // management calls of the business account
)

// String is the word for it in metrics and records.
func (s Scope) String() string {
	return [...]string{"none", "number", "app", "pair", "account", "management"}[s]
}

// Message is what a message counts for.
type Message struct {
	Tenant, App, Number string
	Person              [16]byte // zero for what goes to nobody, such as a mark as read
}

// Verdict is the answer to one call. The zero value lets it go on.
type Verdict struct {
	Scope Scope
	Wait  time.Duration // after which a try makes sense
	Code  int           // Meta's, where one of its answers holds this off; else 0
}

// Limiter counts. It is safe for concurrent use.
type Limiter struct {
	mu      sync.Mutex
	cfg     Config
	began   time.Time
	levels  map[string]Level   // by number
	numbers map[string]*shared // by number
	manage  map[string]*shared // by tenant
	apps    map[string]*shared // by app, which has it alone
	pairs   pairs
	holds   holds
	guesses map[netip.Prefix]*rate.Limiter

	made creations
}

// New returns a limiter.
func New(cfg Config) *Limiter {
	l := &Limiter{
		cfg: cfg, began: cfg.Now(), levels: map[string]Level{}, holds: holds{}, guesses: map[netip.Prefix]*rate.Limiter{},
	}
	l.clear()
	return l
}

// clear begins to count anew.
func (l *Limiter) clear() {
	l.numbers, l.manage, l.apps = map[string]*shared{}, map[string]*shared{}, map[string]*shared{}
	l.pairs = newPairs(paceOf(l.cfg.Pair, l.cfg.PairBurst), l.cfg.Pairs)
}

// Configure replaces the rates. Where they differ counting begins anew, since
// each bucket has the size of its rate; what Meta said stays.
func (l *Limiter) Configure(r Rates) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.Rates != r {
		l.cfg.Rates = r
		l.clear()
	}
}

// now is the limiter's clock, which runs on the monotonic one.
func (l *Limiter) now() int64 { return int64(l.cfg.Now().Sub(l.began)) }

// Take counts one message. When a limit is reached the message counts nowhere.
func (l *Limiter) Take(m Message) Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	pair := l.pairs.key(m)
	keys := m.keys(pair)
	if v := l.held(now, keys[:]...); v.Scope != None {
		return v
	}
	number, ofNumber := at(l.numbers, m.Number), l.paceOf(m.Number)
	app, ofApp := at(l.apps, m.App), bySecond(l.cfg.PerApp)
	waits := [...]int64{Number: number.wait(ofNumber, m.App, now), App: app.wait(ofApp, m.App, now), Pair: 0}
	full := int64(0)
	if pair != 0 {
		full = l.pairs.full(pair, now)
		waits[Pair] = l.pairs.pace.wait(full, now)
	}
	if v := longestOf(waits[:]); v.Scope != None {
		return v
	}
	number.take(ofNumber, m.App, now)
	app.take(ofApp, m.App, now)
	if pair != 0 {
		l.pairs.take(pair, full, now)
	}
	l.holds.leave(now, keys[:]...)
	return Verdict{}
}

// longestOf is the verdict of waits by their scope.
func longestOf(waits []int64) (v Verdict) {
	for scope, wait := range waits {
		if time.Duration(wait) > v.Wait {
			v = Verdict{Scope: Scope(scope), Wait: time.Duration(wait)}
		}
	}
	return v
}

// keys are what may hold a message off. What goes to nobody has no pair: one for
// all of it would be shared by every number.
func (m Message) keys(pair uint64) [3]holdKey {
	keys := [3]holdKey{{scope: Account, name: m.Tenant}, {scope: Number, name: m.Number}}
	if pair != 0 {
		keys[2] = holdKey{scope: Pair, pair: pair}
	}
	return keys
}

// at is the bucket of a key.
func at(m map[string]*shared, key string) *shared {
	s := m[key]
	if s == nil {
		s = &shared{}
		m[key] = s
	}
	return s
}
