package dialect

import (
	"strconv"

	"postern/proxy/message"
)

// flat writes the On-Premises form: one array of one update, without envelope.
func (e *event) flat() ([]byte, bool) {
	switch e.ev.Kind {
	case message.EventMessage:
		return e.flatMessage()
	case message.EventStatus:
		return e.flatStatus()
	case message.EventError:
		return append(e.appendErrors([]byte(`{"errors":[`), e.x), ']', '}'), true
	}
	return nil, false
}

// flatTypes are the inbound types old clients know.
var flatTypes = map[message.Type]bool{
	message.Text: true, message.Image: true, message.Audio: true, message.Video: true, message.Document: true,
	message.Sticker: true, message.Location: true, message.Contacts: true, message.Reaction: true,
	message.Interactive: true, message.Button: true, message.Order: true, message.System: true,
}

func (e *event) flatMessage() ([]byte, bool) {
	t, x := e.t, e.x
	if !t.is(x, '{') {
		return nil, false
	}
	if ts := t.child(x, "timestamp"); t.is(ts, '0') {
		t.set(ts, t.nodes[ts].text)
	}
	if e.heldBack() {
		return nil, false
	}
	e.ids()
	e.media()
	e.from()
	if e.emptyContext() {
		t.drop(t.child(x, "context"))
	}
	switch {
	case !flatTypes[e.ev.Type]:
		if e.r.DropUnknown {
			return nil, false
		}
		e.unknownType()
	case e.ev.Type == message.Audio:
		e.voice()
	case e.ev.Type == message.System:
		e.system()
	}
	e.undownloaded()
	e.mapErrors()
	out := append(e.appendFlatContact([]byte(`{"contacts":[`)), `],"messages":[`...)
	return append(t.write(out, x), ']', '}'), true
}

// heldBack takes out what the app does not want to hear of, and reports whether
// that is the whole message.
func (e *event) heldBack() bool {
	if e.r.NoIdentity {
		e.t.drop(e.t.child(e.x, "identity"))
	}
	switch {
	case e.ev.Type != message.System:
		return false
	case e.ev.Sub == "customer_identity_changed" || e.ev.Sub == "user_identity_changed":
		return e.r.NoIdentity
	case e.ev.Sub == "user_changed_number" || e.ev.Sub == "customer_changed_number":
		return e.r.NoNewNumber
	}
	return false
}

// undownloaded gives files of kinds that the app does not want as the old client
// did: with that word and without an id.
func (e *event) undownloaded() {
	if e.r.Undownloaded == nil {
		return
	}
	for _, kind := range mediaKinds {
		m := e.t.child(e.x, kind)
		if !e.t.is(m, '{') || !e.r.Undownloaded(kind) {
			continue
		}
		e.t.drop(e.t.child(m, "id"))
		if e.t.child(m, "status") == none {
			e.t.add(m, "status", '"', "undownloaded")
		}
	}
}

// emptyContext reports a context that lost its id because none is known here
// and says nothing else: a product it refers to stays.
func (e *event) emptyContext() bool {
	t, c := e.t, e.t.child(e.x, "context")
	if c == none || t.child(c, "id") != none || e.ev.ReplyTo == "" {
		return false
	}
	for m := t.nodes[c].first; m != none; m = t.nodes[m].next {
		if name := t.nodes[m].name; name != "from" && name != "id" {
			return false
		}
	}
	return true
}

// from gives people without a number their user id as sender; sends to that id
// come back as user ids and never go up as a number.
func (e *event) from() {
	t, x := e.t, e.x
	user := t.str(x, "from_user_id")
	if t.str(x, "from") == "" {
		t.drop(t.child(x, "from"))
		t.add(x, "from", '"', or(e.ev.Peer.Number, e.ev.Peer.UserID))
	}
	for _, name := range []string{"from_user_id", "from_parent_user_id"} {
		t.drop(t.child(x, name))
	}
	if e.r.UserIDs && user != "" {
		t.add(x, "from_bsuid", '"', user)
	}
}

