package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newOperatorCommand(p *program) *cobra.Command {
	return group("operator", "Say who may do what", newOperatorAdd(p), newOperatorList(p), newOperatorRevoke(p))
}

func newOperatorAdd(p *program) *cobra.Command {
	var in admin.OperatorAdd
	c := &cobra.Command{
		Use:   "add NAME --role ROLE",
		Short: "Add a person and show the key once",
		Long: `Adds an operator and prints the key; only a keyed hash of it is stored. Every
action carries the operator's name in the trail.

Roles: read asks; operate also manages apps, consents and deliveries and
reloads; approve also says who may do what. reveal asks, too, and opens what is
kept sealed of records of the tenants named; no other role includes that.

The first operator is added while no gateway runs, needs no key and has role approve.`,
		Example: "  postern operator add ann --role approve > ann.key\n  postern operator add ben --role read\n  postern operator add eve --role reveal --tenant demo",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in.Name = args[0]
			k, err := ask[admin.OperatorKey](c.Context(), p, "operator.add", in)
			if err != nil {
				return err
			}
			return p.result(k, func() error {
				return errors.Join(p.note("Operator %s has role %s. The key is shown only now; keep it in a file with mode 0600.", k.Name, k.Role), p.say("%s", k.Key))
			})
		},
	}
	c.Flags().StringVar((*string)(&in.Role), "role", "", "read, operate, approve or reveal")
	c.Flags().StringArrayVar(&in.Tenants, "tenant", nil, "with role reveal: whose records, repeatable (default the only `TENANT` there is)")
	return c
}

func newOperatorList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List operators and their roles",
		Example: "  postern operator list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.Operator](c.Context(), p, "operator.list", admin.None{})
			if err != nil {
				return err
			}
			return p.result(all, func() error {
				var rows [][]string
				for _, o := range all {
					rows = append(rows, []string{o.Name, string(o.Role), date(o.Created), o.Actor, strings.Join(o.Tenants, ",")})
				}
				return table(p.stdout, []string{"NAME", "ROLE", "SINCE", "BY", "REVEALS"}, rows)
			})
		},
	}
}

func newOperatorRevoke(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "revoke NAME",
		Short:   "End an operator's key at once",
		Example: "  postern operator revoke ben",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if _, err := ask[admin.None](c.Context(), p, "operator.revoke", admin.Name{Name: args[0]}); err != nil {
				return err
			}
			return p.result(map[string]string{"revoked": args[0]}, func() error { return p.say("Operator %s is revoked.", args[0]) })
		},
	}
}
