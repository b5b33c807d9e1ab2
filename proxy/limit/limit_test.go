package limit_test

import (
	"testing"
	"time"

	"postern/proxy/limit"
)

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func newLimiter(r limit.Rates) (*limit.Limiter, *clock) {
	c := &clock{time.Unix(1_764_000_000, 0)}
	return limit.New(limit.Config{Rates: r, Now: c.Now}), c
}

// take counts a message of tenant "bank".
func take(l *limit.Limiter, app, number string, person [16]byte) (limit.Scope, time.Duration) {
	v := l.Take(limit.Message{Tenant: "bank", App: app, Number: number, Person: person})
	return v.Scope, v.Wait
}

// burst takes until a limit is reached and says how many went through.
func burst(l *limit.Limiter, app, number string, person [16]byte) (int, limit.Scope, time.Duration) {
	for n := range 1000 {
		if scope, wait := take(l, app, number, person); scope != limit.None {
			return n, scope, wait
		}
	}
	return 1000, limit.None, 0
}

func TestEachScope(t *testing.T) {
	for _, c := range []struct {
		name  string
		cfg   limit.Rates
		n     int
		scope limit.Scope
		wait  time.Duration
	}{
		{"no limit", limit.Rates{}, 1000, limit.None, 0},
		{"number", limit.Rates{PerNumber: 20}, 20, limit.Number, 50 * time.Millisecond},
		{"app", limit.Rates{PerApp: 10}, 10, limit.App, 100 * time.Millisecond},
		{"less than one a second", limit.Rates{PerApp: 0.5}, 1, limit.App, 2 * time.Second},
		{"pair", limit.Rates{Pair: 1.0 / 6, PairBurst: 45}, 45, limit.Pair, 6 * time.Second},
		{"pair without burst", limit.Rates{Pair: 1}, 1, limit.Pair, time.Second},
		{"the tightest", limit.Rates{PerNumber: 20, PerApp: 5, Pair: 1, PairBurst: 45}, 5, limit.App, 200 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, clock := newLimiter(c.cfg)
			n, scope, wait := burst(l, "app", "number", [16]byte{1})
			if n != c.n || scope != c.scope || wait.Round(time.Millisecond) != c.wait {
				t.Fatalf("%d went through, then scope %d for %s; want %d, %d, %s", n, scope, wait, c.n, c.scope, c.wait)
			}
			if scope == limit.None {
				return
			}
			clock.now = clock.now.Add(wait)
			if s, _ := take(l, "app", "number", [16]byte{1}); s != limit.None {
				t.Errorf("scope %d after the wait it named", s)
			}
			if s, _ := take(l, "app", "number", [16]byte{1}); s != c.scope {
				t.Errorf("scope %d for a second one, want %d", s, c.scope)
			}
		})
	}
}

func TestScopesAreApart(t *testing.T) {
	l, _ := newLimiter(limit.Rates{PerNumber: 3, PerApp: 3, Pair: 1, PairBurst: 3})
	for _, c := range []struct {
		app, number string
		person      byte
		want        limit.Scope
	}{
		{"b", "2", 1, limit.None}, // another app's other number
		{"b", "1", 2, limit.Number},
		{"a", "2", 2, limit.App},
	} {
		if n, _, _ := burst(l, "a", "1", [16]byte{1}); c.want == limit.None && n != 3 {
			t.Fatalf("%d went through", n)
		}
		if scope, _ := take(l, c.app, c.number, [16]byte{c.person}); scope != c.want {
			t.Errorf("app %s, number %s: scope %d, want %d", c.app, c.number, scope, c.want)
		}
	}
}

// A flood of one person's messages must not use up what the number may send.
func TestRefusedMessagesCountNowhere(t *testing.T) {
	l, _ := newLimiter(limit.Rates{PerNumber: 10, PerApp: 10, Pair: 0.1, PairBurst: 2})
	for range 500 {
		take(l, "app", "number", [16]byte{1})
	}
	for p := range 8 {
		if scope, _ := take(l, "app", "number", [16]byte{2, byte(p)}); scope != limit.None {
			t.Fatalf("person %d: scope %d, want none", p, scope)
		}
	}
	if scope, _ := take(l, "app", "number", [16]byte{3}); scope != limit.Number {
		t.Errorf("scope %d, want the number's limit after ten messages", scope)
	}
}

func TestConfigure(t *testing.T) {
	l, _ := newLimiter(limit.Rates{PerNumber: 20})
	burst(l, "app", "number", [16]byte{1})
	l.Configure(limit.Rates{PerNumber: 20})
	if n, _, _ := burst(l, "app", "number", [16]byte{1}); n != 0 {
		t.Errorf("%d more went through after the same rates were set again", n)
	}
	l.Configure(limit.Rates{PerApp: 5})
	if n, scope, _ := burst(l, "app", "number", [16]byte{1}); n != 5 || scope != limit.App {
		t.Errorf("%d went through up to limit %d", n, scope)
	}
}
