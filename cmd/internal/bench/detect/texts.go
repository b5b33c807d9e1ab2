package detect

import "strings"

// shortText has 300 bytes, as a customer writes who explains something.
const shortText = "Hi, I moved last month and my parcel 4500123987 went to the old flat again. Could you send it on to the new one " +
	"please? My number is +44 7400 122893, you can ring after 6pm, or write to ana.souza@example.com. The amount was 49.90 EUR and " +
	"I paid it on 12.03.2026 with the app. Many thanks, it's urgent"

// longText has 4 KB of what businesses write, without personal data.
func longText() string {
	return strings.Repeat("Hello, your order 4500123987 is on its way since 12.03.2026. Total $1,250.00. Your parcel comes between 9:00 and 12:00. ", 34)
}

// treatedText holds one phone number.
const treatedText = "hi pls call me on +44 7400 122893 after 6pm"

// families are ways to write a text that keeps a scanner busy.
var families = []struct{ name, unit string }{
	{"one number without end", "1"},
	{"single digits", "4 "},
	{"pairs of digits", "41 11 "},
	{"groups of four", "4111 "},
	{"short phone numbers", "1234567, "},
	{"beginnings of accounts", "DE89 "},
	{"signs of mail", "a@"},
	{"links", "a.b/c?d=e&"},
	{"codes of cards", "cvv 12 345 "},
	{"labels of many kinds", "iban konto telefon passport cpf "},
	{"label and value", "cpf 529.982.247-2"},
	{"letters that look like digits", "4lO0 "},
	{"mixed scripts", "а1b2 "},
	{"labels of a dense script", "身份证号码银行卡"},
	{"names behind labels", "名前は田中"},
	{"names behind titles", "Mr.Smith,"},
	{"passwords before labels", "abc1X,haslo-"},
	{"days before labels", "dob01/02/1990,"},
	{"addresses behind labels", "địa chỉ abc1X, "},
	{"digits beside a dense script", "号1码2"},
	{"invisible marks", "1\u200b2"},
	{"full width", "４１１１ "},
	{"emoji between digits", "1😀2"},
	{"brackets", "(((+((("},
	{"members of JSON", `{"a":[1,`},
	{"keys", "AKIAIOSFODNN7 eyJhbGciOi."},
	{"one word without end", "a"},
}
