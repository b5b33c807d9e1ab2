package dialect

import "postern/proxy/message"

// Upstream holds what the gateway decides about a message on its way to the
// Cloud API. Empty fields keep the message's own values: callers that gave out
// ids of their own must set ReplyTo, Target and MediaID.
type Upstream struct {
	To      message.Party                  // recipient, digits or user id; a number wins
	ReplyTo string                         // upstream id of the message quoted
	Target  string                         // upstream id of the message reacted to or marked read
	MediaID func(id string) (string, bool) // upstream media id; false refuses the send
	Opaque  string                         // biz_opaque_callback_data; never the client's own
	// Fetched are upstream's ids of files that were fetched, by their place in
	// Message.Media, "" for the others: they stand in place of the links.
	Fetched []string
}

// EncodeUpstream writes the Cloud body of a message from its parsed form and
// nothing else. The Problem is NotFound when a media id has no upstream id.
func EncodeUpstream(m *message.Message, u Upstream) ([]byte, *Problem) {
	content, p := upstreamContent(m, u)
	if p != nil {
		return nil, p
	}
	out := make([]byte, 0, len(content)+256)
	out = append(out, `{"messaging_product":"whatsapp"`...)
	if m.Type == message.Read {
		out = append(append(out, `,"status":"read",`...), content[1:len(content)-1]...)
		if m.Typing {
			out = append(out, `,"typing_indicator":{"type":"text"}`...)
		}
		return append(out, '}'), nil
	}
	out = appendRecipient(append(out, `,"recipient_type":"individual"`...), m, u)
	if id := or(u.ReplyTo, m.ReplyTo); id != "" {
		out = append(appendText(append(out, `,"context":{"message_id":`...), id), '}')
	}
	out = appendText(append(out, `,"type":`...), string(m.Type))
	out = append(append(appendText(append(out, ','), string(m.Type)), ':'), content...)
	out = appendMember(out, "biz_opaque_callback_data", u.Opaque)
	out = appendMember(out, "recipient_identity_key_hash", m.IdentityHash)
	return append(out, '}'), nil
}

func appendRecipient(out []byte, m *message.Message, u Upstream) []byte {
	to := u.To
	if to.Number == "" && to.UserID == "" {
		to = m.To
	}
	if to.Number == "" {
		return appendText(append(out, `,"recipient":`...), to.UserID)
	}
	return appendText(append(out, `,"to":`...), "+"+to.Number)
}

// appendMember writes a string member, nothing for the empty string.
func appendMember(out []byte, name, value string) []byte {
	if value == "" {
		return out
	}
	return appendText(append(appendText(append(out, ','), name), ':'), value)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// upstreamContent is the message's content with upstream's ids in it.
func upstreamContent(m *message.Message, u Upstream) ([]byte, *Problem) {
	media := u.MediaID != nil && hasMediaID(m) || len(u.Fetched) > 0
	target := u.Target != "" && (m.Type == message.Reaction || m.Type == message.Read)
	if !media && !target {
		return m.Content, nil
	}
	again, p := recode(m, u, func(t *tree) *Problem {
		if target {
			t.set(t.child(0, "message_id"), u.Target)
		}
		return nil
	})
	if p != nil {
		return nil, p
	}
	return again.Content, nil
}

func hasMediaID(m *message.Message) bool {
	for _, f := range m.Media {
		if f.ID != "" {
			return true
		}
	}
	return false
}

// ApplyTexts returns the message with some of its texts replaced, by the paths
// of Message.Texts. The result went through the same checks as the original:
// a replacement that makes a text too long or a link unreadable is a Problem.
func ApplyTexts(m *message.Message, texts []message.Phrase) (*message.Message, *Problem) {
	return recode(m, Upstream{}, func(t *tree) *Problem {
		for _, x := range texts {
			n := t.find(x.Path, string(m.Type))
			if !t.is(n, '"') {
				return &Problem{Kind: Internal, Details: "A text to be replaced is not in the message."}
			}
			t.set(n, x.Value)
		}
		return nil
	})
}

// recode parses a message's content, lets edit change it, puts upstream's ids of
// files in and checks it again.
func recode(m *message.Message, u Upstream, edit func(*tree) *Problem) (*message.Message, *Problem) {
	t, err := parse(m.Content, false)
	if err != nil {
		return nil, malformed(err)
	}
	if p := edit(t); p != nil {
		return nil, p
	}
	again := *m
	again.Template, again.Media, again.Links, again.Texts = nil, nil, nil, nil
	w := walk{t: t, strict: true, m: &again, mediaID: u.MediaID, fetched: u.Fetched, out: make([]byte, 0, len(m.Content)+64)}
	s := contentShapes[m.Type]
	if m.Type == message.Read {
		s = readShape
	}
	if s == nil {
		return nil, &Problem{Kind: Internal, Details: "The message has no type."}
	}
	w.enter(string(m.Type))
	if p := w.value(s, 0); p != nil {
		return nil, p
	}
	again.Content = w.out
	for i := range again.Media { // the content does not name providers
		if again.Media[i].Link != "" {
			again.Media[i].Provider = m.Media[i].Provider
		}
	}
	if m.Template != nil {
		use, p := templateUse(w.out)
		if p != nil {
			return nil, p
		}
		again.Template, use.Namespace = use, m.Template.Namespace
	}
	return &again, nil
}
