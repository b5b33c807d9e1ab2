package pii_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"postern/policy/pii/catalog"
)

// TestTypesPage writes TYPES.md from the table that the code uses.
func TestTypesPage(t *testing.T) {
	var b strings.Builder
	b.WriteString(`# What personal data is looked for

Written by ` + "`go test ./policy/pii -run TestTypesPage -update`" + ` from the table that the scanner uses (` + "`catalog`" + `); ` + "`postern pii types --json`" + `
adds how values are written and where each rule is published.

Class: A the form says it, B a check that needs a label or the country, C a form that needs a label, D names and addresses.
"Found" is what has to stand beside a value; without it, it is none or only possible. Examples are made up.

| type | entity | countries | class | found | evidence | example |
|---|---|---|---|---|---|---|
`)
	for _, r := range catalog.Rows() {
		d := catalog.Describe(r)
		countries := strings.Join(d.Countries, " ")
		if countries == "" {
			countries = "any"
		}
		example := strings.NewReplacer("|", "\\|", "\n", " / ", "`", "'").Replace(d.Example)
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s | %s | %s | `%s` |\n", d.Type, d.Entity, countries, d.Class, d.Strength, d.Evidence, example)
	}
	if *update {
		if err := os.WriteFile("TYPES.md", []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile("TYPES.md")
	if err != nil || string(have) != b.String() {
		t.Errorf("TYPES.md is not what the table says (%v); run: go test ./policy/pii -run TestTypesPage -update", err)
	}
}
