package tlsedge

import (
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestSwapUnderLoad replaces the pair again and again, by command and by
// writing the files, while clients with old and new connections ask.
func TestSwapUnderLoad(t *testing.T) {
	t.Parallel()
	s := start(t, 24*time.Hour, nil)
	url, key := s.Env["POSTERN_URL"]+"/v25.0/"+s.Env["POSTERN_PHONE_ID"], "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]
	var (
		clients sync.WaitGroup
		over    atomic.Bool
		answers [12]atomic.Int64
	)
	for i := range answers {
		c := s.client(t, nil)
		c.Transport.(*http.Transport).DisableKeepAlives = i%4 == 0
		clients.Go(func() {
			for !over.Load() {
				if status, body := ask(t, c, http.MethodGet, url, "", key); status != http.StatusOK {
					t.Errorf("client %d after %d answers: %d %s", i, answers[i].Load(), status, body)
					return
				}
				answers[i].Add(1)
			}
		})
	}
	everybody := func(what string) {
		var before [len(answers)]int64
		for i := range answers {
			before[i] = answers[i].Load()
		}
		rig.Await(t, "every client to be served "+what, func() bool {
			for i := range answers {
				if answers[i].Load() <= before[i] && !t.Failed() {
					return false
				}
			}
			return true
		})
	}
	everybody("before")
	for range 4 {
		s.renew(t, time.Now().Add(24*time.Hour))
		s.Admin(t, "config.reload", admin.None{}, nil)
		everybody("after a reload")
	}
	for _, count := range []string{"1", "2"} {
		s.renew(t, time.Now().Add(24*time.Hour))
		s.seen(t, "certificate_swapped", "AND result LIKE 'app %'", count)
		everybody("after a swap")
	}
	over.Store(true)
	clients.Wait()
}

// seen lets the looks at the files come until the record is there: two of them
// are within 30 s.
func (s *site) seen(t *testing.T, what, where, count string) {
	t.Helper()
	asked := 0
	rig.Await(t, count+" records "+what+" "+where, func() bool {
		if asked++; asked%40 != 0 {
			return false
		}
		s.Clock.Forward(5 * time.Second)
		return s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = '"+what+"' "+where)[0][0] == count
	})
}

// TestBrokenPairGoesOnWithTheOldOne: what is on disk and cannot be used is
// recorded once and alarmed, by listener; what comes after it is taken over.
func TestBrokenPairGoesOnWithTheOldOne(t *testing.T) {
	t.Parallel()
	s := start(t, 24*time.Hour, nil)
	url, key := s.Env["POSTERN_URL"]+"/v25.0/"+s.Env["POSTERN_PHONE_ID"], "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]
	good, err := os.ReadFile(filepath.Join(s.dir, "certs", "server-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	served := func() {
		t.Helper()
		if status, body := ask(t, s.client(t, nil), http.MethodGet, url, "", key); status != http.StatusOK {
			t.Errorf("a new client: %d %s", status, body)
		}
	}
	s.write(t, "certs/server-key.pem", []byte("half a key"))
	s.seen(t, "certificate_refused", "AND result = 'app'", "1")
	s.seen(t, "certificate_refused", "AND result = 'webhook'", "1")
	served()
	s.renew(t, time.Now().Add(-time.Minute))
	s.seen(t, "certificate_refused", "AND result = 'app'", "2")
	served()
	s.metric(t, `postern_alarms_total{alarm="certificate_refused"} 4`)
	s.write(t, "certs/server-key.pem", good) // the old key beside the expired certificate
	s.seen(t, "certificate_refused", "AND result = 'webhook'", "3")
	served()
	s.renew(t, time.Now().Add(24*time.Hour))
	s.seen(t, "certificate_swapped", "", "2")
	served()
}

// TestExpiryIsTold 30, 7 and 1 days ahead and after it, once each.
func TestExpiryIsTold(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	s := start(t, 30*day+time.Hour, nil)
	ready := func(word string) {
		t.Helper()
		body := s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/readyz", "").JSON(t)
		if got := body["certificates"].(map[string]any)["app"]; got != word {
			t.Errorf("readyz says %v, want %s", got, word)
		}
	}
	ready("ok")
	s.metric(t, `postern_certificate_expiry_timestamp_seconds{certificate="app"} `)
	s.records(t, "certificate_expiry", "", "0")
	s.Clock.Forward(2 * time.Hour)
	s.records(t, "certificate_expiry", "AND code = 30", "2") // both listeners
	ready("expires_within_30_days")
	s.metric(t, `postern_alarms_total{alarm="certificate_expiry"} 2`)

	s.Stop()
	s.Rig = rig.Start(t, rig.Options{Keep: s.dir})
	s.Clock.Forward(2 * time.Hour)
	s.metric(t, `postern_certificate_expiry_timestamp_seconds{certificate="app"} `)
	s.records(t, "certificate_expiry", "", "2") // told already

	for _, step := range []struct {
		after time.Duration
		code  string
		word  string
	}{{23 * day, "7", "expires_within_7_days"}, {6 * day, "1", "expires_within_1_days"}, {day, "-1", "expired"}} {
		s.Clock.Forward(step.after)
		s.records(t, "certificate_expiry", "AND code = "+step.code, "2")
		ready(step.word)
	}
	s.records(t, "certificate_expiry", "", "8")
}
