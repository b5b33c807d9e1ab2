package dialect

import (
	"slices"

	"postern/proxy/message"
)

var statusMembers = []string{"id", "status", "timestamp", "recipient_id", "recipient_user_id", "parent_recipient_user_id",
	"recipient_type", "recipient_participant_id", "participant_recipient_id", "recipient_identity_key_hash",
	"biz_opaque_callback_data", "conversation", "pricing", "errors", "type", "payment", "message", "participants"}

func (w *webhook) status(ev *message.Event, x int32) {
	t := w.t
	ev.Kind = message.EventStatus
	ev.Peer.Number = numberOf(t.str(x, "recipient_id"))
	if t.str(x, "recipient_type") == "group" {
		ev.Group = t.str(x, "recipient_id")
		ev.Peer.Number = numberOf(or(t.str(x, "recipient_participant_id"), t.str(x, "participant_recipient_id")))
	}
	ev.Peer.UserID = t.str(x, "recipient_user_id")
	ev.Peer.ParentUserID = t.str(x, "parent_recipient_user_id")
	first := t.elem(t.child(x, "errors"), 0)
	code, _ := t.integer(first, "code")
	ev.Status = &message.Status{
		State: t.str(x, "status"), Opaque: t.str(x, "biz_opaque_callback_data"),
		Code: int(code), Title: t.str(first, "title"),
	}
	switch payment := t.child(x, "payment"); {
	case ev.Group != "":
		ev.Status.Part = or(ev.Peer.Number, ev.Peer.UserID)
	case payment != none:
		ev.Status.Part = t.raw(payment)
	}
	ev.Texts = texts(t, nil, t.child(x, "errors"), "errors")
	w.unknown(ev, x, statusMembers, "statuses.")
}

func (w *webhook) errors(ev *message.Event, x int32) {
	code, _ := w.t.integer(x, "code")
	ev.Kind = message.EventError
	ev.Status = &message.Status{Code: int(code), Title: w.t.str(x, "title")}
	ev.Texts = texts(w.t, nil, x, "errors")
}

var preferenceMembers = []string{"wa_id", "user_id", "parent_user_id", "detail", "category", "value", "timestamp", "signup_id"}

func (w *webhook) preference(ev *message.Event, x int32) {
	t := w.t
	ev.Kind = message.EventPreference
	ev.Peer = message.Party{Number: numberOf(t.str(x, "wa_id")), UserID: t.str(x, "user_id"), ParentUserID: t.str(x, "parent_user_id")}
	ev.Prefer = &message.Preference{Category: t.str(x, "category"), Value: t.str(x, "value")}
	ev.Texts = texts(t, nil, t.child(x, "detail"), "detail")
	w.unknown(ev, x, preferenceMembers, "user_preferences.")
}

// unknown names the members that are not listed.
func (w *webhook) unknown(ev *message.Event, x int32, members []string, prefix string) {
	t := w.t
	for c := t.nodes[x].first; c != none; c = t.nodes[c].next {
		if name := t.nodes[c].name; !slices.Contains(members, name) {
			ev.Unknown = append(ev.Unknown, prefix+safeName(name))
			ev.Texts = texts(t, ev.Texts, c, updatePath(name))
		}
	}
}
