package policy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// place is where a value stands in a settings file.
type place struct {
	file      string
	line, col int
}

func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s:%d:%d: %s", p.file, p.line, p.col, fmt.Sprintf(format, args...))
}

// decoder fills a struct from YAML strictly and remembers where each value
// came from, so that later checks can name the place. It collects every error
// instead of stopping at the first.
type decoder struct {
	file   string
	places map[string]place // by dotted path
	errs   []error
}

func (d *decoder) at(n *yaml.Node) place { return place{d.file, n.Line, n.Column} }

func (d *decoder) fail(n *yaml.Node, format string, args ...any) {
	d.errs = append(d.errs, d.at(n).errorf(format, args...))
}

// decode reads one document into v, over what is already there.
func (d *decoder) decode(name string, raw []byte, v any) {
	d.file = name
	var doc yaml.Node
	files := yaml.NewDecoder(bytes.NewReader(raw))
	if err := files.Decode(&doc); errors.Is(err, io.EOF) {
		return // an empty file changes nothing
	} else if err != nil {
		d.errs = append(d.errs, yamlError(name, err))
		return
	}
	if len(doc.Content) == 0 {
		return
	}
	var more yaml.Node
	if err := files.Decode(&more); err == nil {
		d.fail(&more, "a second document begins here; keep one, without ---")
	} else if !errors.Is(err, io.EOF) {
		d.errs = append(d.errs, yamlError(name, err))
	}
	d.value(doc.Content[0], reflect.ValueOf(v).Elem(), "")
}

// yamlError turns "yaml: line 3: ..." into file:line:column.
func yamlError(name string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if _, scan := fmt.Sscanf(text, "line %d:", &line); scan == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	return place{name, line, 1}.errorf("not YAML: %s; check indentation and quotes", text)
}

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		d.fail(n, "%s: anchors and aliases are not read; write the value out", path)
		return
	}
	d.places[path] = d.at(n)
	switch v.Kind() {
	case reflect.Struct:
		d.object(n, v, path)
	case reflect.Map:
		d.mapping(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

// pairs walks a mapping and refuses keys written twice.
func (d *decoder) pairs(n *yaml.Node, path string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "%s: write keys and values, indented below it", label(path))
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			d.fail(key, "%s is written twice; keep one", join(path, key.Value))
			continue
		}
		seen[key.Value] = true
		each(key, n.Content[i+1])
	}
}

func (d *decoder) object(n *yaml.Node, v reflect.Value, path string) {
	fields := map[string]int{}
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("json")] = i
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		i, ok := fields[key.Value]
		if !ok {
			d.fail(key, "unknown key %q; write one of %s", join(path, key.Value), keys(fields))
			return
		}
		d.value(value, v.Field(i), join(path, key.Value))
	})
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	d.pairs(n, path, func(key, value *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		if item.Kind() == reflect.Struct || item.Kind() == reflect.Map {
			if old := v.MapIndex(reflect.ValueOf(key.Value)); old.IsValid() {
				item.Set(old)
			}
		}
		before := len(d.errs)
		d.value(value, item, join(path, key.Value))
		if len(d.errs) == before {
			v.SetMapIndex(reflect.ValueOf(key.Value), item)
		}
	})
}

func (d *decoder) list(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "%s: write a list: [a, b]", path)
		return
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	before := len(d.errs)
	for i, item := range n.Content {
		d.value(item, out.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
	if len(d.errs) == before {
		v.Set(out)
	}
}

var wanted = map[reflect.Kind]struct{ tag, words string }{
	reflect.String: {"!!str", "text"},
	reflect.Bool:   {"!!bool", "true or false"},
	reflect.Int:    {"!!int", "a whole number"},
	reflect.Int64:  {"!!int", "a whole number"},
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	want := wanted[v.Kind()]
	tag := n.ShortTag()
	if tag == "!!timestamp" && v.Kind() == reflect.String { // a date without quotes
		v.SetString(n.Value)
		return
	}
	if n.Kind != yaml.ScalarNode || tag != want.tag {
		d.fail(n, "%s: write %s%s", path, want.words, quoteHint(v.Kind(), tag))
		return
	}
	if err := n.Decode(v.Addr().Interface()); err != nil {
		d.fail(n, "%s: write %s", path, want.words)
	}
}

func quoteHint(kind reflect.Kind, tag string) string {
	if kind == reflect.String && (tag == "!!bool" || tag == "!!int" || tag == "!!null") {
		return ` in quotes`
	}
	return ""
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func label(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func keys(m map[string]int) string {
	names := make([]string, 0, len(m))
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (d *decoder) err() error { return errors.Join(d.errs...) }
