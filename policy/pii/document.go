package pii

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	maxNesting = 128 // objects and arrays
	maxInside  = 3   // JSON inside strings
)

// Located is a finding in a JSON document. Offsets count in the decoded
// string. Path names the member, such as messages[0].text.body; names that
// may be personal data themselves are shown as "?".
type Located struct {
	Path    string
	Finding Finding
}

// Redacted is a JSON document after treatment.
type Redacted struct {
	Body    []byte
	Found   []Located // in free text; typed members are not findings
	Changed bool
	Blocked bool // a finding asks to refuse the message
}

// Redact treats a JSON document member by member: typed members as their Field
// says, free text as the Treatment says, JSON inside strings as JSON. Names of
// members and long numbers are scanned too. Order, spacing and the writing of
// what is unchanged stay byte for byte. The member the document stands for may
// be given as hint.Label ("location", "image", "text").
//
// A document that is not exactly one JSON value, or is nested deeper than 128,
// is an error and gives no output.
func (s *Scanner) Redact(body []byte, hint Hint, t Treatment) (Redacted, error) {
	w := &walk{s: s, t: t, hint: hint, labels: &Labels{}}
	return w.document(body, FieldOf("", hint.Label), hint.Label)
}

// walk is the state of one Redact. A walk into JSON inside a string shares
// labels and findings with the one around it.
type walk struct {
	s      *Scanner
	t      Treatment
	hint   Hint
	labels *Labels
	path   []byte
	inside int
	words  bool // no member is typed: its name is the label of what somebody wrote
	out    Redacted
	room   []Finding

	dec  *jsontext.Decoder
	body []byte
	copy int // body up to here is in out.Body
}

func (w *walk) document(body []byte, field Field, name string) (Redacted, error) {
	w.body = body
	w.dec = jsontext.NewDecoder(bytes.NewReader(body), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if err := w.value(field, name, 0); err != nil {
		return Redacted{}, syntax(err)
	}
	if _, err := w.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return Redacted{}, fmt.Errorf("redact JSON: more than one value")
	}
	w.out.Body = append(w.out.Body, body[w.copy:]...)
	w.out.Changed = w.copy > 0
	return w.out, nil
}

// labelled is what is known of a text, with what stands before it.
func (w *walk) labelled(name string) Hint {
	h := w.hint
	h.Label = name
	return h
}

// syntax keeps the place of a syntax error only: its text quotes the input.
func syntax(err error) error {
	var bad *jsontext.SyntacticError
	if errors.As(err, &bad) {
		return fmt.Errorf("redact JSON: syntax error at byte %d", bad.ByteOffset)
	}
	return fmt.Errorf("redact JSON: %w", err)
}

var errNesting = errors.New("nested deeper than 128")

// value treats the next value, which is the member name of its kind.
func (w *walk) value(field Field, name string, depth int) error {
	kind := w.dec.PeekKind()
	if kind == '{' || kind == '[' {
		return w.nested(kind, field, name, depth)
	}
	raw, err := w.dec.ReadValue()
	if err != nil {
		return err
	}
	switch kind {
	case '"':
		w.text(raw, field, name)
	case '0':
		w.number(raw, field, name)
	}
	return nil
}

func (w *walk) nested(kind jsontext.Kind, field Field, name string, depth int) error {
	if depth >= maxNesting {
		return errNesting
	}
	if _, err := w.dec.ReadToken(); err != nil {
		return err
	}
	mark := len(w.path)
	for i := 0; w.dec.PeekKind() != '}' && w.dec.PeekKind() != ']'; i++ {
		child, inner := name, field
		if kind == '{' {
			raw, err := w.dec.ReadValue()
			if err != nil {
				return err
			}
			child = w.member(raw)
			if !field.covers() {
				inner = FieldOf(name, child)
			}
		} else {
			w.path = append(strconv.AppendInt(append(w.path, '['), int64(i), 10), ']')
		}
		if err := w.value(inner, child, depth+1); err != nil {
			return err
		}
		w.path = w.path[:mark]
	}
	_, err := w.dec.ReadToken()
	return err
}

// member reads a name, treats it if it is personal data itself and adds it to
// the path.
func (w *walk) member(raw jsontext.Value) string {
	name := unquote(raw)
	shown := name
	if !identifier(name) {
		shown = "?"
		w.scan(raw, name, w.labelled(""))
	}
	if len(w.path) > 0 {
		w.path = append(w.path, '.')
	}
	w.path = append(w.path, shown...)
	return name
}

