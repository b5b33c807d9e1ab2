package pack_test

import (
	"maps"
	"strings"
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

// TestManners has rules say how a value is masked or labelled: of two, the one
// that shows less counts, and the plain mask of a type is one of them.
func TestManners(t *testing.T) {
	s := load(t, files("pii/how.yaml", `pack: how
policy:
  - {types: [CREDIT_CARD], sink: record, action: mask, keep_first: 6, keep_last: 4}
  - {types: [CREDIT_CARD], direction: in, sink: forward, action: mask, keep_last: 2}
  - {types: [IBAN], sink: record, action: mask, keep_last: 4}
  - {types: [ACME_CUSTOMER_NO], sink: record, action: mask, keep_first: 1, keep_last: 2}
  - {types: [ACME_CUSTOMER_NO], direction: in, sink: forward, action: redact, label: CUSTOMER}
`, "pii/acme.yaml", strings.Replace(acme, "  - {types: [RECORD_ID], sink: record, action: hash}\n", "", 1)))
	base := map[string]string{"*": "keep", "CREDIT_CARD": "mask", "IBAN": "mask"}
	for _, c := range []struct {
		way  pack.Way
		want map[string]string
	}{
		{pack.Way{Sink: pii.Record}, map[string]string{"CREDIT_CARD": "mask", "IBAN": "mask(0,4)", "ACME_CUSTOMER_NO": "mask(1,2)"}},
		{pack.Way{Sink: pii.Forward}, map[string]string{"CREDIT_CARD": "mask(0,2)", "IBAN": "mask", "ACME_CUSTOMER_NO": "redact(CUSTOMER)"}},
	} {
		got := s.Operators(base, c.way)
		for name, want := range c.want {
			if got[name] != want {
				t.Errorf("%+v: %s: %s, want %s", c.way, name, got[name], want)
			}
		}
		if again := s.Operators(got, c.way); !maps.Equal(again, got) {
			t.Errorf("%+v: laid over twice: %v", c.way, again)
		}
		if _, err := pii.NewTreatment(c.way.Sink, got, nil); err != nil {
			t.Error(err)
		}
	}
	if got := s.Operators(nil, pack.Way{Sink: pii.Record})["CREDIT_CARD"]; got != "mask(6,4)" {
		t.Errorf("without settings: %s", got)
	}
}

// TestCards: who adds a kind of card says so to whoever keeps masks and hashes apart.
func TestCards(t *testing.T) {
	s := load(t, map[string][]byte{"pii/a.yaml": []byte(`pack: a
entities:
  A_CARD: {type: CREDIT_CARD, pattern: 'AC-\d{8}', examples: {match: [AC-12345678], no_match: [AC-1]}}
  A_NO: {type: RECORD_ID, pattern: 'AN-\d{8}', examples: {match: [AN-12345678], no_match: [AN-1]}}
`)})
	if got := strings.Join(s.Cards(), " "); got != "A_CARD" {
		t.Errorf("cards: %s", got)
	}
	record, forward := pii.Treatment{}, pii.Treatment{Sink: pii.Forward}
	record.Operators = map[pii.Type]pii.Operator{"A_CARD": pii.Token}
	record.Tokenizer = anyToken{}
	forward.Operators = map[pii.Type]pii.Operator{pii.CreditCard: pii.Mask}
	pii.Apart(&record, &forward, s.Cards()...)
	scanner, err := pii.New(s.Config())
	if err != nil {
		t.Fatal(err)
	}
	if out, _ := scanner.Treat("AC-12345678 and 4111 1111 1111 1111", pii.Hint{}, forward, nil, nil); out.Text != "[CREDIT_CARD_1] and [CREDIT_CARD_2]" {
		t.Errorf("beside a token: %s", out.Text)
	}
}

type anyToken struct{}

func (anyToken) Token(string, []byte, string) string { return "v1_aaaaaaaaaaaaaaaa" }
