package policy_test

import (
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/policies"
	"postern/policy"
)

// modules are the shipped rules and, apart, their tests.
func modules(t *testing.T) (rules, tests map[string]*ast.Module) {
	t.Helper()
	rules, tests = map[string]*ast.Module{}, map[string]*ast.Module{}
	names, err := fs.Glob(policies.Files, "*.rego")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(policies.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := ast.ParseModule(name, string(raw))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.rego") {
			tests[name] = m
		} else {
			rules[name] = m
		}
	}
	return rules, tests
}

// codesInRules are the codes that the shipped rules give, by package.
func codesInRules(t *testing.T) map[string]map[string]bool {
	t.Helper()
	rules, _ := modules(t)
	out := map[string]map[string]bool{}
	for _, m := range rules {
		pkg := strings.TrimPrefix(m.Package.Path.String(), "data.postern.")
		out[pkg] = map[string]bool{}
		for _, r := range m.Rules {
			o, isObject := headKey(r).(ast.Object)
			if !isObject {
				continue
			}
			code, isString := o.Get(ast.StringTerm("code")).Value.(ast.String)
			if !isString {
				t.Errorf("%s:%d: the code is not constant", m.Package.Location.File, r.Location.Row)
			}
			out[pkg][string(code)] = true
		}
	}
	return out
}

func headKey(r *ast.Rule) ast.Value {
	if r.Head.Key == nil {
		return nil
	}
	return r.Head.Key.Value
}

func TestEveryCodeIsDocumented(t *testing.T) {
	raw, err := os.ReadFile("../policies/README.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)\n\S`).FindAllStringSubmatch(string(raw), -1) {
		documented[m[1]] = true
	}
	used := map[string]bool{policy.CodePolicyError: true, policy.CodeTreatment: true}
	for _, codes := range codesInRules(t) {
		maps.Copy(used, codes)
	}
	if !maps.Equal(documented, used) {
		t.Errorf("documented %v\nused %v", slices.Sorted(maps.Keys(documented)), slices.Sorted(maps.Keys(used)))
	}
	if len(used) < 22 {
		t.Errorf("only %d codes", len(used))
	}
}

// Each code of each package has a Rego test for both sides, and each code is in
// both tables of decide_test.go.
func TestEveryCodeIsTestedOnBothSides(t *testing.T) {
	_, tests := modules(t)
	refused, passed := map[string]bool{}, map[string]bool{}
	for _, c := range refusals {
		refused[c.code] = true
	}
	for _, c := range permits {
		passed[c.code] = true
	}
	for pkg, codes := range codesInRules(t) {
		names := map[string]bool{}
		for _, r := range tests[pkg+"_test.rego"].Rules {
			names[r.Head.Name.String()] = true
		}
		for code := range codes {
			if !names["test_"+code+"_refuses"] || !names["test_"+code+"_passes"] {
				t.Errorf("%s_test.rego lacks test_%s_refuses or test_%s_passes", pkg, code, code)
			}
			if !refused[code] || !passed[code] {
				t.Errorf("decide_test.go lacks %s in refusals or permits", code)
			}
		}
	}
}

// walks reports what would walk a list: comprehensions, some ... in, every,
// and references with a variable.
func walks(m *ast.Module) []string {
	var out []string
	note := func(what string, loc *ast.Location) {
		out = append(out, what+" in "+string(loc.Text))
	}
	for _, r := range m.Rules {
		ast.WalkNodes(r, func(n ast.Node) bool {
			switch v := n.(type) {
			case *ast.Every:
				note("every", v.Location)
			case *ast.SomeDecl:
				note("some", v.Location)
			}
			return false
		})
		ast.WalkTerms(r, func(term *ast.Term) bool {
			switch v := term.Value.(type) {
			case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
				note("comprehension", term.Location)
			case ast.Ref:
				if (v.HasPrefix(ast.InputRootRef) || v.HasPrefix(ast.DefaultRootRef)) && !v.IsGround() {
					note("variable", term.Location)
				}
			}
			return false
		})
	}
	return out
}

func TestRulesWalkNoLists(t *testing.T) {
	rules, _ := modules(t)
	for name, m := range rules {
		if found := walks(m); len(found) > 0 {
			t.Errorf("%s walks a list: %q; match in Go and compare a token of input.checks", name, found)
		}
	}
	for _, body := range []string{
		"x if { some h in input.message.link_hosts; h == \"a\" }", "x if { every h in input.message.link_hosts { h != \"a\" } }",
		"x if { input.message.link_hosts[_] == \"a\" }", "x if { count([h | h := input.message.link_hosts[0]]) > 0 }",
		"x if { data.settings.links.deny[i] == input.number; i > 0 }",
	} {
		if len(walks(ast.MustParseModule("package a\n\n"+body))) == 0 {
			t.Errorf("the check does not see that this walks a list: %s", body)
		}
	}
}

// schemaPaths lists the leaves of the schema as dotted paths.
func schemaPaths(s map[string]any, path string, out map[string]bool) {
	if items, isArray := s["items"].(map[string]any); isArray {
		schemaPaths(items, path+"[]", out)
		return
	}
	if more, isMap := s["additionalProperties"].(map[string]any); isMap {
		schemaPaths(more, path+".*", out)
		return
	}
	props, isObject := s["properties"].(map[string]any)
	if !isObject {
		out[strings.TrimPrefix(path, ".")] = true
		return
	}
	for name, p := range props {
		schemaPaths(p.(map[string]any), path+"."+name, out) //nolint:forcetypeassert // our own schema
	}
}

// valuePaths lists the leaves of a value; keys of facts.consent count as "*".
func valuePaths(v any, path string, out map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if path == ".facts.consent" {
				name = "*"
			}
			valuePaths(member, path+"."+name, out)
		}
	case []any:
		for _, member := range v {
			valuePaths(member, path+"[]", out)
		}
		if len(v) == 0 {
			out[strings.TrimPrefix(path+"[]", ".")] = true
		}
	default:
		out[strings.TrimPrefix(path, ".")] = true
	}
}

// full is an input with every list filled.
func full() *policy.Input {
	return change(marketing(), func(in *policy.Input) {
		in.Message.Media = picture().Message.Media
		in.Message.Dropped, in.Facts.Missing = []string{"ttl"}, []string{"consent"}
	})
}

func TestSchemaListsExactlyTheFieldsOfInput(t *testing.T) {
	var schema map[string]any
	if err := json.Unmarshal(policy.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	want, got := map[string]bool{}, map[string]bool{}
	schemaPaths(schema, "", want)
	raw, err := full().Marshal()
	if err != nil {
		t.Fatal(err)
	}
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	valuePaths(value, "", got)
	checks, err := json.Marshal(policy.Checks{})
	if err != nil {
		t.Fatal(err)
	}
	var tokens any
	if err := json.Unmarshal(checks, &tokens); err != nil {
		t.Fatal(err)
	}
	valuePaths(tokens, ".checks", got)
	if !maps.Equal(want, got) {
		t.Errorf("schema and input differ\nschema %v\ninput  %v", slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got)))
	}
	doc, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	for path := range want {
		if !strings.Contains(string(doc), "`"+path+"`") {
			t.Errorf("INPUT.md does not explain `%s`", path)
		}
	}
}
