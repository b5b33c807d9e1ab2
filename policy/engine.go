package policy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"

	"postern/policy/pii/pack"
)

// Engine decides by the policy that is loaded. It is safe for concurrent use;
// a decision runs wholly on the policy that was loaded when it began. Load makes
// one; the zero Engine denies everything and has no settings to show.
type Engine struct {
	now atomic.Pointer[revision]
}

// Load compiles the layers (later ones override, see read), runs their own
// tests and returns an engine. Errors name file:line:column, what is wrong and
// what to write; all of them at once.
func Load(ctx context.Context, layers ...fs.FS) (*Engine, error) {
	e := &Engine{}
	if err := e.Swap(ctx, layers...); err != nil {
		return nil, err
	}
	return e, nil
}

// Swap replaces the policy if the new one compiles and passes its own tests;
// otherwise the running one stays.
func (e *Engine) Swap(ctx context.Context, layers ...fs.FS) error {
	src, err := read(layers)
	if err != nil {
		return err
	}
	if running := e.now.Load(); running != nil && running.hash == src.revision() {
		return nil // the same files
	}
	r, err := newRevision(ctx, src)
	if err != nil {
		return err
	}
	e.now.Store(r)
	return nil
}

// Revision is the hash over every file of the loaded policy, hex.
func (e *Engine) Revision() string { return e.now.Load().hash }

// Settings returns the loaded settings. They must not be changed.
func (e *Engine) Settings() *Settings { return e.now.Load().match.s }

// Packs returns the packs and lexicons in force.
func (e *Engine) Packs() *pack.Set { return e.now.Load().packs }

// Files returns the loaded files by name, to be kept with the revision.
func (e *Engine) Files() map[string][]byte { return maps.Clone(e.now.Load().files) }

// Tests lists the tests that the loaded policy passed, as file:line: name.
func (e *Engine) Tests() []string { return slices.Clone(e.now.Load().tests) }

// revision is one compiled policy. It is never changed after it is built.
type revision struct {
	hash     string
	files    map[string][]byte
	match    *matcher
	packs    *pack.Set
	rules    *ast.Compiler // with settings inlined
	modules  map[string]*ast.Module
	store    storage.Store // data.settings, for references that are not constant
	settings ast.Value     // the same
	queries  map[string]*query
	tests    []string                      // that passed, as file:row: name
	oblige   map[string]Obligations        // by direction, the part that never varies
	plain    func() (*ast.Compiler, error) // rules without inlining, made when first explained
}

// query is the one question asked for a kind of input.
type query struct {
	body   ast.Body
	fields []field
}

// refuseKey and basisKey are the rule names that every kind's package has.
const (
	refuseKey = "refuse"
	basisKey  = "basis"
	labelKey  = "label"
)

func newRevision(ctx context.Context, src *source) (*revision, error) {
	d := &decoder{places: map[string]place{}}
	settings := d.settings(src.settings)
	rules, tests, err := src.parse()
	if err == nil {
		err = checkHeads(rules)
		d.modesOfNothing(settings, rules)
	}
	set := d.packs(settings, src.packs)
	if err = errors.Join(d.err(), err); err != nil {
		return nil, err
	}
	r := &revision{hash: src.revision(), files: src.files(), match: newMatcher(settings), modules: rules, packs: set}
	if err := r.compile(settings); err != nil {
		return nil, err
	}
	if r.tests, err = runTests(ctx, src, rules, tests, r.store); err != nil {
		return nil, err
	}
	r.oblige = obligations(settings)
	r.plain = sync.OnceValues(func() (*ast.Compiler, error) { return compile(rules, nil) })
	return r, nil
}

func (src *source) files() map[string][]byte {
	out := maps.Clone(src.rego)
	for _, f := range src.settings {
		out[f.Name] = f.Raw
	}
	maps.Copy(out, src.packs)
	return out
}

func (r *revision) compile(s *Settings) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode settings: %w", err)
	}
	var data any
	if err := json.Unmarshal(raw, &data); err != nil {
		return fmt.Errorf("decode settings: %w", err)
	}
	value, err := ast.InterfaceToValue(data)
	if err != nil {
		return fmt.Errorf("convert settings: %w", err)
	}
	r.settings = value
	r.store = inmem.NewFromObjectWithOpts(map[string]any{"settings": data}, inmem.OptReturnASTValuesOnRead(true), inmem.OptRoundTripOnWrite(false))
	if r.rules, err = compile(r.modules, ast.NewTerm(value)); err != nil {
		return err
	}
	return r.prepare()
}

