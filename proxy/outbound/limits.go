package outbound

import (
	"errors"
	"net/http"
	"time"

	"postern/proxy/dialect"
	"postern/proxy/limit"
	"postern/proxy/message"
	"postern/proxy/upstream"
)

// counted is what a message counts for.
func counted(c *call, number string, msg *message.Message) limit.Message {
	return limit.Message{Tenant: c.who.Tenant, App: c.who.App, Number: number, Person: pairOf(msg)}
}

// shed refuses a message before anything is recorded when a limit is reached or
// an answer of upstream's holds its number off.
func (h *Handler) shed(m limit.Message) *dialect.Problem {
	return h.limited(h.cfg.Limits.Take(m))
}

// spare refuses a management call in the same way.
func (h *Handler) spare(c *call) *dialect.Problem {
	return h.limited(h.cfg.Limits.Manage(c.who.Tenant, c.who.App))
}

// limited is a verdict in the words of Meta's own codes, nil where the call goes on.
func (h *Handler) limited(v limit.Verdict) *dialect.Problem {
	if v.Scope == limit.None {
		return nil
	}
	p := &dialect.Problem{RetryAfter: v.Wait, Details: whatLimit[v.Scope]}
	code := v.Code
	if code == 0 {
		code = codeOf[v.Scope]
	} else {
		p.Details = "WhatsApp answered so a short time ago; nothing was sent, and a call is let through again by itself."
	}
	p.Kind = rateKinds[code]
	if p.Kind == dialect.Internal { // a restriction: no rate that the caller could keep to
		p.Kind = dialect.UpstreamRefused
		p.Upstream = &dialect.UpstreamError{Code: code, Details: p.Details, Transient: code == limit.CodeMaintenance}
	}
	h.cfg.Observe.Limited(v.Scope.String(), code)
	return p
}

// whatLimit tells which of our own limits was reached.
var whatLimit = map[limit.Scope]string{
	limit.Number:     "Too many messages in a short time.",
	limit.App:        "Too many messages of this app in a short time.",
	limit.Pair:       "Too many messages to this person in a short time.",
	limit.Management: "Too many management calls on this account within an hour.",
}

// codeOf is Meta's code for each of them.
var codeOf = map[limit.Scope]int{
	limit.Number: limit.CodeThroughput, limit.App: limit.CodeApp, limit.Pair: limit.CodePair, limit.Management: limit.CodeManagement,
}

var rateKinds = map[int]dialect.Kind{
	limit.CodeThroughput: dialect.RateNumber, limit.CodePair: dialect.RatePair, limit.CodeAccount: dialect.RateAccount,
	limit.CodeManagement: dialect.RateManagement, limit.CodeApp: dialect.RateApp,
}

// learn takes upstream's answer to a message into account.
func (h *Handler) learn(m limit.Message, began time.Time, a upstream.Answer) {
	h.tell(h.cfg.Limits.Answered(m, answerOf(began, a)))
}

// learnManaged does so for a management call.
func (h *Handler) learnManaged(tenant string, began time.Time, a upstream.Answer) {
	h.tell(h.cfg.Limits.ManageAnswered(tenant, answerOf(began, a)))
}

// unsent takes note that a message which may have been a probe never left.
func (h *Handler) unsent(m limit.Message) {
	h.cfg.Limits.Answered(m, limit.Answer{Began: h.cfg.Now(), Lost: true})
}

// unmade is unsent for a management call.
func (h *Handler) unmade(c *call) {
	h.cfg.Limits.ManageAnswered(c.who.Tenant, limit.Answer{Began: h.cfg.Now(), Lost: true})
}

func (h *Handler) tell(held limit.Held, fresh bool) {
	if fresh {
		h.cfg.Held(held)
	}
}

// answerOf is what an answer says of limits. A bare 429 is somebody on the way to
// Meta who has had enough; other answers that are none of Meta's say nothing.
func answerOf(began time.Time, a upstream.Answer) limit.Answer {
	said := limit.Answer{Began: began, Retry: a.Retry}
	switch refused := refusedBy(a); {
	case refused != nil:
		said.Code = refused.Code
	case a.Answered() && a.Status == http.StatusTooManyRequests:
		said.Code = limit.CodeThroughput
	default:
		said.Lost = !a.Answered() || a.Status >= http.StatusMultipleChoices
	}
	return said
}

// limitError stands for an upstream call that was not made since a limit is reached.
type limitError struct{ problem *dialect.Problem }

func (e limitError) Error() string { return e.problem.Details }

// limitOf is the limit for which a call was not made, nil for any other answer.
func limitOf(a upstream.Answer) *dialect.Problem {
	if e, ok := errors.AsType[limitError](a.Err); ok {
		return e.problem
	}
	return nil
}
