package dialect

import (
	"slices"

	"postern/proxy/message"
)

// read decodes Cloud's mark as read, with or without a typing indicator.
func (s *send) read() (*message.Message, *Problem) {
	for c := s.t.nodes[0].first; c != none; c = s.t.nodes[c].next {
		if name := s.t.nodes[c].name; !slices.Contains(readEnvelope, name) {
			return nil, s.at(UnknownProperty, safeName(name), "This property is not known here. Remove it.")
		}
	}
	if s.t.str(0, "status") != "read" {
		return nil, s.at(Invalid, "status", "The only status that can be set is read.")
	}
	if s.given("typing_indicator") {
		if s.t.str(0, "typing_indicator", "type") != "text" || s.t.count(s.t.child(0, "typing_indicator")) != 1 {
			return nil, s.at(Invalid, "typing_indicator.type", "The only typing indicator is of type text.")
		}
		s.m.Typing = true
	}
	return s.marked(s.t.child(0, "message_id"))
}

// marked completes a Read from the node of the message id.
func (s *send) marked(id int32) (*message.Message, *Problem) {
	if id == none || !s.t.is(id, '"') {
		return nil, s.at(Missing, "message_id", "The id of the message to mark is missing.")
	}
	s.m.Type, s.m.ReadID = message.Read, s.t.nodes[id].text
	s.enter("message_id")
	s.out = append(s.out, `{"message_id":`...)
	if p := s.text(readShape.members[0].shape, id); p != nil {
		return nil, p
	}
	s.m.Content = append(s.out, '}')
	return s.m, nil
}

// DecodeRead reads the old dialects' PUT /v1/messages/{id} with
// {"status":"read"}; id is the path's.
func DecodeRead(d Dialect, contentType, id string, body []byte) (*message.Message, *Problem) {
	if !d.Flat() {
		return nil, &Problem{Kind: NotFound, Details: "This path belongs to the On-Premises dialects."}
	}
	body, p := jsonBody(d, contentType, body)
	if p != nil {
		return nil, p
	}
	t, p := decodeStrict(body)
	if p != nil {
		return nil, p
	}
	s := send{walk: walk{t: t, m: &message.Message{}}, d: d}
	if t.str(0, "status") != "read" {
		return nil, s.at(Invalid, "status", "The only status that can be set is read.")
	}
	for c := t.nodes[0].first; c != none; c = t.nodes[c].next {
		if name := t.nodes[c].name; name != "status" {
			s.dropped(safeName(name))
		}
	}
	return s.marked(t.add(0, "message_id", '"', id))
}
