package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/settings"
)

func TestOrderPerPersonAndPeopleSideBySide(t *testing.T) {
	first := make(chan struct{})
	a := newApp(t, nil)
	a.setAnswer(func(_, body string) int {
		if body == "0/0" {
			<-first // person 0 is slow until everybody else is through
		}
		return http.StatusOK
	})
	o := newOffice(t, a, nil)
	const people, each = 8, 12
	ids := make([]audit.SubjectID, people)
	for i := range ids {
		ids[i] = audit.NewSubjectID()
	}
	for n := range each {
		batch := make([]event, 0, people)
		for p := range people {
			batch = append(batch, event{"bank", ids[p], dialect.Cloud, fmt.Sprintf("%d/%d", p, n)})
		}
		o.emit(batch...)
	}
	o.await("everybody but the slow one", func() bool { return len(a.posts()) == 1+(people-1)*each })
	close(first)
	o.await("the slow one", func() bool { return len(o.results()) == people*each })
	next := map[string]int{}
	for _, body := range a.bodies("/bank") {
		who, n, _ := strings.Cut(body, "/")
		if n != fmt.Sprint(next[who]) {
			t.Fatalf("person %s got event %s, want %d", who, n, next[who])
		}
		next[who]++
	}
}

func TestRetriesWithGrowingDelays(t *testing.T) {
	for _, c := range []struct {
		dialect dialect.Dialect
		delays  []time.Duration
	}{
		{dialect.OnPrem, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second, 12 * time.Second}},
		{dialect.Cloud, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second}},
	} {
		t.Run(string(c.dialect), func(t *testing.T) {
			a := newApp(t, always(http.StatusInternalServerError))
			o := newOffice(t, a, nil)
			id := o.emit(event{"bank", audit.NewSubjectID(), c.dialect, "x"})[0]
			for i, want := range c.delays {
				row := o.tried(id, i+1)
				wait := time.UnixMicro(row.NextAt).Sub(o.clock.Now())
				if wait != want || row.LastCode != http.StatusInternalServerError {
					t.Fatalf("after attempt %d: next in %s with code %d, want %s with 500", i+1, wait, row.LastCode, want)
				}
				if i == len(c.delays)-1 {
					a.setAnswer(nil) // before its time comes
				}
				o.clock.advance(wait)
			}
			o.await("the delivery", func() bool { return slices.Equal(o.results(), []string{"delivered"}) })
		})
	}
}

func TestWhatCountsAsFailure(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		code   int64
	}{
		{"created", http.StatusCreated, 201},
		{"no content", http.StatusNoContent, 204},
		{"redirect", http.StatusFound, 302},
		{"not found", http.StatusNotFound, 404},
		{"server error", http.StatusServiceUnavailable, 503},
		{"connection closed", -1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newApp(t, always(c.status))
			o := newOffice(t, a, nil)
			id := o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, "x"})[0]
			if row := o.tried(id, 1); row.State != journal.DeliveryPending || row.LastCode != c.code {
				t.Errorf("state %d with code %d, want pending with %d", row.State, row.LastCode, c.code)
			}
		})
	}
}

func TestSlowAppDelaysNobody(t *testing.T) {
	stuck := make(chan struct{})
	a := newApp(t, nil)
	a.setAnswer(func(path, _ string) int {
		if path == "/bank" {
			<-stuck
		}
		return http.StatusOK
	})
	o := newOffice(t, a, nil) // both apps live on one host
	for i := range 40 {
		o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, fmt.Sprint(i)})
	}
	for i := range 40 {
		o.emit(event{"clinic", audit.NewSubjectID(), dialect.Cloud, fmt.Sprint(i)})
	}
	o.await("the other app's events", func() bool { return len(a.bodies("/clinic")) == 40 })
	if n := len(o.results()); n > 40 {
		t.Errorf("%d deliveries ended, want those of one app", n)
	}
	close(stuck)
	o.await("the slow app's events", func() bool { return len(o.results()) == 80 })
}

