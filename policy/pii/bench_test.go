package pii_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii"
)

// BenchmarkScan reads texts of chats. Goals: at most 2.5 us for chat300, at
// least 100 MB/s for mixed4KB.
func BenchmarkScan(b *testing.B) {
	s := scanner(b, "DE", "US")
	for _, t := range []struct{ name, text string }{
		{"clean60", "Can I reschedule to next Tuesday please? Window is 9:00-12:00"},
		{"arabic", "مرحبا، هل المتجر مفتوح يوم الجمعة؟"},
		{"hindi", "मेरा ऑर्डर 55123 अभी तक नहीं आया"},
		{"card", "card number 5519399832086184 exp 04/28 cvv 123"},
		{"phone", "hi pls call me on +44 7400 122893 after 6pm"},
		{"national", "ruf mich bitte an unter 0151 23456789 danke"},
		{"chat300", "Hello, this is about my order from last week. The parcel was delivered to the wrong door and the neighbour could not find it. " +
			"Could you please check with the courier and tell me when I can expect a new delivery? I paid $49.90 on 12.03.2026 and the order number is " +
			"4500123987. Thank you very much in advance."},
		{"long4KB", strings.Repeat("Hallo, Ihre Bestellung 4500123987 ist am 12.03.2026 unterwegs. Total $1,250.00. ", 51)},
		{"mixed4KB", mixed(b)},
	} {
		b.Run(t.name, func(b *testing.B) { scanAll(b, s, t.text) })
	}
}

// mixed is the clean messages of the development set, one a line, up to 4 KB.
func mixed(b *testing.B) string {
	var text strings.Builder
	for _, m := range corpus(b) {
		if len(m.Spans) == 0 && text.Len()+len(m.Text) < 4096 {
			text.WriteString(m.Text)
			text.WriteByte('\n')
		}
	}
	return text.String()
}

func scanAll(b *testing.B, s *pii.Scanner, text string) {
	var room [64]pii.Finding
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		s.Scan(text, pii.Hint{PeerCountry: "GB"}, room[:0])
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(text)), "ns/B")
}

// worst are pieces of texts that are made to cost time: each is repeated to
// a megabyte.
var worst = map[string]string{
	"digits": "1", "spaced": "4 ", "pairs": "41 11 ", "fours": "4111 ", "commas": "1234567, ", "dots": "4.4.4.", "stars": "1*", "lines": "1\n", "emoji": "1\U0001F600",
	"codes": "cvv 12 345 ", "ids": "id 12345678 ", "otps": "otp 123456 ", "births": "dob 01/02/1990 ", "passports": "passport A1234567 ", "labels": "my phone number is ",
	"names": "my name is ", "ibans": "DE89 ", "glued": "A1B2-", "tokens": "1a ", "ats": "a@", "hosts": "a.b.", "colons": ":", "brackets": "[[", "json": `{"a":1},`,
	"links": "https://a.b/", "alike": "4O ", "cyrillic": "аa1 ", "hangul": "가", "chinese": "手机号码是", "thai": "เบอร์โทร", "arabic": "رقم الهاتف ", "letters": "K", "prose": "and so on ",
	"mistaken": "4lO0 ", "mixed": "а1b2 ", "paths": "a.b/c?d=e&", "said": "nine one four ", "keys": "AKIAIOSFODNN7 eyJhbGciOi.", "wide": "４１１１ ", "bearers": "call Anna Meier +4915123456789\n",
	"titled": "Mr.Smith,", "called": "名前は田中", "honoured": "ちゃん", "secrets": "abc1X,haslo-", "homes": "địa chỉ abc1X, ", "born": "dob01/02/1990,", "burmese": "ကျွန်မနာမည်",
}

// BenchmarkWorst gives the time of a byte of adversarial input of 1 MiB. Goal:
// at most 20 ns.
func BenchmarkWorst(b *testing.B) {
	s := scanner(b, "DE", "US")
	for _, name := range slices.Sorted(maps.Keys(worst)) {
		b.Run(name, func(b *testing.B) { scanAll(b, s, strings.Repeat(worst[name], 1<<20/len(worst[name]))) })
	}
}

// BenchmarkCorpus gives the mean over the development set. Goal: at most 500 ns.
func BenchmarkCorpus(b *testing.B) {
	s := scanner(b)
	all := corpus(b)
	var room [64]pii.Finding
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		s.Scan(all[i%len(all)].Text, pii.Hint{}, room[:0])
		i++
	}
}

// keyed is a Hasher as the gate's: HMAC-SHA-256, cut to 80 bits.
type keyed []byte

func (k keyed) Hash(kind string, value []byte) string {
	m := hmac.New(sha256.New, k)
	m.Write([]byte(kind))
	m.Write(value)
	return strings.ToLower(base32.StdEncoding.EncodeToString(m.Sum(nil)[:10]))
}

// BenchmarkTreat finds a phone number, puts its keyed hash in its place and looks
// again. Goal: at most 1.5 us.
func BenchmarkTreat(b *testing.B) {
	s := scanner(b)
	t := pii.Treatment{Operators: map[pii.Type]pii.Operator{pii.Phone: pii.Hash}, Hasher: keyed("a key for benchmarks alone")}
	const text = "hi pls call me on +44 7400 122893 after 6pm"
	var room [8]pii.Finding
	b.ReportAllocs()
	for b.Loop() {
		s.Treat(text, pii.Hint{PeerCountry: "GB"}, t, nil, room[:0])
	}
}

func BenchmarkRedact(b *testing.B) {
	s := scanner(b)
	body := []byte(inboundText)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Redact(body, pii.Hint{PeerCountry: "BR"}, pii.Treatment{}); err != nil {
			b.Fatal(err)
		}
	}
}

const inboundText = `{"object":"whatsapp_business_account","entry":[{"id":"1065","changes":[{"field":"messages","value":{
"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550100","phone_number_id":"106540000000000"},
"contacts":[{"profile":{"name":"Ana Souza","username":"ana_1"},"wa_id":"5511987650000","user_id":"BR.1349"}],
"messages":[{"from":"5511987650000","from_user_id":"BR.1349","id":"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTdBNjg5RjA1","timestamp":"1767225600",
"type":"text","text":{"body":"meu cart\u00e3o 4111 1111 1111 1111 cvv 123, ana@example.com"}}]}}]}]}`
