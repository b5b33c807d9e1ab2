package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// at is a finding of a type at a word in a text.
func at(text, word string, kind pii.Type) pii.Finding {
	start := strings.Index(text, word)
	return pii.Finding{Type: kind, Entity: string(kind), Level: pii.Certain, Start: start, End: start + len(word)}
}

// TestDropLeavesNoGap: one space stays between what stood on both sides, none at the
// ends, and a space that was there for another reason stays.
func TestDropLeavesNoGap(t *testing.T) {
	drop := all(pii.Forward, pii.Drop)
	for text, want := range map[string]string{
		"X": "", "X is": "is", "is X": "is", "a X b": "a b", "no:X ok": "no: ok", "no:X": "no:", " X": "", "X ": "", "a X, b": "a , b", "(X)": "()",
	} {
		if got := drop.Apply(text, []pii.Finding{at(text, "X", "THING")}, nil); got.Text != want || !got.Changed {
			t.Errorf("%q: %q, want %q", text, got.Text, want)
		}
	}
}

// TestBlockStays: a message that one finding blocks is blocked, whatever comes behind.
func TestBlockStays(t *testing.T) {
	const text = "first second third"
	tr := pii.Treatment{Sink: pii.Forward, Operators: map[pii.Type]pii.Operator{"ONE": pii.Mask, "TWO": pii.Block, "THREE": pii.Redact}}
	got := tr.Apply(text, []pii.Finding{at(text, "first", "ONE"), at(text, "second", "TWO"), at(text, "third", "THREE")}, nil)
	if !got.Blocked || got.Text != "*** [TWO_1] [THREE_1]" {
		t.Errorf("%q, blocked %v", got.Text, got.Blocked)
	}
}

// writes is a hasher that gives a text.
type writes string

func (w writes) Hash(string, []byte) string { return string(w) }

// TestHashesThatSurvive: a hash that a second pass could take for something else is not
// used, and a key that gives none redacts.
func TestHashesThatSurvive(t *testing.T) {
	for hash, good := range map[string]bool{
		"aB1_-.=": true, "": false, "a b": false, "a]b": false, "a@b": false, "a/b": false, "a:b": false, "é": false,
	} {
		tr := all(pii.Record, pii.Hash)
		tr.Hasher = writes(hash)
		want := "[PHONE_1]"
		if good {
			want = "[PHONE:" + hash + "]"
		}
		if got := treat(t, "+49 151 23456789", tr).Text; got != want {
			t.Errorf("hash %q: %s, want %s", hash, got, want)
		}
		body := redact(t, `{"messages":[{"id":"abc"}]}`, tr).Body
		if kept := strings.Contains(string(body), "[ID:"+hash+"]"); kept != good {
			t.Errorf("hash %q of an id: %s", hash, body)
		}
	}
	none := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Hash}}
	if o := none.Operator(pii.Finding{Type: pii.Phone, Level: pii.Certain}); o != pii.Redact {
		t.Errorf("without a key: %s", o)
	}
}

// TestTokensThatAreNone: what is no name of a token is not written as one.
func TestTokensThatAreNone(t *testing.T) {
	for _, name := range []string{"", "v1", "1_aaaaaaaaaaaaaaaa", "v1_AAAAAAAAAAAAAAAA", "v_aaaaaaaaaaaaaaaa", "x", "_aaaaaaaaaaaaaaaa", "v1_aaaaaaaaaaaaaa}a", "v1_aaaaaaaaaaaaaa8a",
		"v1234567890_aaaaaaaaaaaaaaaa", "vx_aaaaaaaaaaaaaaaa", "w1_aaaaaaaaaaaaaaaa"} {
		tr := all(pii.Record, pii.Token)
		tr.Tokenizer = names(name)
		if got := treat(t, "+49 151 23456789", tr).Text; got != "[PHONE_1]" {
			t.Errorf("%q: %s", name, got)
		}
	}
}

// names is a tokenizer that gives a name.
type names string

func (n names) Token(string, []byte, string) string { return string(n) }

// TestNeverSealed: nobody is given a security code to keep sealed, on its way out either.
func TestNeverSealed(t *testing.T) {
	for _, sink := range []pii.Sink{pii.Forward, pii.Record, pii.Log} {
		kept := testTokens{map[string]string{}}
		tr := all(sink, pii.Token)
		tr.Tokenizer = kept
		if got := treat(t, "cvv 123", tr).Text; got != "cvv [CARD_CVV_1]" || len(kept.kept) > 0 {
			t.Errorf("sink %d: %s, kept %d", sink, got, len(kept.kept))
		}
	}
}

// TestMannerOfAnother: what may not be masked is redacted under the label of its type,
// though the operator says how to mask.
func TestMannerOfAnother(t *testing.T) {
	if got := treat(t, "cvv 123", all(pii.Record, pii.MaskKeeping(1, 0))).Text; got != "cvv [CARD_CVV_1]" {
		t.Errorf("security code: %s", got)
	}
	token := "EAAG" + strings.Repeat("m0PX4ZCps", 8)
	if got := treat(t, "token "+token, all(pii.Forward, pii.MaskKeeping(8, 8))).Text; got != "token EAA***" {
		t.Errorf("access token: %s", got)
	}
}

