package dialect

import "strconv"

// child is the member of an object by name, none if absent or left out.
func (t *tree) child(n int32, name string) int32 {
	if n == none || t.nodes[n].kind != '{' {
		return none
	}
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		if t.nodes[c].name == name && !t.nodes[c].gone {
			return c
		}
	}
	return none
}

// elem is the i-th element of an array.
func (t *tree) elem(n int32, i int) int32 {
	if n == none || t.nodes[n].kind != '[' {
		return none
	}
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		if i == 0 {
			return c
		}
		i--
	}
	return none
}

// count is the number of elements or members.
func (t *tree) count(n int32) int {
	k := 0
	if n == none {
		return k
	}
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		k++
	}
	return k
}

// at follows names down from n.
func (t *tree) at(n int32, names ...string) int32 {
	for _, name := range names {
		n = t.child(n, name)
	}
	return n
}

// str is the text of the string or number found by names, "" otherwise.
func (t *tree) str(n int32, names ...string) string {
	n = t.at(n, names...)
	if n == none || t.nodes[n].kind != '"' && t.nodes[n].kind != '0' {
		return ""
	}
	return t.nodes[n].text
}

// integer is the whole number found by names, written as number or string.
func (t *tree) integer(n int32, names ...string) (int64, bool) {
	v, err := strconv.ParseInt(t.str(n, names...), 10, 64)
	return v, err == nil
}

// is reports the JSON kind of n; none has no kind.
func (t *tree) is(n int32, kind byte) bool { return n != none && t.nodes[n].kind == kind }

// raw is the value as it stood in the input.
func (t *tree) raw(n int32) string { return t.src[t.nodes[n].at:t.nodes[n].end] }

// member is name and value as they stood in the input.
func (t *tree) member(n int32) string { return t.src[t.nodes[n].nameAt:t.nodes[n].end] }
