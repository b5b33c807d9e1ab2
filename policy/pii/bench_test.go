package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

func BenchmarkScan(b *testing.B) {
	s := scanner(b, "DE", "US")
	long := strings.Repeat("Hallo, Ihre Bestellung 4500123987 ist am 12.03.2026 unterwegs. Total $1,250.00. ", 51)
	for name, text := range map[string]string{
		"clean60":    "Can I reschedule to next Tuesday please? Window is 9:00-12:00",
		"arabic":     "مرحبا، هل المتجر مفتوح يوم الجمعة؟",
		"hindi":      "मेरा ऑर्डर 55123 अभी तक नहीं आया",
		"card":       "card number 5519399832086184 exp 04/28 cvv 123",
		"phone":      "hi pls call me on +44 7400 122893 after 6pm",
		"national":   "ruf mich bitte an unter 0151 23456789 danke",
		"long4KB":    long,
		"worst1":     strings.Repeat("4 ", 2048),
		"worst2":     strings.Repeat("cvv 12 345 ", 372),
		"worst3":     strings.Repeat("41 11 ", 682),
		"worstAt":    strings.Repeat("a@", 2048),
		"worstDE":    strings.Repeat("DE89 ", 819),
		"worstOne":   strings.Repeat("1", 4096),
		"worstPhone": strings.Repeat("1234567, ", 455),
	} {
		b.Run(name, func(b *testing.B) {
			var room [64]pii.Finding
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				s.Scan(text, pii.Hint{PeerCountry: "GB"}, room[:0])
			}
		})
	}
}

// BenchmarkCorpus gives the mean over the development set.
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
