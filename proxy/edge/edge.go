// Package edge is the strict HTTP shell that every listener shares. It closes
// what Go's server lets through (measured over some 350 raw requests): framing
// that two parsers could read differently, repeated credentials, paths that
// mean something else after normalising.
//
// It fails closed: a request that could be read in two ways reaches no
// handler, and gets an answer from the listener's own Refuse, so that even
// this answer has the caller's shape.
package edge

import (
	"crypto/tls"
	"log"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Fault says why a request was refused before any handler saw it.
type Fault string

// Faults. Each is a sentence for the caller.
const (
	FaultMethod   Fault = "method is not one of GET, POST, PUT, PATCH, DELETE, HEAD"
	FaultTarget   Fault = "request target is not a plain path: send an origin-form target"
	FaultPath     Fault = "path is not canonical: remove escapes, dot segments, empty segments and special characters"
	FaultQuery    Fault = "query is malformed or repeats a parameter that must be unique"
	FaultHeader   Fault = "a header that must be unique is repeated"
	FaultEncoding Fault = "content encodings are not accepted: send the body uncompressed"
	FaultProtocol Fault = "HTTP/1.1 or HTTP/2 is needed"
	FaultTrailer  Fault = "trailers are not accepted"
	FaultHost     Fault = "host is malformed: send a name or an address, with a port if need be"
	FaultExpect   Fault = "an expectation is not understood: send 100-continue or none"

	// Of a proxy in front, which the caller can not mend.
	FaultBusy   Fault = "too many requests are under way; nothing was sent: try again"
	FaultProxy  Fault = "the proxy in front of this gateway is not set up for it: its operators read in the gateway's log what is missing"
	FaultAnswer Fault = "the answer is too large for the proxy in front: its operators route this path to the gateway's own listener"
)

// Config is what a listener adds to the shell.
type Config struct {
	Handler http.Handler
	// Refuse answers a request that the shell stops.
	Refuse func(w http.ResponseWriter, r *http.Request, f Fault)
	// Loose reports whether the harmless forms of old dialects ("//", a
	// trailing "/") are accepted for this canonical path.
	Loose func(path string) bool
	TLS   *tls.Config
	// Handshake hears why a handshake failed, in words that may hold what the
	// client sent: for counting only. Nil hears nothing.
	Handshake func(failure string)
}

// serverLog throws away what net/http logs, since its lines hold addresses and
// request text, but for the reason of a failed handshake.
type serverLog struct{ handshake func(string) }

// Write implements io.Writer; a call is a line.
func (l serverLog) Write(line []byte) (int, error) {
	rest, ok := strings.CutPrefix(string(line), "http: TLS handshake error from ")
	if _, failure, found := strings.Cut(rest, ": "); ok && found && l.handshake != nil {
		l.handshake(failure)
	}
	return len(line), nil
}

// unique are the headers of which only one may come: the second one could be
// what another parser takes.
var unique = []string{
	"Authorization", "D360-Api-Key", "Content-Type", "Idempotency-Key", "X-Hub-Signature-256", "Content-Length",
}

// NewServer returns a server with the shell around the handler and limits on
// everything a client can make it wait for or keep.
func NewServer(cfg Config) *http.Server {
	return &http.Server{
		Handler:           Guard(cfg),
		TLSConfig:         cfg.TLS,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       60 * time.Second,
		WriteTimeout:      120 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          log.New(serverLog{cfg.Handshake}, "", 0),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: 250},

		DisableGeneralOptionsHandler: true, // else "OPTIONS *" would be answered before the shell
	}
}

// Guard wraps the handler.
func Guard(cfg Config) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			// Go drops a Content-Length beside chunked: nothing may follow on
			// this connection that another parser counted to the body.
			w.Header().Set("Connection", "close")
		}
		if f := check(r, cfg.Loose); f != "" {
			w.Header().Set("Connection", "close")
			cfg.Refuse(w, r, f)
			return
		}
		cfg.Handler.ServeHTTP(w, r)
	})
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodHead}

func check(r *http.Request, loose func(string) bool) Fault {
	switch {
	case r.Proto != "HTTP/1.1" && r.ProtoMajor != 2: // Go serves HTTP/1.2 too
		return FaultProtocol
	case !slices.Contains(methods, r.Method):
		return FaultMethod
	case !originForm(r):
		return FaultTarget
	case len(r.Trailer) > 0:
		return FaultTrailer
	case encoded(r.Header["Content-Encoding"]):
		return FaultEncoding
	case repeated(r.Header):
		return FaultHeader
	case !plainHost(r.Host): // Go judges that of HTTP/1.1 alone
		return FaultHost
	case expects(r.Header["Expect"]):
		return FaultExpect
	}
	return checkTarget(r, loose)
}

func originForm(r *http.Request) bool {
	u := r.URL
	return u.Scheme == "" && u.Host == "" && u.Opaque == "" && u.Fragment == "" && u.User == nil && strings.HasPrefix(r.RequestURI, "/")
}

func plainHost(host string) bool {
	for i := range len(host) {
		c := host[i]
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && strings.IndexByte("-._:[]", c) < 0 {
			return false
		}
	}
	return true
}

// expects reports an expectation that another parser may not know for one: a
// body that waits for nobody is then a request of its own.
func expects(values []string) bool {
	return len(values) > 1 || len(values) == 1 && !strings.EqualFold(values[0], "100-continue")
}

func encoded(values []string) bool {
	return len(values) > 1 || len(values) == 1 && !strings.EqualFold(values[0], "identity")
}

// repeated also stops a Host header beside h2's :authority: only then is Host
// among the headers.
func repeated(h http.Header) bool {
	for _, name := range unique {
		if len(h[name]) > 1 {
			return true
		}
	}
	return len(h["Host"]) > 0
}
