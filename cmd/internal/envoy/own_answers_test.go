package envoy

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/edge/edgetest"
	"postern/proxy/xds"
)

// aboveAll is more than the gateway takes and than Envoy takes beside it.
var aboveAll = strings.Repeat(" ", 1<<20+65<<10)

// TestOwnAnswersAlike: what Envoy refuses before it asks is answered to the
// letter as at the gateway's own listener, in each dialect.
func TestOwnAnswersAlike(t *testing.T) {
	t.Parallel()
	s := generated(t, rig.Options{}, nil, func(c *xds.Config) { c.Transfer = time.Second })
	large := fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(aboveAll), aboveAll)
	chunk := fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", len(aboveAll), aboveAll)
	for name, head := range s.heads(t) {
		s.ownAlike(t, name+": too large", head+large, false)
		s.ownAlike(t, name+": too large, in a chunk", head+chunk, false)
		s.ownAlike(t, name+": the rest does not come", head+"Content-Length: 10\r\n\r\n{}", true)
		s.ownAlike(t, name+": no plain target", strings.Replace(head, " /", " http://localhost/", 1)+"Content-Length: 0\r\n\r\n", false)
	}
	if strings.Contains(s.Log.String(), "not set up for the gateway") {
		t.Error("whoever sends too much raises an alarm about Envoy's configuration")
	}
}

// heads are good beginnings of a send in each dialect, up to the body's length.
func (s *site) heads(t *testing.T) map[string]string {
	t.Helper()
	head := func(path, credential string) string {
		return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + credential + "\r\n"
	}
	return map[string]string{
		"Cloud API":   head("/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages", "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]),
		"On-Premises": head("/v1/messages", "Authorization: Bearer "+s.OnPrem(t)),
		"360dialog":   head("/v1/messages", "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"]),
		"360dialog 2": head("/messages", "D360-API-KEY: "+s.Env["POSTERN_D360_V2_KEY"]),
	}
}

// ownAlike sends the same to both edges. At the listener, whose time for a body
// is a minute, the app may hang up where it would leave Envoy waiting.
func (s *site) ownAlike(t *testing.T, name, raw string, hangUp bool) {
	t.Helper()
	direct, err := s.rawAt(t, s.Direct, raw, hangUp)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	behind, err := s.rawAt(t, s.Env["POSTERN_URL"], raw, false)
	if err != nil {
		t.Errorf("%s, by Envoy: %v", name, err)
		return
	}
	if direct.Status/100 != 4 {
		t.Errorf("%s: %d %s", name, direct.Status, direct.Body)
	}
	alike(t, call{name: name, status: direct.Status}, direct, behind)
}

// TestHeadsThatEnvoyCanNotRead: Envoy closes the connection without an answer,
// and nothing of it is asked, recorded or sent.
func TestHeadsThatEnvoyCanNotRead(t *testing.T) {
	t.Parallel()
	var up wire
	s := generated(t, rig.Options{Tap: up.tap}, nil)
	for name, head := range s.heads(t) {
		for what, raw := range map[string]string{
			"a line that is no header": head + "none\r\nContent-Length: 2\r\n\r\n{}",
			"headers of 40 KiB":        head + "X-A: " + strings.Repeat("a", 40<<10) + "\r\n\r\n",
			"120 headers":              head + strings.Repeat("X-A: a\r\n", 120) + "\r\n",
			"two lengths":              head + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
			"HTTP/1.0":                 strings.Replace(head, "HTTP/1.1", "HTTP/1.0", 1) + "\r\n",
			"a chunk without a length": head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		} {
			if a, err := s.rawAt(t, s.Env["POSTERN_URL"], raw, false); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%s: %s: %d %s %v, where the connection was closed", name, what, a.Status, a.Body, err)
			}
		}
	}
	if sent := up.sends(t); len(sent) != 0 {
		t.Errorf("%v went up", sent)
	}
	if rows := s.SQL(t, "SELECT id FROM audit WHERE kind = 'admission'"); len(rows) != 0 {
		t.Errorf("%d are on record", len(rows))
	}
}

// TestABadChunkOfAFile: nobody judges files in Envoy, so that it can answer.
func TestABadChunkOfAFile(t *testing.T) {
	t.Parallel()
	s := generated(t, rig.Options{}, nil)
	head := strings.NewReplacer("/v1/messages", "/v1/media", "application/json", "application/pdf").Replace(s.heads(t)["On-Premises"])
	a, err := s.rawAt(t, s.Env["POSTERN_URL"], head+"Transfer-Encoding: chunked\r\n\r\n4\r\n%PDF\r\nzz\r\n", false)
	if err != nil || a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "badly framed") || !strings.Contains(a.Body, `"errors"`) {
		t.Errorf("%d %s %v", a.Status, a.Body, err)
	}
}

// rawAt sends a request as it is written to an edge and reads its answer
// meanwhile.
func (s *site) rawAt(t *testing.T, at, text string, hangUp bool) (rig.Reply, error) {
	t.Helper()
	conn := (&attack{site: s, next: s.Client(t), host: strings.TrimPrefix(at, "https://")}).dial(t, "http/1.1")
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	edgetest.Write(conn, text, hangUp)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return rig.Reply{}, err
	}
	body, err := io.ReadAll(resp.Body)
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(body)}, err
}
