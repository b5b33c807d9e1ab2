package boot

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// reader walks the parsed file and collects problems. Every value read leaves
// its node under its path, so that later checks can name the place.
type reader struct {
	file     string
	dir      string
	nodes    map[string]*yaml.Node
	problems Problems

	fetch      Fetch                // reads references to Vault; nil: their form is judged only
	kept       map[string]Secret    // not read again, by path
	secrets    map[string]Secret    // read from files and the environment, by path
	references map[string]Reference // to Vault, by path
	before     map[string]Secret    // earlier values that Vault gave, by path
}

func (r *reader) report(n *yaml.Node, what, write string) {
	r.problems = append(r.problems, Problem{File: r.file, Line: n.Line, Column: n.Column, What: what, Write: write})
}

// reportAt names a place by its path, or by the nearest parent that was written.
func (r *reader) reportAt(path, what, write string) {
	n, ok := r.nodes[path]
	for !ok && path != "" {
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
		n, ok = r.nodes[path]
	}
	if !ok {
		n = &yaml.Node{Line: 1, Column: 1}
	}
	r.report(n, what, write)
}

// section is one mapping of the file. Keys are asked for by name; done reports
// those nobody asked for.
type section struct {
	r      *reader
	node   *yaml.Node // nil if the section is absent or broken
	broken bool       // it was reported: its missing values are not worth a line each
	path   string
	values map[string]*yaml.Node
	keys   map[string]*yaml.Node
	asked  []string
}

func (r *reader) section(n *yaml.Node, path string) *section {
	s := &section{r: r, node: n, path: path, values: map[string]*yaml.Node{}, keys: map[string]*yaml.Node{}}
	if n == nil {
		return s
	}
	r.nodes[path] = n
	if n.Kind != yaml.MappingNode {
		r.report(n, fmt.Sprintf("%s is not a mapping", name(path)), "write key: value lines below it")
		s.node, s.broken = nil, true
		return s
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		s.add(n.Content[i], n.Content[i+1])
	}
	return s
}

func (s *section) add(key, value *yaml.Node) {
	if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || value.Kind == yaml.AliasNode || value.Anchor != "" {
		s.r.report(key, "anchors, aliases and merge keys are not used here", "write the value out")
		return
	}
	if _, twice := s.keys[key.Value]; twice {
		s.r.report(key, fmt.Sprintf("%s is written twice", s.at(key.Value)), "keep one of them")
		return
	}
	s.keys[key.Value], s.values[key.Value] = key, value
	s.r.nodes[s.at(key.Value)] = value
}

func (s *section) at(key string) string {
	if s.path == "" {
		return key
	}
	return s.path + "." + key
}

func (s *section) get(key string) *yaml.Node {
	s.asked = append(s.asked, key)
	v := s.values[key]
	if v != nil && v.Tag == "!!null" {
		return nil
	}
	return v
}

func (s *section) done() {
	for key, node := range s.keys {
		if slices.Contains(s.asked, key) {
			continue
		}
		s.r.report(node, fmt.Sprintf("%s is not a known key", s.at(key)), "remove it, or write "+suggest(key, s.asked))
	}
}

// missing reports a required value that is absent, at the section itself.
func (s *section) missing(key, write string) {
	if !s.broken {
		s.r.reportAt(s.at(key), s.at(key)+" is missing", write)
	}
}

// scalar gives the text of a value of one of the YAML types named.
func (s *section) scalar(key, write string, tags ...string) (string, bool) {
	n := s.get(key)
	if n == nil {
		return "", false
	}
	return s.r.scalar(n, s.at(key), write, tags...)
}

func (r *reader) scalar(n *yaml.Node, path, write string, tags ...string) (string, bool) {
	if n.Kind != yaml.ScalarNode || !slices.Contains(tags, n.Tag) {
		r.report(n, name(path)+" has the wrong type", write)
		return "", false
	}
	return n.Value, true
}

func (s *section) text(key, fallback, write string) string {
	if v, ok := s.scalar(key, write, "!!str"); ok {
		return v
	}
	return fallback
}

// required is text that must be there and not empty.
func (s *section) required(key, write string) string {
	v := s.text(key, "", write)
	if n := s.values[key]; v == "" && (n == nil || n.Tag == "!!null" || n.Tag == "!!str") {
		s.missing(key, write)
	}
	return v
}

// file is a path, made absolute.
func (s *section) file(key, fallback, write string) string {
	v := s.text(key, fallback, write)
	if v == "" {
		return ""
	}
	return within(s.r.dir, v)
}

