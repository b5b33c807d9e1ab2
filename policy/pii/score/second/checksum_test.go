package second

import "testing"

// TestCheckDigits holds the constructors against published examples.
func TestCheckDigits(t *testing.T) {
	for _, tt := range []struct{ what, got, want string }{
		{"Luhn, as in its patent's common example", luhn("7992739871"), "79927398713"},
		{"Verhoeff, as in the literature", verhoeff("236"), "2363"},
		{"ISO 7064 mod 11,10: the German tax office's example", iso1110("8609574271"), "86095742719"},
		{"EAN-13", ean("400638133393"), "4006381333931"},
		{"IBAN registry, United Kingdom", iban("GB", "NWBK60161331926819"), "GB29NWBK60161331926819"},
		{"IBAN registry, Germany", iban("DE", "370400440532013000"), "DE89370400440532013000"},
		{"IBAN registry, Norway, own digits", own("NO", "86011117940"), "86011117947"},
		{"IBAN registry, Belgium, own digits", own("BE", "539007547000"), "539007547034"},
		{"IBAN registry, Spain, own digits", own("ES", "21000418000200051332"), "21000418450200051332"},
		{"ICAO 9303, specimen's number", mrzDigit("L898902C3"), "6"},
		{"ICAO 9303, specimen's birth", mrzDigit("740812"), "2"},
		{"codice fiscale, the usual example", fiscal("RSSMRA85T10A562"), "RSSMRA85T10A562S"},
		{"CPF, the usual example", brDigit("1114447773"[:9], 10), "3"},
		{"CNPJ, the usual example", brCompany("112223330001", 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2), "8"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %s, want %s", tt.what, tt.got, tt.want)
		}
	}
}

// TestSameSeedSameSet, and another seed gives another.
func TestSameSeedSameSet(t *testing.T) {
	one, again, other := encode(t, Messages(1)), encode(t, Messages(1)), encode(t, Messages(2))
	if string(one) != string(again) || string(one) == string(other) {
		t.Error("the seed does not decide the set")
	}
}
