package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"postern/retention"
)

func newRetentionPresets(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "presets [NAME]",
		Short: "Show the laws that retention.yaml can name, and what their clauses say",
		Long: `Without NAME lists the presets. With one shows first what naming it does not
achieve, then each clause in short, whether a law or rule says so itself ("law") or
leaves it open, or is a standard agreed by contract ("practice"), and what follows
for which classes. This is no legal advice.`,
		Example: "  postern retention presets\n  postern retention presets finra",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			all, err := retention.Presets()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return p.result(all, func() error { return p.presetList(all) })
			}
			i := slices.IndexFunc(all, func(x retention.Preset) bool { return x.Name == args[0] })
			if i < 0 {
				return usageError{fmt.Errorf("no preset %q; see: postern retention presets", args[0])}
			}
			return p.result(all[i], func() error { return p.preset(all[i]) })
		},
	}
}

func (p *program) presetList(all []retention.Preset) error {
	var rows [][]string
	for _, x := range all {
		rows = append(rows, []string{x.Name, x.Title, x.Checked})
	}
	return table(p.stdout, []string{"NAME", "WHAT", "CHECKED"}, rows)
}

func (p *program) preset(x retention.Preset) error {
	errs := []error{p.say("%s (looked up on %s)\n\nNot achieved by naming it:", x.Title, x.Checked)}
	for _, text := range x.NotAchieved {
		errs = append(errs, p.say("  - %s", text))
	}
	for _, e := range x.Entries {
		errs = append(errs, p.say("\n%s (%s)\n  %s", e.Clause, e.RestsOn, e.Says))
		if len(e.Classes) > 0 {
			errs = append(errs, p.say("  %s: %s", strings.Join(e.Classes, ", "), follows(e)))
		}
	}
	return errors.Join(errs...)
}

// follows is what a clause asks of its classes.
func follows(e retention.Entry) string {
	var out []string
	if e.Floor > 0 {
		out = append(out, fmt.Sprintf("at least %d days", e.Floor))
	}
	if e.Ceiling > 0 {
		out = append(out, fmt.Sprintf("at most %d days", e.Ceiling))
	}
	if e.NoticeHours > 0 {
		out = append(out, fmt.Sprintf("the person is told %d hours before", e.NoticeHours))
	}
	if e.Number {
		out = append(out, "the file has to name the days")
	}
	if e.Keep != "" {
		out = append(out, "keep: "+string(e.Keep))
	}
	return strings.Join(out, ", ")
}
