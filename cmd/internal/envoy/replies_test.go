package envoy

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/proxy/dialect"
)

// speakers are calls of each dialect.
var speakers = []struct {
	dialect dialect.Dialect
	path    string
	key     string
}{
	{dialect.Cloud, "/v25.0/1/messages", ""}, {dialect.OnPrem, "/v1/messages", ""}, {dialect.OnPrem, "/metrics", ""},
	{dialect.D360V1, "/v1/messages", "key"}, {dialect.D360V2, "/messages", "key"},
}

// TestNobodyAnswers: without the gateway nothing passes, and clients read that in
// their dialect, over both protocols.
func TestNobodyAnswers(t *testing.T) {
	p := newPlane(t, true)
	for _, s := range speakers {
		for _, http2 := range []bool{false, true} {
			p.answers(p.client(http2), s.dialect, s.path+"?secret=1", s.key, "{}", dialect.Problem{Kind: dialect.Overloaded, Details: "the gateway does not answer; nothing was sent"})
		}
	}
	p.logs(2*len(speakers), "messages", "metrics", "secret", "D360-")
}

// logs waits for as many lines of the access log, which hold none of the words.
func (p *plane) logs(lines int, never ...string) {
	p.t.Helper()
	end := time.Now().Add(patience)
	for strings.Count(p.AccessLog(p.t), "\n") < lines {
		if time.Now().After(end) {
			p.t.Fatalf("%d requests, and the access log holds\n%s", lines, p.AccessLog(p.t))
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, word := range never {
		if log := p.AccessLog(p.t); strings.Contains(log, word) {
			p.t.Errorf("the access log holds %q:\n%s", word, log)
		}
	}
}

func (p *plane) answers(c *http.Client, d dialect.Dialect, path, key, body string, problem dialect.Problem) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, "https://"+p.Address(p.t, "postern_app")+path, bytes.NewReader([]byte(body)))
	if err != nil {
		p.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set("D360-API-KEY", key)
	}
	resp, err := c.Do(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v", d, path, err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	status, header, want := dialect.EncodeProblem(d, &problem)
	if resp.StatusCode != status || !bytes.Equal(got, want) {
		p.t.Errorf("%s %s: %d %s, want %d %s", d, path, resp.StatusCode, got, status, want)
	}
	for name, value := range header {
		if resp.Header.Get(name) != value {
			p.t.Errorf("%s %s: %s is %q, want %q", d, path, name, resp.Header.Get(name), value)
		}
	}
}
