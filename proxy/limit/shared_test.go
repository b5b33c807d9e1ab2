package limit_test

import (
	"testing"
	"time"

	"postern/proxy/limit"
)

// flood has apps ask every ten milliseconds for so many seconds: the first as
// fast as it can, each other once in pause. It says how many each got, and of
// how many it asked.
func flood(take func(app string) limit.Scope, c *clock, seconds int, pause time.Duration, others ...string) (got, asked map[string]int) {
	got, asked = map[string]int{}, map[string]int{}
	try := func(app string) bool {
		asked[app]++
		if take(app) != limit.None {
			return false
		}
		got[app]++
		return true
	}
	for i := range seconds * 100 {
		for try("flood") {
		}
		if every := int(pause / (10 * time.Millisecond)); i%every == 0 {
			for _, app := range others {
				try(app)
			}
		}
		c.now = c.now.Add(10 * time.Millisecond)
	}
	return got, asked
}

// TestFairBetweenApps: a flood of one app on a number takes what the others
// leave, never their share.
func TestFairBetweenApps(t *testing.T) {
	for _, c := range []struct {
		name       string
		rate       float64
		pause      time.Duration
		others     []string
		most       int // refusals of each other app, those of its first moments
		floodLeast int // of what the rate allows in a minute, the flood gets so much
	}{
		{"alone", 80, time.Second, nil, 0, 60 * 80},
		{"a quiet app", 80, time.Second, []string{"b"}, 1, 60*80 - 60},
		{"at its share", 80, 30 * time.Millisecond, []string{"b"}, 20, 60*80 - 2000},
		{"three at a fifth", 20, 250 * time.Millisecond, []string{"b", "c", "d"}, 8, 60*20 - 3*240},
		{"slow number", 2, time.Second, []string{"b"}, 2, 50},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, clock := newLimiter(limit.Rates{PerNumber: c.rate})
			got, asked := flood(func(app string) limit.Scope {
				scope, _ := take(l, app, "number", [16]byte{})
				return scope
			}, clock, 60, c.pause, c.others...)
			sum := got["flood"]
			for _, app := range c.others {
				if asked[app]-got[app] > c.most {
					t.Errorf("%s got %d of %d beside a flood", app, got[app], asked[app])
				}
				sum += got[app]
			}
			if most := int(c.rate*61) + 1; sum > most || got["flood"] < c.floodLeast {
				t.Errorf("the flood got %d of %d, want %d at least and %d in all at most", got["flood"], sum, c.floodLeast, most)
			}
		})
	}
}

// TestFairManagement: the calls of an account are shared in the same way, and
// an hour never holds more than Meta takes.
func TestFairManagement(t *testing.T) {
	l, clock := newLimiter(limit.Rates{Management: 3600})
	got, asked := flood(func(app string) limit.Scope { return l.Manage("bank", app).Scope }, clock, 3600, 3*time.Second, "b")
	if asked["b"]-got["b"] > 3 || got["b"]+got["flood"] > 3600 || got["flood"] < 2000 {
		t.Errorf("beside a flood of %d of %d calls b got %d of %d", got["flood"], asked["flood"], got["b"], asked["b"])
	}
	if v := l.Manage("clinic", "flood"); v.Scope != limit.None {
		t.Errorf("another account: %+v", v)
	}
}
