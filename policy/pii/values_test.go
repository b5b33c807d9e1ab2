package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// TestValueOfADocument: a string that holds JSON is treated inside, each text with its
// name as label, no member as WhatsApp's; any other as the text it is.
func TestValueOfADocument(t *testing.T) {
	s := scanner(t)
	tr := pii.Treatment{Sink: pii.Forward}
	for in, want := range map[string]string{
		"+49 151 23456789":                                       "[PHONE_1]",
		`{"a":"+49 151 23456789","to":"hello"}`:                  `{"a":"[PHONE_1]","to":"hello"}`,
		`{"cvv":"123","name":"hello","n":1}`:                     `{"cvv":"[CARD_CVV_1]","name":"hello","n":1}`,
		`{"cvv":123}`:                                            `{"cvv":"[CARD_CVV_1]"}`,
		` ["+49 151 23456789","0049 15123456789"]`:               ` ["[PHONE_1]","[PHONE_1]"]`,
		`{"a":"{\"cvv\":\"123\",\"id\":\"x\"}"}`:                 `{"a":"{\"cvv\":\"[CARD_CVV_1]\",\"id\":\"x\"}"}`,
		`{"timestamp":"4111111111111111","to":4111111111111111}`: `{"timestamp":"[CREDIT_CARD_1]","to":"[CREDIT_CARD_1]"}`,
		"{+49 151 23456789":                                      "{[PHONE_1]",
		`{{1}} +49 151 23456789`:                                 `{{1}} [PHONE_1]`,
		"":                                                       "", `{"to":"+49 151 23456789"}`: `{"to":"[PHONE_1]"}`,
	} {
		got, found := s.TreatValue(in, pii.Hint{}, tr, nil, nil)
		if got.Text != want || got.Changed != (in != want) || (len(found) > 0) != got.Changed {
			t.Errorf("%s\n got  %s, %v\n want %s", in, got.Text, found, want)
		}
		if scanned := s.ScanValue(in, pii.Hint{}, nil); len(scanned) != len(found) {
			t.Errorf("%s: scanned %v, treated %v", in, scanned, found)
		}
		if again, _ := s.TreatValue(got.Text, pii.Hint{}, tr, nil, nil); again.Changed {
			t.Errorf("%s twice: %s", in, again.Text)
		}
	}
	labels := &pii.Labels{}
	for in, want := range map[string]string{`{"a":"+49 151 23456789"}`: `{"a":"[PHONE_1]"}`, "tel 0049 151 23456789": "tel [PHONE_1]"} {
		if got, _ := s.TreatValue(in, pii.Hint{}, tr, labels, nil); got.Text != want {
			t.Errorf("%s: %s", in, got.Text)
		}
	}
	tr.Operators = map[pii.Type]pii.Operator{pii.AnyType: pii.Block}
	if got, _ := s.TreatValue(`{"a":"+49 151 23456789","b":"hello"}`, pii.Hint{}, tr, nil, nil); !got.Blocked {
		t.Error("what stands inside blocks nothing")
	}
	mine := []pii.Finding{{Type: "OURS"}}
	if found := s.ScanValue(`{"a":"+49 151 23456789"}`, pii.Hint{}, mine); len(found) != 2 || found[0].Type != "OURS" || found[1].Type != pii.Phone || found[1].End != 16 {
		t.Errorf("found %v", found)
	}
}

