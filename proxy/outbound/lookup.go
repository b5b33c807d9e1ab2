package outbound

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

// lookup serves reads of single objects. They pass no policy and are not
// recorded.
func (h *Handler) lookup(ctx context.Context, c *call) int {
	if c.route.Name == dialect.RouteNode {
		return h.node(ctx, c)
	}
	return c.problem(&dialect.Problem{Kind: dialect.Unsupported, Details: "This call is not offered by this version of the gateway."})
}

// node reads a phone number or account from upstream, if it is the app's own,
// and a template of it; any other id may be a file's.
func (h *Handler) node(ctx context.Context, c *call) int {
	if c.r.Method == http.MethodPost {
		return h.changeNode(ctx, c)
	}
	if !c.who.Owns(c.route.ID) {
		if account, ok := h.account(c); ok && account.WABA == c.route.ID {
			return h.accountNode(ctx, c)
		}
		if t, ok := h.ownTemplate(c, c.route.ID); ok {
			return h.templateNode(ctx, c, t)
		}
		return h.mediaByID(ctx, c)
	}
	path, fields := "/"+c.route.ID, c.r.URL.Query().Get("fields")
	if fields != "" {
		path += "?fields=" + url.QueryEscape(fields)
	}
	a := h.ask(ctx, c, path, nil)
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	phone, err := dialect.DecodePhone(a.Body)
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."})
	}
	if account, ok := h.cfg.Accounts(c.route.ID); ok && phone.Display == "" {
		phone.Display = account.Display // 360dialog does not say it
	}
	var list []string
	if fields != "" {
		list = strings.Split(fields, ",")
	}
	phone.Hooks = dialect.Hooks(h.cfg.Settings.Targets(c.who.App))
	return c.json(dialect.EncodePhone(phone, list))
}

// changeNode changes what an id stands for: the app's own number, or a template.
func (h *Handler) changeNode(ctx context.Context, c *call) int {
	if !c.who.Owns(c.route.ID) {
		return h.templateByID(ctx, c)
	}
	o, given, p := decodeOverride(c)
	switch {
	case p != nil:
		return h.refuse(ctx, c, p)
	case given:
		return h.numberOverride(ctx, c, o)
	}
	return h.relay(ctx, c)
}

// pairOf names the recipient for the pair limit, without keeping the number. It
// is zero where there is none.
func pairOf(msg *message.Message) (nobody [16]byte) {
	switch {
	case msg.To.Number != "":
		return pairHash(facts.Key(msg.To.Number))
	case msg.To.UserID != "":
		return pairHash(msg.To.UserID)
	}
	return nobody
}
