package policy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
)

// testTimeout bounds one test of a policy.
const testTimeout = 2 * time.Second

// runTests runs the test_ rules that come with a policy. A failing test, an
// error and a policy without tests are all errors: an untested change does not
// become the running policy. The tests of a layer run without the files that
// later layers add, which they cannot know, but with those they replace.
func runTests(ctx context.Context, src *source, rules, tests map[string]*ast.Module, store storage.Store) (passed []string, err error) {
	if len(tests) == 0 {
		return nil, errors.New("policy has no tests; add a *_test.rego file with rules named test_ and more")
	}
	var errs []error
	for layer := range src.layers() {
		those := upTo(tests, func(name string) bool { return src.since[name] == layer })
		if len(those) == 0 {
			continue
		}
		maps.Copy(those, upTo(rules, func(name string) bool { return src.since[name] <= layer }))
		names, err := runLayer(ctx, those, store)
		passed, errs = append(passed, names...), append(errs, err)
	}
	return passed, errors.Join(errs...)
}

// layers is one more than the highest layer that added a file.
func (src *source) layers() int {
	n := 0
	for _, layer := range src.since {
		n = max(n, layer+1)
	}
	return n
}

// upTo picks modules by name, as copies, because compiling changes them.
func upTo(modules map[string]*ast.Module, pick func(string) bool) map[string]*ast.Module {
	out := map[string]*ast.Module{}
	for name, m := range modules {
		if pick(name) {
			out[name] = m.Copy()
		}
	}
	return out
}

func runLayer(ctx context.Context, modules map[string]*ast.Module, store storage.Store) (passed []string, err error) {
	compiler, err := strict()
	if err != nil {
		return nil, err
	}
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, fmt.Errorf("open settings: %w", err)
	}
	defer store.Abort(ctx, txn)
	results, err := tester.NewRunner().SetDefaultRegoVersion(ast.RegoV1).SetStore(store).SetParallel(1).
		SetCompiler(compiler).SetTimeout(testTimeout).
		SetModules(modules).RunTests(ctx, txn)
	if err != nil {
		return nil, regoErrors(err)
	}
	return collect(results)
}

func collect(results chan *tester.Result) (passed []string, err error) {
	var errs []error
	ran := 0
	for res := range results {
		ran++
		at := place{res.Location.File, res.Location.Row, res.Location.Col}
		switch {
		case res.Error != nil:
			errs = append(errs, at.errorf("%s stopped with an error: %v", res.Name, res.Error))
		case res.Fail:
			errs = append(errs, at.errorf("%s fails; correct the rule or the test", res.Name))
		default:
			passed = append(passed, fmt.Sprintf("%s:%d: %s", at.file, at.line, res.Name))
		}
	}
	if ran == 0 {
		errs = append(errs, errors.New("policy tests hold no rule named test_...; add one"))
	}
	return passed, errors.Join(errs...)
}
