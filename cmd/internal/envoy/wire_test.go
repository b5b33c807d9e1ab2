package envoy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
)

// wire keeps every byte that reaches the simulator, by connection.
type wire struct {
	mu    sync.Mutex
	conns []*bytes.Buffer
}

func (w *wire) tap(conn net.Conn) net.Conn {
	w.mu.Lock()
	defer w.mu.Unlock()
	kept := &bytes.Buffer{}
	w.conns = append(w.conns, kept)
	return tappedConn{conn, w, kept}
}

type tappedConn struct {
	net.Conn
	wire *wire
	kept *bytes.Buffer
}

func (c tappedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.wire.mu.Lock()
	defer c.wire.mu.Unlock()
	c.kept.Write(p[:n])
	return n, err
}

// upward is one request as it stands on the wire.
type upward struct {
	line, body string
}

var (
	startLine = regexp.MustCompile(`^(GET|POST|DELETE) /v[0-9]+\.[0-9]+/[A-Za-z0-9_./-]+(\?[A-Za-z0-9_.,=&%-]*)? HTTP/1\.1$`)
	headLine  = regexp.MustCompile(`^[A-Za-z-]+: [\x20-\x7e]+$`)
)

// requests takes the bytes apart by the strictest reading there is: what it
// does not understand, some server may understand otherwise.
func (w *wire) requests() ([]upward, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []upward
	for _, conn := range w.conns {
		for rest := conn.String(); rest != ""; {
			u, after, err := cutRequest(rest)
			if err != nil {
				return out, fmt.Errorf("%w: %q", err, rest[:min(len(rest), 2000)])
			}
			out, rest = append(out, u), after
		}
	}
	return out, nil
}

func cutRequest(text string) (u upward, rest string, err error) {
	head, rest, whole := strings.Cut(text, "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	if !whole || !startLine.MatchString(lines[0]) {
		return u, "", fmt.Errorf("no head of a request that the gateway writes")
	}
	seen := map[string]string{}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		name = strings.ToLower(name)
		if _, twice := seen[name]; twice || !headLine.MatchString(line) || name == "transfer-encoding" || name == "trailer" || name == "upgrade" {
			return u, "", fmt.Errorf("header %q", line)
		}
		seen[name] = value
	}
	length := 0
	if value, said := seen["content-length"]; said {
		if length, err = strconv.Atoi(value); err != nil || strconv.Itoa(length) != value || length > len(rest) {
			return u, "", fmt.Errorf("a length of %s before %d bytes", value, len(rest))
		}
	}
	return upward{lines[0], rest[:length]}, rest[length:], nil
}

// sends are the messages that reached the simulator: the text of each by the id
// of its admission.
func (w *wire) sends(t *testing.T) map[string]string {
	t.Helper()
	all, err := w.requests()
	if err != nil {
		t.Errorf("what goes up can be read in more than one way: %v", err)
	}
	out := map[string]string{}
	for _, u := range all {
		if strings.HasPrefix(u.line, "GET ") && u.body == "" {
			continue // a read of the gateway's
		}
		var message struct {
			Admission string `json:"biz_opaque_callback_data"`
			Text      struct{ Body string }
		}
		if err := json.Unmarshal([]byte(u.body), &message); err != nil || !strings.Contains(u.line, "/messages HTTP") {
			t.Errorf("%s went up: %v", u.line, err)
		}
		if _, twice := out[message.Admission]; twice {
			t.Errorf("one admission went up twice: %s", u.body)
		}
		out[message.Admission] = message.Text.Body
	}
	return out
}

// admitted holds what reached the simulator against the records: each message is
// the one that policy allowed, to the letter, and has one outcome.
func (w *wire) admitted(t *testing.T, r *rig.Rig) {
	t.Helper()
	sent := w.sends(t)
	for _, row := range r.SQL(t, "SELECT id, body FROM audit WHERE kind = 'admission' AND effect = 'allow'") {
		text, up := sent[row[0]]
		if recorded := textOf(row[1]); up && text != recorded {
			t.Errorf("%q went up, %q is on record", text, recorded)
		}
		delete(sent, row[0])
	}
	for _, text := range sent {
		t.Errorf("%q went up and is not on record", text)
	}
	concluded(t, r)
}

// concluded waits until each admission has an outcome, one.
func concluded(t *testing.T, r *rig.Rig) {
	t.Helper()
	rig.Await(t, "an outcome of each admission", func() bool {
		open := map[string]bool{}
		for _, row := range r.SQL(t, "SELECT id FROM audit WHERE kind = 'admission' AND effect = 'allow'") {
			open[row[0]] = true
		}
		for _, row := range r.SQL(t, "SELECT ref, count(*) FROM audit WHERE kind = 'settle' GROUP BY ref") {
			if row[1] != "1" {
				t.Fatalf("%s outcomes of one admission", row[1])
			}
			delete(open, row[0])
		}
		return len(open) == 0
	})
}

// textOf is the text in the body of a record.
func textOf(body string) string {
	var in struct{ Text struct{ Body string } }
	if err := json.Unmarshal([]byte(body), &in); err != nil {
		return body
	}
	return in.Text.Body
}
