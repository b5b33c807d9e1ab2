package outbound

import (
	"bytes"
	"context"
	"path"

	"postern/audit"
	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// change has the gate decide and record a change of the caller's number, has it
// made by act and settles what became of it. Where nothing goes to upstream act
// is nil, and that stands in the record.
func (h *Handler) change(ctx context.Context, c *call, req proxy.CallRequest, act func(context.Context) upstream.Answer) *dialect.Problem {
	return h.changeOf(ctx, c, c.number(), req, act)
}

// changeOf is change for one of several numbers.
func (h *Handler) changeOf(ctx context.Context, c *call, number string, req proxy.CallRequest, act func(context.Context) upstream.Answer) *dialect.Problem {
	if act == nil {
		return h.changeAs(ctx, c, number, req, nil)
	}
	return h.changeAs(ctx, c, number, req, func(ctx context.Context, _ *proxy.CallAdmission) upstream.Answer { return act(ctx) })
}

// changeAs is changeOf for an act that depends on what policy asks for.
func (h *Handler) changeAs(ctx context.Context, c *call, number string, req proxy.CallRequest, act func(context.Context, *proxy.CallAdmission) upstream.Answer) *dialect.Problem {
	req.Caller, req.Number, req.Kind = c.who, number, audit.KindManage
	adm, p := h.cfg.Gate.AdmitCall(ctx, req)
	if p != nil {
		return p
	}
	ctx = context.WithoutCancel(ctx)
	var a upstream.Answer
	if adm.Take() && act != nil {
		a = act(ctx, adm)
	}
	out := callOutcome(a)
	moved := h.mayMove(c, req, &out)
	h.settled(ctx, adm, out)
	if moved {
		h.cfg.NumberChanged(req.Number)
	}
	if act == nil {
		return nil
	}
	return upstreamProblem(c, a)
}

// settled puts the outcome of a call on record, where nothing here depends on it.
func (h *Handler) settled(ctx context.Context, adm *proxy.CallAdmission, out proxy.CallOutcome) {
	if err := h.cfg.Gate.SettleCall(ctx, adm, out); err != nil {
		h.cfg.Log.Error().Err(err).Msg("outcome not recorded")
	}
}

// moves are the calls that may change where upstream keeps what a number sends
// and receives, by the names that records have for them, with the word that
// their body then has.
var moves = map[string]string{"register/register": "", "register/deregister": "", "number/settings": "storage_configuration"}

// mayMove notes with a call's outcome that nobody knows where the number's
// messages rest until upstream says it again.
func (h *Handler) mayMove(c *call, req proxy.CallRequest, out *proxy.CallOutcome) bool {
	word, may := moves[req.Name]
	if !may || !bytes.Contains(req.Body, []byte(word)) || out.Result != proxy.Accepted && out.Result != proxy.Unknown {
		return false
	}
	h.cfg.NumberChanged(req.Number) // what upstream is saying just now may be over
	unknown := policy.Residency{Kind: policy.ResidencyUnknown}
	out.Facts = append(out.Facts, h.cfg.Facts.NewResidency(c.who.Tenant, req.Number, unknown, h.cfg.Now()))
	return true
}

// stub accepts a call that has no meaning here any more. Its record says so, and
// that nothing was sent; what it held may be a PIN and is not kept.
func (h *Handler) stub(ctx context.Context, c *call) int {
	if _, p := dialect.DecodeChange(c.r.Header.Get("Content-Type"), c.body); p != nil {
		return h.refuse(ctx, c, p)
	}
	if p := h.change(ctx, c, proxy.CallRequest{Call: dialect.CallNumber, Name: "stub/" + path.Base(c.route.Row.Path)}, nil); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}
