package pack_test

import (
	"maps"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/pack"
)

func TestOperators(t *testing.T) {
	s := load(t, map[string][]byte{"pii/a.yaml": []byte(`pack: a
policy:
  - {types: [PHONE], sink: record, action: mask}
  - {types: [BR_CPF], sink: record, action: drop}
  - {types: [NATIONAL_ID], direction: out, sink: forward, action: block}
  - {types: ["*"], direction: in, sink: forward, action: redact}
`), "lexicons/promises.yaml": []byte(promises)})
	base := map[string]string{"*": "keep", "PHONE": "redact", "EMAIL": "hash", "BR_CPF": "alert"}
	for _, c := range []struct {
		way  pack.Way
		want map[string]string
	}{
		{pack.Way{Sink: pii.Record}, map[string]string{"*": "keep", "PHONE": "redact", "EMAIL": "hash", "BR_CPF": "drop"}},
		{pack.Way{Outbound: true, Sink: pii.Forward}, map[string]string{"*": "keep", "PHONE": "redact", "EMAIL": "hash", "BR_CPF": "block", "NATIONAL_ID": "block"}},
		{pack.Way{Sink: pii.Forward}, map[string]string{"*": "redact", "PHONE": "redact", "EMAIL": "redact", "BR_CPF": "redact"}},
	} {
		got := s.Operators(base, c.way)
		if !maps.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.way, got, c.want)
		}
		if again := s.Operators(got, c.way); !maps.Equal(again, got) {
			t.Errorf("%+v: laid over twice: %v", c.way, again)
		}
	}
	if got := s.Operators(map[string]string{"LEXICON": "alert", "*": "keep"}, pack.Way{Sink: pii.Forward}); got["LEXICON"] != "alert" {
		t.Errorf("%v", got)
	}
	if got := (&pack.Set{}).Operators(base, pack.Way{}); !maps.Equal(got, base) {
		t.Errorf("%v", got)
	}
}
