package pii_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode/utf8"

	"postern/policy/pii"
)

// hits writes findings as "TYPE:value", level appended for weaker ones.
func hits(text string, found []pii.Finding) string {
	var out []string
	for _, f := range found {
		h := string(f.Type) + ":" + text[f.Start:f.End]
		if f.Level != pii.Certain {
			h += "/" + f.Level.String()
		}
		out = append(out, h)
	}
	return strings.Join(out, " | ")
}

func TestScan(t *testing.T) {
	tests := []struct{ country, text, want string }{
		// E-mail.
		{"", "write to maria.lopez+shop@example.co.uk.", "EMAIL:maria.lopez+shop@example.co.uk"},
		{"", "邮箱是liu.wei@hotmail.fr谢谢", "EMAIL:liu.wei@hotmail.fr"},
		{"", "ｊｏｈｎ＠ｅｘａｍｐｌｅ．ｃｏｍ", "EMAIL:ｊｏｈｎ＠ｅｘａｍｐｌｅ．ｃｏｍ"},
		{"", "a@b, pay me at priya@okaxis, icon@2x.png", "BANK_ACCOUNT:priya@okaxis"},
		{"", "почта иван@почта.рф", "EMAIL:иван@почта.рф"},
		{"", "jo\u200bhn@exa\u200bmple.c\u200bom", "EMAIL:jo\u200bhn@exa\u200bmple.c\u200bom"},
		{"", "你的验证码是 839201，5分钟内有效", "OTP:839201/likely"},
		{"", "ﾃﾞﾝﾜ 090-1234-5682", "PHONE:090-1234-5682/likely"},
		{"", "여권번호 M12345678", "PASSPORT:M12345678"},
		{"", "\u110b\u1167\u1100\u116f\u11ab\u1107\u1165\u11ab\u1112\u1169 M12345678", "PASSPORT:M12345678"},
		// Numbers whose writing says what they are.
		{"", "529.982.247-25", "NATIONAL_ID:529.982.247-25"},
		{"", "529 982 247 25", ""},
		{"", "le dossier du 12/03/2026 est clos, conta de luz 1234567-8", ""},
		{"", "529.982.247-26", ""},
		{"", "11.222.333/0001-81", "NATIONAL_ID:11.222.333/0001-81"},
		{"", "12.345.678-5", "NATIONAL_ID:12.345.678-5"},
		{"", "20-12345678-6", "NATIONAL_ID:20-12345678-6"},
		{"", "12345678Z", "NATIONAL_ID:12345678Z/likely"},
		{"", "12345678A", ""},
		{"", "WhatsApp 2.24.10.75", "IP_ADDRESS:2.24.10.75/possible"},
		{"", "A123456(3)", "NATIONAL_ID:A123456(3)/likely"},
		{"", "A123456(3", ""},
		{"", "85.07.30-033.28", "NATIONAL_ID:85.07.30-033.28"},
		{"", "123-45-6789", "NATIONAL_ID:123-45-6789/possible"},
		// Phones that say so themselves.
		{"", "+49 151 23456789", "PHONE:+49 151 23456789"},
		{"", "0044 7400 122893", "PHONE:0044 7400 122893"},
		{"", "+44 (0)7400 122893 ok", "PHONE:+44 (0)7400 122893"},
		{"", "\u202a+44\u00a07400\u00a0122893\u202c", "PHONE:+44\u00a07400\u00a0122893"},
		{"", "+1 (201) 555-0123, +1.201.555.0199", "PHONE:+1 (201) 555-0123 | PHONE:+1.201.555.0199"},
		{"", "+٩٦٦ ٥١٢ ٣٤٥ ٩٥٨", "PHONE:+٩٦٦ ٥١٢ ٣٤٥ ٩٥٨"},
		{"", "+९१ ८१२३४ ५६२७०", "PHONE:+९१ ८१२३४ ५६२७०"},
		{"", "+49 1️⃣5️⃣1️⃣ 23456789️⃣ x", "PHONE:+49 1️⃣5️⃣1️⃣ 23456789️⃣"},
		{"", "+62 *812*-_345_-~964~", "PHONE:+62 *812*-_345_-~964"},
		{"", "https://wa.me/4915123456789?text=hi", "PHONE:4915123456789"},
		// Phones by label.
		{"", "hp saya 0812-345-839", "PHONE:0812-345-839/likely"},
		{"", "我的电话是131 2345 3144", "PHONE:131 2345 3144/likely"},
		{"", "電話番号は090-1234-5682です", "PHONE:090-1234-5682/likely"},
		{"", "เบอร์โทร 081 234 5678 ค่ะ", "PHONE:081 234 5678/likely"},
		{"", "Handynummer: 0151 23456789", "PHONE:0151 23456789/likely"},
		{"", "8137 0692 is my number", "PHONE:8137 0692/likely"},
		{"", "whatsapp 4915123456789", "PHONE:4915123456789"},
		{"", "رقم جوالي 0512396007", "PHONE:0512396007/likely"},
		// Phones by country.
		{"DE", "ruf mich an unter 0151 23456789", "PHONE:0151 23456789"},
		{"DE", "0151 23456789", "PHONE:0151 23456789/likely"},
		{"US", "(201) 568-2521", "PHONE:(201) 568-2521/likely"},
		{"US", "2015682521", "PHONE:2015682521/likely"},
		{"US", "2015682521 🙏", "PHONE:2015682521/likely"},
		{"US", "see 2015682521", "PHONE:2015682521/possible"},
		{"NO", "40000000", "PHONE:40000000/possible"},
		{"CA", "130692544", "NATIONAL_ID:130692544/likely"},
		{"CA", "got 130692544", "NATIONAL_ID:130692544/possible"},
		{"ES", "612 25 03 61", "PHONE:612 25 03 61/likely"},
		{"DE", "4915123456789", "PHONE:4915123456789/likely"},
		{"BR", "11 96121-6940", "PHONE:11 96121-6940/likely"},
		// Not phones.
		{"US", "order 2015682521", ""},
		{"", "Meine Bestellnummer ist 4500123987, wann kommt das Paket?", ""},
		{"DE", "Kundennummer 0151 23456789", "RECORD_ID:0151/likely"},
		{"US", "SSN 265-19-6823 and 2026-03-12 14:30", "NATIONAL_ID:265-19-6823"},
		{"DE", "am 12.03.2026 um 15:00, $1,250.00 oder 1.250.000 €, Version 10.15.7.2048", ""},
		{"DE", "192.168.100.100 und 52.520008, 13.404954", "IP_ADDRESS:192.168.100.100/likely | LOCATION:52.520008, 13.404954/likely"},
		{"SG", "2024-2025 and 20260312", ""},
		{"", "4915123456789", ""},
		{"BR", "166.460.306-93", "NATIONAL_ID:166.460.306-93"},
		// Cards.
		{"", "4111 1111 1111 1111", "CREDIT_CARD:4111 1111 1111 1111"},
		{"", "3782-822463-10005", "CREDIT_CARD:3782-822463-10005"},
		{"", "卡号4111111111111111是", "CREDIT_CARD:4111111111111111"},
		{"", "4111111111111111", "CREDIT_CARD:4111111111111111/likely"},
		{"", "4111\n1111\n1111\n1111", "CREDIT_CARD:4111\n1111\n1111\n1111"},
		{"", "*4111*1111*1111*1111*", "CREDIT_CARD:4111*1111*1111*1111"},
		{"", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "CREDIT_CARD:4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1/likely"},
		{"", "４１１１　１１１１　１１１１　１１１１", "CREDIT_CARD:４１１１　１１１１　１１１１　１１１１"},
		{"", "4111\u200b1111\u200b1111\u200b1111", "CREDIT_CARD:4111\u200b1111\u200b1111\u200b1111/likely"},
		{"", "card 4111111111111112", "CREDIT_CARD:4111111111111112/possible"},
		{"", "4111111111111112", ""},
		{"", "visa4111111111111111", "CREDIT_CARD:4111111111111111"},
		{"", "4111 1111 1111 1111 04/28 123", "CREDIT_CARD:4111 1111 1111 1111 | CARD_EXPIRY:04/28/likely | CARD_CVV:123/likely"},
		{"", "4111111111111111, 04/28, 123", "CREDIT_CARD:4111111111111111/likely | CARD_EXPIRY:04/28/likely | CARD_CVV:123/likely"},
		// IBAN.
		{"", "IBAN: DE89 3704 0044 0532 0130 00.", "IBAN:DE89 3704 0044 0532 0130 00"},
		{"", "ibande89370400440532013000", "IBAN:de89370400440532013000"},
		{"", "DE89\n3704\n0044\n0532\n0130\n00", "IBAN:DE89\n3704\n0044\n0532\n0130\n00"},
		{"", "请转GB82WEST12345698765432谢谢", "IBAN:GB82WEST12345698765432"},
		{"", "DE88 3704 0044 0532 0130 00", "IBAN:DE88 3704 0044 0532 0130 00/possible"},
		{"", "INV-2026-004512 NO12 3456", ""},
		// Codes of cards.
		{"", "cvv 123", "CARD_CVV:123"},
		{"", "código de seguridad: 987", "CARD_CVV:987"},
		{"", "安全码是456", "CARD_CVV:456"},
		{"", "My PIN is 4321", "CARD_PIN:4321"},
		{"", "Geheimzahl 9876", "CARD_PIN:9876"},
		{"", "暗証番号は1234です", "CARD_PIN:1234"},
		{"", "cvv 1 2 3", "CARD_CVV:1 2 3"},
		{"", "room 204 at 14:30, 350 for 3 items, CVV {{1}}", ""},
		{"", "pincode 560001", "CARD_PIN:560001/possible"},
		// Stripes.
		{"", "%B4111111111111111^DOE/JOHN^25121010000000000000?", "TRACK_DATA:%B4111111111111111^DOE/JOHN^25121010000000000000?"},
		{"", ";4111111111111111=25121010000000000000?", "TRACK_DATA:;4111111111111111=25121010000000000000?"},
		// Tokens.
		{"", "token EAAGm0PX4ZCpsBAKZCexampleexampleexample1234 ok", "META_TOKEN:EAAGm0PX4ZCpsBAKZCexampleexampleexample1234"},
		{"", "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTdBNjg5RjA1", "WAMID:wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTdBNjg5RjA1"},
		{"", "id gBGGFlCGg0cvAglAxydbAoy-gwNo", "WAMID:gBGGFlCGg0cvAglAxydbAoy-gwNo"},
		// What we wrote ourselves.
		{"DE", "phone [PHONE_1], +4912****56, 49****56, ****39, **** **** **** 1111, j***@e***.com, DE** **** **** 3000", ""},
	}
	for _, tt := range tests {
		s := scanner(t)
		found := s.Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil)
		if got := hits(tt.text, found); got != tt.want {
			t.Errorf("%s %q\n got  %s\n want %s", tt.country, tt.text, got, tt.want)
		}
	}
}

