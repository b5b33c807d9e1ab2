package main

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/boot"
	"postern/retention"
)

func newRetentionCommand(p *program) *cobra.Command {
	return group("retention", "Say how long what is kept, and see what would go",
		newRetentionCheck(p), newRetentionPlan(p), newRetentionPresets(p),
		newRetentionRun(p), newRetentionStatus(p), newRetentionCertificate(p), newRetentionVerify(p))
}

type retentionReport struct {
	OK       bool                      `json:"ok"`
	File     string                    `json:"file"` // empty: those of the policy folder
	Revision string                    `json:"revision,omitempty"`
	Presets  []string                  `json:"presets"`
	Classes  map[string]retentionClass `json:"classes"`
	// Backups and exports that a file of the older form asks for.
	BackupHours int              `json:"backup_hours,omitempty"`
	Export      string           `json:"export,omitempty"`
	Notes       []retention.Note `json:"notes"`
	Problems    []string         `json:"problems"` // each with file, line and what to do
}

type retentionClass struct {
	Days      int              `json:"days"` // 0: for ever
	Keep      retention.Keep   `json:"keep"`
	Clock     retention.Clock  `json:"clock"`
	Action    retention.Action `json:"action"`
	Floor     int              `json:"floor,omitempty"`
	FloorBy   string           `json:"floor_by,omitempty"`
	Ceiling   int              `json:"ceiling,omitempty"`
	CeilingBy string           `json:"ceiling_by,omitempty"`
	KeepBy    string           `json:"keep_by,omitempty"`
	Notice    int              `json:"notice_hours,omitempty"`
	NoticeBy  string           `json:"notice_by,omitempty"`
}

func newRetentionCheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check [FILE]",
		Short: "Report everything wrong with a retention policy, with place and remedy",
		Long: `Reads FILE over the built-in retention.yaml, as the gateway would from the policy
folder, and shows what it comes to: the classes with the bounds that laws set, how
each field of a file of the older form was read, and first what the presets do not
achieve. Without FILE the one of the configured policy folder is read.

Exits 0 if the gateway would take it, 3 if it would not, 1 if it cannot be read.`,
		Example: "  postern retention check\n  postern retention check ./policies/retention.yaml --json",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return p.retentionCheck(strings.Join(args, "")) },
	}
}

func (p *program) retentionCheck(file string) error {
	dir, err := p.policyDir(nil)
	if err != nil {
		return err
	}
	layers, err := boot.PolicyLayers(dir)
	if err != nil {
		return err
	}
	var instead *retention.File
	if file != "" {
		raw, err := p.readInput(file)
		if err != nil {
			return err
		}
		instead = &retention.File{Name: filepath.Base(file), Raw: raw}
	}
	kept, err := boot.RetentionWith(layers, instead)
	report := reportRetention(kept)
	report.File = file
	if err != nil {
		report.Problems = strings.Split(err.Error(), "\n")
		if err := p.result(report, func() error { return p.say("%v", err) }); err != nil {
			return err
		}
		return errFound
	}
	report.OK = true
	return p.result(report, func() error { return p.retentionClasses(report) })
}

func reportRetention(kept retention.Policy) retentionReport {
	out := retentionReport{
		Revision: kept.Revision, Presets: append([]string{}, kept.Presets...), Notes: append([]retention.Note{}, kept.Notes...),
		Classes: map[string]retentionClass{}, BackupHours: int(kept.BackupEvery.Hours()), Problems: []string{},
	}
	if kept.Export.Bucket != "" {
		out.Export = "s3://" + kept.Export.Bucket + "/" + kept.Export.Prefix
	}
	for name, c := range kept.Classes {
		out.Classes[name] = retentionClass{
			Days: c.Days, Keep: c.Keep, Clock: c.Clock, Action: c.Action, Floor: c.Floor, FloorBy: c.FloorBy,
			Ceiling: c.Ceiling, CeilingBy: c.CeilingBy, KeepBy: c.KeepBy, Notice: c.NoticeHours, NoticeBy: c.NoticeBy,
		}
	}
	return out
}

func (p *program) retentionClasses(r retentionReport) error {
	errs := []error{p.notes(r.Notes)}
	var rows [][]string
	for _, name := range slices.Sorted(maps.Keys(r.Classes)) {
		c := r.Classes[name]
		rows = append(rows, []string{name, ever(c.Days), string(c.Keep), string(c.Clock), string(c.Action), bounded(c.Floor, c.FloorBy), bounded(c.Ceiling, c.CeilingBy), bounded(c.Notice, c.NoticeBy)})
	}
	errs = append(errs, table(p.stdout, []string{"CLASS", "DAYS", "KEEP", "CLOCK", "ACTION", "AT LEAST", "AT MOST", "NOTICE HOURS"}, rows))
	return errors.Join(append(errs, p.say("The retention policy is good. Revision %.12s", r.Revision))...)
}

func (p *program) notes(notes []retention.Note) error {
	var errs []error
	for _, n := range notes {
		errs = append(errs, p.say("%s: %s", n.Field, n.Text))
	}
	return errors.Join(errs...)
}

func ever(days int) string {
	if days == 0 {
		return "for ever"
	}
	return strconv.Itoa(days)
}

func bounded(n int, by string) string {
	switch {
	case n == 0:
		return "-"
	case by == "":
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%d (%s)", n, by)
}
