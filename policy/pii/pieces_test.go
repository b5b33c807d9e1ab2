package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

func TestPieces(t *testing.T) {
	s := scanner(t)
	for _, c := range []struct {
		before, text, want string // want: the text redacted
	}{
		{"4111 1111", "1111 1111", "[CREDIT_CARD_1]"},
		{"4111\n1111\n1111", "1111", "[CREDIT_CARD_1]"},
		{"4111 1111", "1111 1111 cvv 123", "[CREDIT_CARD_1] cvv [CARD_CVV_1]"},
		{"4111 1111", "1111 1112", "1111 1112"},                                             // no card
		{"4111 1111", "is what I paid, 1111 of it 1111", "is what I paid, 1111 of it 1111"}, // words, no piece
		{"DE89 3704 0044", "0532 0130 00", "[IBAN_1]"},
		{"", "1111 1111", "1111 1111"},
		{"4111 1111 1111 1111", "5555 5555 5555 4444", "[CREDIT_CARD_1]"}, // a card of its own
		{"٤١١١ ١١١١", "١١١١ ١١١١", "[CREDIT_CARD_1]"},
		{"my account number", "30-90-89 12345678", "30-90-89 12345678"},
		{"account 30-90-89", "12345678", "[BANK_ACCOUNT_1]"},
		{"4111 1111", "1111 1111\n+49 151 23456789", "[CREDIT_CARD_1]\n[PHONE_1]"},
	} {
		hint := pii.Hint{Before: c.before}
		out, _ := s.Treat(c.text, hint, pii.Treatment{}, nil, nil)
		if out.Text != c.want {
			t.Errorf("%q then %q: %q, want %q", c.before, c.text, out.Text, c.want)
		}
		if again, _ := s.Treat(out.Text, hint, pii.Treatment{}, nil, nil); again.Text != out.Text {
			t.Errorf("twice: %q", again.Text)
		}
		masked, _ := s.Treat(c.text, hint, all(pii.Forward, pii.Mask), nil, nil)
		if again, _ := s.Treat(masked.Text, hint, all(pii.Forward, pii.Mask), nil, nil); again.Text != masked.Text {
			t.Errorf("masked twice: %q, then %q", masked.Text, again.Text)
		}
	}
}

func TestPiece(t *testing.T) {
	for text, want := range map[string]bool{
		"4111": true, "41 11": true, "DE89 3704": true, "٤١١١": true, "4": false, "": false, "call me at 4": false, "**** 1111": false,
		"[PHONE_1] 11": false, "ok 12": true, "see you at 12 then": false, "[12": false, "*12": false, "12 abcd": false, "1234 abcd": true, "12345 abcde": false,
		"1 a": false, "12 abc": false, "12 中文": true, "12 中文字": false, "1234 中文字字": true, strings.Repeat("1", 64): true, strings.Repeat("1", 65): false,
	} {
		if pii.Piece(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestShortNeverGrows(t *testing.T) {
	tr := all(pii.Forward, pii.Redact)
	tr.Short = true
	for _, text := range []string{"a@b.co", "cvv 123", "+49 151 23456789"} {
		if out := treat(t, text, tr); !out.Changed || len(out.Text) > len(text) {
			t.Errorf("%q became %q", text, out.Text)
		}
	}
}
