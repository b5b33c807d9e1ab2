package dialect

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// describedCall is what openapi/source says of a call by hand.
type describedCall struct {
	Summary     string               `yaml:"summary"`
	Description string               `yaml:"description"`
	Security    yaml.Node            `yaml:"security"`
	Parameters  []yaml.Node          `yaml:"parameters"`
	RequestBody yaml.Node            `yaml:"requestBody"`
	Responses   map[string]yaml.Node `yaml:"responses"`
}

// source is what is written by hand of a dialect's description. Errors names
// the components that answer the statuses of served and of refused calls.
type source struct {
	Info       yaml.Node                           `yaml:"info"`
	Servers    yaml.Node                           `yaml:"servers"`
	Security   yaml.Node                           `yaml:"security"`
	Errors     map[string]map[string]string        `yaml:"errors"`
	Paths      map[string]map[string]describedCall `yaml:"paths"`
	Components map[string]map[string]yaml.Node     `yaml:"components"`
}

func readSource(t *testing.T, name string) source {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("openapi", "source", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var s source
	in := yaml.NewDecoder(bytes.NewReader(raw))
	in.KnownFields(true)
	if err := in.Decode(&s); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	for _, n := range []*yaml.Node{&s.Info, &s.Servers, &s.Security} {
		plainNode(n)
	}
	for _, named := range s.Components {
		for name, n := range named {
			named[name] = *plainNode(&n)
		}
	}
	return s
}

// plainNode writes a node in block style and what it names elsewhere in full.
func plainNode(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		*n = *n.Alias
	}
	n.Anchor, n.Style = "", n.Style&^yaml.FlowStyle
	children := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		own := *c
		children = append(children, plainNode(&own))
	}
	n.Content = children
	return n
}

