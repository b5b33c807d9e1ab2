package envoy

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
)

// phases are the messages about one send, in order, each as the last that does
// not pass: whether the send arrives then, and its outcome on record ("" where
// it was never admitted).
var phases = []struct {
	name, at string
	arrives  bool
	outcome  string
}{
	{"the request's head", "in 0", false, ""},
	{"the answer to it", "out 0", false, ""},
	{"the request's body", "in 1", false, ""},
	{"the word to send", "out 1", false, "unknown"},
	{"the response's head", "in 2", true, "unknown"},
	{"the answer to that", "out 2", true, "unknown"},
	{"the response's body", "in 3", true, "unknown"},
	{"the answer for the app", "out 3", true, "accepted"},
}

// relayed is a site with a relay before the gateway's processor.
func relayed(t *testing.T, o rig.Options) (*site, *relay) {
	t.Helper()
	dir, err := os.MkdirTemp("", "relay") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	var r *relay
	s := generated(t, o, func(processor string) (socket string) {
		r, socket = newRelay(t, processor, dir)
		return socket
	})
	return s, r
}

// TestProcessorFails kills and stops the processor at each message of a send.
// Nothing arrives that is not on record, nothing that may have arrived has
// another outcome than unknown, and the app reads so.
func TestProcessorFails(t *testing.T) {
	t.Parallel()
	var up wire
	s, r := relayed(t, rig.Options{Tap: up.tap, Config: patient})
	r.hung.Add(len(phases))
	var wait sync.WaitGroup
	for _, how := range []string{"cut", "hang"} {
		for _, p := range phases {
			wait.Go(func() { s.failing(t, dialect.Cloud, how+" "+p.at) })
		}
	}
	wait.Go(func() { s.failing(t, dialect.OnPrem, "cut in 0") })
	wait.Go(func() { s.failing(t, dialect.D360V1, "cut in 1") })
	wait.Go(func() { s.failing(t, dialect.D360V2, "cut in 1") })
	wait.Wait()
	up.admitted(t, s.Rig)
	arrived, outcomes := map[string]bool{}, s.outcomes(t)
	for _, text := range up.sends(t) {
		arrived[text] = true
	}
	for _, how := range []string{"cut", "hang"} {
		for _, p := range phases {
			text := "Parcel " + word(how+" "+p.at)
			if arrived[text] != p.arrives || outcomes[text] != p.outcome {
				t.Errorf("%s at %s: arrived %t with the outcome %q, want %t and %q", how, p.name, arrived[text], outcomes[text], p.arrives, p.outcome)
			}
		}
	}
	s.killed(t, r)
}

// word stands for a phase in the text of a message.
func word(phase string) string {
	return strings.NewReplacer(" ", "-", "0", "a", "1", "b", "2", "c", "3", "d").Replace(phase)
}

// failing sends a message that breaks, and looks at the answer.
func (s *site) failing(t *testing.T, d dialect.Dialect, phase string) {
	a := s.send(t, d, word(phase), phaseHeader+": "+phase)
	reads(t, phase, a, d, dialect.UnknownOutcome)
}

// send sends a text as the app of that dialect.
func (s *site) send(t *testing.T, d dialect.Dialect, text string, headers ...string) rig.Reply {
	path, key, product := "/v1/messages", "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"], ""
	switch d {
	case dialect.Cloud:
		path, key, product = "/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages", "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"], `"messaging_product":"whatsapp",`
	case dialect.D360V2:
		path, key, product = "/messages", "D360-API-KEY: "+s.Env["POSTERN_D360_V2_KEY"], `"messaging_product":"whatsapp",`
	case dialect.OnPrem:
		key = "Authorization: Bearer none"
	}
	return s.Do(t, http.MethodPost, path, `{`+product+`"to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"Parcel `+text+`"}}`, append(headers, key)...)
}

var code = regexp.MustCompile(`"code": *[0-9]+`)

// reads holds an answer against the problem that the dialect's clients are to
// read.
func reads(t *testing.T, what string, a rig.Reply, d dialect.Dialect, kind dialect.Kind) {
	status, _, body := dialect.EncodeProblem(d, &dialect.Problem{Kind: kind})
	if want := code.Find(body); a.Status != status || want == nil || !strings.Contains(a.Body, string(want)) {
		t.Errorf("%s: %d %s, want %d %s", what, a.Status, a.Body, status, want)
	}
	if !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Errorf("%s: it is %s", what, a.Header.Get("Content-Type"))
	}
}

