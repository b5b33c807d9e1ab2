package pii_test

import (
	"testing"

	"postern/policy/pii"
)

// TestSpoken reads digits that are said in words, as the type and as all of the
// words that say the value.
func TestSpoken(t *testing.T) {
	for _, c := range []struct{ lang, country, text, kind, value string }{
		{"en", "IN", "my number is nine eight one zero double four one two nine zero thanks", "PHONE", "nine eight one zero double four one two nine zero"},
		{"en", "GB", "call me on oh seven nine one one, one two three four five six", "PHONE", "oh seven nine one one, one two three four five six"},
		{"en", "US", "card number four one one one one one one one one one one one one one one one please", "CREDIT_CARD", "four one one one one one one one one one one one one one one one"},
		{"en", "IN", "call nine 8 one zero double 4 one 2 nine zero", "PHONE", "nine 8 one zero double 4 one 2 nine zero"},
		{"es", "ES", "mi teléfono es seis uno dos tres cuatro cinco seis siete ocho", "PHONE", "seis uno dos tres cuatro cinco seis siete ocho"},
		{"fr", "FR", "mon numéro c'est le zéro six douze trente-quatre cinquante-six soixante-dix-huit merci", "PHONE", "zéro six douze trente-quatre cinquante-six soixante-dix-huit"},
		{"fr", "FR", "tel zéro six vingt et un quatre-vingt-douze soixante-douze quatre-vingts", "PHONE", "zéro six vingt et un quatre-vingt-douze soixante-douze quatre-vingts"},
		{"pt", "BR", "meu zap é onze nove oito meia cinco quatro três dois um zero nove", "PHONE", "onze nove oito meia cinco quatro três dois um zero nove"},
		{"de", "DE", "meine nummer: null eins fünf eins zwo drei vier fünf sechs sieben acht", "PHONE", "null eins fünf eins zwo drei vier fünf sechs sieben acht"},
		{"it", "IT", "il mio numero è tre quattro sette uno due tre quattro cinque sei sette", "PHONE", "tre quattro sette uno due tre quattro cinque sei sette"},
		{"hi", "IN", "मेरा नंबर नौ आठ सात छह पांच चार तीन दो एक शून्य है", "PHONE", "नौ आठ सात छह पांच चार तीन दो एक शून्य"},
		{"hi", "IN", "mera number nau aath ek zero char char ek do nau zero hai", "PHONE", "nau aath ek zero char char ek do nau zero"},
		{"ar", "EG", "رقمي صفر واحد صفر واحد اتنين تلاتة اربعة خمسة ستة سبعة تمانية", "PHONE", "صفر واحد صفر واحد اتنين تلاتة اربعة خمسة ستة سبعة تمانية"},
		{"tr", "TR", "numaram sıfır beş üç iki dört dört bir iki dokuz sıfır üç", "PHONE", "sıfır beş üç iki dört dört bir iki dokuz sıfır üç"},
		{"ru", "RU", "мой номер восемь девять один шесть один два три четыре пять шесть семь", "PHONE", "восемь девять один шесть один два три четыре пять шесть семь"},
		{"id", "ID", "nomor saya nol delapan satu dua empat empat satu dua sembilan nol tiga", "PHONE", "nol delapan satu dua empat empat satu dua sembilan nol tiga"},
		{"zh", "CN", "我手机一三八一二三四五六七八", "PHONE", "一三八一二三四五六七八"},
		{"zh", "CN", "手机幺三八零零幺三八零零零", "PHONE", "幺三八零零幺三八零零零"},
		{"ja", "JP", "電話番号は〇九〇一二三四五六七八です", "PHONE", "〇九〇一二三四五六七八"},
		{"ko", "KR", "전화번호 공일공 사사일이 구공삼일", "PHONE", "공일공 사사일이 구공삼일"},
		{"en", "IN", "your code is four four one two nine zero", "OTP", "four four one two nine zero"},
	} {
		s, err := pii.New(pii.Config{})
		if err != nil {
			t.Fatal(err)
		}
		got := s.Scan(c.text, pii.Hint{PeerCountry: c.country, Lang: c.lang}, nil)
		if len(got) != 1 || string(got[0].Type) != c.kind || got[0].Level < pii.Likely || c.text[got[0].Start:got[0].End] != c.value {
			for _, f := range got {
				t.Logf("%s %v %q", f.Type, f.Level, c.text[f.Start:f.End])
			}
			t.Errorf("%q: want %s %q", c.text, c.kind, c.value)
		}
	}
}

// TestSpokenProse finds nothing where people count.
func TestSpokenProse(t *testing.T) {
	s, err := pii.New(pii.Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ lang, country, text string }{
		{"en", "US", "one two three go"},
		{"en", "GB", "ten, nine, eight, seven, six, five, four, three, two, one, lift off"},
		{"en", "IN", "order one two three four five six seven eight nine zero"},
		{"hi", "IN", "ek do teen char panch chhe saat aath nau das, mil gaya"},
		{"es", "MX", "uno dos tres cuatro cinco seis siete ocho"},
		{"fr", "FR", "un deux trois nous irons au bois, quatre cinq six cueillir des cerises, sept huit neuf"},
		{"zh", "CN", "一二三四五六七，星期几"},
		{"zh", "CN", "二零二四年十一月二十二日"},
		{"pt", "BR", "um dois três quatro cinco testando"},
	} {
		for _, f := range s.Scan(c.text, pii.Hint{PeerCountry: c.country, Lang: c.lang}, nil) {
			if f.Level >= pii.Likely {
				t.Errorf("%q: %s %q", c.text, f.Type, c.text[f.Start:f.End])
			}
		}
	}
}