// appendFlatContact writes the contact old clients expect: the name's key is
// always there.
func (e *event) appendFlatContact(out []byte) []byte {
	t := e.t
	out = appendASCII(append(out, `{"profile":{"name":`...), t.str(e.contact, "profile", "name"))
	out = appendASCII(append(out, `},"wa_id":`...), or(or(t.str(e.contact, "wa_id"), e.ev.Peer.Number), e.ev.Peer.UserID))
	if e.r.UserIDs && e.ev.Peer.UserID != "" {
		out = appendASCII(append(out, `,"user_id":`...), e.ev.Peer.UserID)
	}
	return append(out, '}')
}

// unknownType makes the update the dialect's unsupported message.
func (e *event) unknownType() {
	t, x := e.t, e.x
	t.drop(t.child(x, string(e.ev.Type)))
	t.drop(t.child(x, "errors"))
	t.set(t.child(x, "type"), "unknown")
	if t.child(x, "type") == none {
		t.add(x, "type", '"', "unknown")
	}
	f := t.add(t.add(x, "errors", '[', ""), "", '{', "")
	t.add(f, "code", '0', "501")
	t.add(f, "title", '"', flatTitle(501))
	t.add(f, "details", '"', "Message type is not currently supported")
}

// voice renames a push-to-talk message, as the old API called it.
func (e *event) voice() {
	t, x := e.t, e.x
	a := t.child(x, "audio")
	flag := t.child(a, "voice")
	if t.is(flag, 't') {
		t.set(t.child(x, "type"), "voice")
		t.rename(a, "voice")
	}
	t.drop(flag)
}

// system renames what changed: numbers and identities.
func (e *event) system() {
	t := e.t
	s := t.child(e.x, "system")
	switch kind := t.child(s, "type"); t.str(s, "type") {
	case "user_changed_number", "customer_changed_number":
		if id := t.str(s, "wa_id"); id != "" && t.child(s, "new_wa_id") == none {
			t.add(s, "new_wa_id", '"', id)
		}
	case "customer_identity_changed":
		t.set(kind, "user_identity_changed")
	}
	t.drop(t.child(s, "user_id"))
	t.drop(t.child(s, "parent_user_id"))
}

// mapErrors replaces an update's Cloud errors by On-Premises ones.
func (e *event) mapErrors() {
	t := e.t
	list := t.child(e.x, "errors")
	if !t.is(list, '[') || t.nodes[list].edited {
		return
	}
	c := t.nodes[list].first
	for range t.count(list) {
		code, title, text := flatFailure(t, c)
		t.drop(c)
		f := t.add(list, "", '{', "")
		t.add(f, "code", '0', strconv.Itoa(code))
		t.add(f, "title", '"', title)
		t.add(f, "details", '"', text)
		c = t.nodes[c].next
	}
}

// appendErrors writes Cloud errors of node n, one object, in the old form.
func (e *event) appendErrors(out []byte, n int32) []byte {
	code, title, text := flatFailure(e.t, n)
	out = strconv.AppendInt(append(out, `{"code":`...), int64(code), 10)
	out = appendASCII(append(out, `,"title":`...), title)
	if text != "" {
		out = appendASCII(append(out, `,"details":`...), text)
	}
	return append(appendASCII(append(out, `,"href":`...), errorsHref), '}')
}

// flatFailure is code, title and details of one Cloud error in a webhook.
func flatFailure(t *tree, n int32) (code int, title, details string) {
	c, _ := t.integer(n, "code")
	details = or(t.str(n, "error_data", "details"), or(t.str(n, "details"), t.str(n, "message")))
	code = flatOf(int(c)).Webhook
	if code == 1000 {
		details = or(details, t.str(n, "title"))
	}
	return code, flatTitle(code), cloudNote(code, int(c), hinted(details, int(c), ""))
}
