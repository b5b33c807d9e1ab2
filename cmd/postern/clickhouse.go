package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

func newClickHouseCommand(p *program) *cobra.Command {
	return group("clickhouse", "Set up and look at the trail in ClickHouse", newClickHouseMigrate(p), newClickHouseStatus(p), newClickHouseAccess(p), newClickHouseLost(p))
}

// inClickHouse opens what the configuration names, with a password of Vault's
// where it names one.
func (p *program) inClickHouse(ctx context.Context, do func(*boot.Config, *clickhouse.Store) error) error {
	c, err := p.config()
	if err == nil {
		c, err = boot.FromVault(ctx, c, "clickhouse", p.now)
	}
	if err != nil {
		return err
	}
	return p.withClickHouse(c, do)
}

func (p *program) withClickHouse(c *boot.Config, do func(*boot.Config, *clickhouse.Store) error) (err error) {
	if !c.ClickHouse.Enabled() {
		return errors.New("the configuration names no ClickHouse: add a section clickhouse (postern config example shows one)")
	}
	s, err := c.ClickHouse.Open(p.now)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return do(c, s)
}

func newClickHouseMigrate(p *program) *cobra.Command {
	dry := false
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Make the tables in ClickHouse, or bring them up to date",
		Long: `Applies the numbered files of the schema that are not applied yet. With --dry-run
it prints the statements and sends none of them.

A schema that is newer than this program, or made by other files, is refused and
left as it is. A run that broke off is taken up where it was. The gateway
makes no tables: it ships nothing until they are there.`,
		Example: "  postern clickhouse migrate --dry-run\n  postern clickhouse migrate",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.inClickHouse(c.Context(), func(_ *boot.Config, s *clickhouse.Store) error { return p.migrateClickHouse(c.Context(), s, dry) })
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "print the statements and send none")
	return c
}

func (p *program) migrateClickHouse(ctx context.Context, s *clickhouse.Store, dry bool) error {
	if !dry {
		done, err := s.Migrate(ctx)
		if err != nil {
			return err
		}
		for i := range done {
			done[i].Statements = nil
		}
		return p.result(map[string]any{"applied": append([]clickhouse.Migration{}, done...)}, func() error {
			for _, m := range done {
				if err := p.say("applied %s", m.Name); err != nil {
					return err
				}
			}
			return p.say("The schema is up to date.")
		})
	}
	all, err := s.Migrations(ctx)
	if err != nil {
		return err
	}
	open := []clickhouse.Migration{}
	for _, m := range all {
		if !m.Applied {
			open = append(open, m)
		}
	}
	return p.result(map[string]any{"open": open}, func() error {
		for _, m := range open {
			if err := p.say("-- %s", m.Name); err != nil {
				return err
			}
			for _, statement := range m.Statements {
				if err := p.say("%s;", statement); err != nil {
					return err
				}
			}
		}
		return p.say("-- %d of %d files are to be applied.", len(open), len(all))
	})
}

// clickHouseStatus is what "clickhouse status" shows.
type clickHouseStatus struct {
	Version string                 `json:"version"`
	Schema  int                    `json:"schema"` // migrations applied
	Known   int                    `json:"known"`  // to this program
	Records uint64                 `json:"records"`
	Cursor  uint64                 `json:"cursor"` // records the gateway knows to be confirmed
	Size    uint64                 `json:"size"`   // records of the journal
	Tables  []clickhouse.TableSize `json:"tables"`
	Lost    []clickhouse.Lost      `json:"lost,omitempty"` // what only ClickHouse has since the store was restored
}

func newClickHouseStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say what of the trail is in ClickHouse",
		Long: `Asks ClickHouse for its version, schema and tables, and holds the journal's cursor
against its end. Needs no running gateway.`,
		Example: "  postern clickhouse status\n  postern clickhouse status --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return p.inClickHouse(c.Context(), func(cfg *boot.Config, s *clickhouse.Store) error {
				st, err := readClickHouseStatus(c.Context(), cfg, s)
				if err != nil {
					return err
				}
				return p.result(st, func() error { return p.clickHouseStatus(st) })
			})
		},
	}
}

func readClickHouseStatus(ctx context.Context, cfg *boot.Config, s *clickhouse.Store) (st clickHouseStatus, err error) {
	r, err := journal.OpenReader(ctx, cfg.JournalPath())
	if err != nil {
		return st, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	head, err := r.Head(ctx)
	if err != nil {
		return st, err
	}
	if st.Cursor, _, err = r.Cursor(ctx, clickhouse.FollowerName); err != nil {
		return st, err
	}
	all, err := s.Migrations(ctx)
	if err != nil {
		return st, err
	}
	st.Size, st.Known = head.Records, len(all)
	for _, m := range all {
		if m.Applied {
			st.Schema++
		}
	}
	if st.Version, err = s.Version(ctx); err != nil || st.Schema < st.Known {
		return st, err
	}
	if st.Records, err = s.Reach(ctx, head.Chain); err != nil {
		return st, err
	}
	if st.Tables, err = s.Sizes(ctx); err != nil {
		return st, err
	}
	st.Lost, err = s.Lost(ctx, head.Chain)
	if errors.Is(err, clickhouse.ErrNotBegun) {
		err = nil // nothing of the restored trail is there yet
	}
	return st, err
}

func (p *program) clickHouseStatus(st clickHouseStatus) error {
	if err := p.say("ClickHouse %s, schema %d of %d.", st.Version, st.Schema, st.Known); err != nil {
		return err
	}
	if st.Schema < st.Known {
		return p.say("Nothing is shipped: run postern clickhouse migrate.")
	}
	if err := p.say("It has records up to %d; %d of %d in the journal are confirmed.", st.Records, st.Cursor, st.Size); err != nil {
		return err
	}
	if err := p.lostText(st.Lost); err != nil {
		return err
	}
	var rows [][]string
	for _, t := range st.Tables {
		rows = append(rows, []string{t.Name, strconv.FormatUint(t.Rows, 10), strconv.FormatUint(t.Bytes, 10), strconv.FormatUint(t.Parts, 10)})
	}
	return table(p.stdout, []string{"TABLE", "ROWS", "BYTES", "PARTS"}, rows)
}