// prepare makes the question of each kind and finds out which fields its rules read.
func (r *revision) prepare() error {
	used := usedFields(r.rules)
	r.queries = map[string]*query{}
	for _, kind := range kindsOfInput {
		pkg := ast.MustParseRef("data.postern." + kind)
		if r.rules.GetRulesExact(pkg.Append(ast.StringTerm(basisKey))) == nil {
			return fmt.Errorf("policy has no rule %s.%s, so nothing of this kind could pass; write: %s contains \"...\" if { ... }", pkg, basisKey, basisKey)
		}
		if r.rules.GetRulesExact(pkg.Append(ast.StringTerm(refuseKey))) == nil {
			return fmt.Errorf("policy has no rule %s.%s; write: %s contains {\"code\": ..., \"sentence\": ...} if { ... }", pkg, refuseKey, refuseKey)
		}
		body, err := r.rules.QueryCompiler().Compile(r.question(pkg))
		if err != nil {
			return fmt.Errorf("compile question: %w", err)
		}
		r.queries[kind] = &query{body: body, fields: prune(document, used)}
	}
	return nil
}

// question asks for refusals, basis and, if any rule gives them, labels.
func (r *revision) question(pkg ast.Ref) ast.Body {
	body := ast.NewBody()
	for _, name := range []string{refuseKey, basisKey, labelKey} {
		rule := pkg.Append(ast.StringTerm(name))
		if r.rules.GetRulesExact(rule) != nil {
			body.Append(ast.Equality.Expr(ast.VarTerm(name), ast.NewTerm(rule)))
		}
	}
	return body
}

// usedFields lists the input paths that rules read, as far as they are constant.
func usedFields(c *ast.Compiler) []string {
	seen := map[string]bool{}
	for _, m := range c.Modules {
		ast.WalkRefs(m, func(ref ast.Ref) bool {
			if ref[0].Equal(ast.InputRootDocument) {
				seen[inputPath(ref)] = true
			}
			return false
		})
	}
	return slices.Sorted(maps.Keys(seen))
}

func inputPath(ref ast.Ref) string {
	path := ""
	for _, t := range ref[1:] {
		s, isString := t.Value.(ast.String)
		if !isString {
			break
		}
		path = join(path, string(s))
	}
	return path
}

// Decide judges one input. It denies when nothing says allow, and on any error,
// which it also returns; the Decision is complete either way. A rule that does
// not come to an end is stopped after a second, or with ctx, and denies.
func (e *Engine) Decide(ctx context.Context, in *Input) (Decision, error) {
	r := e.now.Load()
	if r == nil {
		return Decision{Reasons: []Reason{brokenPolicy}}, errors.New("decide: no policy is loaded; use Load")
	}
	d, err := r.decide(ctx, in)
	if err != nil {
		return r.failed(in), err
	}
	return d, nil
}

func (r *revision) decide(ctx context.Context, in *Input) (Decision, error) {
	q, known := r.queries[in.Kind]
	if !known || in.Version != InputVersion {
		return Decision{}, fmt.Errorf("decide: input of an unknown kind or of version %d (this program judges version %d)", in.Version, InputVersion)
	}
	checks := r.match.check(in)
	out, err := r.ask(ctx, q.body, build(q.fields, subject{in, &checks}))
	if err != nil {
		return Decision{}, err
	}
	return r.verdict(in, out)
}

// patience is how long one evaluation may take: thousands of times what it
// needs, so that a busy machine refuses nothing.
const patience = time.Second

// ask runs a body over one input and returns its only result.
func (r *revision) ask(ctx context.Context, body ast.Body, input *ast.Term) (topdown.QueryResult, error) {
	txn, err := r.store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("open settings: %w", err)
	}
	defer r.store.Abort(ctx, txn)
	cancel := topdown.NewCancel()
	defer context.AfterFunc(ctx, cancel.Cancel)()
	defer time.AfterFunc(patience, cancel.Cancel).Stop()
	var out topdown.QueryResult
	err = topdown.NewQuery(body).WithCompiler(r.rules).WithStore(r.store).WithTransaction(txn).WithInput(input).
		WithCancel(cancel).WithStrictBuiltinErrors(true).WithMetrics(metrics.NoOp()).Iter(ctx, func(qr topdown.QueryResult) error {
		out = qr
		return nil
	})
	if err != nil {
		return nil, errors.New("evaluate policy: " + safeError(err))
	}
	if out == nil {
		return nil, errors.New("evaluate policy: the question has no answer")
	}
	return out, nil
}

// safeError names kind and place of an evaluation error without its message,
// which may quote values.
func safeError(err error) string {
	var e *topdown.Error
	if errors.As(err, &e) && e.Location != nil {
		return fmt.Sprintf("%s at %s:%d", e.Code, e.Location.File, e.Location.Row)
	}
	if topdown.IsCancel(err) {
		return "cancelled before a rule came to an end, which \"postern policy explain\" names"
	}
	return "error"
}
