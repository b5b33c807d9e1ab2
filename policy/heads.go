package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// kindsOfInput are the kinds of Input, each with a package of rules.
var kindsOfInput = []string{KindMessage, KindMedia, KindRead, KindInbound, KindManage}

// refuseRules gives the refusals among the rules of a module.
func refuseRules(m *ast.Module) []*ast.Rule {
	pkg, ours := strings.CutPrefix(m.Package.Path.String(), "data.postern.")
	if !ours || !slices.Contains(kindsOfInput, pkg) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(m.Rules), func(r *ast.Rule) bool { return r.Head.Name.String() != refuseKey })
}

// checkHeads reports refusals that no decision could read: found here, such a
// rule has a place, and not only a denial when it first applies.
func checkHeads(rules map[string]*ast.Module) error {
	var errs []error
	for _, name := range sortedKeys(rules) {
		for _, r := range refuseRules(rules[name]) {
			if problem := headProblem(r.Head); problem != "" {
				at := place{name, r.Location.Row, r.Location.Col}
				errs = append(errs, at.errorf(`%s; write: refuse contains {"code": "own_code", "sentence": "What is wrong. What to do."} if { ... }`, problem))
			}
		}
	}
	return errors.Join(errs...)
}

// headProblem looks at heads that are written out; what a rule computes is
// looked at when it applies.
func headProblem(h *ast.Head) string {
	if h.Key == nil {
		return "refuse is a set of refusals, this is a value"
	}
	switch key := h.Key.Value.(type) {
	case ast.Var, ast.Ref, ast.Call:
		return ""
	case ast.Object:
		return objectProblem(key)
	}
	return "a refusal is an object"
}

func objectProblem(o ast.Object) string {
	for _, k := range o.Keys() {
		if name, _ := k.Value.(ast.String); !among(string(name), "code", "sentence", "next") {
			return fmt.Sprintf("a refusal has no member %s", k)
		}
	}
	code, sentence := value(o.Get(codeTerm)), value(o.Get(sentenceTerm))
	if text, isText := code.(ast.String); !isText || !isCode(string(text)) {
		return "the code must be written out, in small letters, digits and underscores"
	}
	if text, isText := sentence.(ast.String); sentence == nil || isText && text == "" {
		return "the sentence for people is missing"
	}
	return ""
}

// maxCode bounds a code, in bytes.
const maxCode = 64

// isCode reports text that may stand in headers, records and metrics.
func isCode(s string) bool {
	return s != "" && len(s) <= maxCode && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

// codesOf lists the codes the rules give; all is false if some are computed.
func codesOf(rules map[string]*ast.Module) (codes map[string]bool, all bool) {
	codes, all = map[string]bool{}, true
	for _, m := range rules {
		for _, r := range refuseRules(m) {
			o, written := value(r.Head.Key).(ast.Object)
			if !written {
				all = false
				continue
			}
			if code, isText := value(o.Get(codeTerm)).(ast.String); isText {
				codes[string(code)] = true
			}
		}
	}
	return codes, all
}

// modesOfNothing reports modes of codes that no rule gives: a misspelt one
// would change nothing.
func (d *decoder) modesOfNothing(s *Settings, rules map[string]*ast.Module) {
	codes, all := codesOf(rules)
	for _, code := range sortedKeys(s.Modes) {
		if all && !codes[code] && !slices.Contains(alwaysEnforced, code) {
			d.bad(join("modes", code), "no rule gives this code; write one of %s", strings.Join(sortedKeys(codes), ", "))
		}
	}
}
