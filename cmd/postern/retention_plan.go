package main

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/retention"
)

func newRetentionPlan(p *program) *cobra.Command {
	at := ""
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what would go by the retention policy, and what keeps the rest",
		Long: `Counts what is due by class, day and action, and what stays although its days are
over: under a legal hold, a floor, a person's open request or a restriction, for
want of cold storage, because another store has not got it yet, or because the
person has to be told first (notice_hours). What would have a run refused now
comes first, with the remedy. Nothing is changed.

With --at it says what would be due at another time, by the policy and holds of
now. Without it, a clock that jumped ahead of the trail plans nothing.`,
		Example: "  postern retention plan\n  postern retention plan --at 2027-01-01 --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			in := admin.RetentionPlan{Persons: p.json}
			if at != "" {
				when, err := parseDay(at)
				if err != nil {
					return usageError{errors.New("--at: write 2027-01-01 or 2027-01-01T14:30:00Z")}
				}
				in.At = when.Unix()
			}
			out, err := ask[retention.Plan](c.Context(), p, "retention.plan", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.retentionPlanned(out) })
		},
	}
	c.Flags().StringVar(&at, "at", "", "`TIME` to plan for, instead of now")
	return c
}

func (p *program) retentionPlanned(out retention.Plan) error {
	errs := []error{p.obstacles(out.Obstacles)}
	if out.Refused != "" {
		return errors.Join(append(errs, p.say("Nothing is planned: %s", out.Refused))...)
	}
	errs = append(errs, p.notes(out.Notes))
	var due, kept [][]string
	total := 0
	for _, d := range out.Due {
		due = append(due, []string{d.Class, d.Day, string(d.Store), string(d.Action), strconv.Itoa(d.Count)})
		total += d.Count
	}
	for _, k := range out.Kept {
		kept = append(kept, []string{k.Class, string(k.Store), k.By, k.Name, strconv.Itoa(k.Count)})
	}
	if len(due) > 0 {
		errs = append(errs, table(p.stdout, []string{"CLASS", "DAY", "STORE", "ACTION", "ROWS"}, due))
	}
	if len(kept) > 0 {
		errs = append(errs, p.say("\nKept although its days are over:"), table(p.stdout, []string{"CLASS", "STORE", "BY", "NAME", "ROWS"}, kept))
	}
	for _, u := range out.Untold {
		errs = append(errs, p.untold(u))
	}
	return errors.Join(append(errs, p.say("%s due at %s, by revision %.12s", count(total, "row"), date(out.At/1_000_000), out.Revision))...)
}

// obstacles says what stands in the way of a run now, and what to do.
func (p *program) obstacles(all []retention.Obstacle) error {
	var errs []error
	for _, o := range all {
		what := "Stays though it is due"
		if o.Refuses {
			what = "A run would be refused"
		}
		errs = append(errs, p.say("%s: %s. What to do: %s", what, o.Text, o.Remedy))
	}
	return errors.Join(errs...)
}

// untold says how many persons have to be told.
func (p *program) untold(u retention.Untold) error {
	atLeast := ""
	if u.More {
		atLeast = "at least "
	}
	return p.say("To be told %d hours before their data of class %s (%s) goes: %s%s, %d of them overdue. Who: postern subject notices --json",
		u.Hours, u.Class, u.Tenant, atLeast, count(u.Persons, "person"), u.Overdue)
}
