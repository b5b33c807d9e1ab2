package inbound

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"

	"postern/crypto/flows"
	"postern/proxy"
)

// ask puts the request to the app, once, and says which status the answer has
// towards Meta.
func (h *Handler) ask(ctx context.Context, f Flow, body []byte) (proxy.FlowOutcome, int) {
	status, answer, err := h.converse(ctx, f, body)
	out := proxy.FlowOutcome{Status: status}
	switch {
	case errors.Is(err, flows.ErrAnswer):
		out.Result = "invalid"
		return out, http.StatusBadGateway
	case f.App != nil && status == statusOtherKey:
		h.cfg.Alarm("flow_app_key")
		out.Result = "other_key"
		return out, http.StatusBadGateway
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		out.Result = "timeout"
		return out, http.StatusGatewayTimeout
	case err != nil:
		out.Result = "unreachable"
		return out, http.StatusBadGateway
	case status == statusTokenExpired && (len(answer) == 0 || isRefusal(answer)):
		out.Result, out.Answer = "token_refused", answer
		return out, statusTokenExpired
	case status != http.StatusOK:
		out.Result = "failed"
		return out, http.StatusBadGateway
	case !isAnswer(answer):
		out.Result = "invalid"
		return out, http.StatusBadGateway
	}
	out.Result, out.Answer = "answered", answer
	return out, http.StatusOK
}

// converse speaks with the app in the clear, or under its key as Meta does.
func (h *Handler) converse(ctx context.Context, f Flow, body []byte) (int, []byte, error) {
	if f.App == nil {
		return h.post(ctx, f, body)
	}
	sealed, asked, err := f.App.Seal(body)
	if err != nil {
		return 0, nil, err
	}
	status, answer, err := h.post(ctx, f, sealed)
	if err != nil || len(answer) == 0 || status != http.StatusOK && status != statusTokenExpired {
		return status, nil, err
	}
	plain, err := asked.Open(answer)
	if err != nil && status == statusTokenExpired && isRefusal(answer) {
		return status, answer, nil // Meta's guide shows it in the clear
	}
	return status, plain, err
}

// maxReply bounds what an app sends: an answer in Base64 with its tag.
const maxReply = flows.MaxAnswer/3*4 + 64

var errAnswer = errors.New("the app's answer is larger than 1 MiB")

func (h *Handler) post(ctx context.Context, f Flow, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, f.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.GetBody = nil // what the app may have seen is never sent again
	for name, value := range f.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "postern")
	if f.Secret != nil {
		m := hmac.New(sha256.New, f.Secret())
		m.Write(body) //nolint:errcheck // hash.Hash never returns an error
		req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(m.Sum(nil)))
	}
	resp, err := h.cfg.Apps.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end or given up
	most := int64(flows.MaxAnswer)
	if f.App != nil {
		most = maxReply
	}
	answer, err := io.ReadAll(io.LimitReader(resp.Body, most+1))
	if err == nil && int64(len(answer)) > most {
		err = errAnswer
	}
	if len(answer) == 0 {
		answer = nil
	}
	return resp.StatusCode, answer, err
}
