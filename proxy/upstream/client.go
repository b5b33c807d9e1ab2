// Package upstream holds the connectors that send: to Meta's Cloud API, and to
// 360dialog for tenants who have their numbers there. Callers speak of calls in
// Meta's words; a tenant's Credential says whom they go to.
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

// Config is what a connector needs.
type Config struct {
	BaseURL     string // of Meta's API: "https://graph.facebook.com"
	Version     string // of Meta's API: "v25.0"
	TLS         *tls.Config
	D360TLS     *tls.Config   // towards 360dialog
	Timeout     time.Duration // of one call
	Connections int           // at most, over all numbers, to each of the two
	Now         func() time.Time
}

// Client makes calls of the Cloud API, at Meta (or what speaks it) or at
// 360dialog.
type Client struct {
	base       string // of Meta's API, with its version
	meta, d360 *http.Client
	misses     misses
	timeout    time.Duration
}

func loopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// New makes a connector. It opens no connection.
func New(cfg Config) (*Client, error) {
	base, err := url.Parse(cfg.BaseURL)
	if err != nil || !guarded(base) {
		return nil, fmt.Errorf("upstream.base_url must be an https URL; http only for a simulator on loopback")
	}
	return &Client{
		base: cfg.BaseURL + "/" + cfg.Version, timeout: cfg.Timeout, misses: misses{now: cfg.Now},
		meta: newHTTP(cfg, cfg.TLS), d360: newHTTP(cfg, cfg.D360TLS),
	}, nil
}

// guarded reports an address that a credential may go to.
func guarded(base *url.URL) bool {
	return base.Host != "" && (base.Scheme == "https" || base.Scheme == "http" && loopback(base.Hostname()))
}

// newHTTP never follows a redirect: the credential would go with it.
func newHTTP(cfg Config, side *tls.Config) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSClientConfig:       side,
			TLSHandshakeTimeout:   5 * time.Second,
			MaxIdleConns:          cfg.Connections,
			MaxIdleConnsPerHost:   cfg.Connections,
			MaxConnsPerHost:       cfg.Connections,
			IdleConnTimeout:       90 * time.Second,
			ResponseHeaderTimeout: cfg.Timeout,
			DisableCompression:    true,
			WriteBufferSize:       16 << 10,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
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
func (c *Client) Post(ctx context.Context, who Credential, path string, body []byte) Answer {
	return c.do(ctx, http.MethodPost, who, path, "application/json", body)
}

// Get reads path with its query.
func (c *Client) Get(ctx context.Context, who Credential, path string) Answer {
	return c.do(ctx, http.MethodGet, who, path, "", nil)
}

// Call makes a call of any method with a JSON body, nil for none.
func (c *Client) Call(ctx context.Context, method string, who Credential, path string, body []byte) Answer {
	return c.do(ctx, method, who, path, "application/json", body)
}

func (c *Client) do(ctx context.Context, method string, who Credential, path, kind string, body []byte) Answer {
	q := request{method: method, path: path, kind: kind, within: c.timeout, brief: true}
	if body != nil {
		q.body, q.length = bytes.NewReader(body), int64(len(body))
	}
	return c.ask(ctx, who, q)
}

// request is a call in Meta's words.
type request struct {
	method, path string
	kind         string    // of the body
	body         io.Reader // nil for none
	length       int64
	within       time.Duration
	brief        bool // no file: it may go by the way that ctx has
}

// ask makes a call, once, at the one whom the credential is for.
func (c *Client) ask(ctx context.Context, who Credential, q request) Answer {
	to, err := c.provider(who)
	if err != nil {
		return Answer{Err: err}
	}
	there, err := to.route(q.method, q.path)
	if err != nil {
		return Answer{Err: err}
	}
	if there.known != nil {
		return *there.known
	}
	ctx, cancel := context.WithTimeout(ctx, q.within)
	defer cancel()
	var connected atomic.Bool
	req, err := http.NewRequestWithContext(traced(ctx, &connected), there.method, there.url, q.body)
	if err != nil {
		return Answer{Err: fmt.Errorf("build upstream request: %w", err)}
	}
	req.ContentLength = q.length
	if q.body != nil {
		req.Header.Set("Content-Type", q.kind)
	}
	there.sign(req.Header)
	client := there.client
	if q.brief {
		client = c.by(ctx, client)
	}
	return there.read(given(client, req, &connected))
}

// traced notes when a request has a connection: from then on bytes may leave.
func traced(ctx context.Context, connected *atomic.Bool) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
}

// given makes the request, once, and reads what comes back.
func given(client *http.Client, req *http.Request, connected *atomic.Bool) Answer {
	start := time.Now() // monotonic: a duration, not a point in time
	resp, err := client.Do(req)
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
func (c *Client) Close() {
	c.meta.CloseIdleConnections()
	c.d360.CloseIdleConnections()
}
