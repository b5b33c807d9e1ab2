// Package xds configures Envoy from what the gateway is configured with:
// listeners for apps and webhooks, the way to Meta, and the gateway as external
// processor before all of it. Snapshot builds that, Bootstrap is what an Envoy
// starts with, and Server hands both the snapshot and the certificates out by
// ADS and SDS, as deltas or whole.
//
// It fails closed: what can not be expressed in Envoy's terms is an error
// instead of a weaker configuration, a node nobody named is refused, and what
// an Envoy rejects is told in its own words while the one before it serves.
// An Envoy that loses the server goes on with what it has.
package xds

import (
	"errors"
	"fmt"
	"time"
)

// Names of what an Envoy is given.
const (
	listenerApp     = "postern_app"     // apps call here
	listenerWebhook = "postern_webhook" // Meta posts here
	listenerSidecar = "postern_sidecar" // what an app sends to Meta's own names ends here

	clusterMeta      = "meta"             // Meta's API
	clusterProcessor = "postern_ext_proc" // the gateway, asked about each request
	clusterGateway   = "postern"          // the gateway's own listener of apps
	clusterOriginal  = "original_dst"     // where a connection went before it was redirected
)

// Config is what the gateway knows. Addresses are host:port or unix:/path.
type Config struct {
	App     *Listener // nil for none
	Webhook *Listener
	Sidecar *Sidecar

	Upstream  Upstream
	Processor Processor
	// Gateway is the gateway's own listener of apps, as Envoy reaches it. It takes
	// the calls whose bodies are files.
	Gateway string

	BodyBytes    int64         // of an app's request, at most
	WebhookBytes int64         // of a webhook, at most
	AnswerBytes  int64         // of an answer of Meta's, at most
	Transfer     time.Duration // a file may take, up or down
}

// Clients says what is asked of those who connect.
type Clients string

// Clients of a listener. The zero value is asked for nothing.
const (
	ClientsRequired Clients = "required" // a certificate
	ClientsOptional Clients = "optional" // a certificate, if they have one
)

// Listener is where Envoy listens with a certificate that comes by SDS.
type Listener struct {
	Address string
	TLS12   bool // takes TLS 1.2, too
	Clients Clients
	// ClientNames are the names of which a client's certificate carries one.
	// Empty takes any that the roots vouch for.
	ClientNames []string
	// TrustedHops is how many proxies before Envoy write X-Forwarded-For.
	TrustedHops int
}

// Sidecar is where connections of an app arrive that the machine redirects.
type Sidecar struct {
	Address string
	Names   []string // that the app calls and Envoy has a certificate for
	// Pass lets connections to other names go on untouched. Else they are closed.
	Pass bool
}

// Upstream is Meta's API.
type Upstream struct {
	URL         string // without path
	TLS12       bool
	Pins        []string // "sha256/BASE64" of the server's own public key
	Timeout     time.Duration
	Connections int
}

// Processor is the gateway's ext_proc listener, as Envoy reaches it.
type Processor struct {
	Address string
	// TLS are files on Envoy's machine; they are needed where Address is host:port.
	TLS Files
	// Name is in the certificate that the gateway shows there.
	Name string
}

// Files are PEM files on Envoy's machine: its own certificate with its key, and
// the roots it trusts.
type Files struct{ Cert, Key, CA string }

// Whole reports whether all are named.
func (f Files) Whole() bool { return f.Cert != "" && f.Key != "" && f.CA != "" }

// Snapshot is what Envoys are to run by. Equal configurations give equal bytes.
func Snapshot(c Config) (*Resources, error) {
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("configure Envoy: %w", err)
	}
	b := &builder{config: c}
	r := &Resources{config: c, listeners: b.listeners(), routes: b.routeConfigs(), clusters: b.clusters()}
	if b.err != nil {
		return nil, fmt.Errorf("configure Envoy: %w", b.err)
	}
	return r, nil
}

func (c Config) check() error {
	switch {
	case c.App == nil && c.Webhook == nil && c.Sidecar == nil:
		return errors.New("nothing listens: name an address for apps, webhooks or the sidecar")
	case c.Sidecar != nil && len(c.Sidecar.Names) == 0:
		return errors.New("the sidecar intercepts no name: name those that the app calls")
	case c.BodyBytes <= 0 || c.WebhookBytes <= 0 || c.AnswerBytes <= 0 || c.Transfer <= 0 || c.Upstream.Timeout <= 0 || c.Upstream.Connections <= 0:
		return errors.New("a limit is missing")
	case !isUnix(c.Processor.Address) && !c.Processor.TLS.Whole():
		return errors.New("the way to ext_proc is not guarded: name Envoy's certificate, its key and the roots it trusts, or listen on a unix socket")
	}
	return nil
}

// builder makes resources and keeps the first thing that went wrong.
type builder struct {
	config Config
	err    error
	// inline writes routes into their listeners, for a static configuration.
	inline bool
}

func (b *builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}
