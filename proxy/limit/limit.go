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
	guesses    map[netip.Addr]*rate.Limiter
}

type pairKey struct {
	number string
	person [16]byte
}

// New returns a limiter.
func New(cfg Config) *Limiter {
	return &Limiter{
		cfg: cfg, numbers: map[string]*rate.Limiter{}, apps: map[string]*rate.Limiter{}, young: map[pairKey]*rate.Limiter{},
		guesses: map[netip.Addr]*rate.Limiter{},
	}
}

// Take counts one message. When a limit is reached it says which, and after
// how long a try makes sense.
func (l *Limiter) Take(app, number string, person [16]byte) (Scope, time.Duration) {
	now := l.cfg.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	if wait := take(l.numbers, number, l.cfg.PerNumber, burst(l.cfg.PerNumber), now); wait > 0 {
		return Number, wait
	}
	if wait := take(l.apps, app, l.cfg.PerApp, burst(l.cfg.PerApp), now); wait > 0 {
		return App, wait
	}
	if l.cfg.Pair <= 0 {
		return None, 0
	}
	if wait := reserve(l.pair(pairKey{number, person}), now); wait > 0 {
		return Pair, wait
	}
	return None, 0
}

// pair is called with mu held.
func (l *Limiter) pair(k pairKey) *rate.Limiter {
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
	ap, err := netip.ParseAddrPort(remote)
	if err != nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	source := ap.Addr().Unmap()
	b := l.guesses[source]
	if b == nil {
		if len(l.guesses) >= maxPairs {
			clear(l.guesses)
		}
		b = rate.NewLimiter(rate.Every(3*time.Second), 10)
		l.guesses[source] = b
	}
	return b.AllowN(l.cfg.Now(), 1)
}

func burst(perSecond float64) int { return max(int(perSecond), 1) }

func take(m map[string]*rate.Limiter, key string, perSecond float64, burst int, now time.Time) time.Duration {
	if perSecond <= 0 {
		return 0
	}
	b := m[key]
	if b == nil {
		b = rate.NewLimiter(rate.Limit(perSecond), burst)
		m[key] = b
	}
	return reserve(b, now)
}

// reserve takes one token, or says when there will be one and takes nothing.
func reserve(b *rate.Limiter, now time.Time) time.Duration {
	r := b.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}
