package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
)

func newDeliveriesCommand(p *program) *cobra.Command {
	return group("deliveries", "See and replay the events on their way to apps", newDeliveriesList(p), newDeliveriesReplay(p))
}

func newDeliveriesList(p *program) *cobra.Command {
	in := admin.Deliveries{Limit: 50}
	c := &cobra.Command{
		Use:     "list",
		Short:   "List events that wait, or dead letters",
		Example: "  postern deliveries list --app shop\n  postern deliveries list --dead --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.Delivery](c.Context(), p, "deliveries.list", in)
			if err != nil {
				return err
			}
			return p.result(all, func() error { return p.deliveryTable(all) })
		},
	}
	c.Flags().StringVar(&in.App, "app", "", "only of this `APP`")
	c.Flags().BoolVar(&in.Dead, "dead", false, "dead letters, instead of those still tried")
	c.Flags().Int64Var(&in.After, "after", 0, "continue after this `SEQ` of an earlier list")
	c.Flags().IntVar(&in.Limit, "limit", in.Limit, "at most this many, up to 1000")
	return c
}

func (p *program) deliveryTable(all []admin.Delivery) error {
	var rows [][]string
	for _, d := range all {
		rows = append(rows, []string{
			fmt.Sprint(d.Seq), d.ID.String(), d.App, fmt.Sprint(d.Attempts), fmt.Sprint(d.LastCode), micro(d.Created), micro(d.NextAt), micro(d.NotAfter),
		})
	}
	return table(p.stdout, []string{"SEQ", "ID", "APP", "ATTEMPTS", "LAST ANSWER", "CREATED", "NEXT TRY", "TRIED UNTIL"}, rows)
}

func micro(t int64) string {
	if t == 0 {
		return ""
	}
	return time.UnixMicro(t).UTC().Format("2006-01-02 15:04:05Z")
}

func newDeliveriesReplay(p *program) *cobra.Command {
	var in admin.Replay
	var all bool
	c := &cobra.Command{
		Use:     "replay --app APP [ID]",
		Short:   "Try dead letters again",
		Example: "  postern deliveries replay --app shop 0192f0...\n  postern deliveries replay --app shop --all",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if all == (len(args) == 1) {
				return usageError{errors.New("name one delivery, or use --all")}
			}
			if len(args) == 1 {
				id, err := audit.ParseID(args[0])
				if err != nil {
					return usageError{err}
				}
				in.ID = &id
			}
			done, err := ask[admin.Replayed](c.Context(), p, "deliveries.replay", in)
			if err != nil {
				return err
			}
			return p.result(done, func() error { return p.say("%d to be tried again.", done.Count) })
		},
	}
	c.Flags().StringVar(&in.App, "app", "", "the `APP` they were meant for")
	c.Flags().BoolVar(&all, "all", false, "all dead letters of the app")
	return c
}