func TestScanCountriesOfTenant(t *testing.T) {
	text := "0151 23456789"
	if got := scanner(t, "FR", "DE").Scan(text, pii.Hint{}, nil); len(got) != 1 {
		t.Errorf("tenant country DE: %v", got)
	}
	if got := scanner(t, "FR").Scan(text, pii.Hint{}, nil); len(got) != 0 {
		t.Errorf("tenant country FR: %v", got)
	}
	if _, err := pii.New(pii.Config{Countries: []string{"de"}}); err == nil {
		t.Error("lower case country accepted")
	}
}

func TestScanLabelFromHint(t *testing.T) {
	s := scanner(t)
	for label, want := range map[string]string{"mobile_no": "PHONE:08123458390/likely", "order_id": ""} {
		if got := hits("08123458390", s.Scan("08123458390", pii.Hint{Label: label}, nil)); got != want {
			t.Errorf("label %s: %q, want %q", label, got, want)
		}
	}
}

func TestScanKeepsCallersFindings(t *testing.T) {
	mine := []pii.Finding{{Type: "OTHER", Start: 90, End: 95}}
	got := scanner(t).Scan("+49 151 23456789", pii.Hint{}, mine)
	if len(got) != 2 || got[0] != mine[0] {
		t.Errorf("got %v", got)
	}
}

