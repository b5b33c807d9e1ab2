package envoy

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/edge/edgetest"
)

// TestSmuggling sends both edges what parsers read differently. Whatever they
// make of it, each message on the wire behind them is one that policy allowed,
// byte for byte, and the next client's request is nobody else's.
func TestSmuggling(t *testing.T) {
	t.Parallel()
	var up wire
	s := generated(t, rig.Options{Tap: up.tap, Config: patient}, nil)
	for name, at := range map[string]string{"listener": s.Direct, "envoy": s.Env["POSTERN_URL"]} {
		t.Run(name, func(t *testing.T) {
			a := attack{site: s, next: s.Client(t), at: at, host: strings.TrimPrefix(at, "https://"), name: name}
			a.forms(t)
			a.bodies(t)
		})
	}
	up.admitted(t, s.Rig)
}

// TestSmugglingByHand is the same with the configuration that people write, for
// what goes through Envoy as a body.
func TestSmugglingByHand(t *testing.T) {
	t.Parallel()
	var up wire
	s := frontproxy(t, rig.Options{Tap: up.tap, Config: patient})
	at := s.Env["POSTERN_URL"]
	a := attack{site: s, next: s.Client(t), at: at, host: strings.TrimPrefix(at, "https://"), name: "by hand"}
	a.bodies(t)
	up.admitted(t, s.Rig)
}

// patient has no limit between one number and one person: there is one person
// only.
func patient(text string) string {
	return strings.Replace(text, "per_app_rate: 0", "per_app_rate: 0, pair_rate: 0", 1)
}

// attack is a run of the tables against an edge.
type attack struct {
	*site
	at, host string // the edge
	next     *http.Client

	name string

	mu      sync.Mutex
	side    *tls.Config // of raw connections
	count   int
	answers map[string]string // texts of other clients by the ids they were given
}

// mark stands in the texts of the cases where each has a word of its own.
const mark = "qqqqq"

// word is the next text's.
func (a *attack) word() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count++
	out := []byte{a.name[0], 'a', 'a', 'a', 'a'} // as long as the mark
	for i, n := len(out)-1, a.count; n > 0; i, n = i-1, n/16 {
		out[i] = "abcdefghijklmnop"[n%16]
	}
	return string(out)
}