func TestFailingEventHoldsLaterOnesOneMinute(t *testing.T) {
	a := newApp(t, nil)
	a.setAnswer(func(_, body string) int {
		if body == "bad" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	// One lane: what is due earlier arrives earlier.
	o := newOffice(t, a, func(c *delivery.Config) { c.Lanes = 1 })
	who, fence := audit.NewSubjectID(), audit.NewSubjectID()
	bad := o.emit(event{"bank", who, dialect.Cloud, "bad"})[0]
	o.emit(event{"bank", who, dialect.Cloud, "second"}, event{"bank", who, dialect.Cloud, "third"})
	for n, at := range []time.Duration{2, 4, 8, 16} {
		o.tried(bad, n+1)
		o.clock.advance(at * time.Second)
	}
	o.tried(bad, 5)
	o.clock.advance(29 * time.Second) // 59 s after the first attempt
	o.emit(event{"bank", fence, dialect.Cloud, "fence"})
	o.await("the fence", func() bool { return slices.Contains(a.bodies("/bank"), "fence") })
	if slices.Contains(a.bodies("/bank"), "second") {
		t.Fatal("a later event overtook before the hold was over")
	}
	o.clock.advance(time.Second)
	o.await("the held events", func() bool { return slices.Contains(a.bodies("/bank"), "third") })
	got := a.bodies("/bank")
	if i, j := slices.Index(got, "second"), slices.Index(got, "third"); i < 0 || i > j {
		t.Errorf("held events came as %v", got)
	}
	o.emit(event{"bank", who, dialect.Cloud, "fourth"})
	o.await("an event after the hold", func() bool { return slices.Contains(a.bodies("/bank"), "fourth") })
	o.tried(bad, 5)
	a.setAnswer(nil)
	o.clock.advance(3 * time.Second)
	o.await("the failing event's own end", func() bool { return o.row(bad, "bank").State == journal.DeliveryDone })
	for _, body := range []string{"second", "third", "fourth", "fence"} {
		if n := strings.Count(strings.Join(a.bodies("/bank"), " "), body); n != 1 {
			t.Errorf("event %s came %d times", body, n)
		}
	}
}

func TestDeadLetterAndReplay(t *testing.T) {
	a := newApp(t, always(http.StatusBadGateway))
	o := newOffice(t, a, nil)
	who := audit.NewSubjectID()
	id := o.emit(event{"bank", who, dialect.OnPrem, "late"})[0]
	o.tried(id, 1)
	o.clock.advance(24*time.Hour - time.Second)
	row := o.tried(id, 2)
	if row.NextAt != row.NotAfter {
		t.Errorf("last try at %d, want it at the end of life %d", row.NextAt, row.NotAfter)
	}
	o.clock.advance(time.Second)
	o.await("the dead letter", func() bool { return o.row(id, "bank").State == journal.DeliveryDead })
	a.setAnswer(nil)
	o.emit(event{"bank", who, dialect.OnPrem, "next"})
	o.await("the person's next event", func() bool { return slices.Equal(o.results(), []string{"dead", "delivered"}) })
	now := o.clock.Now()
	err := o.journal.Append(context.Background(), journal.Batch{Outcomes: []journal.Outcome{{
		ID: id, App: "bank", State: journal.DeliveryPending, NextAt: now.UnixMicro(), NotAfter: now.Add(time.Hour).UnixMicro(),
	}}})
	if err != nil {
		t.Fatal(err)
	}
	o.d.Replay("bank")
	o.await("the replayed event", func() bool { return slices.Equal(o.results(), []string{"dead", "delivered", "delivered"}) })
	if got := a.bodies("/bank"); got[len(got)-1] != "late" || len(got) != 5 {
		t.Errorf("the app got %v", got)
	}
}

func TestRestartDeliversWhatWasPending(t *testing.T) {
	a := newApp(t, always(http.StatusInternalServerError))
	o := newOffice(t, a, nil)
	who, other := audit.NewSubjectID(), audit.NewSubjectID()
	id := o.emit(event{"bank", who, dialect.Cloud, "1"}, event{"bank", who, dialect.Cloud, "2"}, event{"bank", other, dialect.Cloud, "other"})[0]
	o.tried(id, 1)
	o.close()
	a.setAnswer(nil)
	o.clock.advance(3 * time.Second)
	before := len(a.posts())
	o.open()
	o.await("what was pending", func() bool { return len(o.results()) == 3 })
	got := a.bodies("/bank")[before:]
	slices.SortStableFunc(got, func(x, y string) int { return len(x) - len(y) })
	if !slices.Equal(got, []string{"1", "2", "other"}) {
		t.Errorf("after the restart the app got %v", got)
	}
}

func TestOldFailureHoldsNobodyAfterRestart(t *testing.T) {
	a := newApp(t, nil)
	a.setAnswer(func(_, body string) int {
		if body == "bad" {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	o := newOffice(t, a, nil)
	who := audit.NewSubjectID()
	bad := o.emit(event{"bank", who, dialect.Cloud, "bad"})[0]
	for n := range 8 {
		row := o.tried(bad, n+1)
		o.clock.advance(time.UnixMicro(row.NextAt).Sub(o.clock.Now()))
	}
	o.tried(bad, 9) // the next try is minutes away
	o.close()
	o.open()
	o.emit(event{"bank", who, dialect.Cloud, "good"})
	o.await("the good event", func() bool { return slices.Contains(a.bodies("/bank"), "good") })
	a.setAnswer(nil)
	o.clock.advance(10 * time.Minute)
	o.await("the parked event", func() bool { return o.row(bad, "bank").State == journal.DeliveryDone })
}

// A parked event comes back into memory behind a newer one that is under way.
func TestParkedEventComesBackBehindANewerOne(t *testing.T) {
	under, open := make(chan struct{}), make(chan struct{})
	a := newApp(t, always(http.StatusInternalServerError))
	o := newOffice(t, a, nil)
	who := audit.NewSubjectID()
	bad := o.emit(event{"bank", who, dialect.Cloud, "bad"})[0]
	for n := range 8 {
		row := o.tried(bad, n+1)
		o.clock.advance(time.UnixMicro(row.NextAt).Sub(o.clock.Now()))
	}
	o.tried(bad, 9)
	o.await("the event to be parked", func() bool { return o.d.Backlog()["bank"] == 0 })
	a.setAnswer(func(_, body string) int {
		if body == "good" {
			close(under)
			<-open
		}
		return http.StatusOK
	})
	o.emit(event{"bank", who, dialect.Cloud, "good"})
	<-under
	o.clock.advance(10 * time.Minute)
	o.await("the parked event beside the newer one", func() bool { return o.row(bad, "bank").State == journal.DeliveryDone })
	close(open)
	o.await("the newer one", func() bool { return len(o.results()) == 2 })
}

func TestMoreThanMemoryIsReadBackInOrder(t *testing.T) {
	open := make(chan struct{})
	a := newApp(t, nil)
	a.setAnswer(func(string, string) int { <-open; return http.StatusOK })
	const memory, total = 8, 120
	o := newOffice(t, a, func(c *delivery.Config) { c.Memory, c.Lanes = memory, 4 })
	people := []audit.SubjectID{audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()}
	for n := range total {
		o.emit(event{"bank", people[n%3], dialect.Cloud, fmt.Sprintf("%d/%d", n%3, n/3)})
		if b := o.d.Backlog()["bank"]; b > memory {
			t.Fatalf("%d events in memory, want at most %d", b, memory)
		}
	}
	close(open)
	o.await("all events", func() bool { return len(o.results()) >= total })
	next := map[string]int{}
	for _, body := range a.bodies("/bank") {
		who, n, _ := strings.Cut(body, "/")
		if n != fmt.Sprint(next[who]) {
			t.Fatalf("person %s got event %s, want %d", who, n, next[who])
		}
		next[who]++
	}
	if b := o.d.Backlog()["bank"]; b != 0 {
		t.Errorf("backlog %d after all was delivered", b)
	}
}

func TestPoisonedEventsLeaveRoomForOthers(t *testing.T) {
	a := newApp(t, nil)
	a.setAnswer(func(_, body string) int {
		if strings.HasPrefix(body, "poison") {
			return http.StatusInternalServerError
		}
		return http.StatusOK
	})
	const memory = 8
	o := newOffice(t, a, func(c *delivery.Config) { c.Memory = memory })
	var poison []audit.ID
	for n := range 3 * memory {
		poison = append(poison, o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, fmt.Sprintf("poison %d", n)})...)
	}
	o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, "good"})
	for range 60 {
		o.clock.advance(10 * time.Second)
		o.await("the lane to settle", func() bool { return o.d.Backlog()["bank"] <= memory })
	}
	o.await("the good event behind them", func() bool {
		o.clock.advance(time.Second)
		return slices.Contains(a.bodies("/bank"), "good")
	})
	a.setAnswer(nil)
	o.await("the poisoned events", func() bool {
		o.clock.advance(time.Minute)
		return len(o.results()) == len(poison)+1
	})
}

func TestParallelCommitsAreDeliveredOnce(t *testing.T) {
	a := newApp(t, nil)
	o := newOffice(t, a, func(c *delivery.Config) { c.Memory = 16 })
	const writers, each = 8, 15
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			who := audit.NewSubjectID()
			for n := range each {
				o.emit(event{"bank", who, dialect.Cloud, fmt.Sprintf("%d/%d", w, n)})
			}
		})
	}
	wg.Wait()
	o.await("all events", func() bool { return len(o.results()) == writers*each })
	if n := len(a.bodies("/bank")); n != writers*each {
		t.Errorf("%d posts for %d events", n, writers*each)
	}
}

