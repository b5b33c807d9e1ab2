package pii_test

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"testing"

	"postern/policy/pii"
)

// testHasher stands for the keyring: stable, keyed by kind, lower case Base32.
type testHasher struct{}

func (testHasher) Hash(kind string, value []byte) string {
	sum := sha256.Sum256(append([]byte("test key "+kind+"\x00"), value...))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:10]))
}

// treat scans and treats one text.
func treat(t *testing.T, text string, tr pii.Treatment) pii.Treated {
	t.Helper()
	out, _ := scanner(t).Treat(text, pii.Hint{PeerCountry: "DE"}, tr, nil, nil)
	return out
}

func all(sink pii.Sink, o pii.Operator) pii.Treatment {
	return pii.Treatment{Sink: sink, Operators: map[pii.Type]pii.Operator{pii.AnyType: o}, Hasher: testHasher{}}
}

func TestApply(t *testing.T) {
	const text = "mail Jo.Hn@Example.com, tel +49 151 23456789 or 0151 23456789; 4111 1111 1111 1111 cvv 123 for {{1}}"
	tests := []struct {
		o       pii.Operator
		sink    pii.Sink
		want    string
		blocked bool
	}{
		{pii.Keep, pii.Forward, text, false},
		{pii.Alert, pii.Forward, text, false},
		{pii.Keep, pii.Record, "mail Jo.Hn@Example.com, tel +49 151 23456789 or 0151 23456789; 4111 1111 1111 1111 cvv [CARD_CVV_1] for {{1}}", false},
		{pii.Mask, pii.Record, "mail j***@e***.com, tel +4915****89 or ****89; **** **** **** 1111 cvv [CARD_CVV_1] for {{1}}", false},
		{pii.Mask, pii.Forward, "mail j***@e***.com, tel +4915****89 or ****89; **** **** **** 1111 cvv *** for {{1}}", false},
		{pii.Redact, pii.Forward, "mail [EMAIL_1], tel [PHONE_1] or [PHONE_1]; [CREDIT_CARD_1] cvv [CARD_CVV_1] for {{1}}", false},
		{pii.Drop, pii.Forward, "mail , tel or ; cvv for {{1}}", false},
		{pii.Block, pii.Forward, "mail [EMAIL_1], tel [PHONE_1] or [PHONE_1]; [CREDIT_CARD_1] cvv [CARD_CVV_1] for {{1}}", true},
		{pii.Block, pii.Record, "mail [EMAIL_1], tel [PHONE_1] or [PHONE_1]; [CREDIT_CARD_1] cvv [CARD_CVV_1] for {{1}}", false},
		{"", pii.Forward, "mail [EMAIL_1], tel [PHONE_1] or [PHONE_1]; [CREDIT_CARD_1] cvv [CARD_CVV_1] for {{1}}", false},
		{"nonsense", pii.Forward, "mail [EMAIL_1], tel [PHONE_1] or [PHONE_1]; [CREDIT_CARD_1] cvv [CARD_CVV_1] for {{1}}", false},
	}
	for _, tt := range tests {
		got := treat(t, text, all(tt.sink, tt.o))
		if got.Text != tt.want || got.Blocked != tt.blocked || got.Changed != (tt.want != text) {
			t.Errorf("%q sink %d:\n got  %s %v %v\n want %s %v", tt.o, tt.sink, got.Text, got.Changed, got.Blocked, tt.want, tt.blocked)
		}
		again := treat(t, got.Text, all(tt.sink, tt.o))
		if again.Text != got.Text {
			t.Errorf("%q twice: %s", tt.o, again.Text)
		}
	}
}

func TestApplyHash(t *testing.T) {
	tr := all(pii.Record, pii.Hash)
	a := treat(t, "tel +49 151 23456789", tr).Text
	b := treat(t, "tel 0049-151-23456789", tr).Text
	c := treat(t, "tel 0151 23456789", tr).Text
	if a != b || a != c || !strings.HasPrefix(a, "tel [PHONE:") {
		t.Errorf("one number, three hashes: %s, %s, %s", a, b, c)
	}
	if d := treat(t, "tel 0151 23456780", tr).Text; d == a {
		t.Error("two numbers, one hash")
	}
	if got := treat(t, a, tr).Text; got != a {
		t.Errorf("hashed twice: %s", got)
	}
	if got := treat(t, "cvv 123", tr).Text; got != "cvv [CARD_CVV_1]" {
		t.Errorf("security code hashed for the record: %s", got)
	}
	tr.Hasher = nil
	if got := treat(t, "tel +49 151 23456789", tr).Text; got != "tel [PHONE_1]" {
		t.Errorf("no hasher: %s", got)
	}
}

