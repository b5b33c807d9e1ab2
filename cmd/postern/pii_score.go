package main

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postern/policy/pii/pack"
	"postern/policy/pii/score"
)

// scoring is one run of pii score.
type scoring struct {
	country  string
	offsets  string
	possible bool
	show     bool
}

func newPIIScore(p *program) *cobra.Command {
	var s scoring
	c := &cobra.Command{
		Use:   "score {FILE | -}",
		Short: "Measure what is found of labelled messages, and list what is missed",
		Long: `Scans labelled messages and prints recall, precision and F1 by class, type, entity,
country, language and way of writing, then every miss and every wrong finding by
line and span. "-" reads standard input. One JSON object a line:

  {"lang":"en","country":"GB","text":"hi, +44 7400 122893","spans":[[4,19,"PHONE"]],"kind":"pii"}

A span may also be {"start","end","type","entity","class","country","family"}.
Offsets count bytes of the UTF-8 text unless --offsets, or "offsets" in a line,
says characters. "country" is the person's, and what the scanner is told; lines
without one take --country. "names" are those of the person's profile, told too.
A message is clean if its kind is "clean".

A value counts as found if findings of its type or entity, "likely" or surer, cover
nine tenths of its letters and digits; if its family is "wrong_checksum/...", a
"possible" one suffices. A finding is right if it stands for a value found and at
least half of it lies in values of its type. Types the file never labels are
counted as wrong in clean messages only.

Values are personal data: they are printed only with --show.
Exits 0 whatever the figures are, 1 if a line cannot be read.`,
		Example: `  postern pii score messages.jsonl
  postern pii score messages.jsonl --country DE --show
  postern pii score - --offsets characters --json < messages.jsonl`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.piiScore(args[0], s) },
	}
	c.Flags().StringVar(&s.country, "country", "", "`CODE` of the country of persons whose line names none, such as DE")
	c.Flags().StringVar(&s.offsets, "offsets", string(score.Bytes), "what spans count: `bytes or characters`")
	c.Flags().BoolVar(&s.possible, "possible", false, "count findings that are only possible, too")
	c.Flags().BoolVar(&s.show, "show", false, "print the values missed and those found wrongly")
	return c
}

func (p *program) piiScore(name string, s scoring) error {
	offsets := score.Offsets(s.offsets)
	if offsets != score.Bytes && offsets != score.Characters {
		return usageError{errors.New("--offsets is bytes or characters")}
	}
	hint := hintFlags{country: s.country}
	scanner, err := p.scanner(&hint, &pack.Set{})
	if err != nil {
		return err
	}
	raw, err := p.readInput(name)
	if err != nil {
		return err
	}
	items, err := score.Read(bytes.NewReader(raw), offsets)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	report := score.Run(scanner, items, score.Options{Country: hint.country, Possible: s.possible, Show: s.show})
	return p.result(report, func() error { return report.Write(p.stdout) })
}
