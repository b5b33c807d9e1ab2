package outbound

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// relay hands a call on to upstream under its own names: reads as they are,
// changes only once they are admitted and on record.
func (h *Handler) relay(ctx context.Context, c *call) int {
	path, p := h.upstreamPath(c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if c.route.Row.Call == "" {
		return h.relayed(c, h.ask(ctx, c, path, nil))
	}
	body, p := dialect.DecodeChange(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	var a upstream.Answer
	p = h.change(ctx, c, proxy.CallRequest{Call: c.route.Row.Call, Name: callName(c), Raw: c.body, Body: body}, func(ctx context.Context) upstream.Answer {
		a = h.ask(ctx, c, path, body)
		return a
	})
	if p != nil {
		return c.problem(p)
	}
	return h.relayed(c, a)
}

// callName is what a record calls a change: "profile/post".
func callName(c *call) string { return c.route.Row.Call + "/" + strings.ToLower(c.r.Method) }

// upstreamPath is the path of the app's own number or account at upstream, with
// the parameters that go with it.
func (h *Handler) upstreamPath(c *call) (string, *dialect.Problem) {
	row, query := c.route.Row, url.Values{}
	account, known := h.account(c)
	switch id := c.route.ID; {
	case !known, strings.Contains(row.Path, "{number}") && !c.who.Owns(id), strings.Contains(row.Path, "{waba}") && account.WABA != id:
		return "", &dialect.Problem{Kind: dialect.Forbidden, Details: "This credential may not use this number or account."}
	}
	for _, name := range row.Query {
		if v := c.r.URL.Query().Get(name); v != "" {
			query.Set(name, v)
		}
	}
	path := strings.NewReplacer("{number}", c.number(), "{waba}", account.WABA, "{code}", c.route.Sub).Replace(row.Up)
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, nil
}

// ask makes the caller's call at upstream, with the tenant's own token.
func (h *Handler) ask(ctx context.Context, c *call, path string, body []byte) upstream.Answer {
	return h.askAs(ctx, c, c.r.Method, path, body)
}

func (h *Handler) askAs(ctx context.Context, c *call, method, path string, body []byte) upstream.Answer {
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return upstream.Answer{Err: err}
	}
	return h.cfg.Upstream.Call(ctx, method, token, path, body)
}

// callOutcome says what became of a change.
func callOutcome(a upstream.Answer) proxy.CallOutcome {
	switch refused := refusedBy(a); {
	case !a.Answered() && !a.Sent:
		return proxy.CallOutcome{Result: proxy.NotSent}
	case refused != nil:
		return proxy.CallOutcome{Result: proxy.Refused, Upstream: refused}
	case !a.Answered() || a.Status >= http.StatusMultipleChoices:
		return proxy.CallOutcome{Result: proxy.Unknown}
	}
	return proxy.CallOutcome{Result: proxy.Accepted}
}

// refusedBy is upstream's error, nil without one.
func refusedBy(a upstream.Answer) *dialect.UpstreamError {
	if !a.Answered() {
		return nil
	}
	_, refused, _ := dialect.DecodeAnswer(a.Status, a.Body) //nolint:errcheck // only the error object counts here
	return refused
}

// relayed answers with what upstream said.
func (h *Handler) relayed(c *call, a upstream.Answer) int {
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp can not be asked now."})
	}
	body, err := dialect.EncodeRelayed(a.Body, token, func(direction, cursor string) string { return h.page(c, direction, cursor) })
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."})
	}
	return c.json(http.StatusOK, body)
}

// upstreamProblem is why upstream's answer is no success, nil if it is one. A
// change that may have been made is never called undone.
func upstreamProblem(c *call, a upstream.Answer) *dialect.Problem {
	switch refused := refusedBy(a); {
	case refused != nil:
		return &dialect.Problem{Kind: dialect.UpstreamRefused, Upstream: refused, RetryAfter: a.Retry}
	case a.Answered() && a.Status < http.StatusMultipleChoices:
		return nil
	case a.Sent && c.r.Method != http.MethodGet:
		return &dialect.Problem{Kind: dialect.UnknownOutcome, Details: "WhatsApp gave no answer that can be read; whether the change was made is not known."}
	}
	return &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp can not be asked now."}
}

// page is the address of another page on the public address: the Host header is
// not to be trusted for that (clients.md 13).
func (h *Handler) page(c *call, direction, cursor string) string {
	q := c.r.URL.Query()
	for _, name := range []string{"access_token", "appsecret_proof", "appsecret_time", "after", "before"} {
		q.Del(name)
	}
	if cursor != "" {
		q.Set(direction, cursor)
	}
	return h.cfg.PublicURL + c.r.URL.Path + "?" + q.Encode()
}
