package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"postern/proxy/xds/check"
)

func newEnvoyCheck(p *program) *cobra.Command {
	var hosts []string
	c := &cobra.Command{
		Use:   "check FILE",
		Short: "Report what a configuration of Envoy lacks for the gate's promises to hold",
		Long: `Reads a bootstrap (YAML or JSON), the answer of Envoy's admin address to
/config_dump, or what "postern envoy config" prints; "-" is standard input. It
changes nothing and asks nobody.

Each finding names the object and what it does: it breaks a promise, weakens it,
or is to know of. The fix is YAML to merge into that object: its keys are set,
null takes out, items of lists go in front. What comes from a control plane is
not in a bootstrap: check the /config_dump?include_eds of a running Envoy. A
simulator in Meta's place is told by --host and its address with its port.

Exits 0 if no promise is broken, 3 if one is, 1 if the file is not understood.`,
		Example: `  postern envoy check envoy.yaml
  curl -s "http://127.0.0.1:9901/config_dump?include_eds" | postern envoy check -
  postern envoy check --host api.example.org --json envoy.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.envoyCheck(args[0], hosts) },
	}
	c.Flags().StringArrayVar(&hosts, "host", nil, `a name that leads to Meta or your provider, besides the known ones; "*.example.org" is all below, "localhost:8090" that port alone`)
	return c
}

type envoyReport struct {
	OK       bool            `json:"ok"` // no promise is broken
	File     string          `json:"file"`
	Findings []check.Finding `json:"findings"`
}

func (p *program) envoyCheck(file string, hosts []string) error {
	raw, err := p.readInput(file)
	if err != nil {
		return err
	}
	found, err := check.Config(raw, hosts...)
	if err != nil {
		return err
	}
	report := envoyReport{File: file, Findings: append([]check.Finding{}, found...)}
	report.OK = !slices.ContainsFunc(found, func(f check.Finding) bool { return f.Severity == check.Breaks })
	if err := p.result(report, func() error { return p.sayFindings(report) }); err != nil {
		return err
	}
	if !report.OK {
		return errFound
	}
	return nil
}

func (p *program) sayFindings(r envoyReport) error {
	for _, f := range r.Findings {
		place := f.Path
		if place == "" {
			place = "the whole file"
		}
		if err := p.say("%s: %s\n  at %s\n  %s", f.Severity, f.Rule, visible(place), f.Says); err != nil {
			return err
		}
		if f.Fix == "" {
			continue
		}
		if err := p.say("  fix:\n    %s", strings.ReplaceAll(strings.TrimSpace(f.Fix), "\n", "\n    ")); err != nil {
			return err
		}
	}
	if r.OK {
		return p.say("%s keeps the promises: %s", r.File, count(len(r.Findings), "remark"))
	}
	return p.say("%s breaks promises: %s", r.File, count(len(r.Findings), "finding"))
}