// outcomes are what is on record of each text that was admitted.
func (s *site) outcomes(t *testing.T) map[string]string {
	t.Helper()
	results, out := map[string]string{}, map[string]string{}
	for _, row := range s.SQL(t, "SELECT ref, result FROM audit WHERE kind = 'settle'") {
		results[row[0]] = row[1]
	}
	for _, row := range s.SQL(t, "SELECT id, body FROM audit WHERE kind = 'admission' AND effect = 'allow'") {
		out[textOf(row[1])] = results[row[0]]
	}
	return out
}

// killed ends the processor with its connections under a send that went up: that
// one is unknown, and the next one was surely not sent.
func (s *site) killed(t *testing.T, r *relay) {
	t.Helper()
	r.hung.Wait()
	r.hung.Add(1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		a := s.send(t, dialect.Cloud, "killed", phaseHeader+": hang in 2")
		reads(t, "killed", a, dialect.Cloud, dialect.UnknownOutcome)
	}()
	r.hung.Wait()
	r.stop()
	<-done
	var a rig.Reply
	_, _, absent := dialect.EncodeProblem(dialect.Cloud, &dialect.Problem{Kind: dialect.Overloaded})
	rig.Await(t, "both of Envoy's workers to notice", func() bool {
		a = s.send(t, dialect.Cloud, "nobody")
		return strings.Contains(a.Body, string(code.Find(absent)))
	})
	reads(t, "nobody there", a, dialect.Cloud, dialect.Overloaded)
	concluded(t, s.Rig)
	if got := s.outcomes(t); got["Parcel killed"] != "unknown" || got["Parcel nobody"] != "" {
		t.Errorf("outcomes %v", got)
	}
}

// TestProcessorIsFull: what is more than the gateway takes is refused, and does
// not arrive.
func TestProcessorIsFull(t *testing.T) {
	t.Parallel()
	var up wire
	here, release := make(chan struct{}), make(chan struct{})
	s := generated(t, rig.Options{
		Tap: up.tap, Config: func(text string) string {
			return strings.Replace(text, "ext_proc: {", "ext_proc: {streams: 1, ", 1)
		},
		Watch: sends(func(simulator http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				here <- struct{}{}
				<-release
				simulator.ServeHTTP(w, r)
			})
		}),
	}, nil)
	first := make(chan rig.Reply, 1)
	go func() { first <- s.send(t, dialect.Cloud, "first") }()
	<-here
	reads(t, "second", s.send(t, dialect.Cloud, "second"), dialect.Cloud, dialect.Overloaded)
	close(release)
	if a := <-first; a.Status != http.StatusOK {
		t.Errorf("first: %d %s", a.Status, a.Body)
	}
	up.admitted(t, s.Rig)
	if got := fmt.Sprint(s.outcomes(t)); got != "map[Parcel first:accepted]" {
		t.Errorf("outcomes %s", got)
	}
}

// TestNoRecordNoTraffic: while the journal can not write nothing goes up, and
// afterwards it does again.
func TestNoRecordNoTraffic(t *testing.T) {
	t.Parallel()
	var up wire
	var broken atomic.Bool
	s := generated(t, rig.Options{Tap: up.tap, Config: patient, Fault: func(journal.Step) error {
		if broken.Load() {
			return errors.New("the disk is full")
		}
		return nil
	}}, nil)
	broken.Store(true)
	for _, d := range []dialect.Dialect{dialect.Cloud, dialect.D360V1, dialect.D360V2} {
		if a := s.send(t, d, "unrecorded"); a.Status < 500 || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
			t.Errorf("%s: %d %s", d, a.Status, a.Body)
		}
	}
	if sent := up.sends(t); len(sent) != 0 {
		t.Errorf("%v went up", sent)
	}
	broken.Store(false)
	rig.Await(t, "messages again", func() bool { return s.send(t, dialect.Cloud, "recorded").Status == http.StatusOK })
	up.admitted(t, s.Rig)
}
