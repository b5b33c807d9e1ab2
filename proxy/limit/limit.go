// Package limit sheds load before anything is recorded: messages per number,
// per app and per pair of number and person, and strangers' requests.
//
// It bounds its own memory: what it forgets it allows again, which only ever
// lets more through to the real limits behind it (the recording queue and
// upstream's own).
package limit

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Config holds rates in messages per second; 0 has no limit.
type Config struct {
	PerNumber float64
	PerApp    float64
	Pair      float64 // whatsapp.md 3.10: one per six seconds
	PairBurst int     // and 45 at once
	Now       func() time.Time
}

// Scope says which limit was reached.
type Scope int

// Scopes; None means that the message may go on.
const (
	None Scope = iota
	Number
	App
	Pair
)

// maxPairs bounds the pairs remembered; at the bound the oldest half goes.
const maxPairs = 50_000

// Limiter counts. It is safe for concurrent use.
type Limiter struct {
	cfg Config

	mu         sync.Mutex
	numbers    map[string]*rate.Limiter
	apps       map[string]*rate.Limiter
	young, old map[pairKey]*rate.Limiter
	guesses    map[netip.Prefix]*rate.Limiter

	made creations
}

type pairKey struct {
	number string
	person [16]byte
}

// New returns a limiter.
func New(cfg Config) *Limiter {
	return &Limiter{
		cfg: cfg, numbers: map[string]*rate.Limiter{}, apps: map[string]*rate.Limiter{}, young: map[pairKey]*rate.Limiter{},
		guesses: map[netip.Prefix]*rate.Limiter{},
	}
}

// Configure replaces the rates; the clock stays. Where they differ counting
// begins anew, since each bucket has the size of its rate.
func (l *Limiter) Configure(cfg Config) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cfg.PerNumber == cfg.PerNumber && l.cfg.PerApp == cfg.PerApp && l.cfg.Pair == cfg.Pair && l.cfg.PairBurst == cfg.PairBurst {
		return
	}
	l.cfg.PerNumber, l.cfg.PerApp, l.cfg.Pair, l.cfg.PairBurst = cfg.PerNumber, cfg.PerApp, cfg.Pair, cfg.PairBurst
	clear(l.numbers)
	clear(l.apps)
	clear(l.young)
	clear(l.old)
}

// Take counts one message. When a limit is reached it says which, and after
// how long a try makes sense; the message then counts nowhere.
func (l *Limiter) Take(app, number string, person [16]byte) (Scope, time.Duration) {
	now := l.cfg.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	var taken [3]*rate.Reservation
	for i, b := range [...]*rate.Limiter{
		bucket(l.numbers, number, l.cfg.PerNumber), bucket(l.apps, app, l.cfg.PerApp), l.pair(pairKey{number, person}),
	} {
		if b == nil {
			continue
		}
		taken[i] = b.ReserveN(now, 1)
		if wait := taken[i].DelayFrom(now); wait > 0 {
			giveBack(taken[:i+1], now)
			return Number + Scope(i), wait
		}
	}
	return None, 0
}

func giveBack(taken []*rate.Reservation, now time.Time) {
	for _, r := range taken {
		if r != nil {
			r.CancelAt(now)
		}
	}
}

// pair is called with mu held.
func (l *Limiter) pair(k pairKey) *rate.Limiter {
	if l.cfg.Pair <= 0 {
		return nil
	}
	if b := l.young[k]; b != nil {
		return b
	}
	b := l.old[k]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(l.cfg.Pair), max(l.cfg.PairBurst, 1))
	}
	if len(l.young) >= maxPairs/2 {
		l.old, l.young = l.young, make(map[pairKey]*rate.Limiter)
	}
	l.young[k] = b
	return b
}

// Guess counts a login attempt of a source: ten at once and one every three
// seconds. A password is slow to check on purpose, and nobody guesses quickly.
func (l *Limiter) Guess(remote string) bool {
	from := sourceOf(remote)
	if !from.IsValid() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.guesses[from]
	if b == nil {
		if len(l.guesses) >= maxPairs {
			clear(l.guesses)
		}
		b = rate.NewLimiter(rate.Every(3*time.Second), 10)
		l.guesses[from] = b
	}
	return b.AllowN(l.cfg.Now(), 1)
}

// sourceOf is whoever stands behind an address with port: an IPv4 address, or
// the /64 network of an IPv6 one, which a single host can have all to itself.
func sourceOf(remote string) netip.Prefix {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	return netip.PrefixFrom(addr, min(addr.BitLen(), 64)).Masked()
}

// bucket is the key's bucket, nil where there is no limit. A second's worth
// may come at once.
func bucket(m map[string]*rate.Limiter, key string, perSecond float64) *rate.Limiter {
	if perSecond <= 0 {
		return nil
	}
	b := m[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(perSecond), max(int(perSecond), 1))
		m[key] = b
	}
	return b
}
