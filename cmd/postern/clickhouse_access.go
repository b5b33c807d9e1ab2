package main

import (
	"errors"

	"github.com/spf13/cobra"

	"postern/audit/clickhouse"
	"postern/cmd/internal/boot"
)

func newClickHouseAccess(p *program) *cobra.Command {
	tenant := ""
	c := &cobra.Command{
		Use:   "access",
		Short: "Print what an administrator runs so that read_user may ask",
		Long: `Prints the statements that let clickhouse.read_user ask the trail and do nothing
else: a role, limits of time, memory and rows, grants and a quota. With --tenant a row
policy shows that user the rows of one tenant alone. Nothing is sent.`,
		Example: "  postern clickhouse access\n  postern clickhouse access --tenant bank > bank.sql",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			config, err := p.config()
			if err != nil {
				return err
			}
			return p.withClickHouse(config, func(c *boot.Config, s *clickhouse.Store) error {
				if c.ClickHouse.ReadUser == "" {
					return errors.New("the configuration names no clickhouse.read_user: name the user who is to ask")
				}
				all, err := s.Access(c.ClickHouse.ReadUser, tenant)
				if err != nil {
					return err
				}
				return p.result(map[string]any{"statements": all}, func() error {
					for _, text := range all {
						if err := p.say("%s;", text); err != nil {
							return err
						}
					}
					return nil
				})
			})
		},
	}
	c.Flags().StringVar(&tenant, "tenant", "", "only the rows of this tenant")
	return c
}
