package policy_test

import (
	"testing"

	"postern/policies"
	"postern/policy"
)

// FuzzInput: a kept input that can be read is written again as it was, and is
// judged to a decision that denies unless every rule could be asked.
func FuzzInput(f *testing.F) {
	for _, in := range []*policy.Input{reply(), marketing(), picture(), upload(), mark(), received()} {
		raw, err := in.Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"version":1}`))
	f.Add([]byte(`{"version":1,"kind":"message","direction":"outbound","facts":{"missing":["window"]}}`))
	e, err := policy.Load(f.Context(), policies.Files)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := policy.UnmarshalInput(raw)
		if err != nil {
			return
		}
		checkKept(t, in)
		d, err := e.Decide(t.Context(), in)
		if err != nil && d.Effect == policy.Allow {
			t.Fatalf("allowed with error %v", err)
		}
		if d.Effect != policy.Allow && len(d.Reasons) == 0 {
			t.Fatal("refused without a reason")
		}
		if d.Effect == policy.Allow && len(in.Facts.Missing) > 0 && in.Direction == "outbound" {
			t.Fatalf("allowed without %v", in.Facts.Missing)
		}
	})
}

func checkKept(t *testing.T, in *policy.Input) {
	t.Helper()
	once, err := in.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := policy.UnmarshalInput(once)
	if err != nil {
		t.Fatalf("written and not readable: %v", err)
	}
	if twice, err := back.Marshal(); err != nil || string(once) != string(twice) {
		t.Fatalf("%v\n%s\n%s", err, once, twice)
	}
}
