package gateway

import (
	"context"
	"fmt"
	"maps"
	"strconv"

	"postern/audit"
	"postern/audit/journal"
)

// scopeAdopted holds, by number, since when its sends pass this gate, in
// microseconds.
const scopeAdopted = "adopted"

// adopt keeps since when each configured number is here. What was sent before
// has no admission, and its statuses come for weeks.
func (g *Gateway) adopt(ctx context.Context, actor string) error {
	rows, err := g.store.Journal.Settings(ctx, scopeAdopted)
	if err != nil {
		return fmt.Errorf("look up numbers: %w", err)
	}
	known := map[string]int64{}
	for _, r := range rows {
		if known[r.Key], err = strconv.ParseInt(string(r.Value), 10, 64); err != nil {
			return fmt.Errorf("look up numbers: a stored one is damaged; verify the journal")
		}
	}
	g.adopted.Store(&known)
	now, b := g.now(), journal.Batch{}
	all := maps.Clone(known)
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			if known[n.ID] != 0 {
				continue
			}
			all[n.ID] = now.UnixMicro()
			b.Records = append(b.Records, audit.Record{
				Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: actor,
				Tenant: t.Name, Number: n.ID, Type: "number", Result: "adopted",
			})
			b.Settings = append(b.Settings, journal.Setting{
				Scope: scopeAdopted, Key: n.ID, Value: strconv.AppendInt(nil, now.UnixMicro(), 10), Time: now.UnixMicro(),
			})
		}
	}
	if len(b.Records) == 0 {
		return nil
	}
	if err := g.store.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("record numbers: %w", err)
	}
	g.adopted.Store(&all)
	return nil
}
