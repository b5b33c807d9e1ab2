package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"postern/proxy/message"
)

// tokens are members that hold a flow's own token, which is no person's words.
var tokens = map[jsontext.Pointer]bool{
	"/flow_token": true, "/flow_token_signature": true, "/data/extension_message_response/params/flow_token": true,
}

// flowTexts are all that a person can read or wrote in one side of an exchange:
// names, texts and numbers, since what members are called is the app's choice.
func flowTexts(raw []byte) ([]message.Phrase, error) {
	var out []message.Phrase
	_, err := rewriteFlow(raw, func(path, text string, _ bool) (string, bool) {
		out = append(out, message.Phrase{Path: path, Value: text})
		return "", false
	})
	return out, err
}

// rewriteFlow walks a JSON document and puts in place of a value what change
// gives for it. Names of members are shown to it and stay. A value that changes
// becomes a text. Errors hold no content.
func rewriteFlow(raw []byte, change func(path, text string, name bool) (string, bool)) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	var buf bytes.Buffer
	enc := jsontext.NewEncoder(&buf)
	for {
		kind, length := dec.StackIndex(dec.StackDepth())
		name := kind == '{' && length%2 == 0
		t, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read flow: %w", errors.New("it is not one JSON value without repeated names"))
		}
		if k := t.Kind(); (k == '"' || k == '0') && !tokens[dec.StackPointer()] {
			if text, changed := change(dotted(dec.StackPointer()), t.String(), name); changed && !name {
				t = jsontext.String(text)
			}
		}
		if err := enc.WriteToken(t); err != nil {
			return nil, fmt.Errorf("write flow: %w", errors.New("a text does not fit"))
		}
	}
}

// dotted is a pointer as places of findings are written.
func dotted(p jsontext.Pointer) string {
	return strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
}
