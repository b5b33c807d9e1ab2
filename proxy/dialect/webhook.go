package dialect

import (
	"errors"
	"time"

	"postern/proxy/message"
)

// ErrWebhook says that a webhook body is no JSON object that can be read
// without guessing: not JSON, a name given twice, nested too deep.
var ErrWebhook = errors.New("decode webhook: not readable as JSON")

// DecodeWebhook splits a webhook body of Meta's into its updates. Nothing is
// refused for what it holds: unknown members stay in Event.Raw and are named in
// Event.Unknown, unknown shapes become events of kind other. The only error is
// ErrWebhook, for the body as a whole.
func DecodeWebhook(body []byte) ([]message.Event, error) {
	t, err := parse(body, true)
	if err != nil || !t.is(0, '{') {
		return nil, ErrWebhook
	}
	w := webhook{t: t}
	entries := t.child(0, "entry")
	if !t.is(entries, '[') || t.count(entries) == 0 {
		return []message.Event{w.whole()}, nil
	}
	for e := t.nodes[entries].first; e != none; e = t.nodes[e].next {
		w.readEntry(e)
	}
	return w.events, nil
}

// webhook is one decoding of a webhook body.
type webhook struct {
	t      *tree
	events []message.Event
	entry  int32
	change int32
	value  int32
}

// whole is a body without the envelope Meta documents.
func (w *webhook) whole() message.Event {
	return message.Event{
		Kind: message.EventOther, Raw: []byte(w.t.src), Unknown: []string{"(body)"}, Texts: texts(w.t, nil, 0, "root")}
}

func (w *webhook) readEntry(e int32) {
	w.entry, w.change, w.value = e, none, none
	changes := w.t.child(e, "changes")
	if !w.t.is(changes, '[') || w.t.count(changes) == 0 {
		w.other("entry")
		return
	}
	for c := w.t.nodes[changes].first; c != none; c = w.t.nodes[c].next {
		w.change, w.value = c, w.t.child(c, "value")
		w.readChange()
	}
}

func (w *webhook) readChange() {
	if !w.t.is(w.value, '{') {
		w.other("value")
		return
	}
	field := w.t.str(w.change, "field")
	switch field {
	case "messages", "message_echoes", "smb_message_echoes", "user_preferences":
		if !w.updates() {
			w.other("value")
		}
	case "message_template_status_update", "message_template_quality_update",
		"message_template_components_update", "template_category_update":
		ev := w.event(message.EventTemplate, none)
		ev.Template = w.template(field)
		w.events = append(w.events, ev)
	default:
		w.other("")
	}
}

// updates makes one event of every element of the value's lists of updates.
func (w *webhook) updates() bool {
	t, found := w.t, false
	contacts := newContacts(t, t.child(w.value, "contacts"))
	for c := t.nodes[w.value].first; c != none; c = t.nodes[c].next {
		decode := listDecoders[t.nodes[c].name]
		if decode == nil || t.nodes[c].kind != '[' {
			continue
		}
		for x := t.nodes[c].first; x != none; x = t.nodes[x].next {
			found = true
			if !t.is(x, '{') {
				ev := w.event(message.EventOther, x)
				ev.Raw, ev.Unknown = w.raw(c, x, none), []string{"value." + t.nodes[c].name}
				ev.Texts = texts(t, nil, x, "value."+t.nodes[c].name+"[0]")
				w.events = append(w.events, ev)
				continue
			}
			w.events = append(w.events, w.update(decode, contacts, c, x))
		}
	}
	return found
}

// listDecoders holds the lists of a value whose elements are one event each.
var listDecoders = map[string]func(*webhook, *message.Event, int32){
	"messages":         (*webhook).message,
	"message_echoes":   (*webhook).echo,
	"statuses":         (*webhook).status,
	"errors":           (*webhook).errors,
	"user_preferences": (*webhook).preference,
}

func (w *webhook) update(decode func(*webhook, *message.Event, int32), contacts contacts, list, x int32) message.Event {
	ev := w.event(message.EventOther, x)
	decode(w, &ev, x)
	contact, certain := contacts.find(&ev)
	w.contact(&ev, contact, certain)
	w.extras(&ev)
	ev.Raw = w.raw(list, x, contact)
	return ev
}

// other keeps a change, or a whole entry, that is no list of updates.
func (w *webhook) other(unknown string) {
	ev := w.event(message.EventOther, none)
	if unknown != "" {
		ev.Unknown = []string{unknown}
	}
	switch {
	case w.change == none:
		ev.Texts = texts(w.t, nil, w.entry, "entry")
	case w.value == none:
		ev.Texts = texts(w.t, nil, w.change, "change")
	default:
		ev.Texts = texts(w.t, nil, w.value, "value")
	}
	w.events = append(w.events, ev)
}

// event begins an event with what entry and value say of it. x is the update
// itself, none if it is the whole change.
func (w *webhook) event(kind message.EventKind, x int32) message.Event {
	t := w.t
	ev := message.Event{
		Kind:    kind,
		Field:   t.str(w.change, "field"),
		WABA:    t.str(w.entry, "id"),
		Number:  t.str(w.value, "metadata", "phone_number_id"),
		Display: t.str(w.value, "metadata", "display_phone_number"),
		ID:      t.str(x, "id"),
		Group:   t.str(x, "group_id"),
	}
	if s, ok := t.integer(x, "timestamp"); ok {
		ev.Time = time.Unix(s, 0).UTC()
	} else if s, ok := t.integer(w.entry, "time"); ok {
		ev.Time = time.Unix(s, 0).UTC()
	}
	if x == none {
		ev.Raw = w.raw(none, none, none)
	}
	return ev
}

func (w *webhook) template(field string) *message.TemplateUpdate {
	t, v := w.t, w.value
	u := &message.TemplateUpdate{
		ID: t.str(v, "message_template_id"), Name: t.str(v, "message_template_name"), Language: t.str(v, "message_template_language"),
		Event: t.str(v, "event"), Category: or(t.str(v, "new_category"), t.str(v, "message_template_category")),
	}
	switch field {
	case "message_template_quality_update":
		u.Event = "QUALITY_" + t.str(v, "new_quality_score")
	case "message_template_components_update":
		u.Event = "COMPONENTS"
	case "template_category_update":
		u.Event = "CATEGORY"
	}
	return u
}