// TestTermsStay: "*" speaks of personal data, not of words of lexicons; who names them
// has them treated.
func TestTermsStay(t *testing.T) {
	s, err := pii.New(pii.Config{Terms: []pii.Terms{{Name: "TONE", Type: catalog.Term, Level: pii.Likely, Words: []string{"what a fool"}}}})
	if err != nil {
		t.Fatal(err)
	}
	for want, operators := range map[string]map[pii.Type]pii.Operator{
		"what a fool":  {pii.AnyType: pii.Block},
		"[LEXICON_1]":  {catalog.Term: pii.Redact},
		"":             {"TONE": pii.Drop, catalog.Term: pii.Keep},
		"***":          {"TONE": pii.Mask},
		"what a  fool": {catalog.Term: pii.Alert},
	} {
		text := "what a fool"
		if strings.HasPrefix(want, "what") {
			text = want
		}
		got, _ := s.Treat(text, pii.Hint{}, pii.Treatment{Sink: pii.Forward, Operators: operators}, nil, nil)
		if got.Text != want || got.Blocked {
			t.Errorf("%v: %q, want %q", operators, got.Text, want)
		}
	}
}

// TestMaskShort: of a short name, and of a number whose country nobody knows, less is shown.
func TestMaskShort(t *testing.T) {
	for text, want := range map[string]string{
		"mail jo@ab.example":         "mail ***@***.example",
		"mail jon@abc.example":       "mail j***@a***.example",
		"mail ñandú@abc.example":     "mail ñ***@a***.example",
		"my phone: +999 123 456 789": "my phone: ****89",
		"ring +49 (0)151 2345 6789":  "ring +4915****89",
	} {
		if got := treat(t, text, all(pii.Forward, pii.Mask)).Text; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestMaskNumberForms: only what MaskNumber makes itself is left as it is.
func TestMaskNumberForms(t *testing.T) {
	for number, want := range map[string]string{
		"49151****56": "****", "49****567": "****", "49****5": "****", "a9****56": "****", "49****5b": "****", "49*****56": "****", "4912****": "4912****",
		"+49\u200b151\u200b23456789": "+4915****89", "491234567890123": "4912****23", "0151 23456789": "****89", "0123456": "****56", "1234567": "1****67",
		"49 123456": "49****56", "123456": "****", "49/151(234)567.89": "4915****89", "49:15123456789": "****",
	} {
		if got := pii.MaskNumber(number); got != want {
			t.Errorf("MaskNumber(%q) = %q, want %q", number, got, want)
		}
		if again := pii.MaskNumber(want); again != want {
			t.Errorf("%q twice: %q", number, again)
		}
	}
}

// TestMaskLimit holds the limits of masks: of cards those of PCI DSS 3.4.1, of all else
// one part of three.
func TestMaskLimit(t *testing.T) {
	for _, c := range []struct {
		kind           pii.Type
		first, last, n int
		want           bool
	}{
		{pii.CreditCard, 6, 4, 16, true}, {pii.CreditCard, 6, 4, 12, true}, {pii.CreditCard, 6, 4, 11, false}, {pii.CreditCard, 7, 0, 16, false},
		{pii.CreditCard, 0, 5, 16, false}, {pii.CreditCard, 0, 0, 16, false}, {pii.CreditCard, -1, 4, 16, false}, {pii.CreditCard, 4, -1, 16, false},
		{pii.Phone, 2, 2, 12, true}, {pii.Phone, 2, 2, 11, false}, {pii.Phone, 0, 4, 12, true}, {pii.Phone, 6, -2, 12, false}, {pii.Phone, -2, 6, 12, false},
		{pii.Phone, 0, 0, 12, false}, {pii.Phone, 1, 0, 2, false},
	} {
		if got := pii.MaskLimit(c.kind, c.first, c.last, c.n); got != c.want {
			t.Errorf("%s: %d and %d of %d: %v", c.kind, c.first, c.last, c.n, got)
		}
	}
}

// TestShows says how much an operator shows, by which the stricter of two is told.
func TestShows(t *testing.T) {
	for _, c := range []struct {
		o    pii.Operator
		kind pii.Type
		want int
	}{
		{pii.Mask, pii.CreditCard, 4}, {pii.Mask, pii.IBAN, 6}, {pii.Mask, pii.Phone, 6}, {pii.Mask, pii.Email, 2}, {pii.Mask, catalog.Name, 0},
		{pii.MaskKeeping(6, 4), pii.CreditCard, 10}, {pii.MaskKeeping(1, 2), catalog.Name, 3}, {pii.Redact, pii.Phone, 0}, {pii.Hash, pii.Phone, 0},
	} {
		if got := c.o.Shows(c.kind); got != c.want {
			t.Errorf("%s of %s shows %d, want %d", c.o, c.kind, got, c.want)
		}
	}
}

func TestRedactAs(t *testing.T) {
	for label, good := range map[string]bool{"CUSTOMER": true, "A_B": true, "AB": false, "customer": false, "A B C": false, "": false, "A1B": false, "_AB": false, "AB_": false} {
		o, err := pii.RedactAs(label)
		if (err == nil) != good || good && o.Label() != label || !good && o != pii.Redact {
			t.Errorf("%q: %s, %v", label, o, err)
		}
	}
	for _, name := range []string{"redact(CUSTOMER", "redact(CUSTOMER)x", "redact CUSTOMER)", "mask(1,)", "mask(,1)", "mask(1;1)", "mask(1,-1)", "mask(99999999999999999999,1)", "Mask", "keep "} {
		if o, err := pii.ParseOperator(name); err == nil || o != pii.Redact {
			t.Errorf("%q reads as %s", name, o)
		}
	}
}
