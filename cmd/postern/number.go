package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newNumberCommand(p *program) *cobra.Command {
	return group("number", "See how business numbers stand, and move them", newNumberStatus(p), newNumberWebhook(p), newNumberMove(p), newNumberAbort(p))
}

func newNumberStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status [PHONE_NUMBER_ID]",
		Short: "Say how a number stands at Meta and here, and what is missing",
		Long: `Asks Meta, by way of the running gateway, how a number stands (all of them
without an id), and holds it against what the gateway has: tenant, app, key,
webhook, templates, flow key, payload encryption, last messages. Each thing that
is missing is named with who must do what.

A dash is what Meta did not say. Last messages are looked for among the newest
50,000 records. --json has more: name, throughput, limit, webhook override and
where messages rest.`,
		Example: "  postern number status\n  postern number status 106540352242922 --json",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			var asked admin.NumbersAsked
			if len(args) > 0 {
				asked.Number = args[0]
			}
			all, err := ask[[]admin.NumberStatus](c.Context(), p, "number.status", asked)
			if err != nil {
				return err
			}
			return p.result(all, func() error { return p.numbers(all) })
		},
	}
}

func (p *program) numbers(all []admin.NumberStatus) error {
	var rows [][]string
	for _, s := range all {
		rows = append(rows, []string{
			s.Number, s.Tenant, dash(s.App), dash(s.Dialect), dash(s.Meta.Status), dash(s.Meta.Quality), dash(s.Meta.PIN), dash(s.Meta.Subscribed),
			fmt.Sprintf("%d of %d", s.Approved, s.Templates), dash(string(s.FlowKey)), dash(string(s.Encryption)), lately(s.LastIn), lately(s.LastHook), lately(s.LastOut),
		})
	}
	err := table(p.stdout, []string{
		"NUMBER", "TENANT", "APP", "DIALECT", "STATUS", "QUALITY", "PIN", "SUBSCRIBED", "TEMPLATES", "FLOW KEY", "ENCRYPTION", "LAST IN", "LAST WEBHOOK", "LAST OUT",
	}, rows)
	for _, s := range all {
		if m := s.Move; m != nil {
			err = errors.Join(err, p.say("%s: the move from %s to tenant %s is %s; see: postern number move %s", s.Number, m.From, m.To, stateWords[m.State], m.Number))
			if m.Silence != nil {
				err = errors.Join(err, p.silence(m.Silence))
			}
		}
		for _, n := range s.Needs {
			err = errors.Join(err, p.say("%s, %s: %s", s.Number, n.Who, n.What))
		}
	}
	return err
}

func dash(s string) string { return cmp.Or(s, "-") }

func lately(at int64) string {
	if at == 0 {
		return "-"
	}
	return date(at)
}
