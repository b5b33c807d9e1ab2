package check

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/proxy/xds/check/checktest"
)

var made = sync.OnceValues(checktest.Cases)

func cases(t testing.TB) []checktest.Case {
	t.Helper()
	all, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func found(t *testing.T, config []byte) []Finding {
	t.Helper()
	out, err := Config(config)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCleanConfigurationHasNoFindings(t *testing.T) {
	for _, f := range found(t, checktest.Clean()) {
		t.Errorf("%s at %s", f.Rule, f.Path)
	}
}

// TestEachFaultIsFoundAndItsFixMendsIt puts one fault into the clean
// configuration, looks for its finding, and merges the finding's fix.
func TestEachFaultIsFoundAndItsFixMendsIt(t *testing.T) {
	for _, c := range cases(t) {
		t.Run(c.Name, func(t *testing.T) {
			all := found(t, c.Config)
			i := slices.IndexFunc(all, func(f Finding) bool { return f.Rule == c.Rule && f.Path == c.Path })
			if i < 0 {
				t.Fatalf("not found at %s, but %+v\n%s", c.Path, all, c.Config)
			}
			f := all[i]
			if want := ruled(c.Rule); f.Severity != want.severity || !strings.HasPrefix(f.Says, want.says) {
				t.Errorf("says %+v", f)
			}
			if f.Fix == "" {
				return
			}
			mended, err := checktest.Merge(c.Config, f.Path, f.Fix)
			if err != nil {
				t.Fatal(err)
			}
			for _, still := range found(t, mended) {
				if still.Rule == f.Rule {
					t.Errorf("after its fix, %s is at %s:\n%s", still.Rule, still.Path, mended)
				}
			}
		})
	}
}

// TestEveryRuleHasItsCase holds rules, cases and codes in the source together.
func TestEveryRuleHasItsCase(t *testing.T) {
	faulty := map[string]bool{}
	for _, c := range cases(t) {
		faulty[c.Rule] = true
	}
	listed := map[string]bool{}
	for _, r := range table() {
		if listed[r.code] || !faulty[r.code] || !slices.Contains(order, r.severity) || r.says == "" || strings.HasSuffix(r.says, ".") {
			t.Errorf("rule %s: listed twice %v, has a case %v", r.code, listed[r.code], faulty[r.code])
		}
		listed[r.code] = true
	}
	for code := range faulty {
		if !listed[code] {
			t.Errorf("%s is no rule", code)
		}
	}
}
