package envoy

import (
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"
)

// ask makes a call and reports whether it went over a connection that was open.
func (p *plane) ask(c *http.Client) (reused bool) {
	p.t.Helper()
	trace := &httptrace.ClientTrace{GotConn: func(i httptrace.GotConnInfo) { reused = i.Reused }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(p.t.Context(), trace), http.MethodGet, "https://"+p.Address(p.t, "postern_app")+"/v25.0/1", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // it was read
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		p.t.Fatal(err)
	}
	return reused
}

// TestEnvoyFollows: an Envoy takes new certificates without dropping a
// connection, keeps what it has where it is given something bad or nobody gives
// it anything, and goes on from there. Over deltas and whole states alike.
func TestEnvoyFollows(t *testing.T) {
	for name, delta := range map[string]bool{"delta": true, "whole": false} {
		t.Run(name, func(t *testing.T) {
			p := newPlane(t, delta)
			old, young := p.client(false), p.client(true)
			p.ask(old)
			p.ask(young)
			for range 3 {
				chain, key := p.issue()
				began := time.Now()
				p.push(p.secrets(chain, key))
				p.shows(chain)
				t.Logf("new handshakes have it after %s", time.Since(began))
			}
			p.rejects()
			p.outlives()
			if !p.ask(old) || !p.ask(young) {
				t.Error("a connection was dropped")
			}
			if s := p.Stats(t, `^listener_manager\.listener_(create_success|modified)$`); s["listener_manager.listener_create_success"] != 2 || s["listener_manager.listener_modified"] != 0 {
				t.Errorf("listeners were made anew: %v (one for each of two workers)", s)
			}
		})
	}
}

// rejects: a broken certificate is told in Envoy's words, once; the one before
// goes on.
func (p *plane) rejects() {
	p.t.Helper()
	chain, key := p.issue()
	p.push(p.secrets(chain, key))
	p.shows(chain)
	p.push(p.secrets([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), key))
	if word := p.hears(); !strings.HasPrefix(word, "rejected edge-1 Secret: ") || !strings.Contains(word, "certificate chain") {
		p.t.Errorf("told %q", word)
	}
	p.shows(chain)
	next, nextKey := p.issue()
	p.push(p.secrets(next, nextKey))
	p.shows(next)
	if word := p.hears(); word != "accepted edge-1 Secret" {
		p.t.Errorf("told %q", word)
	}
	if s := p.Stats(p.t, `^sds\.postern_app_certificate\.update_rejected$`); s["sds.postern_app_certificate.update_rejected"] != 1 {
		p.t.Errorf("the bad one was given again and again: %v", s)
	}
}

// outlives: the control plane goes away and comes back with something new.
func (p *plane) outlives() {
	p.t.Helper()
	p.stop()
	p.ask(p.client(false))
	p.serve()
	chain, key := p.issue()
	p.push(p.secrets(chain, key))
	p.shows(chain)
}
