package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Explanation shows how a decision came about.
type Explanation struct {
	Decision Decision
	Error    string // why the decision is policy_error
	Checks   Checks
	Rules    []Verdict // every rule for this kind of input, in order of file and line
}

// Verdict is what one rule said.
type Verdict struct {
	Code    string `json:"code"`    // reason code; for a basis its name
	Rule    string `json:"rule"`    // "refuse", "basis" or "label"
	Place   string `json:"place"`   // file:line
	Applies bool   `json:"applies"` // the rule refused, or gave its basis
	Mode    string `json:"mode"`    // "enforce" or "observe until DATE"
	Saw     []Seen `json:"saw"`     // the fields and settings the rule looks at
	Because string `json:"because"` // the first condition that does not hold or fails; "" if Applies
}

// Seen is one value a rule looked at, as Rego text.
type Seen struct {
	Ref   string `json:"ref"`
	Value string `json:"value"` // "undefined" if absent
}

// Explain decides and shows every rule of the input's kind, whether it
// applied, what it saw and what kept it from applying.
func (e *Engine) Explain(ctx context.Context, in *Input) (*Explanation, error) {
	r := e.now.Load()
	if r == nil {
		return nil, errors.New("explain: no policy is loaded; use Load")
	}
	x := &Explanation{Checks: r.match.check(in)}
	d, err := r.decide(ctx, in)
	if err != nil {
		d, x.Error = r.failed(in), err.Error()
	}
	x.Decision = d
	plain, err := r.plain()
	if err != nil {
		return nil, fmt.Errorf("compile for explanation: %w", err)
	}
	ex := explainer{rev: *r, input: build(document, subject{in, &x.Checks})}
	ex.rev.rules = plain
	for _, name := range sortedKeys(plain.Modules) {
		m := plain.Modules[name]
		if m.Package.Path.String() != "data.postern."+in.Kind {
			continue
		}
		if err := ex.module(ctx, m); err != nil {
			return nil, err
		}
	}
	x.Rules = ex.out
	return x, nil
}

// explainer evaluates rules one by one on the whole document, with settings
// not inlined, so that the values show.
type explainer struct {
	rev   revision
	input *ast.Term
	out   []Verdict
}

func (ex *explainer) module(ctx context.Context, m *ast.Module) error {
	for _, rule := range m.Rules {
		name := rule.Head.Name.String()
		if ref := rule.Head.Ref(); len(ref) > 0 {
			name = strings.Trim(ref[0].String(), `"`)
		}
		if !slices.Contains([]string{refuseKey, basisKey, labelKey}, name) {
			continue
		}
		v, err := ex.rule(ctx, name, rule)
		if err != nil {
			return err
		}
		ex.out = append(ex.out, v)
	}
	return nil
}

func (ex *explainer) rule(ctx context.Context, name string, rule *ast.Rule) (Verdict, error) {
	v := Verdict{Rule: name, Code: headCode(rule), Place: fmt.Sprintf("%s:%d", rule.Location.File, rule.Location.Row)}
	v.Mode = "enforce"
	if mode, own := ex.rev.match.s.Modes[v.Code]; own && name == refuseKey {
		v.Mode = mode
	}
	v.Saw = ex.saw(rule)
	for i := range rule.Body {
		holds, err := ex.holds(ctx, rule.Body[:i+1])
		if ctx.Err() != nil {
			return v, context.Cause(ctx)
		}
		if err != nil {
			v.Because = "fails: " + failure(err)
			return v, nil
		}
		if !holds {
			v.Because = "does not hold: " + string(rule.Body[i].Location.Text)
			return v, nil
		}
	}
	v.Applies = true
	return v, nil
}

// failure names what went wrong with one rule.
func failure(err error) string {
	if topdown.IsCancel(err) {
		return "it does not come to an end in " + patience.String()
	}
	return safeError(err)
}

// holds evaluates the first conditions of a body.
func (ex *explainer) holds(ctx context.Context, body ast.Body) (bool, error) {
	txn, err := ex.rev.store.NewTransaction(ctx)
	if err != nil {
		return false, fmt.Errorf("open settings: %w", err)
	}
	defer ex.rev.store.Abort(ctx, txn)
	cancel := topdown.NewCancel()
	defer context.AfterFunc(ctx, cancel.Cancel)()
	defer time.AfterFunc(patience, cancel.Cancel).Stop()
	found := false
	err = topdown.NewQuery(body).WithCompiler(ex.rev.rules).WithStore(ex.rev.store).WithTransaction(txn).
		WithInput(ex.input).WithCancel(cancel).WithStrictBuiltinErrors(true).Iter(ctx, func(topdown.QueryResult) error {
		found = true
		return nil
	})
	return found, err
}

// saw lists the fields and settings a rule names, with their values.
func (ex *explainer) saw(rule *ast.Rule) []Seen {
	var out []Seen
	seen := map[string]bool{}
	note := func(ref ast.Ref) bool {
		text := ref.ConstantPrefix().String()
		if seen[text] || !ref.HasPrefix(ast.InputRootRef) && !ref.HasPrefix(settingsRef) {
			return false
		}
		seen[text] = true
		out = append(out, Seen{text, ex.value(ref.ConstantPrefix())})
		return false
	}
	ast.WalkRefs(rule.Body, note)
	ast.WalkRefs(rule.Head, note)
	return out
}

func (ex *explainer) value(ref ast.Ref) string {
	root, path := ex.input.Value, ref[1:]
	if ref.HasPrefix(settingsRef) {
		root, path = ex.rev.settings, ref[len(settingsRef):]
	}
	v, err := root.Find(path)
	if err != nil {
		return "undefined"
	}
	return v.String()
}

// headCode is the constant code or name in a rule's head.
func headCode(rule *ast.Rule) string {
	code := ""
	visit := func(t *ast.Term) bool {
		switch v := t.Value.(type) {
		case ast.Object:
			if s, isString := value(v.Get(codeTerm)).(ast.String); isString {
				code = string(s)
			}
		case ast.String:
			if t == rule.Head.Key {
				code = string(v)
			}
		}
		return code != ""
	}
	ast.WalkTerms(rule.Head, visit)
	if code == "" { // the compiler moved the object into the body
		ast.WalkTerms(rule.Body, visit)
	}
	return code
}
