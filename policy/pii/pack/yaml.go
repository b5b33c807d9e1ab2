package pack

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// reader decodes one file strictly. It notes every error with its place and
// goes on, so that all of them are told at once.
type reader struct {
	file string
	errs []error
}

func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	line, col := 1, 1
	if n != nil {
		line, col = n.Line, n.Column
	}
	r.errs = append(r.errs, &mistake{r.file, line, col, fmt.Sprintf(format, args...)})
}

// mistake is something wrong at a place of a file.
type mistake struct {
	file      string
	line, col int
	text      string
}

func (m *mistake) Error() string { return fmt.Sprintf("%s:%d:%d: %s", m.file, m.line, m.col, m.text) }

// told joins errors in the order in which a reader of the files meets what is wrong;
// what has no place comes first, files in the order in which they were read.
func told(errs []error) error {
	files := map[string]int{}
	at := func(err error) (file, line, col int) {
		m, ok := err.(*mistake) //nolint:errorlint // as they are made here
		if !ok {
			return 0, 0, 0
		}
		if files[m.file] == 0 {
			files[m.file] = len(files) + 1
		}
		return files[m.file], m.line, m.col
	}
	for _, err := range errs { // files are numbered as they come
		at(err)
	}
	slices.SortStableFunc(errs, func(a, b error) int {
		fileA, lineA, colA := at(a)
		fileB, lineB, colB := at(b)
		return cmp.Or(fileA-fileB, lineA-lineB, colA-colB)
	})
	return errors.Join(errs...)
}

// document gives the mapping a file holds, nil if there is none.
func (r *reader) document(raw []byte) *yaml.Node {
	if bad := notUTF8(raw); bad > 0 {
		r.errs = append(r.errs, &mistake{r.file, bad, 1, "not UTF-8; save the file as UTF-8"})
		return nil
	}
	var doc, more yaml.Node
	d := yaml.NewDecoder(bytes.NewReader(raw))
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		r.fail(nil, "the file is empty; write at least a name and what it is for, or take it away")
		return nil
	case err != nil:
		r.errs = append(r.errs, r.syntax(err))
		return nil
	}
	if err := d.Decode(&more); err == nil {
		r.fail(&more, "a second document begins here; keep one, without ---")
	} else if !errors.Is(err, io.EOF) {
		r.errs = append(r.errs, r.syntax(err))
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		r.fail(root, "the file: write keys and values, such as pack: acme or topic: tone")
		return nil
	}
	return root
}

// notUTF8 gives the first line that is not UTF-8, 0 if all are.
func notUTF8(raw []byte) int {
	n := 0
	for line := range bytes.Lines(raw) {
		if n++; !utf8.Valid(line) {
			return n
		}
	}
	return 0
}

// syntax turns "yaml: line 3: ..." into file:line:column.
func (r *reader) syntax(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if _, scan := fmt.Sscanf(text, "line %d:", &line); scan == nil {
		_, text, _ = strings.Cut(text, ": ")
	}
	return &mistake{r.file, line, 1, fmt.Sprintf("not YAML: %s; check indentation (spaces, no tabs) and quotes", text)}
}

// section is a mapping with known keys. A nil section has none and gives
// zero values.
type section struct {
	r      *reader
	path   string
	node   *yaml.Node
	keys   []*yaml.Node
	values map[string]*yaml.Node
}

// section reads a mapping; without known keys any may stand there.
func (r *reader) section(n *yaml.Node, path string, known ...string) *section {
	s := &section{r: r, path: path, node: n, values: map[string]*yaml.Node{}}
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s: write keys and values, indented below it", path)
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case len(known) > 0 && !slices.Contains(known, key.Value):
			r.fail(key, "unknown key %q; write one of %s", s.name(key.Value), strings.Join(known, ", "))
		case s.values[key.Value] != nil:
			r.fail(key, "%s is written twice; keep one", s.name(key.Value))
		default:
			s.keys = append(s.keys, key)
			s.values[key.Value] = n.Content[i+1]
		}
	}
	return s
}

func (s *section) name(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

// at is where a key's value stands, the section itself if it is missing.
func (s *section) at(key string) *yaml.Node {
	if n := s.values[key]; n != nil {
		return n
	}
	return s.node
}

func (s *section) has(key string) bool { return s.values[key] != nil }

func (s *section) text(key string) string {
	n := s.values[key]
	if n == nil {
		return ""
	}
	return s.r.scalar(n, s.name(key))
}

func (r *reader) scalar(n *yaml.Node, path string) string {
	if n.ShortTag() != "!!str" && n.ShortTag() != "!!timestamp" {
		r.fail(n, "%s: write text; a number, true or no stands in quotes", path)
		return ""
	}
	return n.Value
}

// flag reads true or false.
func (s *section) flag(key string) bool {
	n := s.values[key]
	if n == nil {
		return false
	}
	var on bool
	if n.Decode(&on) != nil {
		s.r.fail(n, "%s: write true or false", s.name(key))
	}
	return on
}

// item is a text with its place.
type item struct {
	text string
	node *yaml.Node
}

func texts(items []item) []string {
	out := make([]string, len(items))
	for i, it := range items {
		out[i] = it.text
	}
	return out
}

func (s *section) list(key string) []item {
	n := s.values[key]
	if n == nil {
		return nil
	}
	return s.r.list(n, s.name(key))
}

func (r *reader) list(n *yaml.Node, path string) []item {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "%s: write a list: [a, b]", path)
		return nil
	}
	var out []item
	for i, child := range n.Content {
		before := len(r.errs)
		if text := r.scalar(child, fmt.Sprintf("%s[%d]", path, i)); len(r.errs) == before {
			out = append(out, item{text, child})
		}
	}
	return out
}

// each walks a mapping with any keys, such as entities by name.
func (s *section) each(key string, do func(name *yaml.Node, value *yaml.Node, path string)) {
	n := s.values[key]
	if n == nil {
		return
	}
	sub := s.r.section(n, s.name(key))
	for _, k := range sub.keys {
		do(k, sub.values[k.Value], sub.name(k.Value))
	}
}

// every walks a list of mappings.
func (s *section) every(key string, do func(n *yaml.Node, path string)) {
	n := s.values[key]
	if n == nil {
		return
	}
	if n.Kind != yaml.SequenceNode {
		s.r.fail(n, "%s: write a list, each entry on a line of its own beginning with -", s.name(key))
		return
	}
	for i, child := range n.Content {
		do(child, fmt.Sprintf("%s[%d]", s.name(key), i))
	}
}

// sub is a mapping below a key; ok false if there is none.
func (s *section) sub(key string, known ...string) (sub *section, ok bool) {
	n := s.values[key]
	if n == nil {
		return nil, false
	}
	return s.r.section(n, s.name(key), known...), true
}

// word reads one of several words, the first if it is missing.
func (s *section) word(key string, known ...string) string {
	if !s.has(key) {
		return known[0]
	}
	w := s.text(key)
	if !slices.Contains(known, w) {
		s.r.fail(s.at(key), "%s: write one of %s", s.name(key), strings.Join(known, ", "))
		return known[0]
	}
	return w
}

// number reads a whole number from 0, 0 if it is missing.
func (s *section) number(key string) int {
	n := s.values[key]
	if n == nil {
		return 0
	}
	var v int
	if n.ShortTag() != "!!int" || n.Decode(&v) != nil || v < 0 {
		s.r.fail(n, "%s: write a whole number from 0", s.name(key))
		return 0
	}
	return v
}
