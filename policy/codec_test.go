package policy_test

import (
	"errors"
	"strings"
	"testing"

	"postern/policy"
)

func TestInputRoundTrips(t *testing.T) {
	for _, in := range []*policy.Input{reply(), marketing(), picture(), upload(), mark(), received()} {
		raw, err := in.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		back, err := policy.UnmarshalInput(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := back.Marshal()
		if err != nil || string(again) != string(raw) {
			t.Errorf("round trip changed the input: %v\n%s\n%s", err, raw, again)
		}
		e := engine(t, "")
		a, errA := e.Decide(t.Context(), in)
		b, errB := e.Decide(t.Context(), back)
		if a.Effect != b.Effect || errA != nil || errB != nil {
			t.Errorf("the replayed input is judged differently: %v %v", a.Effect, b.Effect)
		}
	}
	old := `{"version":1,"kind":"read","direction":"outbound","facts":{"account":"ok","missing":[]}}` // before there was a residency
	in, err := policy.UnmarshalInput([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	for settings, want := range map[string]policy.Effect{"": policy.Allow, "residency: {allow: [DE]}": policy.Deny} {
		if d, err := engine(t, settings).Decide(t.Context(), in); err != nil || d.Effect != want {
			t.Errorf("an older input under %q: %v %v", settings, d.Effect, err)
		}
	}
	for text, want := range map[string]string{
		`{"version":2}`:             "version 2",
		`{"version":1,"secret":7}`:  "/secret",
		`{"version":1,"kind":7}`:    "/kind",
		`{"version":1,"version":1}`: "not a JSON object",
		`[]`:                        "not a JSON object",
	} {
		if _, err := policy.UnmarshalInput([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
	if _, err := policy.UnmarshalInput([]byte(`{"version":3}`)); !errors.Is(err, policy.ErrInputVersion) {
		t.Errorf("another version: %v", err)
	}
}
