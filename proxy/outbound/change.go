package outbound

import (
	"cmp"
	"context"
	"path"

	"postern/audit"
	"postern/policy"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// decide has the gate decide and record a change, has it made by act and settles
// what became of it. The change is of the number that the call is about, unless
// the request names one. A problem means that act was not called.
func (h *Handler) decide(ctx context.Context, c *call, req proxy.CallRequest, act func(context.Context, *proxy.CallAdmission) proxy.CallOutcome) *dialect.Problem {
	req.Caller, req.Number, req.Kind = c.who, cmp.Or(req.Number, c.number()), audit.KindManage
	if req.Number == "" {
		return &dialect.Problem{Kind: dialect.Forbidden, Details: "This app has several business numbers, and this call names none."}
	}
	adm, p := h.cfg.Gate.AdmitCall(ctx, req)
	if p != nil {
		return p
	}
	ctx = context.WithoutCancel(ctx)
	out := proxy.CallOutcome{Result: proxy.NotSent}
	if adm.Take() {
		out = act(ctx, adm)
	}
	moved := h.mayMove(c, req, &out)
	h.settled(ctx, adm, out)
	if moved {
		h.cfg.NumberChanged(req.Number)
	}
	return nil
}

// settled puts the outcome of a call on record, where nothing here depends on it.
func (h *Handler) settled(ctx context.Context, adm *proxy.CallAdmission, out proxy.CallOutcome) {
	if err := h.cfg.Gate.SettleCall(ctx, adm, out); err != nil {
		h.cfg.Log.Error().Err(err).Msg("outcome not recorded")
	}
}

// change is decide for a change that upstream makes: the problem may be
// upstream's.
func (h *Handler) change(ctx context.Context, c *call, req proxy.CallRequest, act func(context.Context) upstream.Answer) *dialect.Problem {
	if p := h.spare(c); p != nil {
		return p
	}
	var a upstream.Answer
	p := h.decide(ctx, c, req, func(ctx context.Context, _ *proxy.CallAdmission) proxy.CallOutcome {
		a = act(ctx)
		return callOutcome(a)
	})
	if p != nil {
		h.unmade(c)
		return p
	}
	return upstreamProblem(c, a)
}

// changeHere is decide for a change that the gateway makes itself. The error is
// act's.
func (h *Handler) changeHere(ctx context.Context, c *call, req proxy.CallRequest, act func(context.Context) error) (*dialect.Problem, error) {
	var err error
	p := h.decide(ctx, c, req, func(ctx context.Context, _ *proxy.CallAdmission) proxy.CallOutcome {
		if err = act(ctx); err != nil {
			return proxy.CallOutcome{Result: proxy.NotSent}
		}
		return proxy.CallOutcome{Result: proxy.Accepted}
	})
	return p, err
}

// retarget is changeHere for a change of where the app's events go. The address
// may be a secret: the record has a keyed hash of the body alone.
func (h *Handler) retarget(ctx context.Context, c *call, set func(context.Context) error) *dialect.Problem {
	req := proxy.CallRequest{Number: c.accountNumber(), Call: dialect.CallSubscription, Name: "subscription/webhook", Raw: c.body}
	p, err := h.changeHere(ctx, c, req, set)
	if p == nil && err != nil {
		p = storeProblem(err)
	}
	return p
}

// accountNumber stands for the account in the record of a call that is about all
// numbers of it.
func (c *call) accountNumber() string {
	if n := c.number(); n != "" || len(c.who.Numbers) == 0 {
		return n
	}
	return c.who.Numbers[0]
}

// mayMove notes with a call's outcome that nobody knows where the number's
// messages rest until upstream says it again.
func (h *Handler) mayMove(c *call, req proxy.CallRequest, out *proxy.CallOutcome) bool {
	if !proxy.Moves(req.Name, req.Body) || out.Result != proxy.Accepted && out.Result != proxy.Unknown {
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
	req := proxy.CallRequest{Call: dialect.CallNumber, Name: "stub/" + path.Base(c.route.Row.Path)}
	nothing := func(context.Context, *proxy.CallAdmission) proxy.CallOutcome {
		return proxy.CallOutcome{Result: proxy.NotSent}
	}
	if p := h.decide(ctx, c, req, nothing); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}
