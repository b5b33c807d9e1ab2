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

// accountFields are the fields whose whole value is about the business account
// and in words that are known (whatsapp.md 3.8).
var accountFields = []string{"account_update", "account_alerts", "account_review_update", "account_settings_update", "business_capability_update",
	"business_username_update", "business_username_updates", "phone_number_quality_update", "phone_number_name_update", "security"}

// Described reports whether it is known which members of an event are personal.
// Of a new type, and of a field such as a whole chat history, it is not.
func Described(ev *message.Event) bool {
	switch ev.Kind {
	case message.EventMessage:
		_, known := inboundTypes[ev.Type]
		return known
	case message.EventOther:
		return len(ev.Unknown) == 0 && slices.Contains(accountFields, ev.Field)
	}
	return true
}

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
