package main

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy"
	"postern/policy/pii/pack"
)

func newPolicyCommand(p *program) *cobra.Command {
	return group("policy", "Check, test, explain and replay the policy",
		newPolicyCheck(p, "check", "Report everything wrong with a policy folder, with place and remedy",
			"Compiles rules and settings as the gateway would, and runs their tests. Packs and\nlexicons are checked whether they are in use or not."),
		newPolicyCheck(p, "test", "Run the tests that come with a policy",
			"Runs every rule named test_... of the *_test.rego files over rules and settings."),
		newPolicyExplain(p), newPolicyReplay(p))
}

// policyDir is the folder named, else that of the configuration, else none.
func (p *program) policyDir(args []string) (string, error) {
	if len(args) == 1 {
		return args[0], nil
	}
	if p.configPath == "" {
		return "", nil
	}
	c, err := p.config()
	if err != nil {
		return "", err
	}
	return c.PolicyDir, nil
}

type policyReport struct {
	OK       bool     `json:"ok"`
	Dir      string   `json:"dir"` // empty: the built-in policies
	Revision string   `json:"revision,omitempty"`
	Tests    []string `json:"tests"`    // that passed, as file:line: name; none where there are problems
	Problems []string `json:"problems"` // each with file, line and what to do
}

func newPolicyCheck(p *program, use, short, long string) *cobra.Command {
	return &cobra.Command{
		Use:   use + " [DIR]",
		Short: short,
		Long: long + `

DIR lies over the built-in policies: its settings.yaml and retention.yaml override
key by key, its *.rego files replace those of the same name. Without DIR the folder of the
configuration is taken, and without one the built-in policies.

Exits 0 if the gateway would take it, 3 if it would not, 1 if it cannot be read.`,
		Example: "  postern policy " + use + "\n  postern policy " + use + " ./policies --json",
		Args:    cobra.MaximumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.policyCheck(c.Context(), args, use == "test") },
	}
}

// checkPacks reads every pack and lexicon of the layers, in use or not.
func checkPacks(layers []fs.FS) error {
	files, err := pack.Read(layers...)
	if err != nil {
		return err
	}
	_, err = pack.Each(files, pack.All(files))
	return err
}

// policyCheck loads a policy as the gateway would. list names the tests too.
func (p *program) policyCheck(ctx context.Context, args []string, list bool) error {
	dir, err := p.policyDir(args)
	if err != nil {
		return err
	}
	fsys, err := boot.PolicyLayers(dir)
	if err != nil {
		return err
	}
	report := policyReport{Dir: dir, Tests: []string{}, Problems: []string{}}
	engine, err := policy.Load(ctx, fsys...)
	if err == nil {
		_, err = boot.Retention(fsys)
	}
	if err == nil {
		err = checkPacks(fsys)
	}
	if err != nil {
		report.Problems = strings.Split(err.Error(), "\n")
		if err := p.result(report, func() error { return p.say("%v", err) }); err != nil {
			return err
		}
		return errFound
	}
	report.OK, report.Revision, report.Tests = true, engine.Revision(), engine.Tests()
	return p.result(report, func() error {
		var errs []error
		for _, test := range report.Tests {
			if list {
				errs = append(errs, p.say("ok %s", test))
			}
		}
		errs = append(errs, p.say("The policy is good: it compiles and %s passed. Revision %.12s", count(len(report.Tests), "test"), report.Revision))
		return errors.Join(errs...)
	})
}

