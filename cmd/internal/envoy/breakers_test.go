package envoy

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
	"postern/proxy/xds"
)

// full is a site whose simulator keeps sends until release is called, and whose
// Envoy has one limit of that pattern, by its place in the file, set to 1.
func full(t *testing.T, up *wire, place int, limit string, change ...func(*xds.Config)) (s *site, release func()) {
	t.Helper()
	free := make(chan struct{})
	release = sync.OnceFunc(func() { close(free) })
	t.Cleanup(release)
	s = &site{Rig: rig.Start(t, rig.Options{ExtProc: rig.ExtProcUnix, Tap: up.tap, Config: patient, Watch: sends(func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			<-free
			simulator.ServeHTTP(w, r)
		})
	})})}
	raw := s.static(t, roomy, nil, change...)
	found := regexp.MustCompile(limit).FindAllIndex(raw, -1)
	if len(found) <= place {
		t.Fatal("there is no such limit")
	}
	at := found[place]
	raw = slices.Concat(raw[:at[0]], []byte(strings.TrimRight(string(raw[at[0]:at[1]]), "0123456789")+"1"), raw[at[1]:])
	s.behind(t, raw)
	return s, release
}

// limits of Envoy's circuit breakers. Each worker of Envoy's, of which there are
// two, has one connection whatever the limit is.
const (
	waiting = `"max_pending_requests": *4096`
	asked   = `"max_requests": *16384`
)

func oneConnection(c *xds.Config) { c.Upstream.Connections = 1 }

// crowd makes that many sends at once, in three dialects by turns, and calls
// release once as many as refused are answered.
func (s *site) crowd(t *testing.T, n, refused int, release func()) []rig.Reply {
	t.Helper()
	out := make([]rig.Reply, n)
	var answered atomic.Int64
	var wait sync.WaitGroup
	for i := range out {
		wait.Go(func() {
			out[i] = s.send(t, spoken(i), numeral(i), "Idempotency-Key: "+numeral(i))
			if answered.Add(1) == int64(refused) {
				release()
			}
		})
	}
	wait.Wait()
	return out
}

func spoken(i int) dialect.Dialect {
	return []dialect.Dialect{dialect.Cloud, dialect.D360V2, dialect.D360V1}[i%3]
}

// numeral is a number that no detector takes for one.
func numeral(i int) string { return string(rune('a' + i)) }

// TestUpstreamIsFull: what Envoy's circuit breaker for Meta does not let through
// was surely not sent: the app reads so in its dialect, and the repeat under the
// same key goes through once there is room.
func TestUpstreamIsFull(t *testing.T) {
	t.Parallel()
	const n = 12
	var up wire
	s, release := full(t, &up, 0, waiting, oneConnection)
	refused := 0
	for i, a := range s.crowd(t, n, n-4, release) {
		if a.Status/100 == 2 {
			continue
		}
		refused++
		reads(t, fmt.Sprintf("send %d", i), a, spoken(i), dialect.UpstreamDown)
	}
	up.admitted(t, s.Rig)
	if sent := len(up.sends(t)); refused < n-4 || sent != n-refused {
		t.Errorf("%d were refused and %d arrived of %d", refused, sent, n)
	}
	if rows := s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle' AND result = 'not_sent'"); rows[0][0] != fmt.Sprint(refused) {
		t.Errorf("%s are on record as not sent, want %d", rows[0][0], refused)
	}
	for i := range n {
		if a := s.send(t, spoken(i), numeral(i), "Idempotency-Key: "+numeral(i)); a.Status/100 != 2 {
			t.Errorf("send %d again: %d %s", i, a.Status, a.Body)
		}
	}
	up.admitted(t, s.Rig)
	if sent := len(up.sends(t)); sent != n {
		t.Errorf("%d arrived of %d", sent, n)
	}
}

// TestProcessorIsFullForEnvoy: what Envoy may not ask about is refused, and is
// neither on record nor sent.
func TestProcessorIsFullForEnvoy(t *testing.T) {
	t.Parallel()
	var up wire
	s, release := full(t, &up, 0, asked)
	first := make(chan rig.Reply, 1)
	go func() { first <- s.send(t, dialect.Cloud, "first") }()
	rig.Await(t, "the first one at the gateway", func() bool { return len(s.outcomes(t)) == 1 })
	for _, d := range []dialect.Dialect{dialect.Cloud, dialect.OnPrem, dialect.D360V1, dialect.D360V2} {
		reads(t, string(d), s.send(t, d, "second"), d, dialect.Overloaded)
	}
	release()
	if a := <-first; a.Status != http.StatusOK {
		t.Errorf("first: %d %s", a.Status, a.Body)
	}
	rig.Await(t, "room again", func() bool { return s.send(t, dialect.Cloud, "third").Status == http.StatusOK })
	up.admitted(t, s.Rig)
	if got := fmt.Sprint(s.outcomes(t)); got != "map[Parcel first:accepted Parcel third:accepted]" {
		t.Errorf("outcomes %s", got)
	}
}

// TestGatewayIsFullOfFiles: the breaker of the way that files take. What it
// refuses was not taken, and the app reads so.
func TestGatewayIsFullOfFiles(t *testing.T) {
	t.Parallel()
	const n = 8
	const picture = "\xff\xd8\xff\xe0\x00\x10JFIF"
	var up wire
	s, release := full(t, &up, 2, waiting, oneConnection)
	release()
	token := s.OnPrem(t)
	answers, ends := make(chan rig.Reply, n), make([]func() error, n)
	for i := range n {
		r, w := io.Pipe() // one that the client can close when it is answered early
		ends[i] = w.Close
		go func() {
			answers <- s.upload(t, token, struct {
				io.Reader
				io.Closer
			}{io.MultiReader(strings.NewReader(picture), r), r})
		}()
	}
	for range n - 4 {
		reads(t, "a file too many", <-answers, dialect.OnPrem, dialect.Overloaded)
	}
	for _, end := range ends {
		_ = end()
	}
	for range 4 {
		if a := <-answers; a.Status/100 != 2 {
			reads(t, "a file too many", a, dialect.OnPrem, dialect.Overloaded)
		}
	}
	if a := s.upload(t, token, io.NopCloser(strings.NewReader(picture))); a.Status/100 != 2 {
		t.Errorf("afterwards: %d %s", a.Status, a.Body)
	}
}

// upload sends a file over a connection of its own.
func (s *site) upload(t *testing.T, token string, body io.ReadCloser) rig.Reply {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Env["POSTERN_URL"]+"/v1/media", body)
	if err != nil {
		t.Error(err)
		return rig.Reply{}
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "image/jpeg")
	resp, err := s.Client(t).Do(req)
	if err != nil {
		t.Errorf("upload: %v", err)
		return rig.Reply{}
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("upload: %v", err)
	}
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}
