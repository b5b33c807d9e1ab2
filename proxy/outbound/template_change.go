package outbound

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

// templateChange is a change of templates on its way to upstream.
type templateChange struct {
	name         string // of the endpoint, on record
	method, path string
	body, record []byte // what upstream is given, what the trail keeps
	// learn is what is known once upstream has taken it, nil for nothing.
	learn func(a upstream.Answer) []facts.Row
}

// changeTemplates makes a change once it is admitted and on record. What it
// leaves is known at once, and read from upstream soon after. status is 0 where
// upstream took it, else the problem was answered.
func (h *Handler) changeTemplates(ctx context.Context, c *call, x templateChange) (a upstream.Answer, status int) {
	if p := h.spare(c); p != nil {
		return a, c.problem(p)
	}
	req := proxy.CallRequest{Number: c.accountNumber(), Call: dialect.CallTemplate, Name: x.name, Raw: c.body, Body: x.record}
	p := h.decide(ctx, c, req, func(ctx context.Context, _ *proxy.CallAdmission) proxy.CallOutcome {
		a = h.askAs(ctx, c, x.method, x.path, x.body)
		out := callOutcome(a)
		if out.Result == proxy.Accepted && x.learn != nil {
			out.Facts = x.learn(a)
		}
		return out
	})
	if p != nil {
		h.unmade(c)
		return a, c.problem(p)
	}
	h.cfg.TemplatesChanged()
	if p := upstreamProblem(c, a); p != nil {
		return a, c.problem(p)
	}
	return a, 0
}

// said is when a change is known to hold: as exact as Meta's webhooks, which
// are newer if they are of the same second.
func (h *Handler) said() time.Time { return h.cfg.Now().Truncate(time.Second) }

// createTemplate hands a new template in for review.
func (h *Handler) createTemplate(ctx context.Context, c *call, account proxy.Account) int {
	config := c.route.Name == dialect.RouteConfigTmpl
	t, body, p := dialect.DecodeTemplate(c.r.Header.Get("Content-Type"), c.body, config)
	if p == nil {
		p = h.creatable(c, account, t)
	}
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	at := h.said()
	a, status := h.changeTemplates(ctx, c, templateChange{
		name: "template/create", method: http.MethodPost, path: "/" + account.WABA + "/message_templates", body: body, record: body,
		learn: func(a upstream.Answer) []facts.Row { return made(c, account, &t, a, at) },
	})
	if !a.Sent {
		h.cfg.Limits.TemplateBack(c.who.Tenant + "/" + account.WABA)
	}
	switch {
	case status != 0:
		return status
	case !config:
		return h.relayed(c, a)
	}
	return c.json(dialect.EncodeConfigTemplate(t, h.cfg.Namespace(ctx, c.who.Tenant, account.WABA)))
}

// creatable says why a template is not handed in at all.
func (h *Handler) creatable(c *call, account proxy.Account, t dialect.Template) *dialect.Problem {
	for _, f := range []struct{ name, value string }{{"name", t.Name}, {"language", t.Language}, {"category", t.Category}} {
		if f.value == "" {
			return &dialect.Problem{Kind: dialect.Missing, Param: f.name, Details: "A template needs it."}
		}
	}
	if wait := h.cfg.Limits.Template(c.who.Tenant + "/" + account.WABA); wait > 0 {
		return &dialect.Problem{Kind: dialect.RateAccount, RetryAfter: wait, Details: "A WhatsApp business account may create 100 templates an hour."}
	}
	return nil
}

// made completes a template by what upstream says and makes it known.
func made(c *call, account proxy.Account, t *dialect.Template, a upstream.Answer, at time.Time) []facts.Row {
	id, status, category, err := dialect.DecodeTemplateMade(a.Body)
	t.Status = "PENDING"
	if err != nil {
		return nil // the refresh finds it
	}
	t.ID, t.Status = id, status
	if category != "" {
		t.Category = category
	}
	if strings.Contains(t.Name+t.Language, "/") {
		return nil // no name of a template; upstream would have to be asked
	}
	return []facts.Row{facts.Template{
		WABA: account.WABA, Name: t.Name, Language: t.Language, ID: t.ID, Status: t.Status, Category: t.Category,
		Format: t.ParameterFormat, Components: t.Components,
	}.Row(c.who.Tenant, at)}
}

// deleteTemplates ends a template in all its languages, or the one with an id.
func (h *Handler) deleteTemplates(ctx context.Context, c *call, account proxy.Account) int {
	query, p := h.doomed(c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	record, err := json.Marshal(map[string]string{"name": query.Get("name"), "hsm_id": query.Get("hsm_id")})
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.Internal, Details: "The call can not be recorded."})
	}
	at := h.said()
	a, status := h.changeTemplates(ctx, c, templateChange{
		name: "template/delete", method: http.MethodDelete, path: "/" + account.WABA + "/message_templates?" + query.Encode(), record: record,
		learn: func(upstream.Answer) []facts.Row { return h.gone(c, account, query, at) },
	})
	switch {
	case status != 0:
		return status
	case c.route.Name == dialect.RouteConfigTmpl:
		return c.json(dialect.EncodeDone(dialect.D360V1)) // that list's own shape, whichever key
	}
	return h.relayed(c, a)
}

