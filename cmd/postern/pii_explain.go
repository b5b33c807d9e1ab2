package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"postern/policy/pii"
)

func newPIIExplain(p *program) *cobra.Command {
	var hint hintFlags
	var names []string
	var packs packFlags
	c := &cobra.Command{
		Use:   "explain TEXT",
		Short: "Say what is found in one text, and by which evidence",
		Long: `Shows every place of a text that was weighed: what it could be, the evidence for
and against it item by item with its part of the score (in decibits: ten are a
factor of two), whether it is a finding and, if it is not, why; then the text as
a record would hold it. Places count bytes from 0; values are never printed.

A shell keeps its command lines: "-" reads the text from standard input.`,
		Example: "  postern pii explain \"ruf mich an: 0171 3920077\" --country DE\n  postern pii explain - --lang pt --json < message.txt",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			text := args[0]
			if text == "-" {
				raw, err := p.readInput(text)
				if err != nil {
					return err
				}
				text = strings.TrimSuffix(string(raw), "\n")
			}
			return p.piiExplain(c.Context(), text, &hint, packs, names)
		},
	}
	hint.add(c, "the person who writes")
	packs.add(c)
	c.Flags().StringArrayVar(&names, "name", nil, "`NAME` the person is known by; may be given again")
	return c
}

type explainedText struct {
	Candidates []candidate `json:"candidates"`
	Redacted   string      `json:"redacted"`
}

type candidate struct {
	Finding  pii.Finding `json:"finding"`
	Refused  string      `json:"refused,omitempty"`
	Evidence []evidence  `json:"evidence"`
}

type evidence struct {
	What     string `json:"what"`
	Decibits int    `json:"decibits"`
	Start    int    `json:"start"`
	End      int    `json:"end"`
}

func (p *program) piiExplain(ctx context.Context, text string, h *hintFlags, packs packFlags, names []string) error {
	scanner, _, _, err := p.looking(ctx, h, packs)
	if err != nil {
		return err
	}
	hint := pii.Hint{PeerCountry: h.country, Lang: h.lang, Names: names}
	out := explainedText{Candidates: []candidate{}}
	for _, c := range scanner.Explain(text, hint) {
		one := candidate{Finding: c.Finding, Refused: c.Refused, Evidence: []evidence{}}
		for _, e := range c.Evidence {
			one.Evidence = append(one.Evidence, evidence(e))
		}
		out.Candidates = append(out.Candidates, one)
	}
	treated, _ := scanner.Treat(text, hint, pii.Treatment{}, nil, nil)
	out.Redacted = treated.Text
	return p.result(out, func() error {
		var errs []error
		for _, c := range out.Candidates {
			errs = append(errs, p.candidate(c))
		}
		if len(out.Candidates) == 0 {
			errs = append(errs, p.say("Nothing looks like personal data."))
		}
		return errors.Join(append(errs, p.say("Kept as: %s", visible(out.Redacted)))...)
	})
}

func (p *program) candidate(c candidate) error {
	f := c.Finding
	outcome := f.Level.String()
	if c.Refused != "" {
		outcome = "no finding: " + c.Refused
	}
	errs := []error{p.say("%d-%d %s (%s): %s, score %d", f.Start, f.End, f.Type, f.Entity, outcome, f.Score)}
	for _, e := range c.Evidence {
		place := ""
		if e.Start < e.End {
			place = fmt.Sprintf(" at %d-%d", e.Start, e.End)
		}
		errs = append(errs, p.say("  %+5d  %s%s", e.Decibits, cmp.Or(reasonWords[e.What], e.What), place))
	}
	if also := f.Also(); len(also) > 0 {
		errs = append(errs, p.say("         could be as well: %s", strings.Join(also, ", ")))
	}
	return errors.Join(errs...)
}

// reasonWords says for people what pii.Reasons names for programs.
var reasonWords = map[string]string{
	"checksum":     "a published check passes",
	"prefix":       "issuer range, calling code or fixed prefix",
	"grouping":     "written in the customary groups",
	"label":        "a word beside it says so",
	"country":      "fits the country of the person, the tenant or the language",
	"neighbour":    "stands beside a card",
	"shape":        "structure alone",
	"bad_checksum": "everything but the check fits",
	"other_label":  "a word beside it says something else",
	"weak_label":   "a word beside it supports it among others",
	"repetition":   "the same kind stands elsewhere in the text",
	"name":         "a name the person is known by",
	"term":         "a word or phrase of a list",
	"pattern":      "a pattern of a pack",
	"lookalike":    "read with letters that look like digits, or the like",
	"spoken":       "its digits are said in words",
	"amount":       "written as an amount, a date, a time or a count",
	"pieces":       "begins in the message before",
}
