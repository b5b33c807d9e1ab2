package gateway

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
)

// maxTemplatePages bounds one refresh (6,000 templates at most, 100 a page).
const maxTemplatePages = 100

// templateFields are what is kept of a template. Quality and reason are given
// only to who asks.
const templateFields = "name,language,status,category,parameter_format,components,quality_score,rejected_reason"

var errTemplates = errors.New("upstream did not list the templates")

// fetchTemplates reads all pages of an account's list.
func (g *Gateway) fetchTemplates(ctx context.Context, tenant, waba string) ([]dialect.Template, error) {
	token, err := g.token(tenant)
	if err != nil {
		return nil, err
	}
	var all []dialect.Template
	after := ""
	for range maxTemplatePages {
		a := g.upstream.Get(ctx, token, "/"+waba+"/message_templates?limit=100&fields="+templateFields+"&after="+url.QueryEscape(after))
		if !a.Answered() || a.Status != http.StatusOK {
			return nil, errTemplates
		}
		page, next, err := dialect.DecodeTemplates(a.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		after = next
	}
	return nil, fmt.Errorf("%w: the list does not end", errTemplates)
}

// templateReads bounds how often one refresh reads the list.
const templateReads = 3

// errOvertaken: what a list says of a template was out of date before it was
// on record.
var errOvertaken = errors.New("templates changed while their list was recorded")

// refreshTenant takes over what differs from what is known. Of a template that
// a webhook or an app changed while the list was read nobody knows which is
// newer: what is known stays, and the list is read again.
func (g *Gateway) refreshTenant(ctx context.Context, tenant, waba string) error {
	for range templateReads {
		whole, err := g.readTemplates(ctx, tenant, waba)
		if whole || err != nil && !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return nil // the next refresh comes
}

// readTemplates reads the list once. It was not whole if templates that it
// would change have changed meanwhile.
func (g *Gateway) readTemplates(ctx context.Context, tenant, waba string) (whole bool, err error) {
	at := g.now().Truncate(time.Second) // as exact as Meta's webhooks: one of the same second is newer
	watch := g.facts.WatchTemplates()
	defer watch.Close()
	list, err := g.fetchTemplates(ctx, tenant, waba)
	if err != nil {
		return false, err
	}
	rows := g.templateRows(tenant, waba, list, at)
	sure := slices.DeleteFunc(slices.Clone(rows), watch.Changed)
	if err := g.recordTemplates(ctx, tenant, sure, watch); err != nil {
		return false, err
	}
	return len(sure) == len(rows), nil
}

// templateRows are the facts by which a list differs from what is known.
func (g *Gateway) templateRows(tenant, waba string, list []dialect.Template, at time.Time) []facts.Row {
	var rows []facts.Row
	listed := map[string]bool{}
	for _, t := range list {
		listed[t.Name+"/"+t.Language] = true
		old, known := g.facts.Template(tenant, waba, t.Name, t.Language)
		if t.Quality == "" {
			t.Quality = old.Quality // a webhook said it
		}
		if next := templateRow(waba, t); !known || !old.Same(next) {
			rows = append(rows, next.Row(tenant, at))
		}
	}
	for _, old := range g.facts.Templates(tenant, waba) {
		if !listed[old.Name+"/"+old.Language] {
			rows = append(rows, old.GoneRow(tenant, at))
		}
	}
	return rows
}

// recordTemplates keeps the rows, all of them or none: errOvertaken where one
// of the templates changed since it was looked at.
func (g *Gateway) recordTemplates(ctx context.Context, tenant string, rows []facts.Row, watch *facts.TemplateWatch) error {
	if len(rows) == 0 {
		return nil
	}
	now := g.now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindEvent, Time: now.UnixMicro(), Tenant: tenant, Actor: "system",
		Type: "templates_refreshed", Result: "applied", Code: int64(len(rows)),
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	proxy.AddFacts(&b, g.facts, rec.ID, rows...)
	b.Recheck = func(pending []journal.Fact) error {
		unsure := func(f journal.Fact) bool { return f.Kind == facts.KindTemplate && f.Tenant == tenant }
		if slices.ContainsFunc(rows, watch.Changed) || slices.ContainsFunc(pending, unsure) {
			return errOvertaken
		}
		return nil
	}
	if err := g.store.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("record templates: %w", err)
	}
	return nil
}
