package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestSpokenLong reads texts in which words say digits without end, and such as
// nearly do: every finding stays within the text, on whole words.
func TestSpokenLong(t *testing.T) {
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"one ", "double ", "vingt et ", "quatre-vingt-", "一", "five 5 five ", "one two three four x ", "\u200bone, \n"} {
		text := strings.Repeat(unit, 2000)
		for _, f := range s.Scan(text, pii.Hint{PeerCountry: "FR"}, nil) {
			if f.Start < 0 || f.End > len(text) || f.Start >= f.End {
				t.Fatalf("%q: a finding of bytes %d to %d in a text of %d", unit, f.Start, f.End, len(text))
			}
		}
	}
}

// TestSpokenHidden shows that no operator leaves a word of the value, and that
// the same words have the same label.
func TestSpokenHidden(t *testing.T) {
	const text = "my number is +91 nine eight one zero double four one two nine zero"
	for _, o := range []pii.Operator{pii.Redact, pii.Mask, pii.Drop, pii.Hash, pii.Token} {
		out := treat(t, text, all(pii.Forward, o))
		if strings.Contains(out.Text, "eight") || strings.Contains(out.Text, "nine") {
			t.Errorf("%s leaves words of the value", o)
		}
	}
	two := treat(t, "call oh seven nine one one one two three four five six or oh seven nine one one one two three four five seven", all(pii.Forward, pii.Redact))
	if strings.Count(two.Text, "_1]") != 1 || strings.Count(two.Text, "_2]") != 1 {
		t.Errorf("two numbers have not two labels: %s", two.Text)
	}
}
