package inbound

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// allow lets webhooks go to further targets on loopback.
func allow(urls ...string) func(string) string {
	return func(text string) string {
		for _, u := range urls {
			text = strings.Replace(text, "allow_targets: [", `allow_targets: ["`+strings.TrimPrefix(u, "http://")+`", `, 1)
		}
		return text
	}
}

// waiting are the deliveries that wait, or the dead letters.
func (s *office) waiting(t *testing.T, dead bool) []admin.Delivery {
	t.Helper()
	var out []admin.Delivery
	s.Admin(t, "deliveries.list", admin.Deliveries{Dead: dead, Limit: 1000}, &out)
	return out
}

// later lets time pass; a reload has the queues looked at.
func (s *office) later(t *testing.T, d time.Duration) {
	t.Helper()
	s.Clock.Forward(d)
	s.Admin(t, "config.reload", nil, nil)
}

// says posts a text of somebody and gives the word its webhook can be known by.
func (s *office) says(t *testing.T, c *form, from, words string) string {
	t.Helper()
	moment := s.moment()
	s.taken(t, s.envelope(c.number, contact(from, "DE."+from, "Kit")+`,"messages":[`+text(from, "wamid.says"+moment, moment, words)+`]`))
	return `"timestamp":"` + moment + `"`
}

func who(n int) string { return fmt.Sprintf("4917139200%03d", n) }

// TestDelivery is about apps that do not take their events at once. The clock
// stands still: nothing is tried again before a topic lets time pass.
func TestDelivery(t *testing.T) {
	t.Parallel()
	a := newApp(t)
	s := open(t, rig.Options{Config: allow(a.url)})
	s.Clock.Stop()
	for _, topic := range []struct {
		name string
		run  func(*testing.T, *office, *app)
	}{
		{"app gone", testAppGone}, {"answers", testAnswers}, {"isolation", testIsolation}, {"restart", testRestart}, {"headers", testHeaders}, {"target changed", testTargetChanged},
		{"key revoked", testKeyRevoked}, {"app removed", testAppRemoved}, {"limits", testLimits},
	} {
		t.Run(topic.name, func(t *testing.T) {
			a.answers(nil)
			s.settled(t)
			a.forget()
			topic.run(t, s, a)
		})
	}
}

// testAnswers: only 200 ends a delivery; everything else is tried again, and a
// redirect leads nowhere.
func testAnswers(t *testing.T, s *office, a *app) {
	bad := []func(http.ResponseWriter, string, int){
		status(500), status(404), status(204), status(201), status(429), hangUp,
		func(w http.ResponseWriter, _ string, _ int) {
			w.Header().Set("Location", s.Hooks.URL)
			w.WriteHeader(307)
		},
	}
	codes, elsewhere := []int64{500, 404, 204, 201, 429, 0, 307}, len(s.Hooks.All())
	for _, c := range []*form{s.v2, s.v1} {
		s.target(t, c, a.url+"/"+c.name, nil)
		a.forget()
		a.answers(func(w http.ResponseWriter, body string, nth int) {
			for i, f := range bad {
				if nth == 1 && strings.Contains(body, who(i)) {
					f(w, body, nth)
				}
			}
		})
		var words []string
		for i := range bad {
			words = append(words, s.says(t, c, who(i), "x"))
		}
		rig.Await(t, "first tries", func() bool { return s.tried(t, len(bad), 1) })
		waits := s.waiting(t, false)
		for _, d := range waits {
			i := slices.IndexFunc(codes, func(code int64) bool { return code == d.LastCode })
			if i < 0 {
				t.Errorf("%s: waits with code %d", c.name, d.LastCode)
			} else {
				codes[i] = -codes[i] - 1
			}
		}
		for i := range codes {
			if codes[i] >= 0 {
				t.Errorf("%s: nothing waits with code %d", c.name, codes[i])
			}
			codes[i] = -codes[i] - 1
		}
		s.later(t, 3*time.Second)
		s.settled(t)
		for i, w := range words {
			if n := a.tries(w); n != 2 {
				t.Errorf("%s: the event answered %d came %d times", c.name, codes[i], n)
			}
		}
	}
	if n := len(s.Hooks.All()); n != elsewhere {
		t.Errorf("%d webhooks followed a redirect", n-elsewhere)
	}
}

