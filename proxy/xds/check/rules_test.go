package check

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write RULES.md")

const head = `# What "postern envoy check" asks of a configuration

Generated from the rules that the check uses: "go test ./proxy/xds/check -update" writes it.

A finding has the rule's code, the path of the object meant, and often a fix: YAML to merge into that object. Its keys are set
(an object of the same key is replaced), null takes a key out, and items of a list go in front of those that are there. A fix that is
null takes out the object itself. Names of clusters, certificates and hosts in it are examples.

What **breaks** leaves a promise unkept; what **weakens** leaves less between it and a mistake; a **note** is to know of. The gate is
the ext_proc filter with "postern" in its name, its cluster's or that cluster's addresses, else the first one before calls to Meta that
is shown whole bodies. Listeners that neither lead to
Meta nor ask the gate are not judged, other than for connections they forward unread.

`

// rulesPage is RULES.md.
func rulesPage() string {
	var b strings.Builder
	b.WriteString(head)
	for _, r := range table() {
		fmt.Fprintf(&b, "## %s (%s)\n\n%s.\n\n", r.code, r.severity, strings.ToUpper(r.says[:1])+r.says[1:])
		if r.fix != "" {
			fmt.Fprintf(&b, "```yaml\n%s```\n\n", r.fix)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func TestRulesPage(t *testing.T) {
	if *update {
		if err := os.WriteFile("RULES.md", []byte(rulesPage()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile("RULES.md")
	if err != nil || string(page) != rulesPage() {
		t.Errorf("RULES.md is not what the rules say (go test ./proxy/xds/check -update): %v", err)
	}
}
