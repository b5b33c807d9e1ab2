package send

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"postern/cmd/metasim/internal/graph"
)

type kind uint8

const (
	str      kind = iota
	number        // a number, or digits in a string
	boolean       // true or false, or their words
	object        // members as in of
	list          // entries are objects with members as in of
	anything      // not looked into
)

// member describes one parameter. Lengths of strings are in characters.
type member struct {
	name  string
	kind  kind
	need  bool
	min   int      // fewest entries of a list
	max   int      // most characters or entries, 0 without limit
	enum  []string // allowed values of a string
	of    []member // members of the object, or of each entry
	check func(value any) *problem
}

// problem is one thing wrong at a path; the path grows while the walk returns.
type problem struct {
	code int
	path string
	text string
}

// maxName bounds how much of an unknown name an answer repeats.
const maxName = 64

func (p *problem) at(name string) *problem {
	if p.path == "" || p.path[0] == '[' {
		p.path = name + p.path
	} else {
		p.path = name + "." + p.path
	}
	return p
}

func (p *problem) refusal() *graph.Error {
	return graph.Newf(p.code, "Param %s %s", p.path, p.text)
}

func wrong(code int, format string, args ...any) *problem {
	return &problem{code: code, text: fmt.Sprintf(format, args...)}
}

// walk holds value against the schema. Null counts as absent.
func walk(value map[string]any, schema []member) *problem {
	if p := unknown(value, schema); p != nil {
		return p
	}
	for i := range schema {
		m := &schema[i]
		v := value[m.name]
		if v == nil || (v == "" && m.kind == str) {
			if m.need {
				return wrong(131008, "is required.").at(m.name)
			}
			continue
		}
		if p := m.accept(v); p != nil {
			return p.at(m.name)
		}
	}
	return nil
}

// unknown names the first unknown member in the order of the alphabet, so
// that the same request always has the same answer.
func unknown(value map[string]any, schema []member) *problem {
	var names []string
	for name := range value {
		if !slices.ContainsFunc(schema, func(m member) bool { return m.name == name }) {
			names = append(names, name)
		}
	}
	if names == nil {
		return nil
	}
	name := slices.Min(names)
	if len(name) > maxName {
		name = name[:maxName]
	}
	return wrong(100, "is an unexpected key.").at(strconv.QuoteToASCII(name))
}

func (m *member) accept(v any) *problem {
	p := m.acceptKind(v)
	if p == nil && m.check != nil {
		p = m.check(v)
	}
	return p
}

func (m *member) acceptKind(v any) *problem {
	switch m.kind {
	case str:
		return m.acceptString(v)
	case number:
		return acceptNumber(v)
	case boolean:
		return acceptBoolean(v)
	case object:
		o, ok := v.(map[string]any)
		if !ok {
			return wrong(100, "must be a JSON object.")
		}
		return walk(o, m.of)
	case list:
		return m.acceptList(v)
	}
	return nil
}

func (m *member) acceptString(v any) *problem {
	s, ok := v.(string)
	if !ok {
		return wrong(100, "must be a string.")
	}
	if m.max > 0 && len(s) > m.max && utf8.RuneCountInString(s) > m.max {
		return wrong(131009, "must be at most %d characters long.", m.max)
	}
	if m.enum != nil && !slices.Contains(m.enum, s) {
		return wrong(131009, "must be one of %v.", m.enum)
	}
	return nil
}

func acceptNumber(v any) *problem {
	switch n := v.(type) {
	case float64:
		return nil
	case string:
		if _, err := strconv.ParseFloat(n, 64); err == nil {
			return nil
		}
	}
	return wrong(100, "must be a number.")
}

func acceptBoolean(v any) *problem {
	if _, ok := v.(bool); ok || v == "true" || v == "false" {
		return nil
	}
	return wrong(100, "must be a boolean.")
}

func (m *member) acceptList(v any) *problem {
	entries, ok := v.([]any)
	if !ok {
		return wrong(100, "must be a JSON array.")
	}
	if len(entries) < m.min || (m.max > 0 && len(entries) > m.max) {
		return wrong(131009, "must have between %d and %d entries.", m.min, m.max)
	}
	for i, entry := range entries {
		o, ok := entry.(map[string]any)
		if !ok {
			return wrong(100, "must be a JSON object.").at(index(i))
		}
		if p := walk(o, m.of); p != nil {
			return p.at(index(i))
		}
	}
	return nil
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }
