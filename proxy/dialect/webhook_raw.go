package dialect

// maxShared is how many bytes of unknown members beside the lists of updates
// are repeated with every update. Without a bound a batch of a thousand updates
// could grow a thousandfold. What is larger stays with the first update only.
const maxShared = 4 << 10

// raw is the smallest complete envelope for one update: object, entry, change
// and value with all their members as they stood, except that lists of changes
// and updates hold this one only and contacts its own contact. With list none
// the whole value is kept.
func (w *webhook) raw(list, x, contact int32) []byte {
	t := w.t
	b := make([]byte, 0, w.rawSize(x, contact))
	b = append(b, '{')
	b = w.copyMembers(b, 0, "entry")
	b = append(b, `"entry":[{`...)
	if w.change == none {
		b = append(b[:len(b)-1], t.raw(w.entry)...)
		return append(b, ']', '}')
	}
	b = w.copyMembers(b, w.entry, "changes")
	b = append(b, `"changes":[`...)
	switch {
	case !t.is(w.change, '{'):
		b = append(b, t.raw(w.change)...)
	case list == none:
		b = append(b, t.raw(w.change)...)
	default:
		b = w.rawChange(append(b, '{'), list, x, contact)
	}
	return append(b, ']', '}', ']', '}')
}

func (w *webhook) rawSize(x, contact int32) int {
	t, size := w.t, 512
	for _, n := range []int32{x, contact} {
		if n != none {
			size += int(t.nodes[n].end - t.nodes[n].at)
		}
	}
	if x == none && w.change != none {
		size += int(t.nodes[w.change].end - t.nodes[w.change].at)
	}
	return size
}

// copyMembers copies all members of n but one, each followed by a comma.
func (w *webhook) copyMembers(b []byte, n int32, except string) []byte {
	t := w.t
	if !t.is(n, '{') {
		return b
	}
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		if t.nodes[c].name == except || !w.shared(c) {
			continue
		}
		b = append(append(b, t.member(c)...), ',')
	}
	return b
}

// shared reports whether a member is repeated with this update.
func (w *webhook) shared(c int32) bool {
	return len(w.events) == 0 || w.t.nodes[c].end-w.t.nodes[c].at <= maxShared
}

func (w *webhook) rawChange(b []byte, list, x, contact int32) []byte {
	t := w.t
	b = w.copyMembers(b, w.change, "value")
	b = append(b, `"value":{`...)
	mark := len(b)
	for c := t.nodes[w.value].first; c != none; c = t.nodes[c].next {
		d := &t.nodes[c]
		switch {
		case c == list:
			b = appendOne(b, t, c, x)
		case d.name == "contacts" && d.kind == '[':
			if contact != none {
				b = appendOne(b, t, c, contact)
			}
		case listDecoders[d.name] != nil && d.kind == '[' && d.first != none, !w.shared(c):
		default:
			b = append(append(b, t.member(c)...), ',')
		}
	}
	if len(b) > mark {
		b = b[:len(b)-1]
	}
	return append(b, '}', '}')
}

// appendOne writes a list member that holds one element only.
func appendOne(b []byte, t *tree, list, x int32) []byte {
	name := t.src[t.nodes[list].nameAt:t.nodes[list].at] // the name with its colon
	return append(append(append(append(b, name...), '['), t.raw(x)...), ']', ',')
}
