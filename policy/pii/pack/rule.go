package pack

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// rule reads one row of policy: what is done with which findings, on which way
// and where to.
func (r *reader) rule(n *yaml.Node, path string) rule {
	s := r.section(n, path, "types", "classes", "direction", "sink", "action", "keep_first", "keep_last", "label", "why")
	out := rule{operator: s.manner(r.action(s)), at: s.at("action")}
	before := len(r.errs)
	for _, t := range s.list("types") {
		if t.text != string(pii.AnyType) && !entityName.MatchString(t.text) {
			r.fail(t.node, "%s.types: write types or entities in capital letters, or \"*\"", path)
			continue
		}
		out.keys = append(out.keys, key{pii.Type(t.text), t.node})
	}
	for _, c := range s.list("classes") {
		if !slices.Contains([]string{"A", "B", "C", "D"}, c.text) {
			r.fail(c.node, "%s.classes: write A, B, C or D", path)
			continue
		}
		for _, name := range ofClass(catalog.Class(c.text[0])) {
			out.keys = append(out.keys, key{name, c.node})
		}
	}
	if len(out.keys) == 0 && len(r.errs) == before {
		r.fail(n, "%s: types are missing; write types: [PHONE, EMAIL] or classes: [A]", path)
	}
	direction := s.word("direction", "both", "out", "in")
	out.outbound, out.inbound = direction != "in", direction != "out"
	switch s.word("sink", "record", "forward", "log") {
	case "record":
		out.written = true
		if out.operator == pii.Block {
			r.fail(s.at("action"), "%s.action: a record cannot be refused; write redact, or sink: forward", path)
		}
		if direction != "both" {
			r.fail(s.at("direction"), "%s.direction: records are written the same way in both directions; leave it out", path)
		}
	case "forward":
		out.forwarded = true
	case "log":
		r.fail(s.at("sink"), "%s.sink: no log, metric, alert or event of the gateway holds a value or a text, so there is nothing that a row could treat there; take it away, or write sink: record for what the trail, its exports and \"pii scan\" show", path)
	}
	return out
}

func (r *reader) action(s *section) pii.Operator {
	if !s.has("action") {
		r.fail(s.node, "%s: action is missing; write one of %s", s.path, strings.Join(actions(), ", "))
		return pii.Redact
	}
	o, err := pii.ParseOperator(s.text("action"))
	if err != nil {
		r.fail(s.at("action"), "%s.action: write one of %s", s.path, strings.Join(actions(), ", "))
	}
	return o
}

// manner adds to an action how it is done.
func (s *section) manner(o pii.Operator) pii.Operator {
	for _, key := range []string{"keep_first", "keep_last"} {
		if s.has(key) && o != pii.Mask {
			s.r.fail(s.at(key), "%s: stands with action: mask alone", s.name(key))
			return o
		}
	}
	if s.has("label") {
		if o != pii.Redact {
			s.r.fail(s.at("label"), "%s: stands with action: redact alone", s.name("label"))
			return o
		}
		own, err := pii.RedactAs(s.text("label"))
		if err != nil {
			s.r.fail(s.at("label"), "%s: %v", s.path, err)
		}
		return own
	}
	if !s.has("keep_first") && !s.has("keep_last") {
		return o
	}
	first, last := s.number("keep_first"), s.number("keep_last")
	if first+last == 0 {
		s.r.fail(s.node, "%s: a mask that shows nothing is a label; write action: redact", s.path)
	}
	return pii.MaskKeeping(first, last)
}

// strictness orders operators: of two, the one that leaves less counts.
var strictness = []pii.Operator{pii.Keep, pii.Alert, pii.Mask, pii.Token, pii.Hash, pii.Redact, pii.Drop, pii.Block}

func actions() []string {
	out := make([]string, len(strictness))
	for i, o := range strictness {
		out[i] = string(o)
	}
	return out
}

// Stricter gives of two operators for a type the one that leaves less of a value;
// of two labels the one of one's own. What is no operator redacts.
func Stricter(t pii.Type, a, b pii.Operator) pii.Operator {
	ra, rb := rank(a), rank(b)
	switch {
	case rb > ra, rb == ra && b.Shows(t) < a.Shows(t), rb == ra && a.Label() == "" && b.Label() != "":
		return b
	}
	return a
}

func rank(o pii.Operator) int {
	if i := slices.Index(strictness, o.Verb()); i >= 0 {
		return i
	}
	return slices.Index(strictness, pii.Redact)
}

// ofClass lists the built-in entities of a class.
func ofClass(c catalog.Class) []pii.Type {
	var out []pii.Type
	for _, r := range catalog.Rows() {
		if r.Class == c {
			out = append(out, pii.Type(r.Name))
		}
	}
	return out
}
