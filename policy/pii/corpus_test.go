package pii_test

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// sample is one labelled message of testdata/messages.jsonl. Spans are bytes.
type sample struct {
	Lang  string
	Text  string
	Spans [][3]any
	Kind  string
}

type span struct {
	start, end int
	kind       pii.Type
}

func (s sample) spans() []span {
	var out []span
	for _, x := range s.Spans {
		out = append(out, span{int(x[0].(float64)), int(x[1].(float64)), pii.Type(x[2].(string))})
	}
	return out
}

func corpus(t testing.TB) []sample {
	t.Helper()
	f, err := os.Open("testdata/messages.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out []sample
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var s sample
		if err := json.Unmarshal(lines.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func scanner(t testing.TB, countries ...string) *pii.Scanner {
	t.Helper()
	s, err := pii.New(pii.Config{Countries: countries})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// score counts over the development set.
type score struct{ gold, hit, wrong int }

// measure scans the corpus, each text changed by alter. A value counts as found
// if one finding of its type covers it; a finding that covers none is wrong.
func measure(t *testing.T, alter func(string) string) (by map[pii.Type]*score, alarms int) {
	t.Helper()
	s := scanner(t)
	by = map[pii.Type]*score{pii.Email: {}, pii.Phone: {}, pii.CreditCard: {}, pii.IBAN: {}, pii.CardCVV: {}, "URL": {}, "NATIONAL_ID": {}, "other": {}}
	for _, m := range corpus(t) {
		gold := m.spans()
		slices.SortFunc(gold, func(a, b span) int { return a.start - b.start })
		text := m.Text
		for i := len(gold) - 1; i >= 0; i-- {
			g := &gold[i]
			value := alter(text[g.start:g.end])
			grown := len(value) - (g.end - g.start)
			text = text[:g.start] + value + text[g.end:]
			g.end += grown
			for j := i + 1; j < len(gold); j++ {
				gold[j].start, gold[j].end = gold[j].start+grown, gold[j].end+grown
			}
		}
		found := s.Scan(text, pii.Hint{}, nil)
		if m.Kind == "clean" && len(found) > 0 {
			alarms++
			t.Logf("false alarm %v in %q", found, text)
		}
		judge(t, text, gold, found, by)
	}
	return by, alarms
}

func judge(t *testing.T, text string, gold []span, found []pii.Finding, by map[pii.Type]*score) {
	t.Helper()
	right := make([]bool, len(found))
	for _, g := range gold {
		c := by[g.kind]
		if c == nil {
			continue // a type this version does not look for
		}
		c.gold++
		covered := slices.IndexFunc(found, func(f pii.Finding) bool { return f.Type == g.kind && f.Start <= g.start && f.End >= g.end })
		if covered < 0 {
			t.Logf("missed %s in %q", g.kind, text)
			continue
		}
		c.hit++
		right[covered] = true
	}
	for i, f := range found {
		if !right[i] && !unmarked[f.Type] {
			if by[f.Type] == nil {
				f.Type = "other"
			}
			by[f.Type].wrong++
			t.Logf("wrong %v in %q", f, text)
		}
	}
}

// unmarked are types that the set holds but does not mark.
var unmarked = map[pii.Type]bool{pii.CardCVV: true, catalog.CardExpiry: true, catalog.Name: true, catalog.BirthDate: true}

// TestCorpus guards the accuracy on the development set.
func TestCorpus(t *testing.T) {
	by, alarms := measure(t, func(s string) string { return s })
	for kind, want := range map[pii.Type]int{pii.Email: 38, pii.Phone: 182, pii.CreditCard: 116, pii.IBAN: 57, "URL": 23, "NATIONAL_ID": 182} {
		c := by[kind]
		t.Logf("%-12s found %d of %d, wrong %d", kind, c.hit, c.gold, c.wrong)
		if c.hit < want || c.wrong > 0 {
			t.Errorf("%s: found %d of %d, wrong %d; it was %d of %d, 0", kind, c.hit, c.gold, c.wrong, want, want)
		}
	}
	if alarms > 0 || by["other"].wrong > 0 {
		t.Errorf("%d of 400 clean messages with findings, %d findings of other types", alarms, by["other"].wrong)
	}
}

// between puts mark between every two ASCII letters or digits.
func between(mark string) func(string) string {
	return func(s string) string {
		var out strings.Builder
		for i := range len(s) {
			if out.WriteByte(s[i]); i+1 < len(s) && alnum(s[i]) && alnum(s[i+1]) {
				out.WriteString(mark)
			}
		}
		return out.String()
	}
}

func alnum(c byte) bool { return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' }

// digitsAs writes digits in another script, given its zero.
func digitsAs(zero rune) func(string) string {
	return func(s string) string {
		return strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, s)
	}
}

// TestCorpusDisguised: the same values with invisible marks, in other scripts,
// with keycaps, other spaces and dashes.
func TestCorpusDisguised(t *testing.T) {
	keycaps := func(s string) string {
		var out strings.Builder
		for _, r := range s {
			if out.WriteRune(r); r >= '0' && r <= '9' {
				out.WriteString("\uFE0F\u20E3")
			}
		}
		return out.String()
	}
	for name, alter := range map[string]func(string) string{
		"zero width space": between("\u200b"), "word joiner": between("\u2060"), "soft hyphen": between("\u00ad"),
		"Arabic-Indic": digitsAs('٠'), "Persian": digitsAs('۰'), "Devanagari": digitsAs('०'), "Bengali": digitsAs('০'), "Thai": digitsAs('๐'),
		"full width": digitsAs('０'), "mathematical": digitsAs('𝟎'), "keycaps": keycaps,
		"no-break space": strings.NewReplacer(" ", "\u00a0", "-", "\u2011").Replace,
		"new lines":      strings.NewReplacer(" ", "\n").Replace,
		"bold":           strings.NewReplacer(" ", "* *", "-", "_-_").Replace,
		"bidi":           func(s string) string { return "\u202a" + strings.ReplaceAll(s, " ", "\u202c \u202a") + "\u202c" },
	} {
		t.Run(name, func(t *testing.T) {
			plain := alter
			if name == "bidi" { // the marks around a value are not part of it
				plain = func(s string) string { return strings.TrimSuffix(strings.TrimPrefix(alter(s), "\u202a"), "\u202c") }
			}
			by, _ := measure(t, plain)
			gold, hit := 0, 0
			for _, kind := range []pii.Type{pii.Email, pii.Phone, pii.CreditCard, pii.IBAN} {
				gold, hit = gold+by[kind].gold, hit+by[kind].hit
			}
			t.Logf("found %d of %d", hit, gold)
			if hit*1000 < gold*990 {
				t.Errorf("found %d of %d", hit, gold)
			}
		})
	}
}

// TestCleanForEveryCountry: a country prior makes no phone out of clean chat.
func TestCleanForEveryCountry(t *testing.T) {
	s := scanner(t)
	for _, m := range corpus(t) {
		if m.Kind != "clean" {
			continue
		}
		for _, country := range []string{"US", "GB", "DE", "FR", "ES", "IT", "PT", "BR", "MX", "AR", "IN", "ID", "SG", "CN", "JP", "KR", "TR", "RU", "SA", "AE", "EG", "NG", "KE", "ZA", "NL", "PL", "NO", "HK"} {
			if found := s.Scan(m.Text, pii.Hint{PeerCountry: country}, nil); len(found) > 0 {
				t.Errorf("%s %q: %v", country, m.Text, found)
			}
		}
	}
}

// TestHabits: real ways of writing that the development set lacks.
func TestHabits(t *testing.T) {
	tests := []struct{ country, text, want string }{
		{"DE", "Sie erreichen mich unter 030/1234567.", "PHONE:030/1234567"},
		{"DE", "Rückruf bitte: 0151-234 567 89, danke", "PHONE:0151-234 567 89"},
		{"FR", "mon 06 12 34 56 78 merci", "PHONE:06 12 34 56 78/likely"},
		{"FR", "06.12.34.56.78", "PHONE:06.12.34.56.78/likely"},
		{"GB", "07400-122893 ring me", "PHONE:07400-122893"},
		{"IN", "98765 43210", "PHONE:98765 43210/likely"},
		{"IN", "my no 9876543210 pls call", "PHONE:9876543210"},
		{"ES", "llámame al 612250361", "PHONE:612250361"},
		{"BR", "zap: (11) 9 6121-6940", "PHONE:(11) 9 6121-6940"},
		{"NL", "bel me op 06-12345678", "PHONE:06-12345678"},
		{"RU", "мой тел. 8 (912) 313-03-98", "PHONE:8 (912) 313-03-98"},
		{"JP", "090-1234-5682", "PHONE:090-1234-5682/likely"},
		{"KR", "010-2000-0882로 전화주세요", "PHONE:010-2000-0882"},
		{"TH", "โทรมาที่ 0812345678 นะ", "PHONE:0812345678"},
		{"EG", "رقمي ٠١٠٠١٢٣٤٩٥٣", "PHONE:٠١٠٠١٢٣٤٩٥٣"},
		{"IL", "הטלפון שלי 050-2345678", "PHONE:050-2345678"},
		{"", "Tel.: +49(0)30/1234567 Fax -68", "PHONE:+49(0)30/1234567"},
		{"", "+55 11 96121-6940 / +55 11 96121-6941", "PHONE:+55 11 96121-6940 | PHONE:+55 11 96121-6941"},
		{"", "0812-345-8390 atau 0813-456-7890, hubungi saja", "PHONE:0813-456-7890/likely"},
		{"", "iban: ch93-0076-2011-6238-5295-7", "IBAN:ch93-0076-2011-6238-5295-7"},
		{"", "MC 5555-5555-5555-4444 exp 12/27 CVC: 321", "CREDIT_CARD:5555-5555-5555-4444 | CARD_EXPIRY:12/27/likely | CARD_CVV:321"},
		{"", "5555555555554444 1227 321", "CREDIT_CARD:5555555555554444/likely | CARD_EXPIRY:1227/likely | CARD_CVV:321/likely"},
		{"", "şifre değil, kart numaram 6011 1111 1111 1117", "CREDIT_CARD:6011 1111 1111 1117"},
		{"", "El CVV es el 456", "CARD_CVV:456"},
		{"", "le cryptogramme c'est 789", "CARD_CVV:789"},
		{"", "mon code PIN est 4567", "CARD_PIN:4567"},
		{"", "пин-код 4321", "CARD_PIN:4321"},
		{"", "सीवीवी ४५६ है", "CARD_CVV:४५६"},
		// Clean.
		{"US", "Flight AA 1234 departs 2026-11-21 06:45, gate 12, seat 23A", ""},
		{"US", "USPS tracking 9400111899223197428490", ""},
		{"US", "Your balance is $12,345,678.90 and 1234567 points", ""},
		{"DE", "Auftragsnummer 2026-0815-4711, Artikel 4006381333931", ""},
		{"IN", "Your UTR is 412345678901 for Rs.5000 on 12-03-26", ""},
		{"IN", "PNR 2415678901 train 12951", ""},
		{"BR", "Protocolo 20261121123456 aberto", ""},
		{"FR", "Colis 8R12345678901 livré entre 10h30 et 12h30", ""},
		{"SG", "SKU 81234567 is back", ""},
		{"NO", "ordrenr 98765432", ""},
		{"ES", "Factura 612250361 pagada", ""},
		{"GB", "550e8400-e29b-41d4-a716-446655440000", ""},
		{"US", "https://shop.example/p/2015682521?ref=2015550123", ""},
		{"CN", "订单号 20261121131234531 已发货", ""},
		{"JP", "注文番号 250-1234567-7654321", ""},
		{"US", "Score was 21-17, 21-19, 15-21 and ZIP 94103-1234", ""},
	}
	for _, tt := range tests {
		found := scanner(t).Scan(tt.text, pii.Hint{PeerCountry: tt.country}, nil)
		if got := hits(tt.text, found); got != tt.want {
			t.Errorf("%s %q\n got  %s\n want %s", tt.country, tt.text, got, tt.want)
		}
	}
}