func TestLabelOf(t *testing.T) {
	for path, want := range map[string]string{
		"contacts[0].phones[1].phone": "phone", "cvv": "cvv", "a.pins[3]": "pins", "text.body": "", "messages[0].image.caption": "", "[2]": "[2]", "": "",
		"button.payload": "", "template.name": "name", "text.body[0]": "",
	} {
		if got := pii.LabelOf(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

// TestOneValueOneLabel: two writings of one value are one, two values are two.
func TestOneValueOneLabel(t *testing.T) {
	for _, c := range []struct {
		kind pii.Type
		a, b string
		same bool
	}{
		{catalog.NationalID, "529.982.247-25", "52998224725", true}, {catalog.NationalID, "x-1234567-l", "X1234567L", true}, {catalog.NationalID, "X1234567L", "X1234567M", false},
		{catalog.Passport, "c01 x00t47", "C01X00T47", true}, {pii.IBAN, "de89 3704", "DE893704", true}, {catalog.Plate, "HH-ab 12", "hh ab 12", true},
		{pii.CreditCard, "4111 1111", "4111-1111", true}, {pii.CreditCard, "４１１１", "4111", true}, {pii.CreditCard, "4111\u200b1111", "41111111", true},
		{pii.Email, "Ana@X.example", "ana@x.example", true}, {catalog.Name, "ANA", "Ana", true}, {catalog.Name, "Ана", "Анa", false}, {catalog.Name, "山田", "山本", false},
		{catalog.Name, "Ana\tS", "Ana S", true}, {catalog.NationalID, "12\x7f34", "1234", true}, {catalog.Password, "Abc", "abc", false}, {catalog.OTP, "12 34", "1234", true},
		{catalog.NationalID, "АБ12", "ВГ12", false},
	} {
		text := c.a + "\n" + c.b
		found := []pii.Finding{at(text, c.a, c.kind), {Type: c.kind, Level: pii.Certain, Start: len(c.a) + 1, End: len(text)}}
		lines := strings.Split(pii.Treatment{}.Apply(text, found, nil).Text, "\n")
		if same := lines[0] == lines[1]; same != c.same {
			t.Errorf("%s: %q and %q become %v", c.kind, c.a, c.b, lines)
		}
	}
	for _, c := range []struct{ country, a, b string }{
		{"DE", "+49 (0)151 2345 6789", "0151 23456789"}, {"IT", "+39 06 6982 1234", "06 6982 1234"}, {"GB", "+44 (0)7400 122893", "07400 122893"},
	} {
		out, _ := scanner(t).Treat("tel "+c.a+" or tel "+c.b, pii.Hint{PeerCountry: c.country}, pii.Treatment{}, nil, nil)
		if out.Text != "tel [PHONE_1] or tel [PHONE_1]" {
			t.Errorf("%s and %s: %s", c.a, c.b, out.Text)
		}
	}
}

// TestExplainSaysAll: what stands under something stronger, what is allowed, what packs
// add, what is said in words and what letters hide are told, in order, each in its place.
func TestExplainSaysAll(t *testing.T) {
	find := func(text string, from int) (int, int, bool) {
		at := strings.Index(text[from:], "AC-1")
		return from + at, from + at + 4, at >= 0
	}
	s, err := pii.New(pii.Config{
		Patterns: []pii.Pattern{{Name: "ACME", Type: catalog.RecordID, Level: pii.Likely, Find: find, Needs: catalog.Nothing}},
		Allow:    func(f pii.Finding, value string) bool { return value == "help@other.example.com" },
	})
	if err != nil {
		t.Fatal(err)
	}
	text := "٤ AC-1, help@other.example.com, ana@other.example.com, card 4lll 1111 1111 1111, my number is plus four nine one five one two three four five six seven eight nine"
	kept, last := map[string]string{}, 0
	refused := map[string]string{}
	for _, c := range s.Explain(text, pii.Hint{}) {
		if c.Start < last || c.End <= c.Start || c.End > len(text) {
			t.Errorf("%s stands at %d-%d behind %d", c.Entity, c.Start, c.End, last)
			continue
		}
		last = c.Start
		value := text[c.Start:c.End]
		if c.Refused == "" {
			kept[value] = c.Entity
			for _, e := range c.Evidence {
				if e.End > e.Start && (e.Start < 0 || e.End > len(text)) {
					t.Errorf("%s: evidence at %d-%d", value, e.Start, e.End)
				}
			}
		} else {
			refused[value] = c.Refused
		}
		if c.Entity == "ACME" && (len(c.Evidence) != 1 || c.Evidence[0].Decibits != c.Score || c.Score == 0) {
			t.Errorf("pattern: %v, score %d", c.Evidence, c.Score)
		}
	}
	for _, want := range []string{"AC-1", "ana@other.example.com", "4lll 1111 1111 1111"} {
		if kept[want] == "" {
			t.Errorf("%s is not told; kept %v", want, kept)
		}
	}
	if refused["help@other.example.com"] != "the value is allowed" {
		t.Errorf("refused: %v", refused)
	}
	found := s.Scan(text, pii.Hint{}, nil)
	if len(found) != len(kept) {
		t.Errorf("found %v, told %v", found, kept)
	}
	for _, f := range found {
		if kept[text[f.Start:f.End]] != f.Entity {
			t.Errorf("%v is not told", f)
		}
	}
	const labelled = "٤ meu CPF é 529.982.247-25"
	var words []string
	for _, c := range s.Explain(labelled, pii.Hint{}) {
		for _, e := range c.Evidence {
			if c.Refused == "" && strings.HasSuffix(e.What, "label") {
				words = append(words, labelled[e.Start:e.End])
			}
		}
	}
	if strings.Join(words, "|") != "meu CPF" {
		t.Errorf("the labels are %q", words)
	}
}
