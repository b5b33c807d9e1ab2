// Package vault speaks with HashiCorp Vault for the gateway: it logs in, keeps
// its token alive and reads secrets of KV v2. It is the only importer of
// Vault's API.
//
// # How it fails
//
// Every call has a deadline, and every error is one of two kinds. [ErrRefused]
// is a clear no: Vault forbids it to a token that is good, a login is wrong, a
// secret is not there or was deleted. [ErrAway] is everything that may pass:
// sealed, standing by, slow, hanging, unreachable, an answer that is none. A
// call whose token died logs in again once. Redirects are not followed, the
// environment's VAULT_ variables and proxies are not looked at: a token goes to
// the configured address only. Errors name paths, fields and statuses, never
// what Vault answered.
package vault

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/hashicorp/vault/api"
)

// Config says where Vault is and who asks.
type Config struct {
	Address   string // https URL; http for a Vault on this machine only
	CA        string // PEM file of the only roots trusted; empty: the system's
	Namespace string // empty: the root namespace
	KV        string // mount of the KV v2 engine, such as "secret"
	Login     Login
	Timeout   time.Duration // of one call; 0 is 5 s
	Now       func() time.Time
}

// Client is a logged-in caller. It is safe for concurrent use.
type Client struct {
	cfg  Config
	http *http.Client

	logins chan struct{} // holds one token: whoever took it may log in
	secret string        // unwrapped secret id; owned by whoever may log in
	opened string        // the wrapping token it came from; owned likewise

	mu    sync.Mutex
	token token
}

// token is what a login gave.
type token struct {
	value     string
	lease     time.Duration // 0 does not end
	renewable bool
	at        time.Time     // when the lease began
	full      time.Duration // the lease at the login, which a renewal may not reach
}

// Open logs in.
func Open(ctx context.Context, cfg Config) (*Client, error) {
	if cfg.Now == nil || cfg.Address == "" {
		return nil, errors.New("open Vault: no clock or no address")
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = 5 * time.Second
	}
	transport, err := newTransport(cfg)
	if err != nil {
		return nil, err
	}
	c := &Client{cfg: cfg, http: &http.Client{Transport: transport}, logins: make(chan struct{}, 1)}
	if err := c.login(ctx, ""); err != nil {
		return nil, err
	}
	return c, nil
}

// Close lets go of the connections. The token stays valid until its lease ends:
// another start of the gateway may share it.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func newTransport(cfg Config) (http.RoundTripper, error) {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if cfg.CA != "" {
		pem, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("read Vault's roots: %w", err)
		}
		conf.RootCAs = x509.NewCertPool()
		if !conf.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read Vault's roots: %s holds no PEM certificate", cfg.CA)
		}
	}
	return strict{&http.Transport{
		TLSClientConfig: conf, ForceAttemptHTTP2: true, MaxIdleConns: 4, IdleConnTimeout: time.Minute,
		DialContext: (&net.Dialer{Timeout: cfg.Timeout}).DialContext, TLSHandshakeTimeout: cfg.Timeout,
		// A connection whose other end vanished without a word is left for a new one.
		HTTP2: &http.HTTP2Config{SendPingTimeout: cfg.Timeout, PingTimeout: cfg.Timeout},
	}}, nil
}

// api makes a caller with this token. Whatever the library takes from the
// environment is put back.
func (c *Client) api(token string) (*api.Client, error) {
	a, err := api.NewClient(&api.Config{Address: c.cfg.Address, HttpClient: c.http, DisableRedirects: true})
	if err != nil {
		return nil, errors.New("call Vault: the environment holds VAULT_ variables that its library cannot read; unset them")
	}
	a.SetHeaders(http.Header{api.RequestHeaderName: {"true"}})
	if c.cfg.Namespace != "" {
		a.SetNamespace(c.cfg.Namespace)
	}
	a.SetToken(token)
	return a, nil
}

// request is one exchange with Vault. It may find nothing: then both are nil.
type request func(ctx context.Context, a *api.Client) (*api.Secret, error)

// once makes one call within the deadline.
func (c *Client) once(ctx context.Context, token, what string, do request) (*api.Secret, error) {
	a, err := c.api(token)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	s, err := do(ctx, a)
	if err != nil {
		return nil, fault(what, err)
	}
	return s, nil
}

// call is once with the token in force. Where the token itself died it logs in
// again; a good token's refusal stands.
func (c *Client) call(ctx context.Context, what string, do request) (*api.Secret, error) {
	t := c.held()
	s, err := c.once(ctx, t.value, what, do)
	if !errors.Is(err, ErrRefused) {
		return s, err
	}
	if _, dead := c.once(ctx, t.value, "look up token", lookup); !errors.Is(dead, ErrRefused) {
		return nil, err
	}
	if err := c.login(ctx, t.value); err != nil {
		return nil, err
	}
	return c.once(ctx, c.held().value, what, do)
}

func lookup(ctx context.Context, a *api.Client) (*api.Secret, error) {
	return a.Auth().Token().LookupSelfWithContext(ctx)
}

func (c *Client) held() token {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token
}
