package retention

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDays bounds every number of days: a hundred years.
const maxDays = 36525

// File is one layer of a policy; Name is used in errors.
type File struct {
	Name string
	Raw  []byte
}

// place is where something stands in a file.
type place struct {
	file      string
	line, col int
}

// reader reads files strictly and collects every error, each with its place.
// Values are remembered by path, so that later checks can name theirs.
type reader struct {
	file   string
	first  string // the file that is built in
	places map[string]place
	older  map[string]string // paths that a field of the older form stands for, with that field
	errs   []error
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	r.failAt(place{r.file, n.Line, n.Column}, format, args...)
}

func (r *reader) failAt(at place, format string, args ...any) {
	r.errs = append(r.errs, fmt.Errorf("%s:%d:%d: %s", at.file, at.line, at.col, fmt.Sprintf(format, args...)))
}

// bad reports a value by its path, or by the nearest parent that was written.
func (r *reader) bad(path, format string, args ...any) {
	at, known := r.places[path]
	for parent := path; !known && parent != ""; {
		parent = parent[:max(strings.LastIndexByte(parent, '.'), 0)]
		at, known = r.places[parent]
	}
	if field, older := r.older[path]; older {
		path = field + " (read as " + path + ")"
	}
	r.failAt(at, "%s: %s", path, fmt.Sprintf(format, args...))
}

// badBy is bad for what a preset asks of a path that no file but the first, which
// is built in, has written: the place is where the preset is named.
func (r *reader) badBy(preset, path, format string, args ...any) {
	if by, named := r.places[join("presets", preset)]; named && r.places[path].file == r.first && by.file != r.first {
		r.failAt(by, "%s: %s", path, fmt.Sprintf(format, args...))
		return
	}
	r.bad(path, format, args...)
}

// remedy is what to write at a path, in the words of the form that was written.
func (r *reader) remedy(path, now, older string) string {
	if r.older[path] != "" {
		return older
	}
	return now
}

// document is the file's one document, nil for an empty one. The parser's own
// words may quote the file, so only its line is kept.
func (r *reader) document(f File) *yaml.Node {
	r.file = f.Name
	top := &yaml.Node{Line: 1, Column: 1}
	if _, known := r.places[""]; !known {
		r.places[""], r.first = place{f.Name, 1, 1}, f.Name
	}
	var doc, more yaml.Node
	in := yaml.NewDecoder(bytes.NewReader(f.Raw))
	switch err := in.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		if _, line, found := strings.Cut(err.Error(), "line "); found {
			line, _, _ = strings.Cut(line, ":")
			if n, err := strconv.Atoi(line); err == nil {
				top.Line = n
			}
		}
		r.fail(top, "this is not YAML; check indentation, quotes and colons at and above this line")
		return nil
	}
	if err := in.Decode(&more); !errors.Is(err, io.EOF) {
		r.fail(top, "the file holds more than one document; keep one, without ---")
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return doc.Content[0]
}

// section is one mapping. Keys are asked for by name; done reports the others.
type section struct {
	r      *reader
	path   string
	keys   []*yaml.Node
	values map[string]*yaml.Node
	asked  []string
}

func (r *reader) section(n *yaml.Node, path string) *section {
	s := &section{r: r, path: path, values: map[string]*yaml.Node{}}
	if n == nil {
		return s
	}
	r.places[path] = place{r.file, n.Line, n.Column}
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		r.fail(n, "%s: write keys and values, indented below it", label(path))
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case value.Kind == yaml.AliasNode || value.Anchor != "" || key.Tag == "!!merge":
			r.fail(key, "%s: anchors, aliases and merge keys are not read; write the value out", join(path, key.Value))
		case s.values[key.Value] != nil:
			r.fail(key, "%s is written twice; keep one", join(path, key.Value))
		default:
			s.keys, s.values[key.Value] = append(s.keys, key), value
			r.places[join(path, key.Value)] = place{r.file, value.Line, value.Column}
		}
	}
	return s
}

func (s *section) get(key string) *yaml.Node {
	s.asked = append(s.asked, key)
	return s.values[key]
}

func (s *section) sub(key string) *section { return s.r.section(s.get(key), join(s.path, key)) }

// done reports the keys nobody asked for.
func (s *section) done() {
	for _, k := range s.keys {
		if s.values[k.Value] != nil && !slices.Contains(s.asked, k.Value) {
			s.r.fail(k, "unknown key %q; write one of %s", join(s.path, k.Value), strings.Join(s.asked, ", "))
		}
	}
}

// whole reads a number from low to high into v.
func (s *section) whole(key string, v *int, low, high int) {
	n := s.get(key)
	if n == nil {
		return
	}
	var got int
	if n.ShortTag() != "!!int" || n.Decode(&got) != nil || got < low || got > high {
		s.r.fail(n, "%s: write a whole number from %d to %d", join(s.path, key), low, high)
		return
	}
	*v = got
}

// word reads one of the words into v.
func word[T ~string](s *section, key string, v *T, words ...T) {
	n := s.get(key)
	if n == nil {
		return
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || !slices.Contains(words, T(n.Value)) {
		s.r.fail(n, "%s: write %s", join(s.path, key), orList(words))
		return
	}
	*v = T(n.Value)
}

func (s *section) text(key string, v *string, write string) {
	n := s.get(key)
	if n == nil {
		return
	}
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || n.Value == "" {
		s.r.fail(n, "%s: write %s", join(s.path, key), write)
		return
	}
	*v = n.Value
}

func (s *section) flag(key string, v *bool) {
	n := s.get(key)
	if n != nil && (n.ShortTag() != "!!bool" || n.Decode(v) != nil) {
		s.r.fail(n, "%s: write true or false", join(s.path, key))
	}
}

// list reads words into v, in place of what is there.
func (s *section) list(key string, v *[]string) {
	n := s.get(key)
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		s.r.fail(n, "%s: write a list: [a, b]", join(s.path, key))
		return
	}
	out := []string{}
	for _, item := range n.Content {
		switch {
		case item.Kind != yaml.ScalarNode || item.ShortTag() != "!!str":
			s.r.fail(item, "%s: write names", join(s.path, key))
		case slices.Contains(out, item.Value):
			s.r.fail(item, "%s: %q is listed twice; keep one", join(s.path, key), item.Value)
		default:
			out = append(out, item.Value)
			s.r.places[join(join(s.path, key), item.Value)] = place{s.r.file, item.Line, item.Column}
		}
	}
	*v = out
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func label(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

func orList[T ~string](words []T) string {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
