package outbound

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
)

// Templates in three shapes: the Cloud API's, 360dialog's two. Lists come from
// what is known here, changes pass the Gate (template_change.go).

// templates serves the list of an account and its changes, as the Cloud API
// and 360dialog's Cloud hosting write them.
func (h *Handler) templates(ctx context.Context, c *call) int {
	account, p := h.templateAccount(c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	switch c.r.Method {
	case http.MethodPost:
		return h.createTemplate(ctx, c, account)
	case http.MethodDelete:
		return h.deleteTemplates(ctx, c, account)
	}
	fields, known := dialect.TemplateFields(c.r.URL.Query().Get("fields"))
	if !known {
		return h.relayed(c, h.ask(ctx, c, "/"+account.WABA+"/message_templates?"+onlyOf(c, listParameters).Encode(), nil))
	}
	return c.json(h.templateList(c, account, fields))
}

// templateAccount is the app's own account; one in the path must be it.
func (h *Handler) templateAccount(c *call) (proxy.Account, *dialect.Problem) {
	account, ok := h.account(c)
	if !ok || strings.Contains(c.route.Row.Path, "{waba}") && account.WABA != c.route.ID {
		return account, &dialect.Problem{Kind: dialect.Forbidden, Details: "This token may not use this WhatsApp business account."}
	}
	return account, nil
}

// listParameters go on to upstream with a list that is not known here.
var listParameters = []string{"fields", "limit", "after", "before", "summary", "name", "status", "category", "language", "quality_score", "name_or_content"}

func onlyOf(c *call, names []string) url.Values {
	out, query := url.Values{}, c.r.URL.Query()
	for _, name := range names {
		if query.Has(name) {
			out.Set(name, query.Get(name))
		}
	}
	return out
}

func (h *Handler) templateList(c *call, account proxy.Account, fields []string) (int, []byte) {
	all, query := h.known(c, account.WABA), c.r.URL.Query()
	limit := max(intOf(c, "limit", 25, 1000), 1)
	from := min(decodeCursor(query.Get("after")), len(all))
	to := min(from+limit, len(all))
	if query.Get("after") == "" && query.Has("before") {
		to = min(decodeCursor(query.Get("before")), len(all))
		from = max(to-limit, 0)
	}
	page := dialect.TemplatePage{Total: len(all), Summary: query.Has("summary"), Fields: fields}
	if to > from {
		page.Before, page.After = encodeCursor(from), encodeCursor(to)
	}
	if to < len(all) {
		page.Next = h.page(c, "after", page.After)
	}
	if from > 0 && to > from {
		page.Previous = h.page(c, "before", page.Before)
	}
	return dialect.EncodeTemplates(templatesOf(all[from:to]), page)
}

// known lists the templates of the app's account that a request asks for: all of
// them as they are kept, which is not to be changed.
func (h *Handler) known(c *call, waba string) []facts.Template {
	all := h.cfg.Facts.Templates(c.who.Tenant, waba)
	query := c.r.URL.Query()
	if !slices.ContainsFunc(filters, func(name string) bool { return query.Get(name) != "" }) {
		return all
	}
	var out []facts.Template
	for _, t := range all {
		if wanted(t.Name, query.Get("name")) && wanted(t.Status, query.Get("status")) && wanted(t.Category, query.Get("category")) &&
			wanted(t.Language, query.Get("language")) && wanted(t.Quality, query.Get("quality_score")) {
			out = append(out, t)
		}
	}
	return out
}

var filters = []string{"name", "status", "category", "language", "quality_score"}

func wanted(has, asked string) bool { return asked == "" || strings.EqualFold(has, asked) }

func templateOf(t facts.Template) dialect.Template {
	return dialect.Template{
		ID: t.ID, Name: t.Name, Language: t.Language, Status: t.Status, Category: t.Category,
		ParameterFormat: t.Format, Components: t.Components, Quality: t.Quality, RejectedReason: t.Reason,
	}
}

func templatesOf(list []facts.Template) []dialect.Template {
	out := make([]dialect.Template, len(list))
	for i, t := range list {
		out[i] = templateOf(t)
	}
	return out
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

// configTemplates serves 360dialog's configs/templates, for both its versions.
func (h *Handler) configTemplates(ctx context.Context, c *call) int {
	account, ok := h.account(c)
	if !ok {
		return c.problem(&dialect.Problem{Kind: dialect.NotFound, Details: "The app has no business account."})
	}
	switch c.r.Method {
	case http.MethodPost:
		return h.createTemplate(ctx, c, account)
	case http.MethodDelete:
		return h.deleteTemplates(ctx, c, account)
	}
	all := h.known(c, account.WABA)
	page := dialect.TemplatePage{
		Limit: intOf(c, "limit", 1000, 1000), Offset: intOf(c, "offset", 0, 1<<20), Total: len(all), Sort: c.r.URL.Query().Get("sort"),
		Namespace: h.cfg.Namespace(ctx, c.who.Tenant, account.WABA),
	}
	from := min(page.Offset, len(all))
	to := min(from+page.Limit, len(all))
	return c.json(dialect.EncodeConfigTemplates(templatesOf(all[from:to]), page))
}

// templateNode reads one template of the app's account.
func (h *Handler) templateNode(ctx context.Context, c *call, t facts.Template) int {
	list := c.r.URL.Query().Get("fields")
	if fields, known := dialect.TemplateFields(list); known {
		return c.json(dialect.EncodeTemplate(templateOf(t), fields))
	}
	return h.relayed(c, h.ask(ctx, c, "/"+t.ID+"?fields="+url.QueryEscape(list), nil))
}

// accountNode reads the app's own business account at upstream.
func (h *Handler) accountNode(ctx context.Context, c *call) int {
	list := c.r.URL.Query().Get("fields")
	if !dialect.AccountFields(list) {
		return h.refuse(ctx, c, &dialect.Problem{
			Kind: dialect.Invalid, Param: "fields", Details: "Of an account an app may read its name, state and template namespace, nothing that it holds."})
	}
	return h.relayed(c, h.ask(ctx, c, "/"+c.route.ID+"?fields="+url.QueryEscape(list), nil))
}