// identifier reports names as programs write them.
func identifier(s string) bool {
	row := 0
	for i := range len(s) {
		switch c := s[i]; {
		case isDigit(c):
			if row++; row > 4 {
				return false
			}
			continue
		case !isLetter(c) && c != '_':
			return false
		}
		row = 0
	}
	return s != "" && len(s) <= 40
}

// text treats a string value.
func (w *walk) text(raw jsontext.Value, field Field, name string) {
	value := unquote(raw)
	if w.words {
		field = FieldText
	}
	if treated, done := w.t.Field(field, value); done {
		if treated != value {
			w.put(raw, treated)
		}
		return
	}
	if jsonText(value) || field == FieldJSON {
		if w.within(raw, value, name) {
			return
		}
		if (field == FieldJSON || w.hides(value)) && w.t.Sink != Forward {
			if value != "[JSON]" { // else it was there before
				w.put(raw, "[JSON]")
			}
			return
		}
	}
	w.scan(raw, value, w.labelled(name))
}

// hides reports JSON too deep in strings to be taken apart in which a value may be
// written in escapes.
func (w *walk) hides(value string) bool {
	return w.inside == maxInside && strings.Contains(value, `\u`) && json.Valid([]byte(value))
}

func jsonText(s string) bool {
	s = strings.TrimLeft(s, " \t\r\n")
	return s != "" && (s[0] == '{' || s[0] == '[')
}

// within treats a string that holds JSON. It reports false if it does not.
func (w *walk) within(raw jsontext.Value, value, name string) bool {
	if w.inside == maxInside || !json.Valid([]byte(value)) {
		return false
	}
	in := &walk{s: w.s, t: w.t, hint: w.hint, labels: w.labels, path: w.path, inside: w.inside + 1, words: w.words}
	done, err := in.document([]byte(value), FieldText, name)
	if err != nil {
		return false
	}
	w.out.Found = append(w.out.Found, done.Found...)
	w.out.Blocked = w.out.Blocked || done.Blocked
	if done.Changed {
		w.put(raw, string(done.Body))
	}
	return true
}

// number treats a number. Words, times and assets that look the part stay.
func (w *walk) number(raw jsontext.Value, field Field, name string) {
	digits := integer(raw)
	whole := digits != ""
	if !whole {
		digits = string(raw)
	}
	if w.words {
		field = FieldText
	}
	treated, done := w.t.Field(field, digits)
	switch {
	case field == FieldJSON && w.t.Sink != Forward: // a label of what it holds would be no JSON the next time
		w.put(raw, "[JSON]")
	case done && treated != digits:
		w.put(raw, treated)
	case !done && whole:
		w.scan(raw, digits, w.labelled(name))
	}
}

// integer writes a JSON number without fraction and exponent, "" if it is no
// whole number below 10^19.
func integer(raw jsontext.Value) string {
	s := strings.TrimPrefix(string(raw), "-")
	if allDigits(s) {
		return s
	}
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || v >= 1e19 || v != float64(uint64(v)) {
		return ""
	}
	return strconv.FormatUint(uint64(v), 10)
}

// scan finds and treats personal data in a decoded text that stands as raw.
func (w *walk) scan(raw jsontext.Value, value string, hint Hint) {
	var done Treated
	done, w.room = w.s.Treat(value, hint, w.t, w.labels, w.room[:0])
	for _, f := range w.room {
		w.out.Found = append(w.out.Found, Located{Path: string(w.path), Finding: f})
	}
	w.out.Blocked = w.out.Blocked || done.Blocked
	if done.Changed {
		w.put(raw, done.Text)
	}
}

// put writes text, quoted, in place of the value just read.
func (w *walk) put(raw jsontext.Value, text string) {
	end := int(w.dec.InputOffset())
	if w.out.Body == nil {
		w.out.Body = make([]byte, 0, len(w.body)+len(w.body)/8+64)
	}
	w.out.Body = append(w.out.Body, w.body[w.copy:end-len(raw)]...)
	w.out.Body = quote(w.out.Body, text)
	w.copy = end
}

// unquote decodes a string; invalid UTF-8 and lone surrogates become U+FFFD,
// which is all the error says.
func unquote(raw jsontext.Value) string {
	if inner := raw[1 : len(raw)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	b, err := jsontext.AppendUnquote(nil, []byte(raw))
	if err != nil {
		return strings.ToValidUTF8(string(b), "\uFFFD")
	}
	return string(b)
}

// quote appends a JSON string. Invalid UTF-8 is replaced before, so that it
// cannot fail; if it did, the text would be left out.
func quote(dst []byte, s string) []byte {
	out, err := jsontext.AppendQuote(dst, strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		return append(dst, `"[TEXT]"`...)
	}
	return out
}
