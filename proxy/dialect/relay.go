package dialect

import (
	"bytes"
	"mime"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// DecodeChange reads the body of a call that goes on to upstream under its own
// names: parsed strictly and written anew, so that upstream reads what was read
// here. A form becomes JSON. Nil stands for no body.
func DecodeChange(contentType string, body []byte) ([]byte, *Problem) {
	if len(body) == 0 {
		return nil, nil
	}
	if media, _, err := mime.ParseMediaType(contentType); err == nil && media == "application/x-www-form-urlencoded" {
		form, p := changeForm(body)
		if p != nil {
			return nil, p
		}
		contentType, body = "application/json", form
	}
	raw, p := jsonBody(Cloud, contentType, body)
	if p != nil {
		return nil, p
	}
	t, p := decodeStrict(raw)
	if p != nil {
		return nil, p
	}
	for name := range credentials {
		t.drop(t.child(0, name))
	}
	return t.write(nil, 0), nil
}

// changeForm writes the fields of a form as one JSON object. What is an object
// or a list in JSON stays one.
func changeForm(body []byte) ([]byte, *Problem) {
	out := []byte{'{'}
	for pair := range strings.SplitSeq(string(body), "&") {
		k, v, _ := strings.Cut(pair, "=")
		name, nerr := url.QueryUnescape(k)
		value, verr := url.QueryUnescape(v)
		if nerr != nil || verr != nil || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, &Problem{Kind: Malformed, Param: safeName(name), Details: "A form field is not well formed."}
		}
		if name == "" {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(appendText(out, name), ':')
		if strings.HasPrefix(value, "{") || strings.HasPrefix(value, "[") {
			if !jsontext.Value(value).IsValid() {
				return nil, &Problem{Kind: Malformed, Param: safeName(name), Details: "A form field holds JSON that is not valid."}
			}
			out = append(out, value...)
			continue
		}
		out = appendText(out, value)
	}
	return append(out, '}'), nil // names given twice are found by the strict parse
}

// Page makes the address of another page of a list.
type Page func(direction, cursor string) string

// EncodeRelayed writes upstream's answer to a call that went on under its own
// names. Upstream's links to other pages hold its token: page makes new ones. An
// answer that holds the token anywhere is ErrAnswer.
func EncodeRelayed(body []byte, token string, page Page) ([]byte, error) {
	t, err := parse(body, true)
	if err != nil || !t.is(0, '{') && !t.is(0, '[') {
		return nil, ErrAnswer
	}
	paging := t.child(0, "paging")
	for _, link := range []struct{ name, direction string }{{"next", "after"}, {"previous", "before"}} {
		n := t.child(paging, link.name)
		cursor := t.str(paging, "cursors", link.direction)
		if n == none {
			continue
		}
		if cursor == "" {
			cursor = cursorOf(t.str(n), link.direction)
		}
		t.set(n, page(link.direction, cursor))
	}
	out := t.write(nil, 0)
	if token != "" && bytes.Contains(out, []byte(token)) {
		return nil, ErrAnswer
	}
	return out, nil
}

// cursorOf reads a cursor out of upstream's own link.
func cursorOf(link, direction string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get(direction)
}