// TestFindingHidesValue: no way of printing a finding shows more than type,
// level and span.
func TestFindingHidesValue(t *testing.T) {
	text := "call +49 151 23456789 or a.secret@example.com, 4111 1111 1111 1111"
	found := scanner(t).Scan(text, pii.Hint{}, nil)
	if len(found) != 3 {
		t.Fatalf("found %v", found)
	}
	var log strings.Builder
	timeless := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey { // digits of the clock are no leak
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{ReplaceAttr: timeless}))
	for _, f := range found {
		blob, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		logger.Info("x", "f", f)
		all := fmt.Sprintf("%v %+v %#v %s %q", f, f, f, f, f) + string(blob) + log.String() + fmt.Sprint(pii.Located{Finding: f})
		for _, secret := range []string{"151", "23456789", "4915", "secret", "example", "4111"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s shows %q: %s", f.Type, secret, all)
			}
		}
	}
	if got := found[0].String(); got != "PHONE/certain[5:21]" {
		t.Errorf("String: %s", got)
	}
}

func TestScanLongInputIsLinear(t *testing.T) {
	s := scanner(t, "DE", "US", "IN")
	for _, unit := range []string{"1", "4 ", "41 11 ", "+", "a@", "@", "a.", "EAA", "DE89 ", "(", "*", "٤", "\u200b", "cvv 12 ", "["} {
		text := strings.Repeat(unit, 1<<20/len(unit))
		found := s.Scan(text, pii.Hint{PeerCountry: "BR"}, nil)
		for _, f := range found {
			if f.Start < 0 || f.End > len(text) || f.Start >= f.End {
				t.Fatalf("%q: span %v", unit, f)
			}
		}
	}
}

