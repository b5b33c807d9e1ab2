package dialect

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// decodeStrict is parse for what apps send: the root must be an object, and a
// failure becomes a Problem that names the place but never a value.
func decodeStrict(body []byte) (*tree, *Problem) {
	t, err := parse(body, false)
	if err != nil {
		return nil, malformed(err)
	}
	if t.nodes[0].kind != '{' {
		return nil, &Problem{Kind: Malformed, Details: "The body must be one JSON object."}
	}
	return t, nil
}

func malformed(err error) *Problem {
	p := &Problem{Kind: Malformed}
	where := "."
	if serr, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		p.Param = pointerPath(serr.JSONPointer)
		where = " at byte " + strconv.FormatInt(serr.ByteOffset, 10) + "."
	}
	switch {
	case errors.Is(err, errDepth):
		p.Details = "The JSON is nested deeper than 64 levels."
	case errors.Is(err, errNodes):
		p.Details = "The JSON holds too many values."
	case errors.Is(err, jsontext.ErrDuplicateName):
		p.Details = "A JSON property is given twice" + where
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		p.Details = "The body is empty or the JSON ends too early" + where
	default:
		p.Details = "The body is not valid JSON in UTF-8" + where
	}
	return p
}

// pointerPath turns a JSON pointer into the path style of this package.
func pointerPath(ptr jsontext.Pointer) string {
	var b strings.Builder
	for tok := range ptr.Tokens() {
		if _, err := strconv.ParseUint(tok, 10, 31); err == nil {
			b.WriteString("[" + tok + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(safeName(tok))
	}
	return b.String()
}

// safeName is a property name fit for answers and records: names are chosen by
// the sender and could hold anything, a telephone number included.
func safeName(name string) string {
	digits := 0
	for _, c := range []byte(name) {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '_' || c == '-' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		default:
			return "(name withheld)"
		}
	}
	if name == "" || len(name) > 48 || digits > 4 {
		return "(name withheld)"
	}
	return name
}
