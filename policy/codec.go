package policy

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
)

// Marshal writes the input as it is kept with its record, so that a later
// policy can be replayed over it. Absent lists and maps are written as empty.
func (in *Input) Marshal() ([]byte, error) {
	raw, err := json.Marshal(in, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("encode policy input: %w", err)
	}
	return raw, nil
}

// ErrInputVersion means an input was recorded by a version this program does
// not judge.
var ErrInputVersion = errors.New("policy input has a version this program does not judge; use the program that wrote it or a newer one")

// UnmarshalInput reads what Marshal wrote. It refuses unknown members,
// duplicate keys and other versions.
func UnmarshalInput(raw []byte) (*Input, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, errors.New("decode policy input: not a JSON object with a version")
	}
	if head.Version != InputVersion {
		return nil, fmt.Errorf("decode policy input: version %d: %w", head.Version, ErrInputVersion)
	}
	in := &Input{}
	if err := json.Unmarshal(raw, in, json.RejectUnknownMembers(true)); err != nil {
		var at *json.SemanticError
		if errors.As(err, &at) {
			return nil, fmt.Errorf("decode policy input: wrong or unknown member at %s", at.JSONPointer)
		}
		return nil, errors.New("decode policy input: not valid JSON")
	}
	return in, nil
}
