package dialect

import (
	"slices"

	"postern/proxy/message"
)

// Members of the envelope; those of a value stand beside its lists of updates.
var (
	rootMembers   = []string{"object", "entry"}
	entryMembers  = []string{"id", "time", "changes"}
	changeMembers = []string{"field", "value"}
	valueMembers  = []string{"messaging_product", "metadata", "contacts"}
)

// extras names and reads what stands in the envelope unasked: it stays in Raw.
func (w *webhook) extras(ev *message.Event) {
	t := w.t
	for _, level := range []struct {
		n       int32
		members []string
		path    string
	}{{0, rootMembers, "root."}, {w.entry, entryMembers, "entry."}, {w.change, changeMembers, "change."}, {w.value, valueMembers, "value."}} {
		for c := t.nodes[level.n].first; c != none; c = t.nodes[c].next {
			name := t.nodes[c].name
			list := level.n == w.value && listDecoders[name] != nil && t.nodes[c].kind == '['
			if list || slices.Contains(level.members, name) || !w.shared(c) {
				continue
			}
			ev.Unknown = append(ev.Unknown, level.path+safeName(name))
			ev.Texts = texts(t, ev.Texts, c, level.path+escapeStep(name))
		}
	}
}

// envelopeSteps begin paths of texts outside the update itself. A member of an
// update that has such a name gets "update." before it.
var envelopeSteps = []string{"root", "entry", "change", "value", "contact", "profile", "update"}

func updatePath(name string) string {
	if slices.Contains(envelopeSteps, name) {
		return "update." + name
	}
	return escapeStep(name)
}