func TestSealedWhileQueued(t *testing.T) {
	a := newApp(t, always(http.StatusInternalServerError))
	o := newOffice(t, a, nil)
	const marker = "canary-491234567890"
	id := o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, `{"text":"` + marker + `"}`})[0]
	o.tried(id, 1)
	check := func(when string) {
		files, err := filepath.Glob(filepath.Join(o.dir, "*"))
		if err != nil || len(files) < 2 {
			t.Fatalf("files of the store: %v, %v", files, err)
		}
		for _, f := range files {
			b, err := os.ReadFile(f) //nolint:gosec // a file of the test
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte(marker)) {
				t.Errorf("%s: the body is in the clear in %s", when, filepath.Base(f))
			}
		}
	}
	check("while queued")
	o.close()
	check("after closing")
}

func TestHeaders(t *testing.T) {
	a := newApp(t, nil)
	o := newOffice(t, a, nil)
	clinic := o.hooks["clinic"]
	clinic.Headers = map[string]string{"Authorization": "Basic dTpw", "X-Custom": "yes"}
	o.hooks["clinic"] = clinic
	o.store.Configure(o.hooks)
	o.emit(
		event{"bank", audit.NewSubjectID(), dialect.Cloud, `{"object":"whatsapp_business_account"}`},
		event{"clinic", audit.NewSubjectID(), dialect.D360V1, `{"messages":[]}`},
	)
	o.await("both events", func() bool { return len(o.results()) == 2 })
	for _, p := range a.posts() {
		if got := p.header.Get("Content-Type"); got != "application/json" {
			t.Errorf("%s: content type %q", p.path, got)
		}
		sig, auth, custom := p.header.Get("X-Hub-Signature-256"), p.header.Get("Authorization"), p.header.Get("X-Custom")
		switch p.path {
		case "/bank": // openssl dgst -sha256 -hmac webhook-secret
			const want = "sha256=3c1c2b94a63e897939ead21a9c2a9231b0dc9d83547e978d79d26c406de5c715"
			if sig != want || auth != "" || custom != "" {
				t.Errorf("cloud: signature %q, want %q; other app's headers: %t", sig, want, auth+custom != "")
			}
		case "/clinic":
			if sig != "" || auth != "Basic dTpw" || custom != "yes" {
				t.Errorf("360dialog: signature %q, authorization %q, custom %q", sig, auth, custom)
			}
		}
	}
}

