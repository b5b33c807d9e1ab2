package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// testTokens names values by their keyed hash, as the gate does.
type testTokens struct{ kept map[string]string }

func (t testTokens) Token(kind string, canonical []byte, written string) string {
	name := "v3_" + testHasher{}.Hash(kind, canonical)
	t.kept[name] = written
	return name
}

func TestTokenOperator(t *testing.T) {
	kept := testTokens{map[string]string{}}
	tr := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Token, pii.Email: pii.Keep}, Tokenizer: kept}
	out := treat(t, "tel +49 151 23456789 or 0151 23456789, a@example.com, card 4111 1111 1111 1111 cvv 123", tr)
	words := strings.FieldsFunc(out.Text, func(r rune) bool { return r == ' ' || r == ',' })
	if words[1] != words[3] || words[4] != "a@example.com" || !strings.Contains(out.Text, "[CARD_CVV_1]") {
		t.Errorf("one number, two tokens, or a code that is kept: %s", out.Text)
	}
	kind, name, ok := pii.ParseToken(words[1])
	if !ok || kind != pii.Phone || kept.kept[name] == "" {
		t.Errorf("%s does not read as a token", words[1])
	}
	if kind, _, ok = pii.ParseToken(words[6]); !ok || kind != pii.CreditCard {
		t.Errorf("%s does not read as a token", words[6])
	}
	if again := treat(t, out.Text, tr); again.Text != out.Text {
		t.Errorf("twice: %s", again.Text)
	}
	if again := treat(t, out.Text, all(pii.Record, pii.Redact)); again.Text != strings.Replace(out.Text, "a@example.com", "[EMAIL_1]", 1) {
		t.Errorf("redacted: %s", again.Text)
	}
	if none := treat(t, "tel +49 151 23456789", all(pii.Record, pii.Token)); none.Text != "tel [PHONE_1]" {
		t.Errorf("without anybody to keep values: %s", none.Text)
	}
}

func TestParseToken(t *testing.T) {
	for _, name := range []string{"v1_vkkuf6andb6qouys", "v12_aaaaaaaaaaaaaaaa", "v1_vvvvvvvvvvvvvvvv"} {
		if kind, got, ok := pii.ParseToken("tok_CREDIT_CARD_" + name); !ok || kind != pii.CreditCard || got != name {
			t.Errorf("%s is read as %s of a %s", name, got, kind)
		}
	}
	if kind, _, ok := pii.ParseToken("tok_ACME_2_v1_aaaaaaaaaaaaaaaa"); !ok || kind != "ACME_2" {
		t.Errorf("a type with a digit is read as %s", kind)
	}
	for _, bad := range []string{
		"", "tok_", "tok_PHONE", "tok_PHONE_v1", "tok_PHONE_v1_", "tok_PHONE_v1_aaaaaaaaaaaaaaa", "tok_PHONE_v1_aaaaaaaaaaaaaaa1", "tok_PHONE_1_aaaaaaaaaaaaaaaa",
		"tok_PHONE_v_aaaaaaaaaaaaaaaa", "tok_phone_v1_aaaaaaaaaaaaaaaa", "tok__v1_aaaaaaaaaaaaaaaaa", "PHONE_v1_aaaaaaaaaaaaaaaa",
	} {
		if _, _, ok := pii.ParseToken(bad); ok {
			t.Errorf("%q reads as a token", bad)
		}
	}
}

func TestLogShowsNothing(t *testing.T) {
	for _, o := range []pii.Operator{pii.Keep, pii.Alert, pii.Mask, pii.Hash, pii.Token, pii.Block, pii.Redact, ""} {
		if out := treat(t, "tel +49 151 23456789", all(pii.Log, o)); out.Text != "tel [PHONE_1]" || out.Blocked {
			t.Errorf("%q: %s", o, out.Text)
		}
	}
	if out := treat(t, "tel +49 151 23456789", all(pii.Log, pii.Drop)); out.Text != "tel" {
		t.Errorf("drop: %s", out.Text)
	}
}

