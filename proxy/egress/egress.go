// Package egress is the only way from the gateway to addresses that somebody
// else names: webhook targets, links. It looks at the address after resolving
// and before connecting, so that a name can not be rebound in between.
//
// It fails closed: whatever is not ordinary public unicast is refused, unless
// the operator's allow-list names exactly that host and port.
package egress

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrForbidden is returned for targets that must not be reached. It holds no
// address, since a target may carry personal data.
var ErrForbidden = errors.New("target is not allowed: use https and a public host, or add host:port to delivery.allow_targets")

// forbidden are ranges that netip calls ordinary global unicast and that still
// lead inside (measured list of http.md, point 9; IANA special-purpose registries).
var forbidden = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
	"2002::/16", "3fff::/20", "5f00::/16", "fec0::/10",
)

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// Public reports whether an address is ordinary public unicast. Mapped IPv4
// addresses are judged as IPv4; zones are refused.
func Public(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range forbidden {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// Guard decides which targets may be reached. The zero value allows public
// https targets only.
type Guard struct {
	allow atomic.Pointer[map[string]bool]
	// Resolver looks names up; nil is the system's. Set it before use.
	Resolver *net.Resolver
}

// NewGuard takes the allow-list: exact host:port pairs, never ranges.
func NewGuard(allow []string) (*Guard, error) {
	g := &Guard{}
	return g, g.Allow(allow)
}

// Allow replaces the allow-list, or changes nothing. What was allowed before
// is looked at again with the next request.
func (g *Guard) Allow(list []string) error {
	allow := make(map[string]bool, len(list))
	for _, hp := range list {
		host, port, err := net.SplitHostPort(hp)
		if err != nil || host == "" || port == "" || strings.ContainsAny(host, "*/") {
			return fmt.Errorf("allowed target %q: write one host:port", hp)
		}
		allow[strings.ToLower(hp)] = true
	}
	g.allow.Store(&allow)
	return nil
}

// CheckURL refuses targets that could never be allowed: no https (allow-listed
// ones may be http), credentials in the URL, numeric host tricks. Resolving is
// left to the dialer.
func (g *Guard) CheckURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	odd := func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }
	if strings.ContainsFunc(raw, odd) || err != nil || u.Host == "" || u.User != nil || u.Fragment != "" || u.Opaque != "" {
		return nil, ErrForbidden
	}
	if g.allowed(hostPort(u)) && (u.Scheme == "http" || u.Scheme == "https") {
		return u, nil
	}
	if u.Scheme != "https" || !plausibleHost(u.Hostname()) {
		return nil, ErrForbidden
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil && !Public(a) {
		return nil, ErrForbidden
	}
	return u, nil
}

// plausibleHost refuses the numeric forms a C resolver maps to addresses
// (0x7f000001, 2130706433, 127.1, 0177.0.0.1) and local names.
func plausibleHost(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != "" {
		return false // letters that a resolver may turn into digits; write punycode
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || last == "" || strings.HasPrefix(last, "0x") || last[0] >= '0' && last[0] <= '9' {
		return false
	}
	for _, local := range []string{"localhost", "local", "internal", "lan", "home", "arpa"} {
		if last == local {
			return false
		}
	}
	return true
}

func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(net.JoinHostPort(u.Hostname(), port))
}

func (g *Guard) allowed(hp string) bool {
	if g == nil {
		return false
	}
	allow := g.allow.Load()
	return allow != nil && (*allow)[strings.ToLower(hp)]
}

// DialContext connects to an allowed address only.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	if g != nil {
		d.Resolver = g.Resolver
	}
	if !g.allowed(address) {
		d.Control = control
	}
	return d.DialContext(ctx, network, address)
}

// control runs after resolving with the very address that is connected to.
func control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil || !Public(ap.Addr()) {
		return ErrForbidden
	}
	return nil
}

// Client is an HTTP client that reaches allowed targets, follows no redirect
// and uses no proxy from the environment.
func (g *Guard) Client(roots *tls.Config, connections int, timeout time.Duration) *http.Client {
	return &http.Client{
		Timeout: timeout,
		Transport: &transport{guard: g, Transport: &http.Transport{
			DialContext:           g.DialContext,
			TLSClientConfig:       roots,
			TLSHandshakeTimeout:   10 * time.Second,
			ResponseHeaderTimeout: timeout,
			MaxIdleConnsPerHost:   connections,
			MaxConnsPerHost:       connections,
			IdleConnTimeout:       90 * time.Second,
			ForceAttemptHTTP2:     true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// transport looks at every request's target again: what was allowed when it
// was set need not be allowed any more.
type transport struct {
	*http.Transport
	guard *Guard
}

// OwnConnections is the same transport with a pool of its own.
func (t *transport) OwnConnections() http.RoundTripper {
	return &transport{guard: t.guard, Transport: t.Clone()}
}

// Trusting is the same with a pool of its own that also trusts the authorities
// of the PEM text; pins and everything else hold as before.
func (t *transport) Trusting(authorities string) (http.RoundTripper, error) {
	own := t.Clone()
	if own.TLSClientConfig == nil {
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	roots, err := x509.SystemCertPool()
	if own.TLSClientConfig.RootCAs != nil {
		roots, err = own.TLSClientConfig.RootCAs.Clone(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the system's roots: %w", err)
	}
	if !roots.AppendCertsFromPEM([]byte(authorities)) {
		return nil, errors.New("the authorities hold no certificate")
	}
	own.TLSClientConfig.RootCAs = roots
	return &transport{guard: t.guard, Transport: own}, nil
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := t.guard.CheckURL(r.URL.String()); err != nil {
		if r.Body != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
		return nil, err
	}
	return t.Transport.RoundTrip(r)
}
