package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
	"time"

	"postern/crypto/flows"
	"postern/proxy"
	"postern/proxy/edge"
)

// FlowPrefix is the path below which each business number has the data endpoint
// of its flows.
const FlowPrefix = "/flow/"

// Statuses of the endpoint that Meta gives a meaning of their own (whatsapp.md
// 5.1). Every other one but 200 is a general error to the person's client.
const (
	statusOtherKey     = http.StatusMisdirectedRequest // 421: fetch the public key again, try once more
	statusTokenExpired = 427                           // the flow can not be gone on with
	statusSignature    = 432                           // the request is not signed by the app
)

// Flow is what the listener must know of one number's flows.
type Flow struct {
	Tenant  string
	Number  string
	Secrets func() [][]byte // app secrets in force
	Down    bool            // the secrets can not be vouched for now: everything is 503
	Keys    []*flows.Key    // current and, while they overlap, the previous one

	URL     string            // where the app takes requests
	App     *flows.App        // the app's key, for requests and answers as Meta has them; nil: clear JSON
	Media   Media             // files that come with requests
	Headers map[string]string // sent to it
	Secret  func() []byte     // signs what it gets; nil signs nothing
	Timeout time.Duration     // from the request's first byte to the app's last
	// PlainRefusal sends the body of a 427 as plain JSON: Meta's guide and its
	// sample disagree.
	PlainRefusal bool
}

// flow serves one request of a flow's data endpoint.
func (h *Handler) flow(w http.ResponseWriter, r *http.Request, number string) int {
	f, known := h.cfg.Flow(number)
	switch {
	case !known:
		return h.stranger(w, r, "path", http.StatusNotFound)
	case r.Method != http.MethodPost:
		return h.stranger(w, r, "method", http.StatusMethodNotAllowed)
	case f.Down:
		return reply(w, http.StatusServiceUnavailable, "", nil)
	}
	ctx, cancel := context.WithTimeout(r.Context(), f.Timeout)
	defer cancel()
	signature, ok := strings.CutPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256=")
	given, err := hex.DecodeString(signature)
	if !ok || err != nil || len(given) != sha256.Size {
		return h.stranger(w, r, "signature", statusSignature)
	}
	body, err := edge.ReadBody(r, flows.MaxRequest)
	if err != nil {
		return h.stranger(w, r, "body", http.StatusBadRequest)
	}
	if !signed(f.Secrets(), given, body) {
		return h.stranger(w, r, "signature", statusSignature)
	}
	plain, ex, err := flows.Open(body, f.Keys...)
	switch {
	case errors.Is(err, flows.ErrKey):
		h.cfg.Alarm("flow_key")
		return reply(w, statusOtherKey, "", nil)
	case err != nil:
		return reply(w, http.StatusBadRequest, "", nil)
	}
	return h.opened(ctx, w, f, ex, plain)
}

// opened serves a request that was signed and decrypted.
func (h *Handler) opened(ctx context.Context, w http.ResponseWriter, f Flow, ex *flows.Exchange, plain []byte) int {
	q, err := readFlow(plain)
	if err != nil {
		return h.unread(ctx, w, f, plain)
	}
	if q.Signature != nil && !flows.Vouched(*q.Signature, q.Token, f.Secrets()...) {
		h.cfg.Alarm("flow_token")
		return reply(w, statusSignature, "", nil)
	}
	req := &proxy.FlowRequest{Tenant: f.Tenant, Number: f.Number, Action: q.Action, Raw: plain, Inline: f.Media.Inline}
	if req.Files, err = proxy.FlowFiles(plain); err != nil {
		return h.unread(ctx, w, f, plain)
	}
	switch {
	case q.Action == "ping":
		return h.seal(w, ex, http.StatusOK, []byte(`{"data":{"status":"active"}}`))
	case q.failed():
		if err := h.cfg.Gate.NoteFlow(ctx, req); err != nil {
			return h.unrecorded(w, err)
		}
		return h.seal(w, ex, http.StatusOK, []byte(`{"data":{"acknowledged":true}}`))
	}
	return h.exchange(ctx, w, f, ex, req)
}

// unread keeps what was signed and can not be read.
func (h *Handler) unread(ctx context.Context, w http.ResponseWriter, f Flow, plain []byte) int {
	if err := h.cfg.Gate.KeepFlow(ctx, f.Tenant, plain); err != nil {
		return h.unrecorded(w, err)
	}
	return reply(w, http.StatusBadRequest, "", nil)
}

// exchange lets the app answer: both sides are on record before they move, and
// nothing is asked twice.
func (h *Handler) exchange(ctx context.Context, w http.ResponseWriter, f Flow, ex *flows.Exchange, req *proxy.FlowRequest) int {
	trouble := h.openFiles(ctx, f, req.Files)
	if trouble != 0 {
		ctx = context.WithoutCancel(ctx) // the refusal is recorded, however late
	}
	call, err := h.cfg.Gate.ReceiveFlow(ctx, req)
	if err != nil {
		return h.unrecorded(w, err)
	}
	body, ok := call.Take()
	switch {
	case trouble != 0:
		return reply(w, trouble, "", nil)
	case !ok:
		return reply(w, http.StatusForbidden, "", nil)
	}
	out, status := h.ask(ctx, f, body)
	answer, err := h.cfg.Gate.AnswerFlow(ctx, call, out)
	switch {
	case err != nil:
		return h.unrecorded(w, err)
	case answer == nil && out.Answer != nil:
		return reply(w, http.StatusForbidden, "", nil)
	case answer == nil:
		return reply(w, status, "", nil)
	case status == statusTokenExpired && f.PlainRefusal:
		return reply(w, status, "application/json", answer)
	}
	return h.seal(w, ex, status, answer)
}

// seal sends an encrypted answer.
func (h *Handler) seal(w http.ResponseWriter, ex *flows.Exchange, status int, answer []byte) int {
	body, err := ex.Seal(answer)
	if err != nil {
		h.cfg.Log.Error().Err(err).Msg("flow not answered")
		return reply(w, http.StatusInternalServerError, "", nil)
	}
	return reply(w, status, "text/plain", body)
}

func (h *Handler) unrecorded(w http.ResponseWriter, err error) int {
	h.cfg.Log.Error().Err(err).Msg("flow not recorded")
	return reply(w, http.StatusServiceUnavailable, "", nil)
}

func reply(w http.ResponseWriter, status int, kind string, body []byte) int {
	if kind != "" {
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
	}
	w.WriteHeader(status)
	w.Write(body) //nolint:errcheck,gosec // ciphertext, or JSON that is named as such; nobody is left to tell
	return status
}
