package envoy

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
	"postern/proxy/xds"
)

// TestKeyedSendIsRepeated: a send under an Idempotency-Key breaks at each of its
// messages and is then made again. What never left is sent by the second try,
// what may have left is not, and in no case it arrives twice.
func TestKeyedSendIsRepeated(t *testing.T) {
	t.Parallel()
	var up wire
	s, r := relayed(t, rig.Options{Tap: up.tap, Config: patient})
	defer r.stop()
	var wait sync.WaitGroup
	for _, p := range phases {
		wait.Go(func() { s.twice(t, "cut "+p.at, p.outcome) })
	}
	wait.Wait()
	up.admitted(t, s.Rig) // none went up twice
	arrived := map[string]int{}
	for _, text := range up.sends(t) {
		arrived[text]++
	}
	for _, p := range phases {
		want := 1
		if p.outcome == "unknown" && !p.arrives {
			want = 0
		}
		if n := arrived["Parcel "+word("cut "+p.at)]; n != want {
			t.Errorf("cut at %s: %d arrived, want %d", p.name, n, want)
		}
	}
}

// twice makes a send that breaks, and again under the same key. outcome is that
// of the first, "" where it was never admitted.
func (s *site) twice(t *testing.T, phase, outcome string) {
	key := "Idempotency-Key: " + word(phase)
	s.send(t, dialect.Cloud, word(phase), key, phaseHeader+": "+phase)
	if outcome != "" {
		s.outcomeOf(t, "Parcel "+word(phase), outcome)
	}
	again := s.send(t, dialect.Cloud, word(phase), key)
	if outcome == "unknown" {
		reads(t, phase+", again", again, dialect.Cloud, dialect.UnknownOutcome)
	} else if again.Status != http.StatusOK {
		t.Errorf("%s, again: %d %s", phase, again.Status, again.Body)
	}
}

// outcomeOf waits for that of the first send of a text.
func (s *site) outcomeOf(t *testing.T, text, want string) {
	t.Helper()
	rig.Await(t, "the outcome of "+text, func() bool { return s.outcomes(t)[text] == want })
}

// TestNotSentFreesItsKey: while nobody listens at Meta's address nothing leaves,
// and the key does not stand in the way of the repeat.
func TestNotSentFreesItsKey(t *testing.T) {
	t.Parallel()
	var meta *absent
	s := generated(t, rig.Options{}, nil, func(c *xds.Config) {
		meta = newAbsent(t, strings.TrimPrefix(c.Upstream.URL, "https://"))
		c.Upstream.URL = "https://" + meta.address
	})
	const key = "Idempotency-Key: one"
	reads(t, "nobody listens", s.send(t, dialect.Cloud, "keyed", key), dialect.Cloud, dialect.UpstreamDown)
	meta.listens(t)
	again := s.send(t, dialect.Cloud, "keyed", key)
	if again.Status != http.StatusOK {
		t.Fatalf("again: %d %s", again.Status, again.Body)
	}
	if third := s.send(t, dialect.Cloud, "keyed", key); third.Body != again.Body {
		t.Errorf("a third time: %s, want %s", third.Body, again.Body)
	}
	s.settled(t, "not_sent", "accepted")
}

// absent is an address at which nobody listens yet.
type absent struct{ address, behind string }

func newAbsent(t *testing.T, behind string) *absent {
	t.Helper()
	host, _, err := net.SplitHostPort(behind)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return &absent{net.JoinHostPort(host, port), behind}
}

// listens passes on what comes from now on.
func (a *absent) listens(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", a.address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go a.joins(conn)
		}
	}()
}

func (a *absent) joins(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the other side sees it
	far, err := net.Dial("tcp", a.behind)
	if err != nil {
		return
	}
	defer far.Close()                         //nolint:errcheck // the same
	go func() { _, _ = io.Copy(far, conn) }() // ends with either
	_, _ = io.Copy(conn, far)                 //nolint:errcheck // the same
}