func TestOperatorByEntity(t *testing.T) {
	tr := pii.Treatment{Sink: pii.Forward, Operators: map[pii.Type]pii.Operator{"BR_CPF": pii.Keep, "NATIONAL_ID": pii.Block, pii.AnyType: pii.Mask}}
	for _, c := range []struct {
		entity string
		kind   pii.Type
		want   pii.Operator
	}{{"BR_CPF", "NATIONAL_ID", pii.Keep}, {"US_SSN", "NATIONAL_ID", pii.Block}, {"EMAIL", pii.Email, pii.Mask}} {
		if got := tr.Operator(pii.Finding{Entity: c.entity, Type: c.kind}); got != c.want {
			t.Errorf("%s: %s, want %s", c.entity, got, c.want)
		}
	}
}

// The digits that a mask shows and the keyed hash of the same card are not in one
// place.
func TestApart(t *testing.T) {
	card := pii.Finding{Type: pii.CreditCard, Level: pii.Certain}
	for _, c := range []struct {
		record, forward         pii.Operator
		wantRecord, wantForward pii.Operator
	}{
		{pii.Mask, pii.Hash, pii.Redact, pii.Hash}, {pii.Hash, pii.Mask, pii.Hash, pii.Redact}, {pii.Mask, pii.Token, pii.Redact, pii.Token},
		{pii.Mask, pii.Mask, pii.Mask, pii.Mask}, {pii.Hash, pii.Token, pii.Hash, pii.Token}, {pii.Mask, pii.Keep, pii.Mask, pii.Keep},
	} {
		kept := testTokens{map[string]string{}}
		one := func(s pii.Sink, o pii.Operator) pii.Treatment {
			return pii.Treatment{Sink: s, Operators: map[pii.Type]pii.Operator{pii.AnyType: o}, Hasher: testHasher{}, Tokenizer: kept}
		}
		record, forward := one(pii.Record, c.record), one(pii.Forward, c.forward)
		pii.Apart(&record, &forward)
		if record.Operator(card) != c.wantRecord || forward.Operator(card) != c.wantForward {
			t.Errorf("%s and %s: %s and %s", c.record, c.forward, record.Operator(card), forward.Operator(card))
		}
		if forward.Operator(pii.Finding{Type: pii.Phone}) != c.forward {
			t.Errorf("%s and %s: another type changed, too", c.record, c.forward)
		}
	}
}

// An id that holds the number of a card has no keyed hash where cards are shown in part,
// else one: the two together give the number away (PCI DSS 3.5.1).
func TestAnIDMayBeACard(t *testing.T) {
	masks := pii.Treatment{Sink: pii.Record, Operators: map[pii.Type]pii.Operator{pii.CreditCard: pii.Mask}, Hasher: testHasher{}}
	hides := pii.Treatment{Sink: pii.Record, Operators: map[pii.Type]pii.Operator{pii.CreditCard: pii.Redact}, Hasher: testHasher{}}
	for value, card := range map[string]bool{
		"4111111111111111": true, "ref 4111 1111 1111 1111/2": true, "4111-1111-1111-1111": true, "a4111111111111111b": true, "12 4111 1111 1111 1111 7": true, "371449635398431": true,
		"4111111111111112": false, "41111111111111111111": false, "411111111111": false, "4111 1111  1111 1111": false, "order-77": false,
	} {
		for _, f := range []pii.Field{pii.FieldID, pii.FieldOpaque} {
			if got, _ := masks.Field(f, value); strings.Contains(got, ":") == card {
				t.Errorf("masked: %q becomes %s", value, got)
			}
			if got, _ := hides.Field(f, value); !strings.Contains(got, ":") {
				t.Errorf("hidden: %q becomes %s", value, got)
			}
		}
	}
}

