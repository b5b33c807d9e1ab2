package dialect

import (
	"slices"
	"strconv"

	"postern/proxy/message"
)

// messageMembers are the members of an inbound message beside its type object.
var messageMembers = []string{"from", "from_user_id", "from_parent_user_id", "id", "timestamp", "type", "context", "referral",
	"identity", "group_id", "errors", "to", "to_user_id", "message_creation_type"}

// inboundTypes says of every known type whether it opens the service window.
// A change of number, an edit or a revocation is no message to the business.
var inboundTypes = map[message.Type]bool{
	message.Text: true, message.Image: true, message.Audio: true, message.Video: true, message.Document: true,
	message.Sticker: true, message.Location: true, message.Contacts: true, message.Reaction: true,
	message.Interactive: true, message.Button: true, message.Order: true, message.Unsupported: true,
	message.System: false, message.Edit: false, message.Revoke: false, "unknown": false, "request_welcome": false,
}

// JudgedType is the type by which policy judges an inbound message. What no
// app's API can show, new types included, is judged as unsupported.
func JudgedType(t message.Type) message.Type {
	if _, known := inboundTypes[t]; !known || t == "unknown" || t == "request_welcome" {
		return message.Unsupported
	}
	return t
}

func (w *webhook) message(ev *message.Event, x int32) {
	t := w.t
	ev.Kind = message.EventMessage
	ev.Type = message.Type(t.str(x, "type"))
	ev.Peer.Number = numberOf(t.str(x, "from"))
	ev.Peer.UserID = t.str(x, "from_user_id")
	ev.Peer.ParentUserID = t.str(x, "from_parent_user_id")
	ev.ReplyTo = t.str(x, "context", "id")
	ev.IdentityHash = t.str(x, "identity", "hash")
	w.body(ev, x)
	ev.Opens = inboundTypes[ev.Type] && ev.Group == "" && !ev.Time.IsZero()
}

// echo is a message that left in the business's name by other means.
func (w *webhook) echo(ev *message.Event, x int32) {
	t := w.t
	ev.Kind = message.EventEcho
	ev.Type = message.Type(t.str(x, "type"))
	ev.Peer.Number = numberOf(t.str(x, "to"))
	ev.Peer.UserID = t.str(x, "to_user_id")
	ev.ReplyTo = t.str(x, "context", "id")
	w.body(ev, x)
}

// body reads the type object: texts, words, payload, and what is unknown.
func (w *webhook) body(ev *message.Event, x int32) {
	t, name := w.t, string(ev.Type)
	if _, known := inboundTypes[ev.Type]; !known {
		ev.Unknown = append(ev.Unknown, "messages.type")
	}
	object := t.child(x, name)
	for c := t.nodes[x].first; c != none; c = t.nodes[c].next {
		m := t.nodes[c].name
		switch {
		case slices.Contains(messageMembers, m):
			if m == "referral" || m == "errors" {
				ev.Texts = texts(t, ev.Texts, c, m)
			}
		default:
			if c != object {
				ev.Unknown = append(ev.Unknown, "messages."+safeName(m))
			}
			ev.Texts = texts(t, ev.Texts, c, updatePath(m))
		}
	}
	w.answers(ev, object)
}

// answers reads what the person wrote or pressed, for opt-out words.
func (w *webhook) answers(ev *message.Event, object int32) {
	t := w.t
	switch ev.Type {
	case message.Text:
		ev.Words = t.str(object, "body")
	case message.Button:
		ev.Words, ev.Payload = t.str(object, "text"), t.str(object, "payload")
	case message.System:
		ev.Sub = t.str(object, "type")
	case message.Interactive:
		ev.Sub = t.str(object, "type")
		reply := t.child(object, ev.Sub)
		if ev.Sub == "button_reply" || ev.Sub == "list_reply" {
			ev.Words, ev.Payload = t.str(reply, "title"), t.str(reply, "id")
		}
	}
}

// silent are members whose strings are words of the API, hashes or ids and
// therefore no texts. Everything else is read, unknown members included.
var silent = []string{"type", "mime_type", "sha256", "id", "message_id", "original_message_id", "timestamp", "catalog_id",
	"product_retailer_id", "currency", "hash", "href", "status"}

// texts collects every string under n that a person may have chosen.
func texts(t *tree, dst []message.Phrase, n int32, path string) []message.Phrase {
	if n == none {
		return dst
	}
	switch t.nodes[n].kind {
	case '"':
		if t.nodes[n].text != "" {
			dst = append(dst, message.Phrase{Path: path, Value: t.nodes[n].text})
		}
	case '{':
		for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
			name := t.nodes[c].name
			if name == "url" && slices.Contains(mediaKinds, path) {
				continue // a link of Meta's, signed and full of digits
			}
			if !slices.Contains(silent, name) || t.nodes[c].kind == '{' {
				dst = texts(t, dst, c, path+"."+escapeStep(name))
			}
		}
	case '[':
		for c, i := t.nodes[n].first, 0; c != none; c, i = t.nodes[c].next, i+1 {
			dst = texts(t, dst, c, path+"["+strconv.Itoa(i)+"]")
		}
	}
	return dst
}