// doomed is which templates are to go, by path, query or body.
func (h *Handler) doomed(c *call) (url.Values, *dialect.Problem) {
	if c.route.Name == dialect.RouteConfigTmpl {
		return url.Values{"name": {c.route.ID}}, nil
	}
	query := onlyOf(c, []string{"name", "hsm_id"})
	if len(query) == 0 && len(c.body) > 0 {
		raw, p := dialect.DecodeChange(c.r.Header.Get("Content-Type"), c.body)
		var named struct {
			Name string `json:"name"`
			ID   string `json:"hsm_id"`
		}
		if p != nil {
			return nil, p
		}
		if err := json.Unmarshal(raw, &named); err != nil {
			return nil, &dialect.Problem{Kind: dialect.Invalid, Param: "name", Details: "name and hsm_id are texts."}
		}
		query = url.Values{"name": {named.Name}}
		if named.ID != "" {
			query.Set("hsm_id", named.ID)
		}
	}
	if query.Get("name") == "" {
		return nil, &dialect.Problem{Kind: dialect.Missing, Param: "name", Details: "Say which template is to go."}
	}
	return query, nil
}

// gone are the facts of templates that upstream has deleted.
func (h *Handler) gone(c *call, account proxy.Account, query url.Values, at time.Time) []facts.Row {
	var rows []facts.Row
	for _, t := range h.cfg.Facts.Templates(c.who.Tenant, account.WABA) {
		if t.Name == query.Get("name") && (!query.Has("hsm_id") || t.ID == query.Get("hsm_id")) {
			rows = append(rows, t.GoneRow(c.who.Tenant, at))
		}
	}
	return rows
}

// ownTemplate finds a template of the app's account by its id.
func (h *Handler) ownTemplate(c *call, id string) (facts.Template, bool) {
	account, ok := h.account(c)
	if !ok {
		return facts.Template{}, false
	}
	return h.cfg.Facts.TemplateByID(c.who.Tenant, account.WABA, id)
}

// templateByID serves what is done with one template: its edit, the end of a
// pause, and how it does beside others.
func (h *Handler) templateByID(ctx context.Context, c *call) int {
	t, ok := h.ownTemplate(c, c.route.ID)
	if !ok {
		return h.refuse(ctx, c, &dialect.Problem{
			Kind: dialect.Unsupported, Details: "There is no such template, or this credential may not use it."})
	}
	switch {
	case c.r.Method == http.MethodGet:
		return h.compareTemplates(ctx, c)
	case strings.HasSuffix(c.route.Row.Path, "/unpause"):
		return h.editTemplate(ctx, c, templateChange{name: "template/unpause", path: "/" + t.ID + "/unpause"}, nil)
	}
	edit, body, p := dialect.DecodeTemplate(c.r.Header.Get("Content-Type"), c.body, false)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	at := h.said()
	return h.editTemplate(ctx, c, templateChange{name: "template/edit", path: "/" + t.ID, body: body}, func(upstream.Answer) []facts.Row {
		if edit.Category != "" {
			t.Category = edit.Category
		}
		if edit.Components != nil {
			t.Components = edit.Components
		}
		t.Status = "PENDING" // each edit is reviewed
		return []facts.Row{t.Row(c.who.Tenant, at)}
	})
}

func (h *Handler) editTemplate(ctx context.Context, c *call, x templateChange, learn func(upstream.Answer) []facts.Row) int {
	x.method, x.record, x.learn = http.MethodPost, x.body, learn
	a, status := h.changeTemplates(ctx, c, x)
	if status != 0 {
		return status
	}
	return h.relayed(c, a)
}

// compareTemplates asks upstream how templates of the app's account did.
func (h *Handler) compareTemplates(ctx context.Context, c *call) int {
	query := onlyOf(c, []string{"template_ids", "start", "end"})
	ids := strings.FieldsFunc(query.Get("template_ids"), func(r rune) bool { return strings.ContainsRune("[]\", ", r) })
	foreign := func(id string) bool { _, ok := h.ownTemplate(c, id); return !ok }
	if len(ids) == 0 || slices.ContainsFunc(ids, foreign) {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.Invalid, Param: "template_ids", Details: "It lists templates of the same account."})
	}
	return h.relayed(c, h.ask(ctx, c, "/"+c.route.ID+"/compare?"+query.Encode(), nil))
}