func TestAppWithoutWebhookWaits(t *testing.T) {
	a := newApp(t, nil)
	o := newOffice(t, a, nil)
	hook := o.hooks["bank"]
	delete(o.hooks, "bank")
	o.store.Configure(o.hooks)
	id := o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, "x"})[0]
	if row := o.tried(id, 1); row.State != journal.DeliveryPending || row.LastCode != 0 {
		t.Fatalf("state %d, code %d", row.State, row.LastCode)
	}
	o.hooks["bank"] = hook
	o.store.Configure(o.hooks)
	o.clock.advance(2 * time.Second)
	o.await("the delivery", func() bool { return slices.Equal(o.results(), []string{"delivered"}) })
}

// TestAppThatIsGone gets nothing, though it set a target of its own, until its
// time is over.
func TestAppThatIsGone(t *testing.T) {
	a := newApp(t, nil)
	o := newOffice(t, a, nil)
	if err := o.store.SetWebhook(t.Context(), "demo", "bank", settings.Webhook{URL: o.hooks["bank"].URL}); err != nil {
		t.Fatal(err)
	}
	delete(o.hooks, "bank")
	o.store.Configure(o.hooks)
	id := o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, "x"})[0]
	if row := o.tried(id, 1); row.LastCode != 0 || len(a.posts()) != 0 {
		t.Fatalf("code %d, %d webhooks", row.LastCode, len(a.posts()))
	}
	if waiting, err := o.journal.WaitingApps(t.Context()); err != nil || !slices.Equal(waiting, []string{"bank"}) {
		t.Errorf("waiting for %v %v", waiting, err)
	}
	o.clock.advance(delivery.Life(dialect.Cloud))
	o.await("the end", func() bool { return slices.Equal(o.results(), []string{"dead"}) })
	if waiting, err := o.journal.WaitingApps(t.Context()); err != nil || len(waiting) != 0 {
		t.Errorf("waiting for %v %v", waiting, err)
	}
}

