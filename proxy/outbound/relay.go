package outbound

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// relay hands a call on to upstream under its own names: reads as they are,
// changes only once they are admitted and on record.
func (h *Handler) relay(ctx context.Context, c *call) int {
	path, p := h.upstreamPath(ctx, c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	if c.route.Row.Call == "" {
		return h.relayed(c, h.ask(ctx, c, path, nil))
	}
	raw, kind := changeBody(c)
	change, p := c.route.Row.DecodeChange(kind, raw)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	var a upstream.Answer
	req := proxy.CallRequest{Call: c.route.Row.Call, Name: callName(c), Raw: raw, Body: change.Record}
	if !strings.Contains(c.route.Row.Up, "{number}") {
		req.Number = c.accountNumber()
	}
	p = h.change(ctx, c, req, func(ctx context.Context) upstream.Answer {
		a = h.ask(ctx, c, path, change.Body)
		return a
	})
	if p != nil && !a.Answered() {
		return c.problem(p)
	}
	return h.relayed(c, a)
}

// changeBody is the body of a change with its content type. Like Graph it takes
// from the query what a call without a body asks for.
func changeBody(c *call) (body []byte, contentType string) {
	if len(c.body) > 0 {
		return c.body, c.r.Header.Get("Content-Type")
	}
	asked := url.Values{}
	for name, values := range c.r.URL.Query() {
		if _, denied := c.route.Row.Denied[name]; denied || slices.Contains(c.route.Row.Takes, name) {
			asked[name] = values
		}
	}
	return []byte(asked.Encode()), "application/x-www-form-urlencoded"
}

// callName is what a record calls a change: "profile/post".
func callName(c *call) string {
	if c.route.Row.As != "" {
		return c.route.Row.As
	}
	return c.route.Row.Call + "/" + strings.ToLower(c.r.Method)
}

// upstreamPath is the path of the app's own number, account or flow at upstream,
// with the parameters that go with it.
func (h *Handler) upstreamPath(ctx context.Context, c *call) (string, *dialect.Problem) {
	row := c.route.Row
	account, known := h.account(c)
	if !known || !h.own(c, account) {
		return "", notYours()
	}
	query, p := onwardQuery(c)
	if p != nil {
		return "", p
	}
	if strings.Contains(row.Up, "{node}") {
		if p := h.ofAccount(ctx, c, account); p != nil {
			return "", p
		}
	}
	path := strings.NewReplacer("{number}", c.number(), "{waba}", account.WABA, "{code}", c.route.Sub, "{node}", c.route.ID).Replace(row.Up)
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, nil
}

// own reports that the number or account in the path is the app's.
func (h *Handler) own(c *call, account proxy.Account) bool {
	row := c.route.Row
	switch {
	case strings.Contains(row.Path, "{number}"), strings.Contains(row.Path, "{node}") && strings.Contains(row.Up, "{number}"):
		return c.who.Owns(c.route.ID)
	case strings.Contains(row.Path, "{waba}"):
		return account.WABA == c.route.ID
	}
	return true
}

// ofAccount asks upstream whose a flow is: the tenant's token may reach flows of
// accounts that the app has nothing to do with.
func (h *Handler) ofAccount(ctx context.Context, c *call, account proxy.Account) *dialect.Problem {
	a := h.askAs(ctx, c, http.MethodGet, "/"+c.route.ID+"?fields=whatsapp_business_account", nil)
	if p := upstreamProblem(c, a); p != nil {
		return p
	}
	if waba, err := dialect.DecodeFlowAccount(a.Body); err != nil || waba != account.WABA {
		return &dialect.Problem{Kind: dialect.Forbidden, Details: "This credential may not read this object."}
	}
	return nil
}

// onwardQuery is what goes on of a query. Fields are plain names: nested ones
// would read whatever the tenant's token can.
func onwardQuery(c *call) (url.Values, *dialect.Problem) {
	query := url.Values{}
	for _, name := range c.route.Row.Query {
		v := c.r.URL.Query().Get(name)
		if v == "" || c.r.Method != http.MethodGet {
			continue
		}
		if name == "fields" && strings.Trim(v, plainFields) != "" {
			return nil, &dialect.Problem{Kind: dialect.Invalid, Param: name, Details: "Fields are names with commas between them; nested ones are not handed on."}
		}
		query.Set(name, v)
	}
	return query, nil
}

const plainFields = "abcdefghijklmnopqrstuvwxyz0123456789_,"

// ask makes the caller's call at upstream, with the tenant's own token.
func (h *Handler) ask(ctx context.Context, c *call, path string, body []byte) upstream.Answer {
	return h.askAs(ctx, c, c.r.Method, path, body)
}

// askAs makes a management call. Reads are counted here, changes were before
// they were admitted.
func (h *Handler) askAs(ctx context.Context, c *call, method, path string, body []byte) upstream.Answer {
	if method == http.MethodGet || method == http.MethodHead {
		if p := h.spare(c); p != nil {
			return upstream.Answer{Err: limitError{p}}
		}
	}
	began := h.cfg.Now()
	a := h.askUncounted(ctx, c, method, path, body)
	h.learnManaged(c.who.Tenant, began, a)
	return a
}

// askUncounted makes a call that is not to be refused for the limit of management
// calls: one about a file, or to see how a number stands.
func (h *Handler) askUncounted(ctx context.Context, c *call, method, path string, body []byte) upstream.Answer {
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
		if _, changed := dialect.BlockedPeople(a.Body); changed { // of some people
			return proxy.CallOutcome{Result: proxy.Accepted, Upstream: refused}
		}
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

// relayed answers with what upstream said: its success, or the lists of people
// that it gives beside an error.
func (h *Handler) relayed(c *call, a upstream.Answer) int {
	status := http.StatusOK
	if p := upstreamProblem(c, a); p != nil {
		lists, _ := dialect.BlockedPeople(a.Body)
		if p.Kind != dialect.UpstreamRefused || !lists || c.route.Row.Call != dialect.CallBlock {
			return c.problem(p)
		}
		status = http.StatusBadRequest
	}
	body, p := h.handOn(c, a)
	if p != nil {
		return c.problem(p)
	}
	return c.json(status, body)
}

// handOn is upstream's answer without what belongs to the gateway alone.
func (h *Handler) handOn(c *call, a upstream.Answer) ([]byte, *dialect.Problem) {
	token, err := h.cfg.Token(c.who.Tenant)
	if err != nil {
		return nil, &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp can not be asked now."}
	}
	next := func(direction, cursor string) string { return h.page(c, direction, cursor) }
	body, err := c.route.Row.EncodeRelayed(a.Body, token.Secret(c.number()), next, c.who.Owns)
	if err != nil {
		return nil, &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."}
	}
	return body, nil
}

func notYours() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Forbidden, Details: "This credential may not use this number or account."}
}

// upstreamProblem is why upstream's answer is no success, nil if it is one. A
// change that may have been made is never called undone.
func upstreamProblem(c *call, a upstream.Answer) *dialect.Problem {
	if b := (*upstream.Blocked)(nil); errors.As(a.Err, &b) {
		return &dialect.Problem{Kind: dialect.Blocked, Details: b.Reason}
	}
	if errors.Is(a.Err, upstream.ErrNoApp) {
		return &dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp does not say which app of Meta's the gateway's token belongs to. The operator writes its id as app_id of the tenant."}
	}
	if p := limitOf(a); p != nil {
		return p
	}
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
