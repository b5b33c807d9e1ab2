package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// silent are messages of shops and offices in which nothing is personal: draws of
// lotteries, numbers filed by year, values of laboratories, numbers of one's turn,
// models of machines, meetings, faults reported, and departments that sign.
var silent = []struct{ country, text string }{
	{"CN", "双色球 04 12 19 23 28 31 + 08"},
	{"CN", "大乐透 03 08 12 19 22 + 05 11"},
	{"TW", "大樂透 04 12 23 34 41 48 特別號 7"},
	{"PH", "Ultra 6/58 04-12-23-34-45-51"},
	{"IT", "03 08 12 19 22 25 alle 20"},
	{"FR", "tirage 03 08 12 19 22"},
	{"DE", "Wartungsvertrag Nr. 48213/25 läuft zum 30.06. aus"},
	{"DE", "Nr. 4821377/24 wurde abgelegt"},
	{"US", "HbA1c 6.8 %, fasting glucose 112 mg/dL, LDL 131"},
	{"US", "Meeting 892 4471 3320 passcode in the invite"},
	{"US", "Warranty case 20250312-0047 closed"},
	{"US", "Case of 24-16 oz bottles"},
	{"IN", "Tender NIT 48/2025-26 last date 15-05-2025"},
	{"BR", "Senha P048, guichê 6"},
	{"PT", "Senha C-12, balcão 4"},
	{"IT", "Lavatrice WW90T534DAW, 9 kg, 529 €"},
	{"US", "PW1500X pressure washer"},
	{"AE", "رقم البلاغ 482137750 تم إغلاقه"},
	{"SA", "رقم السند 512345678"},
	{"IT", "Cordiali saluti, Ufficio Acquisti"},
	{"DE", "Viele Grüße, Abteilung Einkauf"},
	{"PL", "Pozdrawiam, Dział Sprzedaży"},
	{"UA", "З повагою, Відділ Продажів"},
	{"GR", "Με εκτίμηση, Τμήμα Πωλήσεων"},
	{"US", "This is Walmart Pharmacy, your refill is ready"},
	{"FR", "Ici Boulangerie Centrale"},
	{"PH", "May stock ba Toyota Vios 2021?"},
	{"IN", "BSE code 500325, CMP 2,914"},
	{"US", "paint code 4821"},
	{"FR", "code douanier 610910"},
	{"BR", "código NCM 61091000"},
	{"TR", "GTİP kodu 610910"},
	{"KR", "종목코드 005930 현재가 74,800"},
	{"CL", "Starken OF 771204481 lista para retiro"},
	{"US", "Regards, Loss Prevention"},
	{"US", "Sincerely, Claims Processing Unit"},
	{"MX", "Atentamente, Área de Cobranza"},
	{"US", "I am Certified Technician"},
	{"MX", "Soy Distribuidor Autorizado, precio de mayoreo?"},
	{"BR", "Atenciosamente, Central de Relacionamento"},
	{"FR", "Cordialement, Pôle Logistique"},
	{"NL", "Groet, Technische Dienst"},
	{"US", "send it to the team by 16 May"},
	{"GB", "please send them to us on 22 March"},
	{"GB", "we moved to 14 May"},
	{"US", "SKU 123-456-7890"},
	{"US", "this key opens the 2 doors"},
	{"IL", "12-345-67 חלקים"},
}

// TestSilence holds that such messages are left alone.
func TestSilence(t *testing.T) {
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range silent {
		for _, f := range s.Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			if f.Level >= pii.Likely {
				t.Errorf("%s %q: %s %q", c.country, c.text, f.Type, c.text[f.Start:f.End])
			}
		}
	}
}

// TestSilenceKeeps holds that values much like those are found.
func TestSilenceKeeps(t *testing.T) {
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ country, text, kind, value string }{
		{"FR", "appelez le 06 12 23 34 45", "PHONE", "06 12 23 34 45"},
		{"FR", "06 12 47 34 45", "PHONE", "06 12 47 34 45"},
		{"DE", "Tel. 0171/4821377", "PHONE", "0171/4821377"},
		{"GB", "482913 is your passcode", "OTP", "482913"},
		{"US", "412 880 is your code", "OTP", "412 880"},
		{"IN", "your HDFC code 482913", "OTP", "482913"},
		{"MX", "Soy Marcela Distéfano", "NAME", "Marcela Distéfano"},
		{"CL", "RUT 77.120.448-1", "NATIONAL_ID", "77.120.448-1"},
		{"BR", "senha: P048xk", "PASSWORD", "P048xk"},
		{"NL", "ww: Regen2024", "PASSWORD", "Regen2024"},
		{"IT", "Cordiali saluti, Marco Bellini", "NAME", "Marco Bellini"},
		{"VN", "gặp bà Lan nhé", "NAME", "Lan"},
		{"US", "my DL is D4820173", "DRIVING_LICENCE", "D4820173"},
		{"US", "case no. 2024/00817", "RECORD_ID", "2024/00817"},
	} {
		found := false
		for _, f := range s.Scan(c.text, pii.Hint{PeerCountry: c.country}, nil) {
			found = found || f.Level >= pii.Likely && string(f.Type) == c.kind && c.text[f.Start:f.End] == c.value
		}
		if !found {
			t.Errorf("%s %q: no %s", c.country, c.text, c.kind)
		}
	}
}
