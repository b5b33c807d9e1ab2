package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newSubjectAffected(p *program) *cobra.Command {
	var in admin.Affected
	var asCSV bool
	c := &cobra.Command{
		Use:   "affected --since TIME",
		Short: "List persons whose data was touched in a time, as after a breach",
		Long: `Lists the persons with records in that time, how many, and the categories of data:
identifiers, messages, files, consents, places, and what types of personal data were
found. Persons appear as subject ids; with --reveal REFERENCE also with numbers and
user ids, to tell them: that needs role reveal and counts as one opening. Whoever was
erased since is named so.

That it was asked is recorded: who, how many, and for which reference.`,
		Example: "  postern subject affected --since 2026-11-01 --until 2026-11-04 --app shop\n  postern subject affected --since 2026-11-01T09:00:00Z --reveal CASE-2026-7 --csv > tell.csv",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case in.Since == "":
				return usageError{errors.New("say from when on, such as: --since 2026-11-01")}
			case asCSV && p.json:
				return usageError{errors.New("use --csv or --json, not both")}
			}
			name := "subject.affected"
			if in.Reference != "" {
				name = "affected.numbers"
			}
			out, err := ask[admin.AffectedPersons](c.Context(), p, name, in)
			if err != nil {
				return err
			}
			if err := p.unknownNames(out.Unknown); err != nil {
				return err
			}
			if asCSV {
				return p.affectedCSV(&out)
			}
			return p.result(out, func() error { return p.affected(&out) })
		},
	}
	tenantFlag(c, &in.Tenant)
	f := c.Flags()
	f.StringVar(&in.Since, "since", "", "from this `DAY` or RFC 3339 time on")
	f.StringVar(&in.Until, "until", "", "before this `DAY` or RFC 3339 time (default: now)")
	f.StringVar(&in.Number, "number", "", "only with this phone number `ID` of the business")
	f.StringVar(&in.App, "app", "", "only of this app `NAME`")
	f.StringVar(&in.Reason, "reason", "", "only with this `CODE` among the reasons of decisions")
	f.StringVar(&in.Reference, "reveal", "", "show numbers and user ids, for this `REFERENCE`, such as CASE-2026-7")
	f.BoolVar(&asCSV, "csv", false, "write CSV")
	return c
}

var affectedColumns = []string{"subject", "country", "records", "first", "last", "categories", "erased", "numbers", "user_ids"}

func affectedRows(a *admin.AffectedPersons) [][]string {
	var rows [][]string
	for _, one := range a.Persons {
		rows = append(rows, []string{
			one.Subject, one.Country, strconv.FormatInt(one.Records, 10), one.First, one.Last, strings.Join(one.Categories, "; "),
			strconv.FormatBool(one.Erased), strings.Join(one.Numbers, " "), strings.Join(one.UserIDs, " "),
		})
	}
	return rows
}

func (p *program) affectedCSV(a *admin.AffectedPersons) error {
	w := csv.NewWriter(p.stdout)
	if err := w.WriteAll(append([][]string{affectedColumns}, affectedRows(a)...)); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

func (p *program) affected(a *admin.AffectedPersons) error {
	err := p.say("%d persons of %s with %d records from %s to %s.", len(a.Persons), a.Tenant, a.Records, a.Since, a.Until)
	head := make([]string, len(affectedColumns))
	for i, name := range affectedColumns {
		head[i] = strings.ToUpper(strings.ReplaceAll(name, "_", " "))
	}
	return errors.Join(err, table(p.stdout, head, affectedRows(a)))
}
