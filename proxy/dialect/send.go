package dialect

import (
	"slices"
	"strings"

	"postern/proxy/message"
)

// DecodeSend reads the body of a send. Cloud and v2 refuse what they do not
// know; the On-Premises dialects drop it and name it in Message.Dropped. A
// Problem never holds a value of the body.
func DecodeSend(d Dialect, contentType string, body []byte) (*message.Message, *Problem) {
	body, p := jsonBody(d, contentType, body)
	if p != nil {
		return nil, p
	}
	t, p := decodeStrict(body)
	if p != nil {
		return nil, p
	}
	s := send{walk: walk{t: t, strict: !d.Flat(), m: &message.Message{}, out: make([]byte, 0, len(body))}, d: d}
	return s.message()
}

// send is one decoding of a send's body.
type send struct {
	walk
	d Dialect
}

// envelope names the members of a send beside its type object.
var envelope = []string{"messaging_product", "to", "recipient", "recipient_type", "type", "context",
	"biz_opaque_callback_data", "recipient_identity_key_hash", "preview_url"}

var readEnvelope = []string{"messaging_product", "status", "message_id", "typing_indicator", "recipient_type", "to", "recipient"}

func (s *send) message() (*message.Message, *Problem) {
	if p := s.product(); p != nil {
		return nil, p
	}
	if !s.d.Flat() && s.given("status") {
		return s.read()
	}
	typ, object, p := s.kind()
	if p != nil {
		return nil, p
	}
	s.m.Type = typ
	if p := s.others(string(typ), object); p != nil {
		return nil, p
	}
	for _, step := range []func() *Problem{s.recipient, s.reply, s.extras} {
		if p := step(); p != nil {
			return nil, p
		}
	}
	return s.content(typ, object)
}

// given reports a member that is there and not null.
func (s *send) given(name string) bool {
	c := s.t.child(0, name)
	return c != none && s.t.nodes[c].kind != 'n'
}

func (s *send) product() *Problem {
	switch v := s.t.str(0, "messaging_product"); {
	case s.d.Flat() || v == "whatsapp":
		return nil
	case v == "":
		return s.at(Missing, "messaging_product", "The parameter messaging_product must be \"whatsapp\".")
	}
	return s.at(Invalid, "messaging_product", "The parameter messaging_product must be \"whatsapp\".")
}

// kind finds type and type object. Without type it is text, as in both APIs.
func (s *send) kind() (message.Type, int32, *Problem) {
	name := "text"
	if s.given("type") {
		if name = strings.ToLower(s.t.str(0, "type")); name == "" {
			return "", none, s.at(Invalid, "type", "The type must be a string.")
		}
	}
	if name == "hsm" && s.d.Flat() {
		return message.Template, s.hsm(), nil
	}
	if _, ok := contentShapes[message.Type(name)]; !ok {
		if name == "pin" {
			return "", none, s.at(UnknownType, "type", "Messages are pinned in groups, and groups are not offered.")
		}
		return "", none, s.at(UnknownType, "type", "This message type is not known.")
	}
	return message.Type(name), s.t.child(0, name), nil
}

// others refuses or names the members that do not belong to this type.
func (s *send) others(name string, object int32) *Problem {
	for c := s.t.nodes[0].first; c != none; c = s.t.nodes[c].next {
		d := &s.t.nodes[c]
		if c == object || d.gone || d.name == name || slices.Contains(envelope, d.name) || s.d.Flat() && d.name == "ttl" {
			continue
		}
		if _, known := contentShapes[message.Type(d.name)]; known && d.kind == 'n' {
			continue
		}
		if !s.d.Flat() {
			return s.at(UnknownProperty, safeName(d.name), "This property is not known here. Remove it.")
		}
		s.dropped(safeName(d.name))
	}
	return nil
}

func (s *send) reply() *Problem {
	c := s.t.child(0, "context")
	if c == none || s.t.nodes[c].kind == 'n' {
		return nil
	}
	mark, out := s.enter("context"), len(s.out)
	if p := s.object(contextShape, c); p != nil {
		return p
	}
	s.leave(mark)
	s.out = s.out[:out]
	s.m.ReplyTo = s.t.str(c, "message_id")
	return nil
}

var contextShape = object(req("message_id", &shape{min: 1, max: 512, ident: true}))

// extras reads the optional members that stand beside the type object.
func (s *send) extras() *Problem {
	for _, f := range []struct {
		name  string
		limit int
		dst   *string
	}{{"biz_opaque_callback_data", 512, &s.m.Opaque}, {"recipient_identity_key_hash", 128, &s.m.IdentityHash}} {
		if !s.given(f.name) {
			continue
		}
		mark, out := s.enter(f.name), len(s.out)
		if p := s.text(&shape{max: f.limit}, s.t.child(0, f.name)); p != nil {
			return p
		}
		s.leave(mark)
		s.out = s.out[:out]
		*f.dst = s.t.str(0, f.name)
	}
	return nil
}

// content checks the type object and makes it the message's canonical content.
func (s *send) content(typ message.Type, object int32) (*message.Message, *Problem) {
	if object == none || s.t.nodes[object].kind == 'n' {
		return nil, s.at(Missing, string(typ), "The object for this message type is missing.")
	}
	if p := s.preview(typ, object); p != nil {
		return nil, p
	}
	s.enter(string(typ))
	if p := s.value(contentShapes[typ], object); p != nil {
		return nil, p
	}
	s.m.Content = s.out
	switch typ {
	case message.Reaction:
		s.m.ReactTo = s.t.str(object, "message_id")
	case message.Template:
		use, p := templateUse(s.out)
		if p != nil {
			return nil, p
		}
		s.m.Template = use
		s.m.Template.Namespace = s.t.str(object, "namespace")
	}
	return s.m, nil
}

// preview moves a top-level preview_url into the text object.
func (s *send) preview(typ message.Type, object int32) *Problem {
	c := s.t.child(0, "preview_url")
	if c == none || s.t.nodes[c].kind == 'n' {
		return nil
	}
	kind := s.t.nodes[c].kind
	if kind != 't' && kind != 'f' {
		return s.at(Invalid, "preview_url", "The value must be true or false.")
	}
	if typ == message.Text && s.t.is(object, '{') && s.t.child(object, "preview_url") == none {
		s.t.add(object, "preview_url", kind, "")
	}
	return nil
}
