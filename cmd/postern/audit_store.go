package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// where says which trail is asked.
type where struct{ file, store string }

func (w *where) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&w.file, "file", "", "read this journal `FILE` or folder, such as a copy")
	f.StringVar(&w.store, "store", "embedded", "ask the trail in this `STORE`: embedded or clickhouse")
}

// questioned is a store that questions are put to.
type questioned interface {
	Query(ctx context.Context, text string, opt journal.QueryOptions) (journal.Table, error)
	Search(ctx context.Context, s journal.Search) (journal.Hits, error)
}

// answering is a trail and the store that answers for it: the journal, or its
// copy in ClickHouse. That it was asked is recorded in the journal either way.
type answering struct {
	*trail
	questioned
	name string       // of the store where it is not the journal
	end  func() error // of the store
}

func (a *answering) close() error { return errors.Join(a.end(), a.trail.close()) }

// openAnswering opens the trail and the store named.
func (p *program) openAnswering(ctx context.Context, w where) (*answering, error) {
	switch {
	case w.store != "embedded" && w.store != "clickhouse":
		return nil, usageError{errors.New("--store is embedded or clickhouse")}
	case w.store == "clickhouse" && w.file != "":
		return nil, usageError{errors.New("--file is a journal; leave it out with --store clickhouse")}
	}
	t, err := p.openTrail(ctx, w.file)
	if err != nil {
		return nil, err
	}
	a := &answering{trail: t, questioned: t.Reader, end: func() error { return nil }}
	if w.store == "embedded" {
		return a, nil
	}
	head, err := t.Head(ctx)
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	config, err := boot.FromVault(ctx, t.session.config, "clickhouse", p.now)
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	s, err := config.ClickHouse.OpenToAsk(head.Chain, p.now)
	if err != nil {
		return nil, errors.Join(err, t.close())
	}
	a.questioned, a.name, a.end = s, w.store, s.Close
	return a, nil
}
