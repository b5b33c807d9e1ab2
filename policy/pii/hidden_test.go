package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

func TestLookalikes(t *testing.T) {
	for _, tt := range []struct{ country, text, want string }{
		{"", "card 4lll 1111 1111 1111", "CREDIT_CARD:4lll 1111 1111 1111"},
		{"", "карта 41I1 1111 1111 IIII", "CREDIT_CARD:41I1 1111 1111 IIII"},
		{"", "+49 l5l 2345678O", "PHONE:+49 l5l 2345678O"},
		{"", "DE89 37О4 ОО44 0532 O130 00", "IBAN:DE89 37О4 ОО44 0532 O130 00"},
		{"", "write to jоhn@exаmple.com", "EMAIL:jоhn@exаmple.com"},
		{"", "I will Ill be ill at 10l or 2O", ""},
		{"", "Россия2024 и Iphone", ""},
	} {
		var got []string
		for _, f := range scanner(t).Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil) {
			got = append(got, string(f.Type)+":"+tt.text[f.Start:f.End])
			if f.Type != pii.Email && f.Reasons&pii.Lookalike == 0 {
				t.Errorf("%q: %v does not say that it was read twice", tt.text, f)
			}
		}
		if got := strings.Join(got, " | "); got != tt.want {
			t.Errorf("%q\n got  %s\n want %s", tt.text, got, tt.want)
		}
	}
}

func TestNamesOfTheHint(t *testing.T) {
	hint := pii.Hint{Names: []string{"Anna Krüger", "山田太郎", "محمد علي"}}
	for text, want := range map[string]string{
		"ich bin ANNA KRUGER!":   "NAME:ANNA KRUGER",
		"Hi, Anna here":          "NAME:Anna/likely",
		"havanna and annas":      "",
		"山田太郎です":                 "NAME:山田太郎/likely",
		"انا محمد علي":           "NAME:محمد علي",
		"nothing of it, Krügers": "",
	} {
		if got := hits(text, scanner(t).Scan(text, hint, nil)); got != want {
			t.Errorf("%q\n got  %s\n want %s", text, got, want)
		}
	}
}

// TestValuesBehindLabels: what has no number of its own is read behind the
// words that name it.
func TestValuesBehindLabels(t *testing.T) {
	for text, want := range map[string]string{
		"password: Tr0ub4dor&3":        "PASSWORD:Tr0ub4dor&3",
		"mi contraseña es Sol2024!x":   "PASSWORD:Sol2024!x",
		"Your code is 482913":          "OTP:482913",
		"验证码是482913":                   "OTP:482913",
		"482913 is your code":          "OTP:482913",
		"12/03/1984 (dob)":             "DATE_OF_BIRTH:12/03/1984",
		"geb. 04.09.1979":              "DATE_OF_BIRTH:04.09.1979",
		"born on a farm 12 miles away": "",
		"order code 482913":            "",
	} {
		found := scanner(t).Scan(text, pii.Hint{}, nil)
		got := strings.NewReplacer("/likely", "", "/certain", "").Replace(hits(text, found))
		if got != want {
			t.Errorf("%q\n got  %s\n want %s", text, got, want)
		}
	}
}

// TestExplain: the findings are the candidates that are not refused, and each
// says what speaks for it.
func TestExplain(t *testing.T) {
	s := scanner(t, "BR")
	text := "meu CPF é 529.982.247-25, order 4222222222222, zap 11 96121-6940"
	kept, refused := 0, 0
	for _, c := range s.Explain(text, pii.Hint{}) {
		sum := 0
		for _, e := range c.Evidence {
			sum += e.Decibits
		}
		if sum != c.Score || c.Refused == "" && len(c.Evidence) == 0 {
			t.Errorf("%s: evidence adds up to %d, score %d", c.Entity, sum, c.Score)
		}
		if c.Refused == "" {
			kept++
		} else {
			refused++
		}
	}
	if found := s.Scan(text, pii.Hint{}, nil); len(found) != kept || kept < 2 || refused == 0 {
		t.Errorf("%d findings, %d candidates kept, %d refused", len(found), kept, refused)
	}
}
