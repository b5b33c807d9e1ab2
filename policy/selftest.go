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
// become the running policy.
func runTests(ctx context.Context, rules, tests map[string]*ast.Module, store storage.Store) error {
	if len(tests) == 0 {
		return errors.New("policy has no tests; add a *_test.rego file with rules named test_...")
	}
	all := maps.Clone(rules)
	maps.Copy(all, tests)
	if _, err := compile(all, nil); err != nil {
		return err
	}
	copies := make(map[string]*ast.Module, len(all))
	for name, m := range all {
		copies[name] = m.Copy()
	}
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return fmt.Errorf("open settings: %w", err)
	}
	defer store.Abort(ctx, txn)
	results, err := tester.NewRunner().SetDefaultRegoVersion(ast.RegoV1).SetStore(store).SetParallel(1).
		SetCompiler(ast.NewCompiler().WithCapabilities(capabilities())).SetTimeout(testTimeout).
		SetModules(copies).RunTests(ctx, txn)
	if err != nil {
		return fmt.Errorf("run policy tests: %w", regoErrors(err))
	}
	return collect(results)
}

func collect(results chan *tester.Result) error {
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
		}
	}
	if ran == 0 {
		errs = append(errs, errors.New("policy tests hold no rule named test_...; add one"))
	}
	return errors.Join(errs...)
}