// good is a request that is taken.
func (a *attack) good() edgetest.Site {
	return edgetest.Site{
		Host: a.host, Target: "/v25.0/" + a.Env["POSTERN_PHONE_ID"] + "/messages",
		Headers: "Authorization: Bearer " + a.Env["POSTERN_CLOUD_TOKEN"] + "\r\nContent-Type: application/json\r\n",
		Body:    `{"messaging_product":"whatsapp","to":"+` + a.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"Parcel ` + mark + `"}}`,
	}
}

// forms are requests that are refused for how they are written. Each case, here
// and below, is followed by another client's message.
func (a *attack) forms(t *testing.T) {
	good := a.good()
	for _, cases := range [][]edgetest.Case{edgetest.ByServer(good), edgetest.ByShell(good), edgetest.Slashes(good)} {
		many(cases, func(c edgetest.Case) { a.once(t, c.Name, c.Raw+good.Hidden(), false) })
	}
	a.answered(t)
}

// bodies are requests of which two parsers do not find the same end.
func (a *attack) bodies(t *testing.T) {
	good := a.good()
	for _, raw := range []string{good.Post(""), good.Chunked("")} { // the tables would prove nothing if all were refused
		if answers := a.raw(t, raw, false, patience); len(answers) != 1 || answers[0] != http.StatusOK {
			t.Errorf("a good request: answers %v", answers)
		}
	}
	for _, cases := range [][]edgetest.Case{edgetest.Chunks(good), edgetest.Desync(good)} {
		many(cases, func(c edgetest.Case) { a.once(t, c.Name, c.Raw+good.Hidden(), false) })
	}
	many(edgetest.Broken(good), func(c edgetest.Case) { a.once(t, c.Name, c.Raw, true) })
	many(h2Cases(good), func(c edgetest.H2Request) { a.h2(t, c) })
	a.answered(t)
}

// many does what waits more than it works at once, some at a time.
func many[T any](all []T, do func(T)) {
	var wait sync.WaitGroup
	gate := make(chan struct{}, 32)
	for _, one := range all {
		gate <- struct{}{}
		wait.Go(func() {
			defer func() { <-gate }()
			do(one)
		})
	}
	wait.Wait()
}

// once sends what is taken once at most.
func (a *attack) once(t *testing.T, name, raw string, hangUp bool) {
	good := 0
	answers := a.raw(t, raw, hangUp, 5*time.Second)
	for _, status := range answers {
		if status/100 == 2 {
			good++
		}
	}
	if good > 1 {
		t.Errorf("%s: answers %v: one request was taken twice", name, answers)
	}
	a.other(t, name)
}

// other is another client's message. What became of it shows in the end.
func (a *attack) other(t *testing.T, name string) {
	word, site := a.word(), a.good()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.at+site.Target, strings.NewReader(strings.ReplaceAll(site.Body, mark, word)))
	if err != nil {
		t.Error(err)
		return
	}
	req.Header.Set("Authorization", "Bearer "+a.Env["POSTERN_CLOUD_TOKEN"])
	req.Header.Set("Content-Type", "application/json")
	resp, err := a.next.Do(req)
	if err != nil {
		t.Errorf("behind %s: %v", name, err)
		return
	}
	defer resp.Body.Close()
	var in struct{ Messages []struct{ ID string } }
	if err := json.NewDecoder(resp.Body).Decode(&in); err != nil || len(in.Messages) != 1 {
		t.Errorf("behind %s: status %d, %v", name, resp.StatusCode, err)
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.answers == nil {
		a.answers = map[string]string{}
	}
	a.answers[in.Messages[0].ID] = "Parcel " + word
}

// answered: each of the others was told of its own message.
func (a *attack) answered(t *testing.T) {
	list, _ := a.Sim.Accepted(0, 0)
	for _, m := range list {
		if text, other := a.answers[m.WAMID]; other {
			if delete(a.answers, m.WAMID); textOf(string(m.Body)) != text {
				t.Errorf("%q was answered with what became of %q", text, m.Body)
			}
		}
	}
	for _, text := range a.answers {
		t.Errorf("%q did not arrive", text)
	}
}

// raw writes bytes as they are and gives the statuses that come back. It leaves
// once nothing comes for that long, or soon after an answer: what is looked at
// does not depend on it.
func (a *attack) raw(t *testing.T, text string, hangUp bool, quiet time.Duration) (statuses []int) {
	conn := a.dial(t, "http/1.1")
	if conn == nil {
		return nil
	}
	defer conn.Close()
	edgetest.Write(conn, strings.ReplaceAll(text, mark, a.word()), hangUp)
	in, method := bufio.NewReader(conn), http.MethodPost
	if strings.HasPrefix(text, http.MethodHead) {
		method = http.MethodHead
	}
	for {
		if err := conn.SetReadDeadline(time.Now().Add(quiet)); err != nil {
			return statuses
		}
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			return statuses
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return append(statuses, resp.StatusCode)
		}
		statuses, method, quiet = append(statuses, resp.StatusCode), http.MethodPost, 100*time.Millisecond
	}
}

func (a *attack) dial(t *testing.T, protocol string) net.Conn {
	t.Helper()
	a.mu.Lock()
	if a.side == nil { // before anybody's request: the client adds to its own
		a.side = a.next.Transport.(*http.Transport).TLSClientConfig.Clone()
	}
	side := a.side.Clone()
	a.mu.Unlock()
	side.ServerName, side.NextProtos = "localhost", []string{protocol}
	conn, err := tls.Dial("tcp", a.host, side)
	if err != nil {
		t.Errorf("connect: %v", err)
		return nil
	}
	return conn
}

// h2Cases are requests of which many turn into something else when they are
// written as HTTP/1.1, as they are towards the simulator.
func h2Cases(good edgetest.Site) []edgetest.H2Request {
	all := edgetest.H2Desync(good)
	for _, c := range edgetest.H2ByShell(good) {
		all = append(all, edgetest.H2Request{Name: c.Name, Fields: c.Fields, Body: []byte(good.Body)})
	}
	for name, fields := range edgetest.H2ByServer(good) {
		all = append(all, edgetest.H2Request{Name: name, Fields: fields, Body: []byte(good.Body)})
	}
	return all
}

// h2 sends one of them.
func (a *attack) h2(t *testing.T, c edgetest.H2Request) {
	conn := a.dial(t, "h2")
	if conn == nil {
		return
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Error(err)
	}
	body := []byte(strings.ReplaceAll(string(c.Body), mark, a.word()))
	if err := edgetest.WriteH2(conn, c.Fields, body, c.Trailer); err != nil {
		t.Errorf("%s: %v", c.Name, err)
	}
	status, _ := edgetest.ReadH2(conn)
	if status == http.StatusOK && !strings.HasPrefix(c.Name, "harmless") && !(a.at != a.Direct && envoyTakes[c.Name]) {
		t.Errorf("%s was taken", c.Name)
	}
	a.other(t, c.Name)
}

// envoyTakes are requests that Envoy makes harmless before anybody judges them.
var envoyTakes = map[string]bool{
	"host and authority": true, // the host is left out
}
