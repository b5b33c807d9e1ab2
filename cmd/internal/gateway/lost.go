package gateway

import (
	"context"
	"errors"
	"slices"

	"postern/audit"
	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/retention"
)

// lostRows are the records that this store lost when it was restored, and that
// ClickHouse has.
type lostRows struct{ g *Gateway }

// EachLost implements retention.Lost.
func (l lostRows) EachLost(ctx context.Context, before int64, of []audit.SubjectID, fn func(*journal.Aged) error) error {
	return l.g.clickHouse.store.EachLost(ctx, l.g.store.Journal.Head().Chain, before, of, fn)
}

// TakeLost implements retention.Lost.
func (l lostRows) TakeLost(ctx context.Context, chain string, parts []string, seqs []uint64) error {
	return l.g.clickHouse.store.TakeLost(ctx, l.g.store.Journal.Head().Chain, chain, parts, seqs)
}

// lostOfAdmin is what the admin API does with them; nil where there are none.
func (g *Gateway) lostOfAdmin() (purge func(context.Context, string, string) (retention.LostTaken, error), over func(retention.Source) retention.Source) {
	if g.clickHouse.store == nil {
		return nil, nil
	}
	return g.retain.runner.PurgeLost, func(src retention.Source) retention.Source { return retention.OverLost(src, lostRows{g}) }
}

// planLost says what of the lost records is due.
func (g *Gateway) planLost(ctx context.Context) (retention.Plan, error) {
	src := retention.OverLost(admin.RetentionSource(g.store.Journal, g.people, g.config.Load), lostRows{g})
	return retention.MakePlan(ctx, g.Retention(), g.holds, g.now(), src)
}

// lostDue reports whether a run would take lost records; where that cannot be
// said nothing starts for it.
func (g *Gateway) lostDue(ctx context.Context) bool {
	if g.clickHouse.store == nil {
		return false
	}
	plan, err := g.planLost(ctx)
	return err == nil && len(plan.Due) > 0
}

// lostHas says how records that the store lost stand with what went. Those about
// a person who was erased go now, unless something keeps them.
func (g *Gateway) lostHas(ctx context.Context, gone retention.Gone) (retention.Place, error) {
	if g.clickHouse.store == nil {
		return retention.Place{}, nil
	}
	out := retention.Place{Name: "lost", State: retention.StateGone, How: "of the records that this store lost when it was restored, and ClickHouse has, none shows it"}
	ctx, cancel := context.WithTimeout(ctx, askedWithin)
	defer cancel()
	records, err := g.lostCount(ctx)
	switch {
	case errors.Is(err, clickhouse.ErrNotBegun):
		out.State, out.How = retention.StatePending, "nothing is in ClickHouse yet of the trail since it was restored: what was lost can not be told from the rest"
		return out, nil
	case err != nil:
		return out, err
	case records == 0 && gone.Was(out.Name).Name == "":
		return retention.Place{}, nil
	}
	out.Facts = map[string]int64{"records": records}
	if len(gone.Persons) > 0 {
		return g.lostOfPersons(ctx, gone, out)
	}
	plan, err := g.planLost(ctx)
	due := 0
	for _, d := range plan.Due {
		due += d.Count
	}
	if out.Facts["due"] = int64(due); due > 0 {
		out.State, out.How = retention.StatePending, "records that this store lost when it was restored are due in ClickHouse: the next run takes them"
	}
	return out, err
}

// lostCount is how many records there are that the store lost.
func (g *Gateway) lostCount(ctx context.Context) (n int64, err error) {
	all, err := g.clickHouse.store.Lost(ctx, g.store.Journal.Head().Chain)
	for _, l := range all {
		n += int64(l.Records) //nolint:gosec // far below 2^63
	}
	return n, err
}

func (g *Gateway) lostOfPersons(ctx context.Context, gone retention.Gone, out retention.Place) (retention.Place, error) {
	var all []audit.SubjectID
	for _, id := range gone.Persons {
		all = append(all, g.people.Same(id)...)
	}
	slices.SortFunc(all, func(a, b audit.SubjectID) int { return slices.Compare(a[:], b[:]) })
	took, err := g.retain.runner.ForgetLost(ctx, gone.Run, slices.Compact(all))
	if err != nil {
		return out, err
	}
	unnamed, err := g.clickHouse.store.Unnamed(ctx, g.store.Journal.Head().Chain)
	if err != nil {
		return out, err
	}
	out.Facts["taken"], out.Facts["held"], out.Facts["floor"], out.Facts["unnamed"] = took.Taken, took.Kept[retention.KeptByHold], took.Kept[retention.KeptByFloor], int64(unnamed) //nolint:gosec // far below 2^63
	switch {
	case len(took.Kept) > 0:
		out.State, out.How = retention.StatePending, "holds or floors keep records of the person that this store lost when it was restored, and ClickHouse has"
	case unnamed > 0:
		out.State = retention.StatePending
		out.How = "ClickHouse has records that this store lost when it was restored, about persons whom it does not know since: whether this one is among them nobody can tell; postern clickhouse lost"
	}
	return out, nil
}