// tried reports whether n deliveries wait that were tried so often or oftener.
func (s *office) tried(t *testing.T, n, times int) bool {
	t.Helper()
	waits := s.waiting(t, false)
	return len(waits) == n && !slices.ContainsFunc(waits, func(d admin.Delivery) bool { return d.Attempts < times })
}

// testIsolation: an app that does not answer delays no other app, and one that
// answers at once with a body that never ends has taken its event.
func testIsolation(t *testing.T, s *office, a *app) {
	hold := make(chan struct{})
	s.target(t, s.v2, a.url, nil)
	a.answers(func(http.ResponseWriter, string, int) { <-hold })
	for i := range 20 { // the gateway gives up on a request after 30 seconds
		s.says(t, s.v2, who(i), "held")
	}
	rig.Await(t, "requests that hang", func() bool { return a.tries("held") >= 16 })
	for i := range 5 {
		s.Hooks.With(t, s.says(t, s.cloud, who(i), "free"))
	}
	if n := a.tries("held"); n != 16 {
		t.Errorf("%d requests at once to one app", n)
	}
	close(hold)
	s.settled(t)
}

// testRestart: what waits is sealed, and keeps its order for each person over a
// restart.
func testRestart(t *testing.T, s *office, a *app) {
	s.target(t, s.v2, a.url, nil)
	a.answers(status(503))
	const secret = "kit.secret@example.org"
	var words []string
	for i := range 6 {
		words = append(words, s.says(t, s.v2, who(i%2), fmt.Sprintf("%d %s", i, secret)))
	}
	rig.Await(t, "first tries", func() bool { return a.tries(secret) >= 2 })
	for _, word := range []string{secret, who(0), who(1), "DE." + who(0)} {
		if files := s.holders(t, word); len(files) > 0 {
			t.Errorf("%q is in the clear in %v", word, files)
		}
	}
	s.again()
	s.Clock.Stop()
	a.forget()
	a.answers(nil)
	s.later(t, 10*time.Second)
	s.settled(t)
	for n := range 2 {
		mine := []string{words[n], words[n+2], words[n+4]}
		if got := a.order(mine...); !slices.Equal(got, mine) {
			t.Errorf("person %d: came as %v, written as %v", n, got, mine)
		}
	}
}

// testHeaders: an app's own headers come with each webhook, in both forms.
func testHeaders(t *testing.T, s *office, a *app) {
	for _, c := range []*form{s.v1, s.v2} {
		s.target(t, c, a.url+"/own?x=1", map[string]string{"Authorization": "Basic a2l0OnNlY3JldA==", "X-Own": "of " + c.name})
		word := s.says(t, c, person, "x")
		rig.Await(t, "the webhook", func() bool { return a.tries(word) > 0 })
		h, path := a.last()
		for name, want := range map[string]string{"Authorization": "Basic a2l0OnNlY3JldA==", "X-Own": "of " + c.name, "Content-Type": "application/json"} {
			if got := h.Header.Get(name); got != want || path != "/own" {
				t.Errorf("%s: %s is %q at %s", c.name, name, got, path)
			}
		}
		if files := s.holders(t, "a2l0OnNlY3JldA"); len(files) > 0 {
			t.Errorf("the password is in the clear in %v", files)
		}
	}
}

// testTargetChanged: events that wait go to where the app wants them now.
func testTargetChanged(t *testing.T, s *office, a *app) {
	s.target(t, s.v2, a.url+"/old", nil)
	a.answers(status(500))
	words := []string{s.says(t, s.v2, person, "x"), s.says(t, s.v2, person, "y")}
	rig.Await(t, "a try", func() bool { return a.tries(words[0]) > 0 })
	s.target(t, s.v2, a.url+"/new", map[string]string{"X-Own": "new"})
	a.answers(nil)
	s.later(t, 3*time.Second)
	s.settled(t)
	h, path := a.last()
	if got := a.order(words...); path != "/new" || h.Header.Get("X-Own") != "new" || !slices.Equal(got[len(got)-2:], words) {
		t.Errorf("came as %v, last to %s", got, path)
	}
}