func TestAfterCloseNothingIsSent(t *testing.T) {
	a := newApp(t, nil)
	o := newOffice(t, a, nil)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o.d.Close(ctx)
	id := o.emit(event{"bank", audit.NewSubjectID(), dialect.Cloud, "x"}, event{"new", audit.NewSubjectID(), dialect.Cloud, "x"})[0]
	o.d.Replay("new")
	if n := len(a.posts()); n != 0 {
		t.Errorf("%d posts after Close", n)
	}
	if row := o.row(id, "bank"); row.State != journal.DeliveryPending || row.Attempts != 0 {
		t.Errorf("state %d after %d attempts, want it untouched", row.State, row.Attempts)
	}
}

// TestRestsWhileRestricted: what is queued of a person stays while nothing may be
// delivered, also what failed before and what comes meanwhile, and goes once it
// may again, in order but for what failed. Others do not wait.
func TestRestsWhileRestricted(t *testing.T) {
	ann, bob := audit.NewSubjectID(), audit.NewSubjectID()
	var resting sync.Map
	a := newApp(t, always(http.StatusInternalServerError))
	o := newOffice(t, a, func(c *delivery.Config) {
		c.Rests = func(d journal.Delivery) bool { _, rests := resting.Load(d.Subject); return rests }
	})
	first := o.emit(event{"bank", ann, dialect.Cloud, "first"}, event{"bank", ann, dialect.Cloud, "second"})[0]
	o.tried(first, 1)
	resting.Store(ann, true)
	a.setAnswer(nil)
	o.clock.advance(time.Hour)
	o.emit(event{"bank", ann, dialect.Cloud, "third"}, event{"bank", bob, dialect.Cloud, "another's"})
	o.await("another person's", func() bool { return slices.Equal(o.results(), []string{"delivered"}) })
	o.d.Replay("bank") // reads the journal again
	o.clock.advance(time.Hour)
	o.emit(event{"bank", bob, dialect.Cloud, "later"})
	o.await("another person's next", func() bool { return len(o.results()) == 2 })
	if row := o.row(first, "bank"); row.State != journal.DeliveryPending || row.Attempts != 1 {
		t.Errorf("while it rests: %d attempts, state %d", row.Attempts, row.State)
	}
	o.close()
	o.open() // and over a restart
	o.emit(event{"bank", bob, dialect.Cloud, "last"})
	o.await("another person's last", func() bool { return len(o.results()) == 3 })
	resting.Delete(ann)
	o.d.Resume()
	o.await("all of it", func() bool { return len(o.results()) == 6 })
	got := a.bodies("/bank")
	want := []string{"first", "another's", "later", "last"}
	if len(got) != 7 || !slices.Equal(got[:4], want) || slices.Index(got, "second") > slices.Index(got, "third") {
		t.Errorf("the app got %q, want %q, then what rested", got, want)
	}
}
