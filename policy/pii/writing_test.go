package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// TestWaysOfWriting holds ways people write numbers and the words beside them, each
// value made up.
func TestWaysOfWriting(t *testing.T) {
	for _, tt := range []struct{ country, text, want string }{
		// A label and '='.
		{"", "PESEL=83081606015", "NATIONAL_ID:83081606015"},
		{"", "tel=0151 23456789", "PHONE:0151 23456789/likely"},
		{"", "https://example.com/?v=83081606015", ""},
		// Codes with letters, typed small, with dashes, with letters that are words.
		{"", "my NINO is ew 56 25 81 b", "NATIONAL_ID:ew 56 25 81 b"},
		{"", "NI number LE 50 71 24 A", "NATIONAL_ID:LE 50 71 24 A"},
		{"", "national insurance ZY 199269 A", "NATIONAL_ID:ZY 199269 A"},
		{"", "NINO: AE-43-03-22-A", "NATIONAL_ID:AE-43-03-22-A"},
		{"ES", "D.N.I. 86158072 A", "NATIONAL_ID:86158072 A"},
		// A number of a list behind the value, groups of one digit.
		{"", "1) número de cédula: 031 4831444 0\n2) ok", "NATIONAL_ID:031 4831444 0"},
		{"AU", "Medicare number 2313 59423 2/3", "NATIONAL_ID:2313 59423 2/3"},
		// The word for a phone or a card belongs to what stands before it.
		{"", "Aadhaar card number 9535 2357 5716", "NATIONAL_ID:9535 2357 5716"},
		{"", "マイナンバーの番号は9651 4312 4121", "NATIONAL_ID:9651 4312 4121"},
		{"", "720-180-322, c'est mon numéro d'assurance sociale", ""},
		{"", "720-180-322 c'est mon numéro d'assurance sociale", "NATIONAL_ID:720-180-322"},
		{"", "65094092 48454346 é o meu cartão", "CREDIT_CARD:65094092 48454346"},
		{"", "46558194 76887107 номер картки", "CREDIT_CARD:46558194 76887107"},
		{"", "5067 528820018264 04/28 my visa", "CREDIT_CARD:5067 528820018264 | CARD_EXPIRY:04/28/likely"},
		// Phones as they are dialled and written.
		{"AR", "011 15-2184-2072", "PHONE:011 15-2184-2072/likely"},
		{"AR", "mi nro es 0351 15-234-5678", "PHONE:0351 15-234-5678"},
		{"MX", "044 55 1234 5678", "PHONE:044 55 1234 5678/likely"},
		{"SI", "031.234.805", "PHONE:031.234.805/likely"},
		{"", "📞 8137 0692", "PHONE:8137 0692/likely"},
		{"MX", "its 2221234706, call anytime", "PHONE:2221234706"},
		{"DE", "call0151 23456789 pls", "PHONE:0151 23456789"},
		{"PT", "262878968 é o meu nº contribuinte", "NATIONAL_ID:262878968"},
		{"", "tax ref5553373122, cpr-nummer 190460-3884", "NATIONAL_ID:5553373122 | NATIONAL_ID:190460-3884"},
		{"", "*NI number:* km 98 57 41 a", "NATIONAL_ID:km 98 57 41 a"},
		{"", "Soz.Vers.Nr 3122 060400", "NATIONAL_ID:3122 060400"},
		{"", "SSN? 536-22-8714", "NATIONAL_ID:536-22-8714"},
		{"", "536-22-8714, SSN", "NATIONAL_ID:536-22-8714"},
		{"", "943 476 5919\nNHS number", "NATIONAL_ID:943 476 5919"},
		{"", "NHS #943 476 5919 and PESEL = 83081606015", "NATIONAL_ID:943 476 5919 | NATIONAL_ID:83081606015"},
		// What is none.
		{"", "call me at 8.00-17.30", ""},
		{"FR", "loto 2 18 22 32 37 47", ""},
		{"CR", "2026/0312 y 2026-00417", ""},
		{"AT", "am 15 09 2023", ""},
		{"SE", "2680 9598 2565", ""},
		{"US", "04/28 123", ""},
		{"FR", "compteur 243 583 698", ""},
		// Formatting, signs between characters, letters for digits.
		{"", "CPF: _893 471 459 04_", "NATIONAL_ID:893 471 459 04"},
		{"", "*5456 1820 9387* is my Aadhaar", "NATIONAL_ID:5456 1820 9387"},
		{"", "5.1.3.9.5.1.9.7.5 is my SSN", "NATIONAL_ID:5.1.3.9.5.1.9.7.5/likely"},
		{"", "D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0", "IBAN:D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0"},
		{"", "GB29🙂NWBK🙂6016🙂1331🙂9268🙂19", "IBAN:GB29🙂NWBK🙂6016🙂1331🙂9268🙂19"},
		{"", "DE8937O40044O532Ol3OOO", "IBAN:DE8937O40044O532Ol3OOO"},
		{"", "IMG_20260101_123456_x", ""},
		// Addresses of mail, said.
		{"", "j.smith собака yahoo точка es", "EMAIL:j.smith собака yahoo точка es"},
		{"", "anna 골뱅이 outlook 점 com", "EMAIL:anna 골뱅이 outlook 점 com"},
		{"", "jdoe et firma dot com", "EMAIL:jdoe et firma dot com"},
		{"", "moi et firma.com", ""},
		{"", "maria_lopez @ firma.de, k99 @gmail.com", "EMAIL:maria_lopez @ firma.de | EMAIL:k99 @gmail.com"},
		{"", "lunch @ bistro.com, thanks @booking.com", ""},
		// Slips of the pen: told as possible.
		{"", "diners 3050 8159 0739 66", "CREDIT_CARD:3050 8159 0739 66/possible"},
		{"", "kredi kartı bu: 5060-5608-1128-4505 cvv 123", "CREDIT_CARD:5060-5608-1128-4505/possible | CARD_CVV:123"},
		{"", "tarjeta 4169671060927681173", "CREDIT_CARD:4169671060927681173/possible"},
		{"", "457-38-0000 is my ssn", "NATIONAL_ID:457-38-0000/possible"},
		{"", "social security of my wife is 000 33 7135", "NATIONAL_ID:000 33 7135/possible"},
		{"", "GB63NWBK61161330931819 is the IBAN", "IBAN:GB63NWBK61161330931819/possible"},
		// Words of several countries.
		{"", "personnummer 25029628702", "NATIONAL_ID:25029628702"},
		{"", "社会安全号是504-57-7076", "NATIONAL_ID:504-57-7076"},
		{"AT", "my social security number is 7202-040854", "NATIONAL_ID:7202-040854"},
	} {
		found := scanner(t).Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil)
		if got := hits(tt.text, found); got != tt.want {
			t.Errorf("%s %q\n got %s\nwant %s", tt.country, tt.text, got, tt.want)
		}
	}
}
