package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"postern/policy/pii/catalog"
)

func newPIITypes(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "types [TYPE]",
		Short: "List what personal data is looked for",
		Long: `Lists every kind of personal data the scanner knows: the type that findings and
policy name, the entity of which country, what it is judged by, what has to stand
beside it, and how random values fare. --json adds shapes, examples and sources.
TYPE shows one type or entity only. policy/pii/TYPES.md holds the same as a page.`,
		Example: "  postern pii types\n  postern pii types NATIONAL_ID --json",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return p.piiTypes(args) },
	}
}

func (p *program) piiTypes(args []string) error {
	out := []catalog.Description{}
	for _, r := range catalog.Rows() {
		if len(args) == 0 || strings.EqualFold(args[0], string(r.Type)) || strings.EqualFold(args[0], r.Name) {
			out = append(out, catalog.Describe(r))
		}
	}
	if len(out) == 0 {
		return usageError{noType(args[0])}
	}
	return p.result(out, func() error {
		rows := make([][]string, len(out))
		for i, d := range out {
			countries := strings.Join(d.Countries, " ")
			if countries == "" {
				countries = "any"
			}
			rows[i] = []string{string(d.Type), d.Entity, countries, d.Class, strconv.Itoa(d.Tier), d.Strength, d.Evidence}
		}
		return table(p.stdout, []string{"TYPE", "ENTITY", "COUNTRIES", "CLASS", "TIER", "FOUND", "EVIDENCE"}, rows)
	})
}

type noType string

func (t noType) Error() string {
	return "no type or entity is called " + strconv.Quote(string(t)) + "; postern pii types lists them"
}
