package dialect

import (
	"slices"

	"postern/proxy/message"
)

// contacts finds the contact that belongs to an update, by number or user id.
type contacts struct {
	t        *tree
	byUser   map[string]int32
	byNumber map[string]int32
	single   int32 // the only contact there is
}

func newContacts(t *tree, list int32) contacts {
	k := contacts{t: t, single: none}
	if !t.is(list, '[') {
		return k
	}
	first := t.nodes[list].first
	if first != none && t.nodes[first].next == none {
		k.single = first
		return k
	}
	k.byUser, k.byNumber = map[string]int32{}, map[string]int32{}
	for c := first; c != none; c = t.nodes[c].next {
		k.byUser[t.str(c, "user_id")] = c
		k.byNumber[numberOf(t.str(c, "wa_id"))] = c
	}
	return k
}

// find is the update's contact and whether it is the same person. A contact
// that stands alone stays in the envelope even if it names somebody else, as
// number forms can differ; then nothing is learned from it.
func (k contacts) find(ev *message.Event) (contact int32, certain bool) {
	if c := k.single; c != none {
		number, user := numberOf(k.t.str(c, "wa_id")), k.t.str(c, "user_id")
		known := ev.Peer.Number != "" || ev.Peer.UserID != ""
		return c, same(number, ev.Peer.Number) || same(user, ev.Peer.UserID) || !known
	}
	if c, ok := k.byUser[ev.Peer.UserID]; ok && ev.Peer.UserID != "" {
		return c, true
	}
	if c, ok := k.byNumber[ev.Peer.Number]; ok && ev.Peer.Number != "" {
		return c, true
	}
	return none, false
}

func same(a, b string) bool { return a != "" && a == b }

var contactMembers = []string{"profile", "wa_id", "user_id", "parent_user_id", "identity_key_hash", "username", "input"}

// contact adds what the contact says of the person, and its texts.
func (w *webhook) contact(ev *message.Event, c int32, certain bool) {
	t := w.t
	if !t.is(c, '{') {
		return
	}
	if p := &ev.Peer; certain {
		p.Number = or(p.Number, numberOf(t.str(c, "wa_id")))
		p.UserID = or(p.UserID, t.str(c, "user_id"))
		p.ParentUserID = or(p.ParentUserID, t.str(c, "parent_user_id"))
		p.Name = t.str(c, "profile", "name")
		p.Username = t.str(c, "profile", "username")
	}
	ev.Texts = texts(t, ev.Texts, t.child(c, "profile"), "profile")
	for m := t.nodes[c].first; m != none; m = t.nodes[m].next {
		if name := t.nodes[m].name; !slices.Contains(contactMembers, name) {
			ev.Unknown = append(ev.Unknown, "contacts."+safeName(name))
			ev.Texts = texts(t, ev.Texts, m, "contact."+escapeStep(name))
		}
	}
}

// numberOf is the digits of a number, or v itself where it is none.
func numberOf(v string) string {
	if n, ok := Number(v); ok {
		return n
	}
	return v
}
