package thread

import (
	"encoding/json"
	"slices"
	"strings"

	"postern/audit"
)

// fileTypes are the types of messages that carry a file.
var fileTypes = []string{"audio", "document", "image", "sticker", "video", "voice"}

// read takes what a redacted body holds: the type's object of an outbound
// message, or a webhook with one message in it.
func (m *Message) read(body string) {
	if body == "" {
		return
	}
	var whole map[string]any
	if err := json.Unmarshal([]byte(body), &whole); err != nil {
		m.Text = body
		return
	}
	if inner := received(whole); inner != nil {
		whole = inner
	}
	if m.Type == "contacts" {
		m.Withheld = "contact cards name third parties"
		return
	}
	content, found := whole[m.Type]
	if !found {
		// A webhook may hold others' ids around what it brings: only a body of ours is shown whole.
		if m.Kind != "admission" {
			m.Withheld = "its form is not known; postern audit show has the record"
			return
		}
		content = whole
	}
	if raw, err := json.Marshal(content); err == nil {
		m.Content = raw
	}
	m.Text = strings.Join(phrases(content, nil), "\n")
	if object, ok := content.(map[string]any); ok && slices.Contains(fileTypes, m.Type) {
		m.Files = append(m.Files, File{Type: m.Type, Name: text(object, "filename"), Mime: text(object, "mime_type"), ID: text(object, "id")})
	}
	m.Files = append(m.Files, headers(content)...)
}

// received is the message in a webhook, nil if it is none.
func received(whole map[string]any) map[string]any {
	at := any(whole)
	for _, step := range []string{"entry", "changes", "value", "messages"} {
		if list, ok := at.([]any); ok && len(list) == 1 {
			at = list[0]
		}
		object, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = object[step]
	}
	if list, ok := at.([]any); ok && len(list) == 1 {
		object, _ := list[0].(map[string]any)
		return object
	}
	return nil
}

// spoken are the members whose text a person reads, or wrote: amounts and dates
// of templates are in fallback_value, the answers to a Flow in response_json.
var spoken = []string{
	"body", "caption", "emoji", "text", "title", "description", "name", "address", "display_text", "footer", "header",
	"fallback_value", "coupon_code", "button", "flow_cta", "response_json",
}

// phrases are the texts a person reads, in the order of their members' names.
func phrases(v any, out []string) []string {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			out = phrases(item, out)
		}
	case map[string]any:
		names := make([]string, 0, len(v))
		for name := range v {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			if s, ok := v[name].(string); !ok {
				out = phrases(v[name], out)
			} else if slices.Contains(spoken, name) && s != "" {
				out = append(out, s)
			}
		}
	}
	return out
}

// headers are the files within templates and interactive messages: objects
// named by their type.
func headers(v any) (out []File) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			out = append(out, headers(item)...)
		}
	case map[string]any:
		for _, kind := range fileTypes {
			if object, ok := v[kind].(map[string]any); ok {
				out = append(out, File{Type: kind, Name: text(object, "filename"), Mime: text(object, "mime_type"), ID: text(object, "id")})
			}
		}
		for name, item := range v {
			if !slices.Contains(fileTypes, name) {
				out = append(out, headers(item)...)
			}
		}
	}
	return out
}

func text(object map[string]any, name string) string {
	s, _ := object[name].(string)
	return s
}

// Words are what a person reads in a body of a record of that kind and type,
// redacted or as it was, and the names of files; withheld says why a part is
// not among them.
func Words(kind audit.Kind, typ string, body []byte) (words string, files []File, withheld string) {
	m := Message{Kind: string(kind), Type: typ}
	m.read(string(body))
	return m.Text, m.Files, m.Withheld
}
