package outbound

import (
	"context"
	"errors"
	"time"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/limit"
	"postern/proxy/message"
	"postern/proxy/upstream"
)

// messages takes one send (or mark as read) through the gate.
func (h *Handler) messages(ctx context.Context, c *call) int {
	number := c.number()
	if c.who.Dialect == dialect.Cloud && !c.who.Owns(c.route.ID) {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Forbidden, Details: "This token may not use this phone number id."})
	}
	if number == "" {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Forbidden, Details: "This app has no business number, or several."})
	}
	msg, p := c.decode()
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if p := h.marketing(c, number, msg); p != nil {
		return h.refuse(ctx, c, p)
	}
	m := counted(c, number, msg)
	if p := h.shed(m); p != nil {
		return c.problem(p)
	}
	adm, earlier, p := h.cfg.Gate.Admit(ctx, proxy.Request{
		Caller: c.who, Number: number, Message: msg, Raw: c.body, Idempotency: c.r.Header.Get("Idempotency-Key"),
	})
	if p != nil || earlier != nil {
		h.unsent(m)
	}
	switch {
	case p != nil:
		return h.notAdmitted(ctx, c, p)
	case earlier != nil:
		return c.write(earlier.Status, earlier.Header, earlier.Body)
	}
	return h.send(ctx, c, adm, msg, m)
}

// notAdmitted answers what the gate did not let through. Refusals of policy are
// on record, and what could not be recorded can not be now; the rest is.
func (h *Handler) notAdmitted(ctx context.Context, c *call, p *dialect.Problem) int {
	switch p.Kind {
	case dialect.Policy, dialect.Overloaded, dialect.RecordingDown, dialect.UnknownOutcome:
		return c.problem(p)
	}
	return h.refuse(ctx, c, p)
}

// headerChanged marks answers where what left differs from what came.
const headerChanged = "X-Postern-Changed"

func (c *call) decode() (*message.Message, *dialect.Problem) {
	contentType := c.r.Header.Get("Content-Type")
	if c.route.Name == dialect.RouteMarkRead {
		return dialect.DecodeRead(c.who.Dialect, contentType, c.route.ID, c.body)
	}
	return dialect.DecodeSend(c.who.Dialect, contentType, c.body)
}

// send forwards an admitted message, once, and answers.
func (h *Handler) send(ctx context.Context, c *call, adm *proxy.Admission, msg *message.Message, m limit.Message) int {
	out := h.forward(ctx, c, adm, msg, m)
	if out.Answer.Header == nil {
		out.Answer.Header = map[string]string{}
	}
	out.Answer.Header[headerReceipt] = adm.ID.String()
	if adm.Changed {
		out.Answer.Header[headerChanged] = "true"
	}
	if err := h.cfg.Gate.Settle(context.WithoutCancel(ctx), adm, out); err != nil {
		h.cfg.Log.Error().Err(err).Msg("outcome not recorded")
	}
	return c.write(out.Answer.Status, out.Answer.Header, out.Answer.Body)
}

// forward sends and turns what came back into an outcome. The send does not
// depend on whether the app still listens.
func (h *Handler) forward(ctx context.Context, c *call, adm *proxy.Admission, msg *message.Message, m limit.Message) proxy.Outcome {
	if p := h.placed(context.WithoutCancel(ctx), c, adm); p != nil {
		h.unsent(m)
		return c.withheld(h, p)
	}
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		h.cfg.Log.Error().Err(err).Msg("upstream token not readable")
		h.unsent(m)
		return c.notSent(h, unreachable)
	}
	body, ok := adm.Take()
	if !ok {
		h.unsent(m)
		return c.notSent(h, unreachable)
	}
	began := h.cfg.Now()
	a := h.post(context.WithoutCancel(ctx), c, token, adm.Number, body)
	h.learn(m, began, a)
	out := h.outcome(c, adm, msg, a)
	h.cfg.Observe.Upstream(string(out.Result), a.Elapsed)
	return out
}

// post sends the bytes that policy saw, encrypted where the number's are.
func (h *Handler) post(ctx context.Context, c *call, token upstream.Credential, number string, body []byte) upstream.Answer {
	if c.route.Name == dialect.RouteMarketing {
		return h.cfg.Upstream.Post(ctx, token, "/"+number+"/marketing_messages", body)
	}
	if h.cfg.Envelope != nil {
		if e, on := h.cfg.Envelope(number); on {
			return h.cfg.Upstream.PostEncrypted(ctx, token, number, e, body)
		}
	}
	return h.cfg.Upstream.Post(ctx, token, "/"+number+"/messages", body)
}

func (h *Handler) outcome(c *call, adm *proxy.Admission, msg *message.Message, a upstream.Answer) proxy.Outcome {
	if !a.Answered() && !a.Sent {
		return c.notSent(h, whyNotSent(a.Err))
	}
	if a.Answered() {
		sent, refused, err := dialect.DecodeAnswer(a.Status, a.Body)
		switch {
		case refused != nil:
			s, header, b := dialect.EncodeProblem(c.who.Dialect, &dialect.Problem{
				Kind: dialect.UpstreamRefused, Upstream: refused, RetryAfter: a.Retry, Param: string(msg.Type),
			})
			return proxy.Outcome{Result: proxy.Refused, Upstream: refused, Answer: proxy.Answer{Status: s, Header: header, Body: b}}
		case err == nil:
			s, b := dialect.EncodeSent(c.who.Dialect, visible(c.who.Dialect, adm, msg, sent))
			return proxy.Outcome{Result: proxy.Accepted, Sent: sent, Answer: proxy.Answer{Status: s, Body: b}}
		}
	}
	return proxy.Outcome{Result: proxy.Unknown, Answer: *proxy.UnknownAnswer(c.who.Dialect, adm.ID, msg.Input)}
}

// Why a message was not sent, in words for the app.
const (
	unreachable = "WhatsApp can not be reached now; the message was not sent."
	unsealed    = "The message could not be encrypted and was not sent; the gateway's operators must look at the keys of this number."
)

func whyNotSent(err error) string {
	if errors.Is(err, upstream.ErrUnsealed) {
		return unsealed
	}
	return unreachable
}

// notSent is the outcome of a send that surely never left.
func (c *call) notSent(h *Handler, details string) proxy.Outcome {
	return c.withheld(h, &dialect.Problem{Kind: dialect.UpstreamDown, RetryAfter: 5 * time.Second, Details: details})
}

// withheld is that of one that was kept back for a problem.
func (c *call) withheld(h *Handler, p *dialect.Problem) proxy.Outcome {
	s, header, b := dialect.EncodeProblem(c.who.Dialect, p)
	h.cfg.Observe.Upstream(string(proxy.NotSent), 0)
	return proxy.Outcome{Result: proxy.NotSent, Answer: proxy.Answer{Status: s, Header: header, Body: b}}
}

// visible is upstream's answer as the app shall see it: our id in the old
// dialects, the recipient as the app wrote it.
func visible(d dialect.Dialect, adm *proxy.Admission, msg *message.Message, s dialect.Sent) dialect.Sent {
	s.Input = msg.Input
	if d.Flat() && !s.Success {
		s.ID = dialect.OpaqueID(adm.ID)
	}
	return s
}