// testKeyRevoked: a key that is gone ends what an app may ask, not what comes
// for it.
func testKeyRevoked(t *testing.T, s *office, a *app) {
	var added admin.AppKey
	s.Admin(t, "app.add", admin.AppAdd{App: "d360-demo", Version: "v2"}, &added)
	own := *s.v2
	own.auth = "D360-API-KEY: " + added.Key
	s.target(t, &own, a.url, nil)
	a.answers(status(500))
	word := s.says(t, s.v2, person, "x")
	rig.Await(t, "a try", func() bool { return a.tries(word) > 0 })
	s.Admin(t, "app.revoke", admin.AppRevoke{ID: added.ID}, nil)
	a.answers(nil)
	s.later(t, 3*time.Second)
	s.settled(t)
	if n := a.tries(word); n < 2 {
		t.Errorf("came %d times", n)
	}
}

// testAppRemoved: an app that is no more in the configuration gets nothing,
// though it set a webhook of its own. What waits for it stays for as long as
// ever, and what comes meanwhile is on record.
func testAppRemoved(t *testing.T, s *office, a *app) {
	s.target(t, s.v2, a.url, nil)
	a.answers(status(500))
	word := s.says(t, s.v2, person, "before")
	rig.Await(t, "a try", func() bool { return a.tries(word) > 0 })
	restore := s.Rewrite(t, withoutApp)
	s.Admin(t, "config.reload", nil, nil)
	a.answers(nil)
	tries := a.tries(word)
	meanwhile := s.says(t, s.v2, person, "meanwhile")
	s.later(t, 3*time.Second)
	rig.Await(t, "a try without target", func() bool { return s.tried(t, 1, 2) })
	if n := a.tries("timestamp"); n != tries {
		t.Errorf("an app that is gone got %d webhooks", n-tries)
	}
	restore()
	s.later(t, time.Minute)
	s.settled(t)
	if a.tries(word) != tries+1 || a.tries(meanwhile) != 0 {
		t.Errorf("came %d and %d times", a.tries(word), a.tries(meanwhile))
	}
	if n := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'inbound' AND app = '' AND result = 'received' AND body LIKE '%meanwhile%'"); n != "1" {
		t.Errorf("%s on record", n)
	}
}

// withoutApp is a configuration without the 360dialog app.
func withoutApp(text string) string {
	var kept []string
	for _, line := range strings.SplitAfter(text, "\n") {
		if !strings.Contains(line, "name: d360-demo") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// testAppGone: what waits for an app that never comes back ends, after a
// restart as well.
func testAppGone(t *testing.T, s *office, a *app) {
	s.target(t, s.v2, a.url, nil)
	a.answers(status(500))
	word := s.says(t, s.v2, person, "x")
	rig.Await(t, "a try", func() bool { return a.tries(word) > 0 })
	was := s.opts.Config
	s.opts.Config = withoutApp
	s.again()
	s.Clock.Stop()
	tries := a.tries(word)
	s.later(t, 8*24*time.Hour)
	rig.Await(t, "a dead letter", func() bool { return len(s.waiting(t, true)) == 1 && len(s.waiting(t, false)) == 0 })
	if n := a.tries(word); n != tries {
		t.Errorf("came %d times after the app was gone", n-tries)
	}
	s.opts.Config = was
	s.again()
	s.Clock.Stop()
	a.answers(nil)
	s.command(t, "1 to be tried again", "deliveries", "replay", "--app", s.v2.app, "--all")
	s.settled(t)
	if n := a.tries(word); n != tries+1 {
		t.Errorf("after a replay it came %d times", n-tries)
	}
}