// Entities of cards with an operator of their own count as cards do, those of packs too.
func TestApartByEntity(t *testing.T) {
	card := pii.Finding{Type: pii.CreditCard, Entity: "ACME_CARD", Level: pii.Certain}
	for _, named := range []pii.Type{"ACME_CARD", pii.CreditCard, pii.AnyType} {
		for _, hash := range []pii.Operator{pii.Hash, pii.Token, pii.Redact} {
			given := map[pii.Type]pii.Operator{pii.AnyType: pii.Redact, named: pii.Mask}
			masks := pii.Treatment{Operators: given}
			hashes := pii.Treatment{Sink: pii.Forward, Operators: map[pii.Type]pii.Operator{pii.AnyType: pii.Keep, "ACME_CARD": hash}, Hasher: testHasher{}, Tokenizer: testTokens{}}
			want := pii.Redact
			if hash == pii.Redact {
				want = pii.Mask
			}
			pii.Apart(&masks, &hashes, "OTHER_CARD", "ACME_CARD")
			if a, b := masks.Operator(card), hashes.Operator(card); a != want || b != hash {
				t.Errorf("%s: %s and %s", named, a, b)
			}
			if given[named] != pii.Mask || len(given) > 2 {
				t.Errorf("%s: the operators that were given became %v", named, given)
			}
		}
	}
}

// One number in two writings has one label.
func TestLabelsOfNumbers(t *testing.T) {
	out := treat(t, "meu CPF é 529.982.247-25, repito: CPF 52998224725", all(pii.Record, pii.Redact))
	if out.Text != "meu CPF é [NATIONAL_ID_1], repito: CPF [NATIONAL_ID_1]" {
		t.Errorf("%s", out.Text)
	}
}

// A + and a label make a phone number of what no plan knows yet.
func TestPlusBesideLabel(t *testing.T) {
	for _, text := range []string{"mon numéro est +2250123205871", "my phone: +999 123 456 789"} {
		out := treat(t, text, pii.Treatment{From: pii.Likely, Sink: pii.Forward})
		if !strings.HasSuffix(out.Text, "[PHONE_1]") {
			t.Errorf("%s", out.Text)
		}
	}
}

// A member may be called anything.
func TestLabelsInEveryScript(t *testing.T) {
	for _, name := range []string{"名前", "ชื่อ", "𐐀x", "이름", "\xff", "電話x", "🙂", "a🙂名"} {
		out, _ := scanner(t).Treat("tel +49 151 23456789", pii.Hint{Label: name}, pii.Treatment{}, nil, nil)
		if out.Text != "tel [PHONE_1]" {
			t.Errorf("%q: %s", name, out.Text)
		}
	}
}

// TestTokensStayTokens: what stands in a token is no value, whatever word stands before
// it; what stands beside one is.
func TestTokensStayTokens(t *testing.T) {
	const token = "tok_PASSWORD_v1_26wxk3ljbeijn6m2"
	for text, want := range map[string]string{
		"password: " + token: "", "my password is (" + token + ")!": "", "secret key: tok_SECRET_v12_7vcol2sqbkso65s3.": "", "otp " + token + ", cvv 123": "CARD_CVV",
		"password: " + token + "x": "PASSWORD", "password: x" + token: "PASSWORD", "password: tok_PASSWORD_v1_26wxk3ljbeijn6m": "PASSWORD", "password: tok_secret_v1_26wxk3ljbeijn6m2": "PASSWORD",
		token + " ana@other.example.com": "EMAIL", "mail " + token + "@other.example.com": "EMAIL", "password: " + strings.Repeat("x", 200) + token: "PASSWORD",
	} {
		var got []string
		for _, f := range scanner(t).Scan(text, pii.Hint{}, nil) {
			got = append(got, string(f.Type))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
		for _, c := range scanner(t).Explain(text, pii.Hint{}) {
			if c.Refused == "" && !strings.Contains(want, string(c.Type)) {
				t.Errorf("%s: told as %s", text, c.Type)
			}
		}
	}
	const secret = "ghp_YaXx8ZCw0YROiFF7w4UnlXRMTCGYk774jFyk"
	for _, text := range []string{secret, "password: Paris-472$", "api_key=" + secret} {
		kept := testTokens{map[string]string{}}
		tr := all(pii.Record, pii.Token)
		tr.Tokenizer = kept
		out := treat(t, text, tr)
		if len(kept.kept) != 1 || strings.Count(out.Text, "tok_") != 1 {
			t.Errorf("%s becomes %s, with %d values kept", text, out.Text, len(kept.kept))
		}
		for _, value := range kept.kept {
			if !strings.HasSuffix(text, value) {
				t.Errorf("%s: what is kept is %s", text, value)
			}
		}
	}
}
