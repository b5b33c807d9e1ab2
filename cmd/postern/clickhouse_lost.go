package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/retention"
)

func newClickHouseLost(p *program) *cobra.Command {
	var purge, yes bool
	why := ""
	c := &cobra.Command{
		Use:   "lost",
		Short: "List records that only ClickHouse has since the store was restored, or purge them",
		Long: `A store that was restored from a backup lost what came after it. What had been
shipped by then is in ClickHouse, under the chain's earlier name: it may be the
only copy, so it stays, and the views show it. It goes like the rest: content of
a person who is erased, and what the retention policy lets go; holds and floors
keep it.

With --purge and --why all of it goes that no hold and no floor keeps. That is on
record before it acts and for good, so it asks unless --yes is given. It needs the
running gateway and role approve; the list needs neither.`,
		Example: "  postern clickhouse lost\n  postern clickhouse lost --json\n  postern clickhouse lost --purge --why imported",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case purge && why == "":
				return usageError{errors.New("say why: --why WORD")}
			case !purge && (why != "" || yes):
				return usageError{errors.New("--why and --yes go with --purge")}
			case purge:
				return p.purgeLost(c.Context(), why, yes)
			}
			return p.listLost(c.Context())
		},
	}
	c.Flags().BoolVar(&purge, "purge", false, "take them away")
	c.Flags().StringVar(&why, "why", "", "a short `WORD` for the record")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (p *program) listLost(ctx context.Context) error {
	return p.inClickHouse(ctx, func(cfg *boot.Config, s *clickhouse.Store) (err error) {
		r, err := journal.OpenReader(ctx, cfg.JournalPath())
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, r.Close()) }()
		head, err := r.Head(ctx)
		if err != nil {
			return err
		}
		lost, err := s.Lost(ctx, head.Chain)
		if err != nil {
			return err
		}
		return p.result(map[string]any{"chain": head.Chain, "lost": append([]clickhouse.Lost{}, lost...)}, func() error {
			if len(lost) == 0 {
				return p.say("ClickHouse has nothing that this store lost.")
			}
			return p.lostText(lost)
		})
	})
}

// lostText names each chain of which something was lost.
func (p *program) lostText(lost []clickhouse.Lost) error {
	var errs []error
	for _, l := range lost {
		errs = append(errs, p.say("LOST in this store: records %d to %d of chain %s; ClickHouse has %d of them (%d with content), %d purged.",
			l.First, l.Last, l.Chain, l.Records, l.Content, l.Purged))
		if l.Records > 0 {
			errs = append(errs, p.say("  from %s to %s", micro(l.From), micro(l.Until)))
		}
	}
	return errors.Join(errs...)
}

func (p *program) purgeLost(ctx context.Context, why string, yes bool) error {
	if !yes {
		if err := p.askPurge("What only ClickHouse has"); err != nil {
			return err
		}
	}
	out, err := ask[retention.LostTaken](ctx, p, "clickhouse.lost", admin.LostPurge{Reason: why, Confirm: "purge"})
	if err != nil {
		return err
	}
	return p.result(out, func() error {
		return p.say("%d records are gone; holds keep %d, floors %d.", out.Taken, out.Kept[retention.KeptByHold], out.Kept[retention.KeptByFloor])
	})
}