func newPolicyExplain(p *program) *cobra.Command {
	var dir, id string
	c := &cobra.Command{
		Use:   "explain {FILE | --record ID}",
		Short: "Show for one message every rule, what it saw and why it decided",
		Long: `Judges one policy input and shows every rule for its kind: whether it applied,
what it looked at, and the first condition that kept it from applying.

FILE holds the input as JSON (policy/INPUT.md), "-" reads it from standard
input. --record takes the one kept with a record of the trail.`,
		Example: "  postern policy explain --record 019ac3d2...\n  postern policy explain input.json --with ./policies",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if (id == "") == (len(args) == 0) {
				return usageError{errors.New("name a file with a policy input, or a record with --record")}
			}
			var raw []byte
			var err error
			if id != "" {
				raw, err = p.keptInput(c.Context(), id)
			} else {
				raw, err = p.readInput(args[0])
			}
			if err != nil {
				return err
			}
			return p.policyExplain(c.Context(), raw, dir)
		},
	}
	c.Flags().StringVar(&id, "record", "", "`ID` of a record whose message is to be explained")
	c.Flags().StringVar(&dir, "with", "", "policy `DIR` to judge by, instead of the configured one")
	return c
}

// keptInput is the policy input that was kept with a record.
func (p *program) keptInput(ctx context.Context, arg string) ([]byte, error) {
	id, err := audit.ParseID(arg)
	if err != nil {
		return nil, usageError{err}
	}
	r, err := ask[admin.Shown](ctx, p, "record.show", admin.Record{ID: id})
	if err != nil {
		return nil, err
	}
	input, kept := r.Parts[audit.PartInput]
	if !kept {
		return nil, errors.New("no policy input is kept with this record: it judged no message, or the input was erased")
	}
	return []byte(input), nil
}

func (p *program) policyExplain(ctx context.Context, raw []byte, dir string) error {
	in, err := policy.UnmarshalInput(raw)
	if err != nil {
		return err
	}
	engine, err := p.engine(ctx, dir)
	if err != nil {
		return err
	}
	x, err := engine.Explain(ctx, in)
	if err != nil {
		return err
	}
	return p.result(explained(x), func() error { return p.explanation(x) })
}

type explanationReport struct {
	Effect   policy.Effect    `json:"effect"`
	Reasons  []policy.Reason  `json:"reasons"`
	Observed []policy.Reason  `json:"observed"`
	Revision string           `json:"revision"`
	Error    string           `json:"error,omitempty"`
	Rules    []policy.Verdict `json:"rules"`
}

func explained(x *policy.Explanation) explanationReport {
	d := x.Decision
	return explanationReport{
		Effect: d.Effect, Reasons: append([]policy.Reason{}, d.Reasons...), Observed: append([]policy.Reason{}, d.Observed...),
		Revision: d.Revision, Error: x.Error, Rules: x.Rules,
	}
}

// engine compiles the folder named, else the configured or built-in policy.
func (p *program) engine(ctx context.Context, dir string) (*policy.Engine, error) {
	var args []string
	if dir != "" {
		args = []string{dir}
	}
	dir, err := p.policyDir(args)
	if err != nil {
		return nil, err
	}
	fsys, err := boot.PolicyLayers(dir)
	if err != nil {
		return nil, err
	}
	return policy.Load(ctx, fsys...)
}

func (p *program) explanation(x *policy.Explanation) error {
	errs := []error{p.say("Decision: %s (revision %.12s)", x.Decision.Effect, x.Decision.Revision)}
	for _, r := range x.Decision.Reasons {
		errs = append(errs, p.say("  %s: %s", r.Code, r.Sentence))
	}
	for _, r := range x.Decision.Observed {
		errs = append(errs, p.say("  observed only: %s: %s", r.Code, r.Sentence))
	}
	if x.Error != "" {
		errs = append(errs, p.say("  error: %s", x.Error))
	}
	for _, v := range x.Rules {
		errs = append(errs, p.verdict(v))
	}
	return errors.Join(errs...)
}

func (p *program) verdict(v policy.Verdict) error {
	outcome := "does not apply: " + v.Because
	if condition, unmet := strings.CutPrefix(v.Because, "does not hold: "); unmet {
		outcome = "does not apply: " + condition + " does not hold"
	}
	if v.Applies {
		outcome = "applies"
	}
	errs := []error{p.say("\n%s %s (%s, %s)\n  %s", v.Rule, v.Code, v.Place, v.Mode, outcome)}
	for _, s := range v.Saw {
		errs = append(errs, p.say("    %s = %s", s.Ref, s.Value))
	}
	return errors.Join(errs...)
}
