package dialect

import (
	"strconv"

	"postern/proxy/message"
)

// Rewrite holds what changes in an event on its way to the app. The zero value
// takes upstream's own ids, removes callback data and media URLs, and in the
// old dialects holds back "sent".
type Rewrite struct {
	ID       func(upstream string) string // message id the app knows; "" says none is known
	MediaID  func(upstream string) string // media id the app knows
	MediaURL func(mediaID, url string) string
	Opaque   string           // the client's own biz_opaque_callback_data
	Texts    []message.Phrase // texts replaced, by the paths of Event.Texts

	// Old dialects only.
	Sent        bool // deliver the state "sent"
	NoDelivered bool // hold back "delivered"
	NoRead      bool // hold back "read"
	ReadSeen    bool // a "read" was delivered before: "played" adds nothing
	DropUnknown bool // hold back types the dialect does not know
	UserIDs     bool // add from_bsuid and user_id
	NoIdentity  bool // hold back identities and that one changed
	NoNewNumber bool // hold back that a number changed
	// Undownloaded reports kinds of files, in the old API's words, that the app
	// does not want: it gets no id of theirs. Nil reports none.
	Undownloaded func(kind string) bool
}

// EncodeEvent writes the webhook body an app gets for an event: the Cloud
// envelope in ASCII, ready to be signed, or the flat On-Premises form. deliver
// is false for what the dialect or its settings leave out.
func EncodeEvent(d Dialect, ev *message.Event, r Rewrite) (body []byte, deliver bool) {
	t, err := parse(ev.Raw, true)
	if err != nil || d == "" {
		return nil, false
	}
	e := event{t: t, ev: ev, r: r}
	e.locate()
	if !e.replaceTexts() {
		return nil, false
	}
	if d.Flat() {
		return e.flat()
	}
	return e.cloud()
}

// event is one encoding of an event.
type event struct {
	t       *tree
	ev      *message.Event
	r       Rewrite
	entry   int32
	value   int32
	x       int32 // the update; none for events that are a whole change
	contact int32
}

// lists names where the update of each kind of event stands.
var lists = map[message.EventKind][]string{
	message.EventMessage:    {"messages"},
	message.EventStatus:     {"statuses"},
	message.EventEcho:       {"message_echoes"},
	message.EventError:      {"errors"},
	message.EventPreference: {"user_preferences"},
}

func (e *event) locate() {
	t := e.t
	e.entry = t.elem(t.child(0, "entry"), 0)
	e.value = t.child(t.elem(t.child(e.entry, "changes"), 0), "value")
	e.contact = t.elem(t.child(e.value, "contacts"), 0)
	e.x = none
	for _, name := range lists[e.ev.Kind] {
		e.x = t.elem(t.child(e.value, name), 0)
	}
}

// replaceTexts puts redacted texts in, at the places Event.Texts names. False
// says that one has no such place: then nothing may be delivered.
func (e *event) replaceTexts() bool {
	for _, p := range e.r.Texts {
		n := e.find(p.Path)
		if !e.t.is(n, '"') {
			return false
		}
		e.t.set(n, p.Value)
	}
	return true
}

func (e *event) find(path string) int32 {
	change := e.t.elem(e.t.child(e.entry, "changes"), 0)
	for _, step := range []struct {
		name string
		n    int32
	}{{"contact", e.contact}, {"value", e.value}, {"root", 0}, {"entry", e.entry}, {"change", change}, {"update", e.x}} {
		if hasStep(path, step.name) {
			return e.t.follow(step.n, path[len(step.name):])
		}
	}
	switch {
	case hasStep(path, "profile"):
		return e.t.follow(e.contact, "."+path)
	case e.ev.Kind == message.EventError && hasStep(path, "errors"):
		return e.t.follow(e.x, path[len("errors"):])
	}
	return e.t.follow(e.x, "."+path)
}

// hasStep reports whether path begins with the given name as a whole step.
func hasStep(path, name string) bool {
	return len(path) >= len(name) && path[:len(name)] == name &&
		(len(path) == len(name) || path[len(name)] == '.' || path[len(name)] == '[')
}

// cloud writes the envelope. Published clients want entry time as an integer,
// timestamps of updates as strings, and phone_number_id as a string.
func (e *event) cloud() ([]byte, bool) {
	t := e.t
	if t.is(e.entry, '{') {
		e.entryTime()
	}
	if id := t.at(e.value, "metadata", "phone_number_id"); t.is(id, '0') {
		t.set(id, t.nodes[id].text)
	}
	if e.x != none && e.ev.Kind != message.EventPreference {
		if ts := t.child(e.x, "timestamp"); t.is(ts, '0') {
			t.set(ts, t.nodes[ts].text)
		}
		if e.ev.Kind == message.EventStatus {
			e.opaque()
		}
		e.ids()
		e.media()
	}
	return t.write(make([]byte, 0, len(t.src)+len(t.src)/8), 0), true
}

func (e *event) entryTime() {
	t := e.t
	if n := t.child(e.entry, "time"); n != none {
		if s, ok := t.integer(n); ok && t.is(n, '"') {
			t.number(n, strconv.FormatInt(s, 10))
		}
		return
	}
	if !e.ev.Time.IsZero() {
		t.add(e.entry, "time", '0', strconv.FormatInt(e.ev.Time.Unix(), 10))
	}
}

// opaque gives the client its own callback data back and hides the gateway's.
func (e *event) opaque() {
	t := e.t
	n := t.child(e.x, "biz_opaque_callback_data")
	switch {
	case e.r.Opaque == "":
		t.drop(n)
	case n == none:
		t.add(e.x, "biz_opaque_callback_data", '"', e.r.Opaque)
	default:
		t.set(n, e.r.Opaque)
	}
}

// ids replaces message ids wherever an update holds one.
func (e *event) ids() {
	if e.r.ID == nil {
		return
	}
	t := e.t
	for _, path := range [][]string{{"id"}, {"context", "id"}, {"reaction", "message_id"},
		{"edit", "original_message_id"}, {"revoke", "original_message_id"}} {
		n := t.at(e.x, path...)
		if !t.is(n, '"') {
			continue
		}
		if id := e.r.ID(t.nodes[n].text); id != "" {
			t.set(n, id)
		} else {
			t.drop(n)
		}
	}
}

var mediaKinds = []string{"image", "audio", "video", "document", "sticker", "voice"}

// media replaces media ids. A URL of Meta's would lead round the gateway and
// needs the gateway's token: without MediaURL it is left out.
func (e *event) media() {
	t := e.t
	for _, kind := range mediaKinds {
		m := t.child(e.x, kind)
		if !t.is(m, '{') {
			continue
		}
		id, link := t.str(m, "id"), t.child(m, "url")
		if link != none && e.r.MediaURL != nil {
			t.set(link, e.r.MediaURL(id, t.nodes[link].text))
		} else {
			t.drop(link)
		}
		if e.r.MediaID != nil && id != "" {
			t.set(t.child(m, "id"), e.r.MediaID(id))
		}
	}
}
