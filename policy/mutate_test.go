package policy_test

import (
	"strings"
	"testing"

	"postern/policies"
	"postern/policy"
)

// Each refusal, taken away or made to apply always, fails a test of those that
// ship with it: no test of a code passes for nothing.
func TestRegoTestsNoticeEveryRefusal(t *testing.T) {
	rules, _ := modules(t)
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
				_, err := policy.Load(t.Context(), policies.Files, layer(name, changed))
				if err == nil || !strings.Contains(err.Error(), "_test.rego:") {
					t.Errorf("%s:%d %s, and no test fails: %v", name, r.Location.Row, what, err)
				}
			}
		}
	}
	if mutants < 60 {
		t.Errorf("only %d mutants were tried", mutants)
	}
}