func (s *section) whole(key string, fallback, least, most int) int {
	write := fmt.Sprintf("write a whole number from %d to %d", least, most)
	v, ok := s.scalar(key, write, "!!int")
	if !ok {
		return fallback
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < least || n > most {
		s.r.reportAt(s.at(key), s.at(key)+" is out of range", write)
		return fallback
	}
	return n
}

// rate is a number per second; 0 has no limit.
func (s *section) rate(key string, fallback float64) float64 {
	const write = "write messages per second, such as 80 or 0.2; 0 has no limit"
	v, ok := s.scalar(key, write, "!!int", "!!float")
	if !ok {
		return fallback
	}
	n, err := strconv.ParseFloat(v, 64)
	if err != nil || !(n >= 0 && n <= 1e6) {
		s.r.reportAt(s.at(key), s.at(key)+" is out of range", write)
		return fallback
	}
	return n
}

func (s *section) duration(key string, fallback, least, most time.Duration) time.Duration {
	write := fmt.Sprintf("write a duration from %s to %s, such as %s", least, most, fallback)
	v, ok := s.scalar(key, write, "!!str")
	if !ok {
		return fallback
	}
	d, err := time.ParseDuration(v)
	if err != nil || d < least || d > most {
		s.r.reportAt(s.at(key), s.at(key)+" is not a duration in range", write)
		return fallback
	}
	return d
}

var units = []struct {
	suffix string
	factor int64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}}

// bytes is a count, plain or with a binary unit.
func (s *section) bytes(key string, fallback, least int64) int64 {
	const write = "write a number of bytes, such as 1048576, 512MiB or 20GiB"
	v, ok := s.scalar(key, write, "!!int", "!!str")
	if !ok {
		return fallback
	}
	factor := int64(1)
	for _, u := range units {
		if rest, cut := strings.CutSuffix(v, u.suffix); cut {
			v, factor = strings.TrimSpace(rest), u.factor
		}
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil || n < 0 || n > (1<<62)/factor || n*factor < least {
		s.r.reportAt(s.at(key), s.at(key)+" is not a size in range", fmt.Sprintf("%s; at least %d", write, least))
		return fallback
	}
	return n * factor
}

// flag is false unless true is written.
func (s *section) flag(key string) bool {
	v, _ := s.scalar(key, "write true or false", "!!bool")
	return v != "" && (v[0] == 't' || v[0] == 'T')
}

// items gives the nodes of a list.
func (s *section) items(key, write string) []*yaml.Node {
	n := s.get(key)
	if n == nil {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		s.r.report(n, s.at(key)+" is not a list", write)
		return nil
	}
	for i, item := range n.Content {
		s.r.nodes[fmt.Sprintf("%s[%d]", s.at(key), i)] = item
	}
	return n.Content
}

func (s *section) texts(key, write string) []string {
	var out []string
	for i, n := range s.items(key, write) {
		if v, ok := s.r.scalar(n, fmt.Sprintf("%s[%d]", s.at(key), i), write, "!!str"); ok {
			out = append(out, v)
		}
	}
	return out
}

// secret reads a reference. A bad one is reported without repeating it.
func (s *section) secret(key string, required bool) Secret {
	const write = "write file:PATH, env:NAME or vault:PATH#FIELD"
	ref, ok := s.scalar(key, write, "!!str")
	if !ok {
		if n := s.values[key]; required && (n == nil || n.Tag == "!!null") {
			s.missing(key, write)
		}
		return Secret{}
	}
	return s.r.resolve(ref, s.at(key))
}

func (r *reader) resolve(ref, path string) Secret {
	if name, ok := strings.CutPrefix(ref, "vault:"); ok {
		return r.vaultSecret(name, path)
	}
	if v, ok := r.kept[path]; ok {
		return v
	}
	v, err := resolve(ref, r.dir)
	r.secrets[path] = v
	if err != nil {
		what, write, _ := strings.Cut(err.Error(), "; ")
		r.reportAt(path, path+": "+what, write)
	}
	return v
}

func name(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}

// suggest names the known key that starts most like the one written, else all.
func suggest(key string, known []string) string {
	best, length := "", 1
	for _, k := range known {
		n := 0
		for n < len(k) && n < len(key) && k[n] == key[n] {
			n++
		}
		if n > length {
			best, length = k, n
		}
	}
	if best != "" {
		return best
	}
	return "one of " + strings.Join(known, ", ")
}
