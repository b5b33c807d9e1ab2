package envoy

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/rig"
)

// traffic is apps that send without a pause, until they are told or nobody
// answers.
type traffic struct {
	*site
	stop chan struct{}
	wait sync.WaitGroup

	mu    sync.Mutex
	taken map[string]bool // texts that were answered with success
	count int
	lost  int // of the four apps, those that had no answer with success
}

// busy starts it and waits until it runs.
func (s *site) busy(t *testing.T) *traffic {
	t.Helper()
	f := &traffic{site: s, stop: make(chan struct{}), taken: map[string]bool{}}
	for n := range 4 {
		client, at := s.Client(t), s.Env["POSTERN_URL"]
		f.wait.Go(func() {
			for i := 0; f.one(client, at, fmt.Sprintf("Parcel %c%d", 'a'+n, i)); i++ {
				select {
				case <-f.stop:
					return
				default:
				}
			}
			f.mu.Lock()
			f.lost++
			f.mu.Unlock()
		})
	}
	f.more(t)
	return f
}

// one sends one message and reports whether there was an answer.
func (f *traffic) one(client *http.Client, at, text string) bool {
	body := `{"messaging_product":"whatsapp","to":"+` + f.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"` + text + `"}}`
	req, err := http.NewRequest(http.MethodPost, at+"/v25.0/"+f.Env["POSTERN_PHONE_ID"]+"/messages", strings.NewReader(body)) //nolint:noctx // the client's limit ends it
	if err != nil {
		return false
	}
	req.Header.Set("Authorization", "Bearer "+f.Env["POSTERN_CLOUD_TOKEN"])
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	raw, err := io.ReadAll(resp.Body)
	var in struct{ Messages []struct{ ID string } }
	if err != nil || resp.StatusCode != http.StatusOK || json.Unmarshal(raw, &in) != nil || len(in.Messages) != 1 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken[text], f.count = true, f.count+1
	return true
}

// more waits for some more messages to be answered.
func (f *traffic) more(t *testing.T) {
	t.Helper()
	counted := func() int {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.count
	}
	was := counted()
	rig.Await(t, "messages under way", func() bool { return counted() > was+10 })
}

// recorded: every message that was answered with success arrived and is on record
// as accepted, and nothing else arrived that is not on record.
func (f *traffic) recorded(t *testing.T, up *wire) {
	t.Helper()
	up.admitted(t, f.Rig)
	arrived, outcomes := map[string]bool{}, f.outcomes(t)
	for _, text := range up.sends(t) {
		arrived[text] = true
		if outcomes[text] == "" {
			t.Errorf("%s arrived without an outcome", text)
		}
	}
	for text := range f.taken {
		if !arrived[text] || outcomes[text] != "accepted" {
			t.Errorf("%s was taken: arrived %t with the outcome %q", text, arrived[text], outcomes[text])
		}
	}
}

// TestEnvoyDrains: an Envoy that is drained under load tells its clients to go
// and drops none of their messages.
func TestEnvoyDrains(t *testing.T) {
	t.Parallel()
	var up wire
	s := generated(t, rig.Options{Tap: up.tap, Config: patient}, nil)
	f := s.busy(t)
	s.Envoy.Drain(t)
	f.more(t)
	close(f.stop)
	f.wait.Wait()
	if f.lost > 0 {
		t.Errorf("%d of 4 apps lost a message", f.lost)
	}
	f.recorded(t, &up)
}

// TestEnvoyIsKilled: what an Envoy that is killed under load had under way has
// an outcome, and another one goes on.
func TestEnvoyIsKilled(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*envoytest.Envoy, *testing.T){
		"killed": func(e *envoytest.Envoy, t *testing.T) { e.Kill(t) },
		"ended":  func(e *envoytest.Envoy, t *testing.T) { e.Stop(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var up wire
			s := generated(t, rig.Options{Tap: up.tap, Config: patient}, nil)
			f := s.busy(t)
			end(s.Envoy, t)
			f.wait.Wait()
			f.recorded(t, &up)
			s.Env["POSTERN_URL"] = s.Direct
			s.front(t, nil)
			again := s.busy(t)
			close(again.stop)
			again.wait.Wait()
		})
	}
}
