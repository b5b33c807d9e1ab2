package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

// TestManners shows what operators say that say how, and that treating twice
// changes nothing.
func TestManners(t *testing.T) {
	customer, err := pii.RedactAs("CUSTOMER")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		o          pii.Operator
		text, want string
	}{
		{pii.MaskKeeping(6, 4), "card 4111 1111 1111 1111, thanks", "card 4111 11** **** 1111, thanks"},
		{pii.MaskKeeping(6, 4), "card number 4111111111111111", "card number 411111******1111"},
		{pii.MaskKeeping(0, 4), "card number 4111111111111111", "card number ************1111"},
		{pii.MaskKeeping(7, 4), "card number 4111111111111111", "card number ************1111"}, // too much: as cards are
		{pii.MaskKeeping(0, 2), "ring +49 151 23456789", "ring +** *** ******89"},
		{pii.MaskKeeping(3, 3), "ring +49 151 23456789", "ring +4915****89"}, // more than a third: as phones are
		{pii.MaskKeeping(0, 4), "IBAN DE89 3704 0044 0532 0130 00", "IBAN **** **** **** **** **30 00"},
		{customer, "ring +49 151 23456789 or 0151 23456789", "ring [CUSTOMER_1] or [CUSTOMER_1]"},
		{customer, "cvv 123 of 4111 1111 1111 1111", "cvv [CUSTOMER_1] of [CUSTOMER_2]"},
		{"mask(", "ring +49 151 23456789", "ring +4915****89"},
		{"mask(2)", "ring +49 151 23456789", "ring +4915****89"},
		{"redact(x)", "ring +49 151 23456789", "ring [PHONE_1]"},
		{"shred(2,2)", "ring +49 151 23456789", "ring [PHONE_1]"},
	} {
		tr := all(pii.Forward, c.o)
		out := treat(t, c.text, tr)
		if out.Text != c.want {
			t.Errorf("%s: %q, want %q", c.o, out.Text, c.want)
		}
		if again := treat(t, out.Text, tr); again.Text != out.Text {
			t.Errorf("%s twice: %q, then %q", c.o, out.Text, again.Text)
		}
	}
}

func TestParseManners(t *testing.T) {
	for name, good := range map[string]bool{
		"mask(6,4)": true, "mask(0,2)": true, "redact(CUSTOMER)": true, "redact(A_B)": true,
		"mask(6,4": false, "mask(6)": false, "mask(-1,2)": false, "mask(a,b)": false, "mask()": false, "redact()": false, "redact(customer)": false,
		"redact(A1)": false, "redact(" + strings.Repeat("A", 40) + ")": false, "drop(2)": false, "hash(2,2)": false, "mask(6,4)x": false,
	} {
		if _, err := pii.ParseOperator(name); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestMannersKeepApart: a card that is shown in part is not hashed besides.
func TestMannersKeepApart(t *testing.T) {
	a, b := all(pii.Record, pii.MaskKeeping(6, 4)), all(pii.Forward, pii.Hash)
	pii.Apart(&a, &b)
	if got := treat(t, "card 4111 1111 1111 1111", a).Text; got != "card [CREDIT_CARD_1]" {
		t.Errorf("beside a hash: %q", got)
	}
}