// TestOpenAPI holds the descriptions against the routing table, the shapes of
// messages and openapi/source; -update writes them.
func TestOpenAPI(t *testing.T) {
	for _, d := range []Dialect{Cloud, D360V2, D360V1, OnPrem} {
		want := description(t, d)
		path := filepath.Join("openapi", string(d)+".yaml")
		if *update {
			if err := os.WriteFile(path, want, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the routing table and openapi/source say; write it anew: go test ./proxy/dialect -run TestOpenAPI -update", path)
		}
		describesTable(t, d, got)
	}
}

// describesTable wants an operation for each row, none more, and every
// reference to lead somewhere.
func describesTable(t *testing.T, d Dialect, raw []byte) {
	t.Helper()
	var page struct {
		Paths      map[string]map[string]map[string]any
		Components map[string]map[string]any
	}
	if err := yaml.Unmarshal(raw, &page); err != nil {
		t.Fatalf("%s: %v", d, err)
	}
	rows := map[string]State{}
	for _, e := range described(d) {
		rows[e.Method+" "+e.Path] = e.State
	}
	for path, calls := range page.Paths {
		for method, call := range calls {
			name := strings.ToUpper(method) + " " + path
			state, ok := rows[name]
			if !ok || call["x-postern-state"] != string(state) {
				t.Errorf("%s: %s is described as %v, the table says %q", d, name, call["x-postern-state"], state)
			}
			answers, _ := call["responses"].(map[string]any)
			for status := range answers {
				if state == Refused && status < "400" {
					t.Errorf("%s: %s is refused and described with %s", d, name, status)
				}
			}
			delete(rows, name)
		}
	}
	for name := range rows {
		t.Errorf("%s: %s is not described", d, name)
	}
	for _, ref := range refPattern.FindAllSubmatch(raw, -1) {
		if _, ok := page.Components[string(ref[1])][string(ref[2])]; !ok {
			t.Errorf("%s: %s leads nowhere", d, ref[0])
		}
	}
}

var refPattern = regexp.MustCompile(`#/components/(\w+)/(\w+)`)

var wordPattern = regexp.MustCompile(`\{(\w+)\}`)

// described are the rows of a dialect, with those that both versions of
// 360dialog have.
func described(d Dialect) []Endpoint {
	return slices.DeleteFunc(Endpoints(), func(e Endpoint) bool { return e.Dialect != d && (d != D360V2 || !e.Shared) })
}

// description is the description of a dialect.
func description(t *testing.T, d Dialect) []byte {
	t.Helper()
	s, family, common := readSource(t, string(d)), readSource(t, map[bool]string{true: "flat", false: "graph"}[d.Flat()]), readSource(t, "common")
	parts := map[string]any{}
	for _, from := range []source{common, family, s} {
		for kind, named := range from.Components {
			for name, node := range named {
				parts[kind+"/"+name] = &node
			}
		}
	}
	for _, f := range messageSchemas(d) {
		if parts["schemas/"+f.name] != nil {
			t.Errorf("openapi/source describes the schema %s, which the shapes of messages do", f.name)
		}
		parts["schemas/"+f.name] = f.value
	}
	paths := s.paths(t, d, family, common)
	out := yamlFields{{"openapi", "3.1.0"}, {"info", &s.Info}, {"servers", &s.Servers}, {"security", &s.Security}, {"paths", paths}}
	out.set("components", reachable(parts, out))
	var b bytes.Buffer
	b.WriteString("# Made by go test ./proxy/dialect -run TestOpenAPI -update of the routing table, the shapes of messages and openapi/source.\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(yamlNode(out)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// reachable are the components that a page uses, by kind and name, and the ways
// to say who is calling.
func reachable(parts map[string]any, page any) yamlFields {
	used := map[string]bool{}
	var follow func(n *yaml.Node)
	follow = func(n *yaml.Node) {
		for _, c := range n.Content {
			follow(c)
		}
		name := strings.TrimPrefix(n.Value, "#/components/")
		if part, ok := parts[name]; ok && !used[name] {
			used[name] = true
			follow(yamlNode(part))
		}
	}
	follow(yamlNode(page))
	kinds := map[string]yamlFields{}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		if kind, short, _ := strings.Cut(name, "/"); used[name] || kind == "securitySchemes" {
			kinds[kind] = append(kinds[kind], yamlField{short, parts[name]})
		}
	}
	var out yamlFields
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		out.set(kind, kinds[kind])
	}
	return out
}

// paths are the operations of a dialect, in the order of the table. A call of
// openapi/source that has no row fails the test.
func (s source) paths(t *testing.T, d Dialect, others ...source) yamlFields {
	t.Helper()
	var out yamlFields
	known := map[string]bool{}
	for _, e := range described(d) {
		method := strings.ToLower(e.Method)
		call, ok := s.Paths[e.Path][method]
		for _, other := range others {
			if !ok {
				call, ok = other.Paths[e.Path][method]
			}
		}
		known[e.Path+" "+method] = true
		op := s.operation(&e, call)
		if i := slices.IndexFunc(out, func(f yamlField) bool { return f.name == e.Path }); i >= 0 {
			out[i].value = append(out[i].value.(yamlFields), op)
			continue
		}
		out.set(e.Path, yamlFields{op})
	}
	for path, calls := range s.Paths {
		for method := range calls {
			if !known[path+" "+method] {
				t.Errorf("openapi/source/%s.yaml describes %s %s, which the table does not have", d, method, path)
			}
		}
	}
	return out
}

// operation describes a row: by hand where openapi/source has it, else by what
// the table says.
func (s source) operation(e *Endpoint, call describedCall) yamlField {
	op := yamlFields{{"operationId", operationID(e)}, {"summary", or(call.Summary, sentence(e))}}
	if e.State == Refused {
		op.set("description", e.Note)
	} else if call.Description != "" {
		op.set("description", call.Description)
	}
	op.set("x-postern-state", string(e.State))
	if !call.Security.IsZero() {
		op.set("security", plainNode(&call.Security))
	}
	if parameters := parametersOf(e, call); parameters != nil {
		op.set("parameters", parameters)
	}
	switch {
	case !call.RequestBody.IsZero():
		op.set("requestBody", plainNode(&call.RequestBody))
	case e.Call != "" && len(e.Takes) > 0:
		op.set("requestBody", takenBody(e))
	}
	return yamlField{strings.ToLower(e.Method), append(op, yamlField{"responses", s.answers(e, call)})}
}

func sentence(e *Endpoint) string {
	if e.State == Refused {
		return "Refused."
	}
	note := strings.TrimSuffix(e.Note, ".")
	return strings.ToUpper(note[:1]) + note[1:] + "."
}

func operationID(e *Endpoint) string {
	words := strings.FieldsFunc(e.Path, func(r rune) bool { return strings.ContainsRune("/{}:-", r) })
	return strings.Join(append([]string{strings.ToLower(e.Method)}, words...), "_")
}

// parametersOf are those of the path, of what goes on to upstream, and of hand.
func parametersOf(e *Endpoint, call describedCall) []any {
	var out []any
	for _, word := range wordPattern.FindAllStringSubmatch(e.Path, -1) {
		out = append(out, yamlFields{{"$ref", "#/components/parameters/" + word[1]}})
	}
	for _, name := range e.Query {
		if e.Method == "GET" {
			out = append(out, yamlFields{{"$ref", "#/components/parameters/" + name}})
		}
	}
	for i := range call.Parameters {
		out = append(out, plainNode(&call.Parameters[i]))
	}
	return out
}

// takenBody is a body of which the table knows the names alone.
func takenBody(e *Endpoint) yamlFields {
	var properties yamlFields
	for _, name := range e.Takes {
		properties.set(name, yamlFields{})
	}
	schema := yamlFields{{"type", "object"}, {"properties", properties}, {"additionalProperties", false}}
	return yamlFields{{"content", yamlFields{{"application/json", yamlFields{{"schema", schema}}}}}}
}

// answers are those of hand, or what upstream says, and the dialect's errors.
func (s source) answers(e *Endpoint, call describedCall) yamlFields {
	class := "served"
	if e.State == Refused {
		class = "refused"
	}
	all := map[string]any{}
	for status, name := range s.Errors[class] {
		all[status] = yamlFields{{"$ref", "#/components/responses/" + name}}
	}
	for status, node := range call.Responses {
		all[status] = plainNode(&node)
	}
	if e.State != Refused && len(call.Responses) == 0 {
		all["200"] = yamlFields{{"$ref", "#/components/responses/Relayed"}}
	}
	var out yamlFields
	for _, status := range slices.Sorted(maps.Keys(all)) {
		out.set(status, all[status])
	}
	return out
}
