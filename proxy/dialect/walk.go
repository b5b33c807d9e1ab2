package dialect

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"postern/proxy/message"
)

// walk checks a tree against a shape and writes the canonical form: members in
// the shape's order, nothing that the shape does not name. What policy must
// see is collected on the way, so it cannot differ from what is written.
type walk struct {
	t      *tree
	strict bool // unknown properties and outer blanks are refused, not dropped or cut
	path   []byte
	out    []byte
	m      *message.Message

	mediaID func(string) (string, bool) // replaces media ids; nil keeps them
	fetched []string                    // upstream ids of Message.Media that were links; "" and missing ones keep theirs
}

// at returns a Problem for the place the walk is at, or for a member of it.
func (w *walk) at(kind Kind, member, details string) *Problem {
	p := string(w.path)
	if member != "" && p != "" {
		p += "."
	}
	return &Problem{Kind: kind, Param: p + member, Details: details}
}

func (w *walk) enter(name string) int {
	mark := len(w.path)
	if mark > 0 {
		w.path = append(w.path, '.')
	}
	w.path = append(w.path, name...)
	return mark
}

func (w *walk) leave(mark int) { w.path = w.path[:mark] }

func (w *walk) value(s *shape, n int32) *Problem {
	switch s.form {
	case formString:
		return w.text(s, n)
	case formInteger, formNumber:
		return w.number(s, n)
	case formBool:
		if !w.t.is(n, 't') && !w.t.is(n, 'f') {
			return w.at(Invalid, "", "The value must be true or false.")
		}
		w.out = w.t.write(w.out, n)
		return nil
	case formObject:
		return w.object(s, n)
	case formArray:
		return w.array(s, n)
	}
	return w.any(n)
}

func (w *walk) object(s *shape, n int32) *Problem {
	if !w.t.is(n, '{') {
		return w.at(Invalid, "", "The value must be an object.")
	}
	members := s.members
	if s.disc != "" {
		v, p := w.chooseVariant(s, n)
		if p != nil {
			return p
		}
		members = v.members
		if v.check != nil {
			if p := v.check(w, n); p != nil {
				return p
			}
		}
	}
	if p := w.unknown(members, n); p != nil {
		return p
	}
	if s.check != nil {
		if p := s.check(w, n); p != nil {
			return p
		}
	}
	if s.media != "" {
		return w.media(s, members, n)
	}
	return w.members(s, members, n)
}

func (w *walk) members(s *shape, members []member, n int32) *Problem {
	w.out = append(w.out, '{')
	start := len(w.out)
	for i := range members {
		if p := w.member(s, &members[i], n, start); p != nil {
			return p
		}
	}
	w.out = append(w.out, '}')
	return nil
}

func (w *walk) member(s *shape, m *member, n int32, start int) *Problem {
	c := w.t.child(n, m.name)
	if c == none || w.t.nodes[c].kind == 'n' || m.ignored || w.empty(s, m, c) {
		if m.required {
			return w.at(Missing, m.name, "A required parameter is missing.")
		}
		return nil
	}
	undo := len(w.out)
	if undo > start {
		w.out = append(w.out, ',')
	}
	w.out = append(append(append(w.out, '"'), m.name...), '"', ':')
	value := len(w.out)
	mark := w.enter(m.name)
	if p := w.value(m.shape, c); p != nil {
		return p
	}
	w.leave(mark)
	hollow := m.shape.form == formObject && (s.blank || !m.required) || m.shape.form == formArray && s.blank
	if hollow && len(w.out) == value+2 { // nothing of it was left
		w.out = w.out[:undo]
	}
	return nil
}

// empty reports a member that stands there without a value: an empty string
// where an optional one needs a text, an optional object with nothing in it,
// and blanks in locations and contact cards. Published clients write such
// members for everything they leave unset.
func (w *walk) empty(s *shape, m *member, n int32) bool {
	if w.t.is(n, '{') {
		return !m.required && m.shape.form == formObject && w.t.nodes[n].first == none
	}
	if !w.t.is(n, '"') {
		return false
	}
	v := w.t.nodes[n].text
	if s.blank {
		return strings.TrimSpace(v) == ""
	}
	return v == "" && !m.required && (m.shape.form != formString || m.shape.min > 0 || len(m.shape.enum) > 0)
}

