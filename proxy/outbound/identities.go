package outbound

import (
	"context"
	"errors"
	"net/http"

	"postern/audit"
	"postern/proxy"
	"postern/proxy/dialect"
)

// contactIdentity shows who uses a person's number, as far as it is known, and
// takes the app's word that it is still the person it knows: sends that were
// refused since the identity changed are possible again.
func (h *Handler) contactIdentity(ctx context.Context, c *call) int {
	number, ok := dialect.Number(c.route.ID)
	if !ok {
		return h.refuse(ctx, c, nobodyKnown())
	}
	who, known, err := h.cfg.Gate.Identity(c.who.Tenant, number)
	switch {
	case err != nil:
		h.cfg.Log.Error().Err(err).Msg("identity not looked up")
		return c.problem(&dialect.Problem{Kind: dialect.RecordingDown, Details: "Identities can not be looked up now; try again."})
	case !known:
		return h.refuse(ctx, c, nobodyKnown())
	case c.r.Method == http.MethodGet:
		return c.json(dialect.EncodeIdentity(who.Answer()))
	}
	hash, p := dialect.DecodeAcknowledge(c.r.Header.Get("Content-Type"), c.body)
	if p == nil && !who.Is(hash) {
		p = movedIdentity()
	}
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if p := h.acknowledge(ctx, c, who); p != nil {
		return c.problem(p)
	}
	who.Changed = false
	return c.json(dialect.EncodeIdentity(who.Answer()))
}

func nobodyKnown() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.NotFound, Details: "unknown contact"}
}

func movedIdentity() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Invalid, Param: "hash", Details: "This is not the hash of the person's identity as it is now. Read it again, and confirm who uses the number."}
}

// acknowledge has the app's word decided, recorded and kept.
func (h *Handler) acknowledge(ctx context.Context, c *call, who proxy.Identity) *dialect.Problem {
	req := appChange(c)
	req.Caller, req.Kind, req.Subject = c.who, audit.KindManage, who.Subject
	adm, p := h.cfg.Gate.AdmitCall(ctx, req)
	if p != nil {
		return p
	}
	err := h.cfg.Gate.Acknowledge(context.WithoutCancel(ctx), adm, who)
	switch {
	case errors.Is(err, proxy.ErrIdentityMoved):
		return movedIdentity()
	case err != nil:
		return storeProblem(err)
	}
	return nil
}
