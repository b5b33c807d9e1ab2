package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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

// refreshTenant takes over what differs from what is known.
func (g *Gateway) refreshTenant(ctx context.Context, tenant, waba string) error {
	at := g.now().Truncate(time.Second) // as exact as Meta's webhooks: one of the same second is newer
	list, err := g.fetchTemplates(ctx, tenant, waba)
	if err != nil {
		return err
	}
	var rows []facts.Row
	listed := map[string]bool{}
	for _, t := range list {
		listed[t.Name+"/"+t.Language] = true
		old, known := g.facts.Template(tenant, waba, t.Name, t.Language)
		if t.Quality == "" {
			t.Quality = old.Quality // a webhook said it
		}
		if next := templateRow(waba, t); !known || !sameTemplate(old, next) {
			rows = append(rows, next.Row(tenant, at))
		}
	}
	for _, old := range g.facts.Templates(tenant, waba) {
		if !listed[old.Name+"/"+old.Language] {
			rows = append(rows, old.GoneRow(tenant, at))
		}
	}
	return g.recordTemplates(ctx, tenant, rows)
}

func sameTemplate(a, b facts.Template) bool {
	return a.ID == b.ID && a.Status == b.Status && a.Category == b.Category && a.Format == b.Format &&
		a.Quality == b.Quality && a.Reason == b.Reason && bytes.Equal(a.Components, b.Components)
}

func (g *Gateway) recordTemplates(ctx context.Context, tenant string, rows []facts.Row) error {
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
	if err := g.store.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("record templates: %w", err)
	}
	return nil
}
