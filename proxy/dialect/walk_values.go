package dialect

import (
	"math"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"postern/proxy/message"
)

// number writes an integer or number. Where a string is taken too it must hold
// a JSON number, and a number is what is written.
func (w *walk) number(s *shape, n int32) *Problem {
	v := w.t.nodes[n].text
	if s.numeric && w.t.is(n, '"') {
		v = strings.TrimSpace(v)
		if len(v) == 0 || len(v) > 32 || jsontext.Value(v).Kind() != '0' || !jsontext.Value(v).IsValid() {
			return w.at(Invalid, "", "The value must be a number.")
		}
	} else if !w.t.is(n, '0') {
		return w.at(Invalid, "", "The value must be a number.")
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsInf(f, 0) || len(v) > 32 {
		return w.at(Invalid, "", "The number is out of range.")
	}
	if s.form == formInteger {
		if _, err := strconv.ParseInt(v, 10, 53); err != nil {
			return w.at(Invalid, "", "The value must be a whole number.")
		}
	}
	if s.max > 0 && math.Abs(f) > float64(s.max) {
		return w.at(Invalid, "", "The number is out of range.")
	}
	w.out = append(w.out, v...)
	return nil
}

// any writes arbitrary JSON. Its strings are phrases; its names must be plain,
// so that nothing personal hides in them.
func (w *walk) any(n int32) *Problem {
	switch d := &w.t.nodes[n]; d.kind {
	case '{':
		return w.anyNested(n, '}')
	case '[':
		return w.anyNested(n, ']')
	case '"':
		w.out = appendText(w.out, d.text)
		w.phrase(d.text)
	default:
		w.out = w.t.write(w.out, n)
	}
	return nil
}

func (w *walk) anyNested(n int32, end byte) *Problem {
	w.out = append(w.out, w.t.nodes[n].kind)
	mark, i := len(w.path), 0
	for c := w.t.nodes[n].first; c != none; c = w.t.nodes[c].next {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if end == '}' {
			name := w.t.nodes[c].name
			if safeName(name) != name {
				return w.at(Invalid, "", "A property name holds characters or digits it must not hold.")
			}
			w.out = append(appendText(w.out, name), ':')
			w.enter(name)
		} else {
			w.path = append(strconv.AppendInt(append(w.path, '['), int64(i), 10), ']')
		}
		if p := w.any(c); p != nil {
			return p
		}
		w.leave(mark)
		i++
	}
	w.out = append(w.out, end)
	return nil
}

// media writes a media reference: exactly one of id and link.
func (w *walk) media(s *shape, members []member, n int32) *Problem {
	id, url := w.t.str(n, "id"), w.t.str(n, "link")
	if (id == "") == (url == "") {
		return w.at(Missing, "id", "Exactly one of id and link is needed.")
	}
	provider, p := w.provider(n, url)
	if p != nil {
		return p
	}
	if i := len(w.m.Media); i < len(w.fetched) && w.fetched[i] != "" && url != "" {
		id, url = w.fetched[i], ""
		w.t.drop(w.t.child(n, "link"))
		w.t.drop(w.t.child(n, "id"))
		w.t.add(n, "id", '"', id)
	} else if w.mediaID != nil && id != "" {
		up, ok := w.mediaID(id)
		if !ok {
			return w.at(NotFound, "id", "This media id is not known.")
		}
		w.t.set(w.t.child(n, "id"), up)
	}
	w.t.dropEmpty(n, "id", "link")
	f := message.Media{Kind: s.media, ID: id, Link: url, Provider: provider}
	if s.media == message.Document {
		f.Filename = w.t.str(n, "filename")
	}
	w.m.Media = append(w.m.Media, f)
	return w.members(s, members, n)
}

// provider names the stored credentials of a link, "" where it has none. Typed
// clients write an empty one.
func (w *walk) provider(n int32, url string) (string, *Problem) {
	c := w.t.child(n, "provider")
	if c == none || w.t.nodes[c].kind == 'n' || w.t.is(c, '{') && w.t.nodes[c].first == none {
		return "", nil
	}
	if w.strict {
		return "", w.at(Unsupported, "provider", "This API has no stored media credentials (provider). Upload the file and send its id.")
	}
	name := w.t.str(c, "name")
	switch {
	case !w.t.is(c, '{'), !providerName(name):
		return "", w.at(Invalid, "provider", "The provider is an object with the name of one that was set.")
	case url == "":
		return "", w.at(Invalid, "provider", "A provider goes with a link.")
	}
	mark := w.enter("provider")
	defer w.leave(mark)
	return name, w.unknown(providerMembers, c)
}

var providerMembers = []member{ign("name")}

// dropEmpty leaves members out that are the empty string.
func (t *tree) dropEmpty(n int32, names ...string) {
	for _, name := range names {
		if c := t.child(n, name); c != none && t.nodes[c].kind == '"' && t.nodes[c].text == "" {
			t.drop(c)
		}
	}
}