func TestApplyFromLevel(t *testing.T) {
	tr := all(pii.Record, pii.Redact)
	tr.From = pii.Certain
	if got := treat(t, "4111111111111111, 04/28, 123", tr).Text; got != "4111111111111111, 04/28, [CARD_CVV_1]" {
		t.Errorf("got %s", got)
	}
}

// TestLabelsOfOneMessage: the same value has the same number in all texts.
func TestLabelsOfOneMessage(t *testing.T) {
	s, labels := scanner(t), &pii.Labels{}
	var got []string
	for _, text := range []string{"+49 151 23456789, +44 7400 122893", "0044 7400 122893", "+4915123456789"} {
		got = append(got, pii.Treatment{}.Apply(text, s.Scan(text, pii.Hint{}, nil), labels).Text)
	}
	if want := "[PHONE_1], [PHONE_2]|[PHONE_2]|[PHONE_1]"; strings.Join(got, "|") != want {
		t.Errorf("got %v, want %s", got, want)
	}
	if s := fmt.Sprintf("%v", labels); s != "labels(2)" {
		t.Errorf("labels print %s", s)
	}
}

func TestMaskNumber(t *testing.T) {
	for number, want := range map[string]string{
		"491234567856":      "4912****56",
		"+49 12 345678-56":  "+4912****56",
		"4915123456789":     "4915****89",
		"16505550101":       "1****01",
		"6581234567":        "65****67",
		"351912345743":      "3519****43",
		"4912****56":        "4912****56",
		"+49****56":         "+49****56",
		"****":              "****",
		"6834000":           "****00",
		"12345":             "****",
		"Ana":               "****",
		"":                  "****",
		"US.13491208655":    "****",
		"٤٩١٢٣٤٥٦٧٨٥٦":      "4912****56",
		"12036304938472@g.": "****",
		"1234567890123456":  "****",
	} {
		if got := pii.MaskNumber(number); got != want {
			t.Errorf("MaskNumber(%q) = %q, want %q", number, got, want)
		}
	}
}

// TestMaskHides: at least six digits of any WhatsApp id stay hidden where it
// has ten or more, and a second mask changes nothing.
func TestMaskHides(t *testing.T) {
	for n := 7; n <= 15; n++ {
		for _, code := range []string{"1", "49", "351", "7", "91"} {
			number := (code + "123456789012345")[:n]
			got := pii.MaskNumber(number)
			shown := len(strings.ReplaceAll(got, "*", ""))
			if hidden := n - shown; n >= 11 && hidden < 6 {
				t.Errorf("%d digits under %s: %s hides %d", n, code, got, hidden)
			}
			if pii.MaskNumber(got) != got {
				t.Errorf("masked twice: %s", got)
			}
		}
	}
}

func TestNewTreatment(t *testing.T) {
	tr, err := pii.NewTreatment(pii.Forward, map[string]string{"*": "keep", "PHONE": "mask"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := treat(t, "a.b@example.com +4915123456789", tr).Text; got != "a.b@example.com +4915****89" {
		t.Errorf("got %s", got)
	}
	if _, err := pii.NewTreatment(pii.Record, map[string]string{"PHONE": "encrypt"}, nil); err == nil || !strings.Contains(err.Error(), "PHONE") {
		t.Errorf("unknown operator: %v", err)
	}
}

func TestNeverStored(t *testing.T) {
	for kind, want := range map[pii.Type]bool{pii.CardCVV: true, pii.CardPIN: true, pii.TrackData: true, pii.CreditCard: false, "OTHER": false} {
		if pii.NeverStored(kind) != want {
			t.Errorf("NeverStored(%s) = %v", kind, !want)
		}
	}
	text := "cvv 123 pin 4321 ;4111111111111111=25121010000000000000?"
	for _, o := range []pii.Operator{pii.Keep, pii.Alert, pii.Mask, pii.Hash, pii.Block, pii.Redact} {
		if got := treat(t, text, all(pii.Record, o)).Text; got != "cvv [CARD_CVV_1] pin [CARD_PIN_1] [TRACK_DATA_1]" {
			t.Errorf("%s: %s", o, got)
		}
	}
}
