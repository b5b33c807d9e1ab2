package dialect

import (
	"bytes"
	"mime"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// DecodeChange reads the body of a call that goes on to upstream under its own
// names: parsed strictly and written anew, so that upstream reads what was read
// here. A form becomes JSON. Nil stands for no body.
func DecodeChange(contentType string, body []byte) ([]byte, *Problem) {
	c, p := (&Endpoint{}).DecodeChange(contentType, body)
	return c.Body, p
}

// Change is the body of a call that goes on, and what a record of it holds. Both
// are nil where there is none.
type Change struct{ Body, Record []byte }

// DecodeChange is the function of that name for one endpoint: what it does not
// take is refused, what it hides is left out of the record.
func (e *Endpoint) DecodeChange(contentType string, body []byte) (Change, *Problem) {
	if len(body) == 0 {
		return Change{}, nil
	}
	t, p := changeTree(contentType, body)
	if p != nil {
		return Change{}, p
	}
	for name := range credentials {
		t.drop(t.child(0, name))
	}
	for n := t.nodes[0].first; n != none; n = t.nodes[n].next {
		if p := e.refuses(&t.nodes[n]); p != nil {
			return Change{}, p
		}
	}
	c := Change{Body: t.write(nil, 0)}
	for _, name := range e.Hidden {
		t.hide(t.child(0, name))
	}
	c.Record = t.write(nil, 0)
	return c, nil
}

// refuses is why a property does not go on, nil if it may.
func (e *Endpoint) refuses(n *node) *Problem {
	switch reason, denied := e.Denied[n.name]; {
	case n.gone:
		return nil
	case denied:
		return &Problem{Kind: Unsupported, Details: "'" + n.name + "' is not offered. " + reason}
	case e.Takes != nil && !slices.Contains(e.Takes, n.name):
		return &Problem{Kind: UnknownProperty, Param: safeName(n.name), Details: "This call has no such property."}
	}
	return nil
}

// hidden stands in records for a value that they do not hold.
const hidden = "[withheld]"

// hide replaces every value in n; how many there were can still be seen.
func (t *tree) hide(n int32) {
	switch {
	case n == none:
	case t.is(n, '{') || t.is(n, '['):
		for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
			t.hide(c)
		}
	default:
		t.set(n, hidden)
	}
}

func changeTree(contentType string, body []byte) (*tree, *Problem) {
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
	return decodeStrict(raw)
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
	return (&Endpoint{}).EncodeRelayed(body, token, page, nil)
}

// EncodeRelayed is the function of that name for one endpoint: what it drops is
// left out, and of its list of numbers those that own does not report.
func (e *Endpoint) EncodeRelayed(body []byte, token string, page Page, own func(id string) bool) ([]byte, error) {
	t, err := parse(body, true)
	if err != nil || !t.is(0, '{') && !t.is(0, '[') {
		return nil, ErrAnswer
	}
	for i := range t.nodes {
		if n := &t.nodes[i]; slices.Contains(e.Drops, n.name) {
			n.gone = true
		}
	}
	if e.Own && !t.keepOwn(own) {
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

// keepOwn leaves out what is another's, and counts over all with it. It reports
// whether the answer was a list.
func (t *tree) keepOwn(own func(id string) bool) bool {
	data := t.child(0, "data")
	if !t.is(data, '[') {
		return false
	}
	for c := t.nodes[data].first; c != none; c = t.nodes[c].next {
		if !own(t.str(c, "id")) {
			t.drop(c)
		}
	}
	t.drop(t.child(0, "summary"))
	return true
}

// BlockedPeople reads upstream's answer to a change of who is blocked: whether it
// lists people, and whether anything was changed. Upstream answers with lists
// and an error where only some could be (whatsapp.md 3.5).
func BlockedPeople(body []byte) (lists, changed bool) {
	t, err := parse(body, true)
	if err != nil {
		return false, false
	}
	n := t.child(0, "block_users")
	return t.is(n, '{'), t.count(t.child(n, "added_users"))+t.count(t.child(n, "removed_users")) > 0
}

// cursorOf reads a cursor out of upstream's own link.
func cursorOf(link, direction string) string {
	u, err := url.Parse(link)
	if err != nil {
		return ""
	}
	return u.Query().Get(direction)
}
