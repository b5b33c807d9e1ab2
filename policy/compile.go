package policy

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	_ "embed" // the schema
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"postern/policy/pii/pack"
)

//go:embed input.schema.json
var inputSchema []byte

// Schema returns the JSON Schema of Input.
func Schema() []byte { return bytes.Clone(inputSchema) }

const (
	settingsName = "settings.yaml"
	// retentionName is what package retention reads of the same folder.
	retentionName = "retention.yaml"
	testSuffix    = "_test.rego"
)

// source is every file of a policy after the layers were laid over each other.
type source struct {
	rego     map[string][]byte // by name
	since    map[string]int    // the layer in which a name first appears
	settings []SettingsFile
	packs    map[string][]byte // packs, lexicons and their lists, by path
	strays   []error           // files that look like ours and are not read
}

// read collects the files of the layers. A later layer's Rego file replaces the
// one of the same name; its settings override key by key.
func read(layers []fs.FS) (*source, error) {
	src := &source{rego: map[string][]byte{}, since: map[string]int{}, packs: map[string][]byte{}}
	for i, layer := range layers {
		err := fs.WalkDir(layer, ".", func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.Name() != "." && strings.HasPrefix(d.Name(), "."): // an editor's, or a mounted volume's own
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir():
				return nil
			}
			return src.add(layer, path, i)
		})
		if err != nil {
			return nil, fmt.Errorf("read policy files: %w", err)
		}
	}
	if len(src.strays) > 0 {
		return nil, errors.Join(src.strays...)
	}
	if len(src.rego) == 0 || len(src.settings) == 0 {
		return nil, errors.New("no *.rego or no settings.yaml among the policy files; name the folder that holds them")
	}
	return src, nil
}

func (src *source) add(layer fs.FS, path string, i int) error {
	if path == retentionName {
		return nil
	}
	ours := pack.Ours(path)
	if path != settingsName && !ours && !strings.HasSuffix(path, ".rego") {
		if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
			src.strays = append(src.strays, place{path, 1, 1}.errorf("this file is not read; call it %s or %s and put it beside the rules, put a pack into %s and a lexicon into %s, or take it away", settingsName, retentionName, pack.Packs, pack.Lexicons))
		}
		return nil
	}
	raw, err := fs.ReadFile(layer, path)
	if err != nil {
		return fmt.Errorf("read policy file: %w", err)
	}
	if ours {
		src.packs[path] = raw
		return nil
	}
	if path == settingsName {
		name := path
		if i == 0 {
			name = "default " + path
		}
		src.settings = append(src.settings, SettingsFile{name, raw})
		return nil
	}
	if _, known := src.since[path]; !known {
		src.since[path] = i
	}
	src.rego[path] = raw
	return nil
}

