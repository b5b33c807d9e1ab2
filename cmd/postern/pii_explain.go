package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"postern/policy/pii"
)

func newPIIExplain(p *program) *cobra.Command {
	var hint hintFlags
	var names []string
	var packs packFlags
	var all bool
	c := &cobra.Command{
		Use:   "explain TEXT",
		Short: "Say what is found in one text, and by which evidence",
		Long: `Shows every place of a text that was weighed: what it could be, the evidence for
and against it item by item with its part of the score (in decibits: ten are a
factor of two), whether it is a finding and, if it is not, why; then the text as
a record would hold it. Places count bytes from 0; values are never printed. Of
what is refused at one place for one reason the strongest is shown with its
evidence, the others by name; --all and --json show each.

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
			return p.piiExplain(c.Context(), text, &hint, packs, names, all)
		},
	}
	hint.add(c, "the person who writes")
	packs.add(c)
	c.Flags().BoolVar(&all, "all", false, "show the evidence of all that is refused, too")
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

func (p *program) piiExplain(ctx context.Context, text string, h *hintFlags, packs packFlags, names []string, all bool) error {
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
		for _, c := range grouped(out.Candidates, all) {
			errs = append(errs, p.candidate(c))
		}
		if len(out.Candidates) == 0 {
			errs = append(errs, p.say("Nothing looks like personal data."))
		}
		return errors.Join(append(errs, p.say("Kept as: %s", visible(out.Redacted)))...)
	})
}

// likeIt is a candidate and the entities that were refused at its place for its reason
// with less evidence.
type likeIt struct {
	candidate
	others []string
}

// grouped puts what is refused at one place for one reason under the strongest, which
// stands first; with all each stands alone.
func grouped(cs []candidate, all bool) []likeIt {
	type ground struct {
		start, end int
		why        string
	}
	var out []likeIt
	at := map[ground]int{}
	for _, c := range cs {
		g := ground{c.Finding.Start, c.Finding.End, c.Refused}
		i, known := at[g]
		switch {
		case all || c.Refused == "" || !known:
			at[g] = len(out)
			out = append(out, likeIt{candidate: c})
		case c.Finding.Entity != out[i].Finding.Entity && !slices.Contains(out[i].others, c.Finding.Entity):
			out[i].others = append(out[i].others, c.Finding.Entity)
		}
	}
	return out
}

// maxOthers is how many entities refused alike are named.
const maxOthers = 12

func (p *program) candidate(c likeIt) error {
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
	if n := len(c.others); n > maxOthers {
		errs = append(errs, p.say("         refused alike: %s and %d more", strings.Join(c.others[:maxOthers], ", "), n-maxOthers))
	} else if n > 0 {
		errs = append(errs, p.say("         refused alike: %s", strings.Join(c.others, ", ")))
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