func (w *walk) array(s *shape, n int32) *Problem {
	if !w.t.is(n, '[') {
		return w.at(Invalid, "", "The value must be a list.")
	}
	if s.check != nil {
		if p := s.check(w, n); p != nil {
			return p
		}
	}
	w.out = append(w.out, '[')
	kept := 0
	for c := w.t.nodes[n].first; c != none; c = w.t.nodes[c].next {
		if s.blank && w.t.nodes[c].kind == 'n' {
			continue
		}
		ok, p := w.element(s, c, kept)
		if p != nil {
			return p
		}
		if ok {
			kept++
		}
	}
	w.out = append(w.out, ']')
	return w.length(s, kept, "entries")
}

// element writes the i-th entry of a list; false says that nothing was left of
// it in a list that drops empty entries.
func (w *walk) element(s *shape, c int32, i int) (bool, *Problem) {
	undo := len(w.out)
	if i > 0 {
		w.out = append(w.out, ',')
	}
	value, mark := len(w.out), len(w.path)
	w.path = append(strconv.AppendInt(append(w.path, '['), int64(i), 10), ']')
	if p := w.value(s.elem, c); p != nil {
		return false, p
	}
	w.leave(mark)
	if s.blank && len(w.out) == value+2 {
		w.out = w.out[:undo]
		return false, nil
	}
	return true, nil
}

func (w *walk) length(s *shape, got int, unit string) *Problem {
	switch {
	case got < s.min && got == 0:
		return w.at(Missing, "", "The value must not be empty.")
	case got < s.min:
		return w.at(Invalid, "", "At least "+strconv.Itoa(s.min)+" "+unit+" are needed.")
	case s.max > 0 && got > s.max:
		kind := s.long
		if kind == Internal {
			kind = Invalid
		}
		return w.at(kind, "", "At most "+strconv.Itoa(s.max)+" "+unit+" are allowed.")
	}
	return nil
}

// unknown refuses or drops the properties that are not named.
func (w *walk) unknown(members []member, n int32) *Problem {
	for c := w.t.nodes[n].first; c != none; c = w.t.nodes[c].next {
		name := w.t.nodes[c].name
		if slices.ContainsFunc(members, func(m member) bool { return m.name == name }) || w.unset(c) {
			continue
		}
		mark := w.enter(safeName(name))
		if w.strict {
			return w.at(UnknownProperty, "", "This property is not known here. Remove it.")
		}
		w.dropped(string(w.path))
		w.leave(mark)
	}
	return nil
}

// unset reports a member that the API has elsewhere and that says nothing here:
// typed clients write the members of all kinds, null or empty.
func (w *walk) unset(n int32) bool {
	d := &w.t.nodes[n]
	return (d.kind == 'n' || d.kind == '"' && d.text == "") && memberNames()[d.name]
}

// memberNames are the names of all members of all shapes.
var memberNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, s := range contentShapes {
		s.collect(names)
	}
	return names
})

// maxDropped bounds the names kept of properties that were dropped.
const maxDropped = 64

// dropped names a property that an old dialect ignored.
func (w *walk) dropped(name string) {
	switch len(w.m.Dropped) {
	case maxDropped + 1:
	case maxDropped:
		w.m.Dropped = append(w.m.Dropped, "(more)")
	default:
		w.m.Dropped = append(w.m.Dropped, name)
	}
}

func (w *walk) chooseVariant(s *shape, n int32) (*shape, *Problem) {
	c := w.t.child(n, s.disc)
	if c == none || !w.t.is(c, '"') {
		return nil, w.at(Missing, s.disc, "A required parameter is missing.")
	}
	v, ok := s.variant[strings.ToLower(w.t.nodes[c].text)]
	if !ok {
		return nil, w.at(s.long, s.disc, "This type is not known or not offered by this version.")
	}
	return v, nil
}
