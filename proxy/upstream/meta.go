// Package upstream holds the connectors that send: here Meta's Cloud API.
//
// A send has three outcomes: upstream answered, the request surely never left,
// or it may have left and nobody knows. Only the second may be tried again by
// anyone; when in doubt it is the third. Nothing here repeats a send.
package upstream

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"
)

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

// Config is what a Meta connector needs.
type Config struct {
	BaseURL     string // "https://graph.facebook.com"
	Version     string // "v25.0"
	TLS         *tls.Config
	Timeout     time.Duration // of one call
	Connections int           // at most, over all numbers
}

// Meta sends to Meta's Cloud API (or what speaks it).
type Meta struct {
	base    string
	client  *http.Client
	timeout time.Duration
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// New makes a connector. It opens no connection.
func New(cfg Config) (*Meta, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || base.Host == "" || base.Scheme != "https" && (base.Scheme != "http" || !loopback(base.Hostname())) {
		return nil, fmt.Errorf("upstream.base_url must be an https URL; http only for a simulator on loopback")
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:       cfg.TLS,
		TLSHandshakeTimeout:   5 * time.Second,
		MaxIdleConns:          cfg.Connections,
		MaxIdleConnsPerHost:   cfg.Connections,
		MaxConnsPerHost:       cfg.Connections,
		IdleConnTimeout:       90 * time.Second,
		ResponseHeaderTimeout: cfg.Timeout,
		DisableCompression:    true,
		WriteBufferSize:       16 << 10,
	}
	return &Meta{
		base:    cfg.BaseURL + "/" + cfg.Version,
		timeout: cfg.Timeout,
		client: &http.Client{
			Transport:     transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Answer is what upstream said, or why it said nothing.
type Answer struct {
	Status  int
	Body    []byte
	Sent    bool // bytes may have left: without a Status the outcome is unknown
	Elapsed time.Duration
	Retry   time.Duration // Retry-After, 0 without one
	Err     error         // transport error; nil when Status is set. Never shown to apps.
}

// Answered reports whether upstream gave a complete answer.
func (a Answer) Answered() bool { return a.Err == nil && a.Status != 0 }

// Post sends a body to path below the versioned base ("/{number}/messages").
func (m *Meta) Post(ctx context.Context, token, path string, body []byte) Answer {
	return m.do(ctx, http.MethodPost, token, path, "application/json", body)
}

// Get reads path with its query.
func (m *Meta) Get(ctx context.Context, token, path string) Answer {
	return m.do(ctx, http.MethodGet, token, path, "", nil)
}

// Call makes a call of any method with a JSON body, nil for none.
func (m *Meta) Call(ctx context.Context, method, token, path string, body []byte) Answer {
	return m.do(ctx, method, token, path, "application/json", body)
}

func (m *Meta) do(ctx context.Context, method, token, path, kind string, body []byte) Answer {
	ctx, cancel := context.WithTimeout(ctx, m.timeout)
	defer cancel()
	var connected atomic.Bool
	req, err := http.NewRequestWithContext(traced(ctx, &connected), method, m.base+path, bytes.NewReader(body))
	if err != nil {
		return Answer{Err: fmt.Errorf("build upstream request: %w", err)}
	}
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	return m.answer(req, token, &connected)
}

// traced notes when a request has a connection: from then on bytes may leave.
func traced(ctx context.Context, connected *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
}

// answer makes the request, once, and reads what comes back.
func (m *Meta) answer(req *http.Request, token string, connected *atomic.Bool) Answer {
	req.Header.Set("Authorization", "Bearer "+token)
	return m.given(req, connected)
}

// given is answer for a request that holds its credential.
func (m *Meta) given(req *http.Request, connected *atomic.Bool) Answer {
	start := time.Now() // monotonic: a duration, not a point in time
	resp, err := m.client.Do(req)
	if err != nil {
		return Answer{Sent: connected.Load(), Elapsed: time.Since(start), Err: err}
	}
	defer resp.Body.Close() //nolint:errcheck // nothing is lost when closing a body that was read
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	out := Answer{
		Status: resp.StatusCode, Body: answer, Sent: true, Elapsed: time.Since(start),
		Retry: retryAfter(resp.Header.Get("Retry-After")), Err: err,
	}
	if err != nil {
		out.Status, out.Body = 0, nil
	}
	return out
}

// maxRetry bounds what an answer may ask callers to wait.
const maxRetry = 24 * time.Hour

// retryAfter reads Retry-After in seconds, the only form the API uses.
func retryAfter(header string) time.Duration {
	s, err := strconv.ParseUint(header, 10, 31)
	if err != nil {
		return 0
	}
	return min(time.Duration(s)*time.Second, maxRetry)
}

// Close drops idle connections.
func (m *Meta) Close() { m.client.CloseIdleConnections() }
