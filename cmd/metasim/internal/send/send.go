// Package send decodes and validates the body of POST /{phone-number-id}/messages
// as Meta's Cloud API does: unknown properties, missing and wrong values,
// lengths and counts are refused with Meta's codes. It is stricter than Meta
// in one point: a duplicate member name is refused, because two parsers could
// read two messages out of it.
package send

import (
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/graph"
)

// Types a decoded request can have beside the message types.
const (
	Read   = "read"   // a message is marked as read
	Typing = "typing" // the same with a typing indicator
)

// MaxBody is the largest body that is read, in bytes.
const MaxBody = 1 << 20

// Send is one valid request.
type Send struct {
	Type      string // message type, Read or Typing
	Input     string // recipient as it was written
	Phone     string // recipient in digits with country code; empty when addressed by user id
	UserID    string // business-scoped user id; empty when addressed by number
	MessageID string // message that is marked as read or reacted to
	Callback  string // biz_opaque_callback_data
	Template  *Template
	MediaIDs  []string // ids of uploaded media, wherever they stand in the body
}

// Numbering says how a recipient without a plus is read.
type Numbering struct {
	Country string // calling code of the business number, put before bare digits
	Lenient bool   // bare digits are taken as they are
}

// Decode reads a JSON body.
func Decode(body []byte, n Numbering) (*Send, *graph.Error) {
	var root any
	err := json.Unmarshal(body, &root)
	if err != nil {
		return nil, graph.New(100, "The request body is not one valid JSON document.")
	}
	members, ok := root.(map[string]any)
	if !ok {
		return nil, graph.New(100, "The request body must be a JSON object.")
	}
	return decode(members, n)
}

// DecodeForm reads a form body: each field is text, or JSON text where the
// parameter is an object or a list.
func DecodeForm(form url.Values, n Numbering) (*Send, *graph.Error) {
	members := make(map[string]any, len(form))
	for name, values := range form {
		if len(values) != 1 {
			return nil, graph.New(100, "A form field is given more than once.")
		}
		value, err := formValue(values[0])
		if err != nil {
			return nil, graph.New(100, "A form field holds text that is not valid JSON.")
		}
		members[name] = value
	}
	return decode(members, n)
}

func formValue(text string) (any, error) {
	if !strings.HasPrefix(text, "{") && !strings.HasPrefix(text, "[") {
		return text, nil
	}
	var value any
	err := json.Unmarshal([]byte(text), &value)
	return value, err
}

func decode(members map[string]any, n Numbering) (*Send, *graph.Error) {
	if members["messaging_product"] != "whatsapp" {
		return nil, graph.New(100, "The parameter messaging_product is required and must be whatsapp.")
	}
	if members["status"] != nil {
		return decodeRead(members)
	}
	kind, err := messageType(members)
	if err != nil {
		return nil, err
	}
	if p := walk(members, envelopes[kind]); p != nil {
		return nil, p.refusal()
	}
	s := &Send{Type: kind, Callback: text(members, "biz_opaque_callback_data")}
	if err := s.address(members, n); err != nil {
		return nil, err
	}
	s.content(members)
	return s, nil
}

// messageType finds the type; it may be left out for text only.
func messageType(members map[string]any) (string, *graph.Error) {
	raw, given := members["type"]
	if !given || raw == nil {
		raw = "text"
	}
	kind, ok := raw.(string)
	if !ok {
		return "", graph.New(100, "Param type must be a string.")
	}
	kind = strings.ToLower(kind)
	if _, ok := envelopes[kind]; !ok {
		return "", graph.New(100, "Param type must be one of the message types that can be sent.")
	}
	return kind, nil
}

func decodeRead(members map[string]any) (*Send, *graph.Error) {
	if p := walk(members, readMembers); p != nil {
		return nil, p.refusal()
	}
	s := &Send{Type: Read, MessageID: text(members, "message_id")}
	if members["typing_indicator"] != nil {
		s.Type = Typing
	}
	return s, nil
}

// content takes what the simulator needs out of the type's own object.
func (s *Send) content(members map[string]any) {
	if s.Type == "text" {
		return
	}
	s.MediaIDs = mediaIDs(nil, members)
	object, _ := members[s.Type].(map[string]any)
	switch s.Type {
	case "reaction":
		s.MessageID = text(object, "message_id")
	case "template":
		s.Template = newTemplate(object)
	}
}

// mediaIDs collects the id of every media object below value.
func mediaIDs(found []string, value any) []string {
	switch v := value.(type) {
	case []any:
		for _, entry := range v {
			found = mediaIDs(found, entry)
		}
	case map[string]any:
		for name, entry := range v {
			if media, ok := entry.(map[string]any); ok && isMedia(name) && text(media, "id") != "" {
				found = append(found, text(media, "id"))
				continue
			}
			found = mediaIDs(found, entry)
		}
	}
	return found
}

func isMedia(name string) bool {
	switch name {
	case "image", "audio", "video", "document", "sticker":
		return true
	}
	return false
}

func text(members map[string]any, name string) string {
	s, _ := members[name].(string)
	return s
}