// FuzzScan: spans are in order, apart and on rune boundaries; treating what was
// treated changes nothing.
func FuzzScan(f *testing.F) {
	for _, m := range corpus(f)[:200] {
		f.Add(m.Text, "", "", "")
	}
	f.Add("12345678, says Ana Souza", "member_number", "Ana  Souza", "4111\n1111")
	f.Add("anna-lena", "cvv/pin", "Anna\u200bLena \U0001F600", "DE89 3704")
	for _, s := range []string{"+49 151 23456789 12:30", "tel \u200d+49\u20e315123456789\u20e3", "%B4111111111111111^A^2512101?", "\xff4111 1111\xff", "{{1}} 4️⃣1️⃣"} {
		f.Add(s, "", "", "")
	}
	s := scanner(f, "DE", "BR")
	f.Fuzz(func(t *testing.T, text, label, name, before string) {
		hint := pii.Hint{PeerCountry: "US", Label: label, Names: []string{name}, Before: before}
		found := s.Scan(text, hint, nil)
		last := 0
		for _, x := range found {
			if x.Start < last || x.End <= x.Start || x.End > len(text) {
				t.Fatalf("span %v after %d of %d", x, last, len(text))
			}
			if !utf8.RuneStart(text[x.Start]) || x.End < len(text) && utf8.ValidString(text) && !utf8.RuneStart(text[x.End]) {
				t.Fatalf("span %v cuts a rune", x)
			}
			last = x.End
		}
		for _, o := range []pii.Operator{pii.Redact, pii.Mask, pii.Hash} {
			once, _ := s.Treat(text, hint, all(pii.Record, o), nil, nil)
			twice, _ := s.Treat(once.Text, hint, all(pii.Record, o), nil, nil)
			if once.Text != twice.Text {
				t.Fatalf("%s: %q (label %q, name %q, before %q) becomes %q, then %q", o, text, label, name, before, once.Text, twice.Text)
			}
		}
	})
}
