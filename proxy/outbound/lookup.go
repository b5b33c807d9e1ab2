package outbound

import (
	"context"
	"encoding/base64"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

// lookup serves reads of templates and numbers. They pass no policy and are
// not recorded; templates come from what is known, numbers from upstream.
func (h *Handler) lookup(ctx context.Context, c *call) int {
	switch c.route.Name {
	case dialect.RouteTemplates:
		return h.templates(c)
	case dialect.RouteConfigTmpl:
		return h.configTemplates(c)
	case dialect.RouteNode:
		return h.node(ctx, c)
	case dialect.RouteHealthStatus:
		return h.healthStatus(c)
	}
	return c.problem(&dialect.Problem{Kind: dialect.Unsupported, Details: "This call is not offered by this version of the gateway."})
}

// known lists the templates of the app's account in a stable order.
func (h *Handler) known(c *call, waba string) []dialect.Template {
	all := h.cfg.Facts.Templates(c.who.Tenant, waba)
	slices.SortFunc(all, func(a, b facts.Template) int {
		return strings.Compare(a.Name+"/"+a.Language, b.Name+"/"+b.Language)
	})
	query := c.r.URL.Query()
	out := make([]dialect.Template, 0, len(all))
	for _, t := range all {
		if q := query.Get("name"); q != "" && q != t.Name {
			continue
		}
		if q := query.Get("status"); q != "" && !strings.EqualFold(q, t.Status) {
			continue
		}
		out = append(out, dialect.Template{
			ID: t.ID, Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category,
			ParameterFormat: t.Format, Components: t.Components,
		})
	}
	return out
}

func (h *Handler) templates(c *call) int {
	account, ok := h.account(c)
	if !ok || account.WABA != c.route.ID {
		return c.problem(&dialect.Problem{Kind: dialect.Forbidden, Details: "This token may not read this WhatsApp business account."})
	}
	all := h.known(c, account.WABA)
	limit := intOf(c, "limit", 25, 1000)
	from := decodeCursor(c.r.URL.Query().Get("after"))
	from = min(from, len(all))
	to := min(from+limit, len(all))
	page := dialect.TemplatePage{Total: len(all), Summary: c.r.URL.Query().Has("summary")}
	if to > from {
		page.Before, page.After = encodeCursor(from), encodeCursor(to)
	}
	if to < len(all) {
		page.Next = h.page(c, "after", page.After)
	}
	return c.json(dialect.EncodeTemplates(all[from:to], page))
}

func encodeCursor(n int) string { return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(n))) }

func decodeCursor(s string) int {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(string(b))
	if err != nil || n < 0 {
		return 0
	}
	return n
}

func intOf(c *call, name string, def, most int) int {
	n, err := strconv.Atoi(c.r.URL.Query().Get(name))
	if err != nil || n < 0 {
		return def
	}
	return min(n, most)
}

func (h *Handler) configTemplates(c *call) int {
	account, ok := h.account(c)
	if !ok {
		return c.problem(&dialect.Problem{Kind: dialect.NotFound, Details: "The app has no business account."})
	}
	all := h.known(c, account.WABA)
	page := dialect.TemplatePage{
		Limit: intOf(c, "limit", 1000, 1000), Offset: intOf(c, "offset", 0, 1<<20), Total: len(all), Sort: c.r.URL.Query().Get("sort"),
	}
	from := min(page.Offset, len(all))
	to := min(from+page.Limit, len(all))
	return c.json(dialect.EncodeConfigTemplates(all[from:to], page))
}

// node reads a phone number node from upstream, if it is the app's own; any
// other id may be a file's.
func (h *Handler) node(ctx context.Context, c *call) int {
	if !c.who.Owns(c.route.ID) {
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
	var list []string
	if fields != "" {
		list = strings.Split(fields, ",")
	}
	return c.json(dialect.EncodePhone(phone, list))
}

func (h *Handler) healthStatus(c *call) int {
	account, _ := h.account(c)
	can := "AVAILABLE"
	if !h.cfg.Healthy(c.who.Tenant) {
		can = "BLOCKED"
	}
	return c.json(dialect.EncodeHealthStatus(c.number(), account.WABA, can))
}

// pairOf names the recipient for the pair limit, without keeping the number.
func pairOf(msg *message.Message) [16]byte {
	if msg.To.Number != "" {
		return pairHash(facts.Key(msg.To.Number))
	}
	return pairHash(msg.To.UserID)
}
