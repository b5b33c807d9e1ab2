package words_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"postern/policy/pii/words"
)

func build(t testing.TB, list string) *words.Set {
	t.Helper()
	var b words.Builder
	if err := b.AddList(list); err != nil {
		t.Fatal(err)
	}
	return b.Build()
}

func TestMatch(t *testing.T) {
	s := build(t, `# words
phone en: phone, phone number, tel, cell*
phone pt: número de telefone
id de: Steuer-ID, straße
id tr: kimlik
id it: carta d'identità
id ar: هوية, رقم الهاتف
id ru: счёт
id zh: 身份证
id th: เบอร์โทร
id ko: 주민번호
`)
	for _, tt := range []struct{ text, want string }{
		{"phone: 1", "phone"},
		{"phones", ""},
		{"Phone  Number 1", "Phone  Number"},
		{"phone-number", "phone-number"},
		{"tel0151", "tel"},
		{"telx", ""},
		{"cellphone", "cell"},
		{"NUMERO DE TELEFONE", "NUMERO DE TELEFONE"},
		{"nu\u0301mero de telefone", "nu\u0301mero de telefone"},
		{"steuer id", "steuer id"},
		{"STRASSE", "STRASSE"},
		{"KİMLİK no", "KİMLİK"},
		{"KIMLIK no", "KIMLIK"},
		{"carta d’identita", "carta d’identita"},
		{"هويه", "هويه"},
		{"هُوِيّة", "هُوِيّة"},
		{"رقم الهاتف:", "رقم الهاتف"},
		{"счет", "счет"},
		{"身份证号是", "身份证"},
		{"เบอร์โทรของ", "เบอร์โทร"},
		{"주민번호는", "주민번호"},
		{"\xff\xfe", ""},
		{"\xe8:\xab份证", ""},
		{"", ""},
	} {
		entry, end := s.Match(tt.text, 0)
		if got := tt.text[:end]; got != tt.want || (entry == 0) != (tt.want == "") {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSensesJoin(t *testing.T) {
	s := build(t, "account en: iban\niban en: IBAN\niban de: iban")
	entry, _ := s.Match("iban", 0)
	if got := len(s.Senses(entry)); got != 2 {
		t.Errorf("%d senses, want 2", got)
	}
	if s.Topic("iban") == 0 || s.Topic("other") != 0 {
		t.Error("topics are lost")
	}
}

// TestOver has a few words lie over a Set.
func TestOver(t *testing.T) {
	base := build(t, "phone en: phone, phone number, cell*\norder en: order\n")
	b := words.Over(base)
	if err := b.AddList("order en: phone, phone number plate, ticket, cell*, phone nu"); err != nil {
		t.Fatal(err)
	}
	s := b.Build()
	for text, want := range map[string]string{
		"phone": "phone: 2", "Phone Number 1": "Phone Number: 1", "phone number plate": "phone number plate: 1", "TICKET": "TICKET: 1",
		"order": "order: 1", "cellar": "cell: 2", "phones": ": 0", "x": ": 0",
	} {
		entry, end := s.Match(text, 0)
		if got := fmt.Sprintf("%s: %d", text[:end], len(s.Senses(entry))); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	if entry, _ := base.Match("ticket", 0); entry != 0 || s.Topics() != base.Topics() || s.Topic("phone") != base.Topic("phone") {
		t.Error("the set below has changed")
	}
}

func TestAddListNamesTheLine(t *testing.T) {
	for _, list := range []string{"\nphone: x", "\nphone en x", "\nphone en: x, -"} {
		var b words.Builder
		if err := b.AddList(list); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: %v", list, err)
		}
	}
}

// TestBeginNeedsItsSign: nothing stands before the first sign of a word, whatever sign
// comes just before it in order.
func TestBeginNeedsItsSign(t *testing.T) {
	s := build(t, "id en: bank, card*")
	for c := byte('0'); c <= 'z'; c++ {
		if entry, _ := s.Match(string(c)+"bank", 0); entry != 0 {
			t.Errorf("%q: found", string(c)+"bank")
		}
	}
}

// TestLargeSet: what went in comes out, also with many words.
func TestLargeSet(t *testing.T) {
	var b words.Builder
	var all []string
	for i := range 20000 {
		w := string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676%26)) + string(rune('α'+i%20)) + "z"
		all = append(all, w)
		if err := b.Add(w, "t"); err != nil {
			t.Fatal(err)
		}
	}
	s := b.Build()
	for _, w := range all {
		if entry, end := s.Match(w, 0); entry == 0 || end != len(w) {
			t.Fatalf("%q is lost", w)
		}
	}
}

// FuzzMatch: no panic, ends inside the text, folding is idempotent.
func FuzzMatch(f *testing.F) {
	s := build(f, "id en: id, national id, tax*\nid zh: 身份证\nid ar: هوية")
	for _, seed := range []string{"national  id", "\xe0\xa4", "身份证", "ß\u0301", "هُوِيّة"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i := range text {
			if entry, end := s.Match(text, i); entry != 0 && (end <= i || end > len(text)) {
				t.Fatalf("%q at %d: end %d", text, i, end)
			}
		}
		if once := words.Fold(text); !bytes.Equal(words.Fold(string(once)), once) {
			t.Fatalf("%q folds to %q, then %q", text, once, words.Fold(string(once)))
		}
	})
}
