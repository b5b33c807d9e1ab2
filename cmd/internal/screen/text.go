// Package screen runs the scanner of personal data over texts that people
// bring: files, pipes, exported chats. It reads line by line, so that memory
// is bounded by the longest line, and says for each line what was found and
// what is left of the text.
//
// Nothing here prints a value; errors name the line, never what stands in it.
package screen

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/policy/pii"
)

// Form is how texts are written in a file.
type Form string

// Forms. Auto takes JSON lines if the first line with anything in it begins as
// a JSON object does, and not as the {{1}} of a template.
const (
	Auto      Form = "auto"
	PlainText Form = "text"  // each line is a text
	JSONLines Form = "jsonl" // each line is a JSON object with the member text
)

// MaxLine is the longest line that is read, in bytes.
const MaxLine = 16 << 20

// Text is one text and what is known about it.
type Text struct {
	Text    string `json:"text"`
	Lang    string `json:"lang,omitzero"`    // BCP 47
	Country string `json:"country,omitzero"` // ISO 3166-1 alpha-2 of the person

	// Names are what the person is known by, as the profile of a message gives it:
	// found where the text repeats them.
	Names []string `json:"names,omitzero"`
}

// Hint is what the scanner is told of the text.
func (t Text) Hint() pii.Hint { return pii.Hint{PeerCountry: t.Country, Lang: t.Lang, Names: t.Names} }

// LineError is a line that cannot be taken. Reading may go on behind it.
type LineError struct {
	Line int // from 1
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Reader reads texts. It is not safe for concurrent use.
type Reader struct {
	Form    Form
	Default Text // language and country of texts that name none

	in   *bufio.Reader
	line int
	read int64
	buf  []byte
}

// NewReader reads texts of a form. The zero value of def names nothing.
func NewReader(r io.Reader, form Form, def Text) *Reader {
	return &Reader{Form: form, Default: def, in: bufio.NewReaderSize(r, 1<<16)}
}

// Line is the number of the line read last, from 1.
func (r *Reader) Line() int { return r.line }

// Bytes is how much was read.
func (r *Reader) Bytes() int64 { return r.read }

// Next gives the next text, io.EOF behind the last one, and a *LineError for a
// line that is no text; the line behind it can be read then.
func (r *Reader) Next() (Text, error) {
	raw, err := r.next()
	if err != nil {
		return Text{}, err
	}
	if r.Form == Auto && len(bytes.TrimSpace(raw)) > 0 {
		r.Form = formOf(raw)
	}
	if r.Form != JSONLines || len(bytes.TrimSpace(raw)) == 0 { // an empty line is an empty text
		t := r.Default
		t.Text = string(raw)
		return t, nil
	}
	t, err := decode(raw)
	if err != nil {
		return Text{}, &LineError{r.line, err}
	}
	if t.Lang == "" {
		t.Lang = r.Default.Lang
	}
	if t.Country == "" {
		t.Country = r.Default.Country
	}
	return t, nil
}

// next reads one line without its end.
func (r *Reader) next() ([]byte, error) {
	r.buf = r.buf[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.read += int64(len(part))
		if len(r.buf)+len(part) > MaxLine {
			return nil, fmt.Errorf("line %d: longer than 16 MiB; break it up", r.line+1)
		}
		r.buf = append(r.buf, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return nil, fmt.Errorf("line %d: read: %w", r.line+1, err)
		case len(r.buf) == 0:
			return nil, io.EOF
		}
		r.line++
		line := bytes.TrimSuffix(r.buf, []byte("\n"))
		if r.line == 1 {
			if bytes.HasPrefix(line, []byte("\xFF\xFE")) || bytes.HasPrefix(line, []byte("\xFE\xFF")) {
				return nil, errors.New("line 1: the file is UTF-16, in which nothing would be found; save it as UTF-8")
			}
			line = bytes.TrimPrefix(line, []byte("\uFEFF")) // editors put it before the text
		}
		return bytes.TrimSuffix(line, []byte("\r")), nil
	}
}

func formOf(raw []byte) Form {
	rest, object := bytes.CutPrefix(bytes.TrimSpace(raw), []byte("{"))
	rest = bytes.TrimSpace(rest)
	if object && (len(rest) == 0 || rest[0] == '"' || rest[0] == '}') {
		return JSONLines
	}
	return PlainText
}

var (
	errUTF8   = errors.New("not valid UTF-8; write the file as UTF-8")
	errObject = errors.New(`no JSON object; write {"text": "..."}, one to a line`)
	errNames  = errors.New(`member "names" is no list of texts; write ["Ana Souza"] or leave it out`)
	errText   = errors.New(`no member "text" that is a string; write {"text": "..."}`)
)

// decode reads a line of JSON. Members it does not know may be there: labelled
// sets and exports carry more.
func decode(raw []byte) (Text, error) {
	if !utf8.Valid(raw) {
		return Text{}, errUTF8
	}
	var in struct {
		Text    *string  `json:"text"`
		Lang    *string  `json:"lang"`
		Country *string  `json:"country"`
		Names   []string `json:"names"`
	}
	err := json.Unmarshal(raw, &in)
	var syntax *jsontext.SyntacticError
	var wrong *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		return Text{}, fmt.Errorf("no JSON from byte %d of the line on; write {\"text\": \"...\"}, one to a line", syntax.ByteOffset)
	case errors.As(err, &wrong) && wrong.JSONPointer == "":
		return Text{}, errObject
	case errors.As(err, &wrong) && strings.HasPrefix(string(wrong.JSONPointer), "/names"):
		return Text{}, errNames
	case errors.As(err, &wrong):
		return Text{}, fmt.Errorf("member %q is no string; write it in quotes or leave it out", wrong.JSONPointer.LastToken())
	case err != nil:
		return Text{}, errObject
	case in.Text == nil:
		return Text{}, errText
	}
	return Text{*in.Text, value(in.Lang), value(in.Country), in.Names}, nil
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