// revision hashes names and contents of every file in a fixed order.
func (src *source) revision() string {
	h := sha256.New()
	put := func(name string, raw []byte) {
		sum := sha256.Sum256(raw)
		h.Write(fmt.Appendf(nil, "%d:%s %x\n", len(name), name, sum))
	}
	for _, name := range sortedKeys(src.rego) {
		put(name, src.rego[name])
	}
	for _, f := range src.settings {
		put(f.Name, f.Raw)
	}
	for _, name := range sortedKeys(src.packs) {
		put(name, src.packs[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// parse reads the modules; tests are kept apart.
func (src *source) parse() (rules, tests map[string]*ast.Module, err error) {
	rules, tests = map[string]*ast.Module{}, map[string]*ast.Module{}
	var errs []error
	for _, name := range sortedKeys(src.rego) {
		m, err := ast.ParseModuleWithOpts(name, string(src.rego[name]), ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true})
		switch {
		case err != nil:
			errs = append(errs, regoErrors(err))
		case strings.HasSuffix(name, testSuffix):
			tests[name] = m
		default:
			rules[name] = m
		}
	}
	return rules, tests, errors.Join(errs...)
}

// capabilities are OPA's, without what reaches out of the process or depends
// on chance: a decision must replay the same way.
func capabilities() *ast.Capabilities {
	c := ast.CapabilitiesForThisVersion()
	c.Builtins = slices.DeleteFunc(c.Builtins, func(b *ast.Builtin) bool { return b.IsNondeterministic() })
	c.AllowNet = []string{}
	return c
}

// strict is a compiler to which unknown input fields, unused variables and type
// errors are errors.
func strict() (*ast.Compiler, error) {
	schemas := ast.NewSchemaSet()
	var schema any
	if err := json.Unmarshal(inputSchema, &schema); err != nil {
		return nil, fmt.Errorf("read input schema: %w", err)
	}
	schemas.Put(ast.SchemaRootRef, schema)
	return ast.NewCompiler().WithStrict(true).WithSchemas(schemas).WithCapabilities(capabilities()), nil
}

// compile compiles copies of the modules. constants, if not nil, replaces references to
// data.settings by their values, so that the rule index can use them.
func compile(modules map[string]*ast.Module, constants *ast.Term) (*ast.Compiler, error) {
	c, err := strict()
	if err != nil {
		return nil, err
	}
	if constants != nil {
		c = c.WithStageAfterID(ast.StageResolveRefs, ast.CompilerStageDefinition{
			Name: "InlineSettings", MetricName: "inline_settings",
			Stage: func(c *ast.Compiler) *ast.Error { return inline(c, constants) },
		})
	}
	copies := make(map[string]*ast.Module, len(modules))
	for name, m := range modules {
		copies[name] = m.Copy()
	}
	if c.Compile(copies); c.Failed() {
		return nil, regoErrors(c.Errors)
	}
	return c, nil
}

var settingsRef = ast.MustParseRef("data.settings")

// inline replaces each ground data.settings reference by its value.
func inline(c *ast.Compiler, settings *ast.Term) *ast.Error {
	for _, m := range c.Modules {
		_, err := ast.TransformRefs(m, func(ref ast.Ref) (ast.Value, error) {
			if !ref.HasPrefix(settingsRef) || !ref.IsGround() {
				return ref, nil
			}
			v, err := settings.Value.Find(ref[len(settingsRef):])
			if err != nil {
				return nil, ast.NewError(ast.CompileErr, ref[0].Location, "settings have no key %s; write one that settings.yaml has", ref)
			}
			return v, nil
		})
		var named *ast.Error
		if errors.As(err, &named) {
			return named
		}
		if err != nil {
			return ast.NewError(ast.CompileErr, m.Package.Location, "inline settings: %v", err)
		}
	}
	return nil
}

// regoErrors writes OPA's errors as file:line:column, one a line, in order.
func regoErrors(err error) error {
	var list ast.Errors
	if !errors.As(err, &list) {
		return err
	}
	slices.SortFunc(list, func(a, b *ast.Error) int {
		if a.Location == nil || b.Location == nil {
			return cmp.Compare(a.Message, b.Message)
		}
		return a.Location.Compare(b.Location)
	})
	errs := make([]error, len(list))
	for i, e := range list {
		errs[i] = regoError(e)
	}
	return errors.Join(errs...)
}

func regoError(e *ast.Error) error {
	at := place{"policy", 1, 1}
	if e.Location != nil {
		at = place{e.Location.File, e.Location.Row, e.Location.Col}
	}
	return at.errorf("%s%s", e.Message, hint(e))
}

// hint says what to write instead, for the mistakes people make most.
func hint(e *ast.Error) string {
	switch m := e.Message; {
	case strings.Contains(m, "undefined ref: input"):
		return "; write a field that policy/INPUT.md lists"
	case strings.Contains(m, "undefined function"):
		return "; functions that use the network, the clock or chance are not offered"
	case strings.Contains(m, "if keyword"), strings.Contains(m, "`if`"):
		return "; write: refuse contains {...} if { ... }"
	case strings.Contains(m, "unsafe"):
		return "; give the variable a value before it is used"
	case strings.Contains(m, "unused"):
		return "; remove it"
	case e.Code == ast.ParseErr:
		return "; check brackets, quotes and commas up to here"
	}
	return ""
}
