package policy_test

import (
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"

	"postern/policies"
)

// Each refusal, taken away or made to apply always, fails a test of those that
// ship with it: no test of a code passes for nothing.
func TestRegoTestsNoticeEveryRefusal(t *testing.T) {
	rules, tests := modules(t)
	mutants := 0
	for name, m := range rules {
		whole, err := policies.Files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range m.Rules {
			if r.Head.Name.String() != "refuse" {
				continue
			}
			rule := string(r.Location.Text)
			head, _, found := strings.Cut(rule, " if {")
			if !found || strings.Count(string(whole), rule) != 1 {
				t.Fatalf("%s:%d is not found in its file", name, r.Location.Row)
			}
			for what, instead := range map[string]string{"taken away": "", "made to apply always": head + ` if input.kind != ""`} {
				mutants++
				changed := strings.Replace(string(whole), rule, instead, 1)
				m, err := ast.ParseModule(name, changed)
				if err != nil {
					t.Fatal(err)
				}
				own := strings.TrimSuffix(name, ".rego") + "_test.rego"
				if failures(t, map[string]*ast.Module{name: m, own: tests[own].Copy()}) == 0 {
					t.Errorf("%s:%d %s, and no test fails", name, r.Location.Row, what)
				}
			}
		}
	}
	if mutants < 60 {
		t.Errorf("only %d mutants were tried", mutants)
	}
	for name, m := range rules {
		own := strings.TrimSuffix(name, ".rego") + "_test.rego"
		if n := failures(t, map[string]*ast.Module{name: m, own: tests[own]}); n > 0 {
			t.Errorf("%d tests of %s fail as it is", n, name)
		}
	}
}

// failures runs the tests of modules and counts those that fail.
func failures(t *testing.T, modules map[string]*ast.Module) int {
	t.Helper()
	results, err := tester.NewRunner().SetDefaultRegoVersion(ast.RegoV1).SetStore(inmem.New()).SetModules(modules).RunTests(t.Context(), nil)
	if err != nil {
		return 1 // they do not even compile
	}
	n := 0
	for r := range results {
		if r.Error != nil {
			t.Fatal(r.Error)
		}
		if r.Fail {
			n++
		}
	}
	return n
}
