package proxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// flowMember is one that an object gets.
type flowMember struct {
	name  string
	value jsontext.Value
}

// objectEdit is an object that is being copied.
type objectEdit struct {
	depth   int
	members []flowMember
}

// editObjects copies a JSON document. The objects at the places of add lose the
// members named and get those listed. Errors hold no content.
func editObjects(raw []byte, drop []string, add map[jsontext.Pointer][]flowMember) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewReader(raw))
	var buf bytes.Buffer
	enc := jsontext.NewEncoder(&buf)
	var within []objectEdit
	for {
		t, err := dec.ReadToken()
		if errors.Is(err, io.EOF) {
			return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
		}
		if err != nil {
			return nil, fmt.Errorf("read flow: %w", errors.New("it is not one JSON value without repeated names"))
		}
		depth := dec.StackDepth()
		switch kind, length := dec.StackIndex(depth); {
		case t.Kind() == '{':
			if members, is := add[dec.StackPointer()]; is {
				within = append(within, objectEdit{depth, members})
			}
		case len(within) > 0 && t.Kind() == '}' && within[len(within)-1].depth == depth+1:
			if err := writeMembers(enc, within[len(within)-1].members); err != nil {
				return nil, err
			}
			within = within[:len(within)-1]
		case len(within) > 0 && kind == '{' && length%2 == 1 && within[len(within)-1].depth == depth && slices.Contains(drop, t.String()):
			if err := dec.SkipValue(); err != nil {
				return nil, fmt.Errorf("read flow: %w", errors.New("a member has no value"))
			}
			continue
		}
		if err := enc.WriteToken(t); err != nil {
			return nil, fmt.Errorf("write flow: %w", errors.New("a text does not fit"))
		}
	}
}

func writeMembers(enc *jsontext.Encoder, members []flowMember) error {
	for _, m := range members {
		if m.value == nil {
			continue
		}
		if enc.WriteToken(jsontext.String(m.name)) != nil || enc.WriteValue(m.value) != nil {
			return fmt.Errorf("write flow: %w", errors.New("a file does not fit in its place"))
		}
	}
	return nil
}
