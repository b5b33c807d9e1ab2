// Package inbound is the listener for the webhooks of Meta, and of 360dialog for
// tenants of its. It checks the signature over the raw bytes, or the header that
// stands for one, hands the rest to the Gate, and answers 200 only after
// the Gate's commit.
//
// It fails so that nothing is lost: whatever keeps a signed webhook from being
// recorded is answered 503, and it comes again. What does not prove that it is
// the tenant's own is refused and never read further.
//
// It is the data endpoint of the numbers' flows, too: there a person waits, so
// that whatever fails is answered at once and nothing is asked twice.
package inbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"postern/proxy"
	"postern/proxy/edge"
	"postern/proxy/limit"
)

// MaxBody is the largest webhook taken (whatsapp.md 3.8: Meta sends up to 3 MB).
const MaxBody = 4 << 20

// Prefix is the path below which each tenant has its webhook.
const Prefix = "/webhook/"

// Tenant is what the listener must know of one.
type Tenant struct {
	Name string
	// Secrets are the current and, while they overlap, the previous app secret.
	Secrets func() [][]byte
	Verify  func() []byte // verify token
	Down    bool          // the secrets must not be used now: webhooks shall come again
	D360    *D360         // how 360dialog proves its webhooks; nil for a tenant of Meta's
}

// Config is what the listener stands on.
type Config struct {
	Gate      *proxy.Gate
	Tenant    func(name string) (Tenant, bool)
	Strangers *limit.Strangers
	Now       func() time.Time
	Log       zerolog.Logger
	Observe   func(status int, d time.Duration)

	// Flow finds what is known of a number with flows; Apps asks their apps.
	Flow  func(number string) (Flow, bool)
	Apps  *http.Client
	Media func() *http.Client // fetches files of flows
	Alarm func(kind string)
}

// Handler serves webhooks.
type Handler struct {
	cfg     Config
	fetches chan struct{} // taken while a request's files are in memory
}

// New returns the handler.
func New(cfg Config) *Handler { return &Handler{cfg: cfg, fetches: make(chan struct{}, fetching)} }

// ServeHTTP answers the subscription handshake and webhooks.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := h.cfg.Now()
	status := h.serve(w, r)
	h.cfg.Observe(status, h.cfg.Now().Sub(start))
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) int {
	if number, ok := strings.CutPrefix(r.URL.Path, FlowPrefix); ok {
		return h.flow(w, r, number)
	}
	name, ok := strings.CutPrefix(r.URL.Path, Prefix)
	tenant, known := h.cfg.Tenant(name)
	switch {
	case !ok || !known:
		return h.stranger(w, r, "path", http.StatusNotFound)
	case tenant.Down:
		w.WriteHeader(http.StatusServiceUnavailable)
		return http.StatusServiceUnavailable
	case r.Method == http.MethodGet:
		return h.challenge(w, r, tenant)
	case r.Method == http.MethodPost:
		return h.receive(w, r, tenant)
	}
	return h.stranger(w, r, "method", http.StatusMethodNotAllowed)
}

// challenge answers the subscription handshake (whatsapp.md 3.8).
func (h *Handler) challenge(w http.ResponseWriter, r *http.Request, t Tenant) int {
	q := r.URL.Query()
	want := t.Verify()
	given := []byte(q.Get("hub.verify_token"))
	challenge := q.Get("hub.challenge")
	if q.Get("hub.mode") != "subscribe" || len(want) == 0 || subtle.ConstantTimeCompare(want, given) != 1 || !harmless(challenge) {
		return h.stranger(w, r, "verify_token", http.StatusForbidden)
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	w.Write([]byte(challenge)) //nolint:errcheck,gosec // letters and digits only, see harmless; nobody is left to tell
	return http.StatusOK
}

// harmless reports whether a challenge may be reflected: a short word.
func harmless(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

func (h *Handler) receive(w http.ResponseWriter, r *http.Request, t Tenant) int {
	proves, ok := t.proof(r.Header)
	if !ok {
		return h.stranger(w, r, "signature", http.StatusUnauthorized)
	}
	body, err := edge.ReadBody(r, MaxBody)
	if err != nil {
		return h.stranger(w, r, "body", http.StatusBadRequest)
	}
	if !proves(body) {
		return h.stranger(w, r, "signature", http.StatusUnauthorized)
	}
	if err := h.cfg.Gate.Receive(r.Context(), t.Name, body); err != nil {
		h.cfg.Log.Error().Err(err).Msg("webhook not recorded")
		w.WriteHeader(http.StatusServiceUnavailable)
		return http.StatusServiceUnavailable
	}
	w.WriteHeader(http.StatusOK)
	return http.StatusOK
}

// proof is what the headers say of a body that is not read yet: whether it can
// prove to be the tenant's, and the check that it does.
func (t Tenant) proof(head http.Header) (proves func(body []byte) bool, ok bool) {
	if t.D360 != nil {
		return t.D360.proof(head)
	}
	signature, ok := strings.CutPrefix(head.Get("X-Hub-Signature-256"), "sha256=")
	given, err := hex.DecodeString(signature)
	if !ok || err != nil || len(given) != sha256.Size {
		return nil, false
	}
	return func(body []byte) bool { return signed(t.Secrets(), given, body) }, true
}

// signed compares in constant time with each secret in force.
func signed(secrets [][]byte, given, body []byte) bool {
	ok := false
	for _, s := range secrets {
		if len(s) == 0 {
			continue
		}
		m := hmac.New(sha256.New, s)
		m.Write(body) //nolint:errcheck // hash.Hash never returns an error
		ok = hmac.Equal(m.Sum(nil), given) || ok
	}
	return ok
}

// stranger counts and refuses what no tenant signed.
func (h *Handler) stranger(w http.ResponseWriter, r *http.Request, what string, status int) int {
	h.cfg.Strangers.Count(r.RemoteAddr, what)
	w.WriteHeader(status)
	return status
}

// Refuse answers what the strict shell stops.
func (h *Handler) Refuse(w http.ResponseWriter, r *http.Request, f edge.Fault) {
	if f == edge.FaultBusy || f == edge.FaultProxy || f == edge.FaultAnswer { // not the caller's: to be sent again
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	h.stranger(w, r, "malformed", http.StatusBadRequest)
}
