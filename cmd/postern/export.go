package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	exports "postern/audit/export"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

func newExportCommand(p *program) *cobra.Command {
	return group("export", "See, replay and check what leaves for systems of others", newExportList(p), newExportStatus(p), newExportReplay(p), newExportCheck(p))
}

// exportListed is an export as configured, without secrets.
type exportListed struct {
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	To      string   `json:"to"`
	Fields  []string `json:"fields"`
	Payload bool     `json:"include_payload"`
	Tenants []string `json:"tenants,omitempty"`
	Kinds   []string `json:"kinds,omitempty"`
	Region  string   `json:"region,omitempty"`
}

func newExportList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "Show the exports of the configuration and what they send",
		Long: `Shows what the configuration says under exports: where each goes, and what of a
record leaves. Nothing is asked for it but the file.`,
		Example: "  postern export list\n  postern export list --json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := p.config()
			if err != nil {
				return err
			}
			all := []exportListed{}
			for _, e := range c.Exports {
				all = append(all, listed(e))
			}
			return p.result(all, func() error { return p.exportTable(all) })
		},
	}
}

func listed(e boot.Export) exportListed {
	out := exportListed{Name: e.Name, Kind: e.Kind, To: e.Place(), Fields: e.Fields, Payload: e.Payload, Tenants: e.Tenants, Kinds: e.Kinds, Region: e.Region}
	if out.Fields == nil {
		out.Fields = exports.DefaultFields()
	}
	return out
}

func (p *program) exportTable(all []exportListed) error {
	var rows [][]string
	for _, e := range all {
		payload := "no"
		if e.Payload {
			payload = "redacted"
		}
		rows = append(rows, []string{e.Name, e.Kind, e.To, fmt.Sprint(len(e.Fields)), payload, orAll(e.Tenants), orAll(e.Kinds)})
	}
	return table(p.stdout, []string{"NAME", "KIND", "TO", "FIELDS", "PAYLOAD", "TENANTS", "KINDS"}, rows)
}

func orAll(names []string) string {
	if names == nil {
		return "all"
	}
	return strings.Join(names, ",")
}

func newExportStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say how far each export is and what holds it up",
		Long: `STATE is "ok", "retrying" (the receiver is away or busy), "refused" (it takes
nothing until somebody acts; the fault says what to do) or "stopped" (no gateway
runs). NEXT is the first record that the receiver does not have, WAITING how many
there are, AGE how old the oldest of them is.`,
		Example: "  postern export status\n  postern export status --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]exports.Status](c.Context(), p, "export.status", struct{}{})
			if err != nil {
				return err
			}
			return p.result(all, func() error { return p.exportStatuses(all) })
		},
	}
}

func (p *program) exportStatuses(all []exports.Status) error {
	var rows [][]string
	for _, s := range all {
		rows = append(rows, []string{
			s.Name, string(s.State), fmt.Sprint(s.Next), fmt.Sprint(s.Waiting), (time.Duration(s.Age) * time.Second).String(), fmt.Sprint(s.Sent), fmt.Sprint(s.Shrunk), s.Fault,
		})
	}
	return table(p.stdout, []string{"NAME", "STATE", "NEXT", "WAITING", "AGE", "SENT", "SHRUNK", "FAULT"}, rows)
}

func newExportReplay(p *program) *cobra.Command {
	in := admin.ExportReplay{}
	c := &cobra.Command{
		Use:   "replay NAME",
		Short: "Send the records from one on again",
		Long: `Moves an export back to a record, for a receiver that lost what it had. That it
was done, and by whom, is recorded. The receiver has these events twice then:
chain and seq name each. Events of records that were erased or purged meanwhile
come without what was erased.`,
		Example: "  postern export replay soc --from 120000",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if !c.Flags().Changed("from") {
				return usageError{errors.New("name the first record with --from SEQ")}
			}
			in.Name = args[0]
			out, err := ask[admin.ExportReplayed](c.Context(), p, "export.replay", in)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.say("Export %s sends record %d and all after it again.", out.Name, out.From) })
		},
	}
	c.Flags().Uint64Var(&in.From, "from", 0, "the first record, by its `SEQ`")
	return c
}

func newExportCheck(p *program) *cobra.Command {
	progress := isTerminal(p.stderr)
	c := &cobra.Command{
		Use:   "check PATH",
		Short: "Find gaps and broken links in exported JSON lines",
		Long: `Reads a file of events, gzipped or not, or a folder that an export of kind lines
wrote (a copy of what is at S3, too), and names what is missing, does not follow
from the one before, or is not the file that its manifest describes. Events that
came twice are counted. It needs no gateway, no network and no key.

It compares the hashes that events state. That an event says what its record says
is proved by the trail: postern audit verify, postern audit receipt.`,
		Example: "  postern export check ./archive\n  postern export check events.jsonl --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			var see func(uint64)
			if progress {
				see = p.exportProgress()
			}
			found, err := exports.Check(args[0], see)
			if err != nil {
				return err
			}
			if err := p.result(found, func() error { return p.exportChecked(found) }); err != nil {
				return err
			}
			if !found.OK() {
				return errFound
			}
			return nil
		},
	}
	c.Flags().BoolVar(&progress, "progress", progress, "say on standard error how far it is")
	return c
}

// exportProgress tells of every hundred thousandth event.
func (p *program) exportProgress() func(uint64) {
	return func(n uint64) {
		if n%100_000 == 0 {
			_ = p.note("%d events", n) // progress is not worth failing for
		}
	}
}

func (p *program) exportChecked(c *exports.Checked) error {
	for _, f := range c.Findings {
		at := f.File
		if f.Line > 0 {
			at = fmt.Sprintf("%s:%d", f.File, f.Line)
		}
		if err := p.say("%s: %s", visible(at), f.What); err != nil {
			return err
		}
	}
	for _, s := range c.Chains {
		if err := p.say("Chain %s: records %d to %d, the last with leaf hash %s.", visible(s.Chain), s.First, s.Last, visible(s.LastLeaf)); err != nil {
			return err
		}
	}
	verdict := "Nothing is missing and every link holds."
	if !c.OK() {
		verdict = fmt.Sprintf("%d findings.", uint64(len(c.Findings))+c.Dropped)
	}
	return p.say("%d files, %d events, %d of them repeated. %s", c.Files, c.Events, c.Repeated, verdict)
}
