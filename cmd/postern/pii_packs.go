package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/boot"
	"postern/policy/pii"
	"postern/policy/pii/pack"
)

// packFlags are packs and lexicons beside those of the policy.
type packFlags struct{ packs, lexicons []string }

func (f *packFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.packs, "pack", nil, "`PACK` to look with: a name or a file; may be given again")
	c.Flags().StringArrayVar(&f.lexicons, "lexicon", nil, "`LEXICON` to look with: a topic or a file; may be given again")
}

// packFiles are the packs and lexicons of the configured policy folder, or the
// built-in ones.
func (p *program) packFiles() (map[string][]byte, []fs.FS, error) {
	dir, err := p.policyDir(nil)
	if err != nil {
		return nil, nil, err
	}
	layers, err := boot.PolicyLayers(dir)
	if err != nil {
		return nil, nil, err
	}
	files, err := pack.Read(layers...)
	return files, layers, err
}

// isLexicon tells a lexicon from a pack by the key that names it.
var isLexicon = regexp.MustCompile(`(?m)^topic:`)

// beside adds the folder of each file that is named among packs or lexicons to
// files, and gives their names.
func beside(args []string, folder string, files map[string][]byte) ([]string, error) {
	var out []string
	for _, arg := range args {
		if !strings.HasSuffix(arg, ".yaml") {
			if strings.ContainsAny(arg, `./\`) {
				return nil, fmt.Errorf("%s is no pack or lexicon: name a file that ends in .yaml, or one that is known without it, such as gdpr", arg)
			}
			out = append(out, arg)
			continue
		}
		if _, err := os.Stat(arg); err != nil {
			return nil, fmt.Errorf("open pack: %w", err)
		}
		siblings, err := filepath.Glob(filepath.Join(filepath.Dir(arg), "*"))
		if err != nil {
			return nil, fmt.Errorf("look beside %s: %w", arg, err)
		}
		for _, name := range siblings {
			to := folder + filepath.Base(name)
			if !pack.Ours(to) {
				continue
			}
			if files[to], err = os.ReadFile(name); err != nil { //nolint:gosec // the user names the folder
				return nil, fmt.Errorf("read pack: %w", err)
			}
		}
		out = append(out, strings.TrimSuffix(filepath.Base(arg), ".yaml"))
	}
	return out, nil
}

// use loads packs and lexicons beside those that settings take into use.
func (f packFlags) use(p *program, base pack.Use) (*pack.Set, error) {
	files, _, err := p.packFiles()
	if err != nil {
		return nil, err
	}
	packs, err := beside(f.packs, pack.Packs, files)
	if err != nil {
		return nil, err
	}
	topics, err := beside(f.lexicons, pack.Lexicons, files)
	if err != nil {
		return nil, err
	}
	return pack.Load(files, pack.Use{Packs: slices.Concat(base.Packs, packs), Lexicons: slices.Concat(base.Lexicons, topics)})
}

type packReport struct {
	OK       bool     `json:"ok"`
	Packs    []string `json:"packs"`
	Lexicons []string `json:"lexicons"`
	Examples int      `json:"examples"` // that came out as they say
	Problems []string `json:"problems"` // each with file, line and what to do
}

func newPIICheck(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "check [PACK...]",
		Short: "Report everything wrong with packs and lexicons, with place and remedy",
		Long: `Reads packs and lexicons as the gateway would, measures their patterns and runs
their examples and tests. PACK is a file, a name of a pack or a topic of a lexicon;
lists and packs it includes are looked for beside the file, and among the built-in
ones. Without PACK all of the configured policy folder and the built-in ones
are read, in use or not.

Exits 0 if the gateway would take them, 3 if it would not, 1 if one cannot be read.`,
		Example: "  postern pii check\n  postern pii check ./policies/pii/acme.yaml\n  postern pii check pci promises --json",
		RunE:    func(_ *cobra.Command, args []string) error { return p.piiCheck(args) },
	}
}

func (p *program) piiCheck(args []string) error {
	files, _, err := p.packFiles()
	if err != nil {
		return err
	}
	use := pack.All(files)
	if len(args) > 0 {
		if use, err = usedBy(args, files); err != nil {
			return err
		}
	}
	report := packReport{Packs: append([]string{}, use.Packs...), Lexicons: append([]string{}, use.Lexicons...), Problems: []string{}}
	sets, err := pack.Each(files, use)
	if err != nil {
		report.Problems = strings.Split(err.Error(), "\n")
		if err := p.result(report, func() error { return p.say("%v", err) }); err != nil {
			return err
		}
		return errFound
	}
	report.OK = true
	for _, set := range sets {
		report.Examples += set.Examples()
	}
	return p.result(report, func() error {
		var errs []error
		for i, name := range use.Packs {
			known := sets[i].Known()
			errs = append(errs, p.say("%s does not achieve: %s", name, oneLine(known[len(known)-1].DoesNotAchieve)))
		}
		return errors.Join(append(errs, p.say("%s and %s are good: %s came out.", count(len(use.Packs), "pack"), count(len(use.Lexicons), "lexicon"), count(report.Examples, "example")))...)
	})
}

func oneLine(s string) string {
	if s == "" {
		return "(it does not say)"
	}
	return strings.Join(strings.Fields(s), " ")
}

// usedBy sorts what is named into packs and lexicons.
func usedBy(args []string, files map[string][]byte) (pack.Use, error) {
	var use pack.Use
	for _, arg := range args {
		folder := pack.Packs
		if raw, err := os.ReadFile(arg); err == nil && isLexicon.Match(raw) || files[pack.Packs+arg+".yaml"] == nil && files[pack.Lexicons+arg+".yaml"] != nil { //nolint:gosec // the user names the file
			folder = pack.Lexicons
		}
		names, err := beside([]string{arg}, folder, files)
		if err != nil {
			return use, err
		}
		if folder == pack.Packs {
			use.Packs = append(use.Packs, names...)
		} else {
			use.Lexicons = append(use.Lexicons, names...)
		}
	}
	return use, nil
}

// looking is what scan and explain look with: the packs named beside those of
// the policy in force, if a configuration is named. Record are the policy's
// operators for a record.
func (p *program) looking(ctx context.Context, h *hintFlags, f packFlags) (scanner *pii.Scanner, set *pack.Set, record map[string]string, err error) {
	var base pack.Use
	if p.configPath != "" {
		engine, err := p.engine(ctx, "")
		if err != nil {
			return nil, nil, nil, err
		}
		own := engine.Settings().PersonalData
		base, record = pack.Use{Packs: own.Packs, Lexicons: own.Lexicons}, own.Record
	}
	if set, err = f.use(p, base); err != nil {
		return nil, nil, nil, err
	}
	scanner, err = p.scanner(h, set)
	return scanner, set, record, err
}

// recordTreatment is what the policy and the packs ask for in a record, and to
// redact all else.
func recordTreatment(set *pack.Set, record map[string]string) (pii.Treatment, error) {
	ops := map[string]string{string(pii.AnyType): string(pii.Redact)}
	if named := set.Operators(record, pack.Way{Sink: pii.Record}); len(named) > 0 {
		ops = named
		if _, all := ops[string(pii.AnyType)]; !all {
			ops[string(pii.AnyType)] = string(pii.Redact)
		}
	}
	return pii.NewTreatment(pii.Record, ops, nil)
}
