package pii_test

import (
	"strings"
	"testing"

	"postern/policy/pii"
)

func TestLexicon(t *testing.T) {
	l, err := pii.NewLexicon([]pii.Phrase{
		{"STOP", "optout", "en"}, {"stop", "optout", "de"}, {"Abmelden", "optout", "de"}, {"çıkış", "optout", "tr"}, {"İPTAL", "optout", "tr"},
		{"STRASSE", "optout", "de"}, {"退订", "optout", "zh"}, {"إيقاف", "optout", "ar"}, {"रोकें", "optout", "hi"}, {"no más", "optout", "es"}, {"START", "optin", "en"}, {"4 ever", "optin", "en"}, {"I'm in", "optin", "en"}, {"कि", "optin", "hi"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"STOP": "optout en", " stop!! 🙏": "optout en", "S\u200bTOP": "optout en", "ＳＴＯＰ": "optout en", "„Stop.“": "optout en",
		"abmelden": "optout de", "ÇIKIŞ": "optout tr", "Çikiş": "optout tr", "iptal": "optout tr", "IPTAL": "optout tr", "straße": "optout de",
		"退订。": "optout zh", "«إيقاف»": "optout ar", "रोकें!": "optout hi", "NO   MA\u0301S": "optout es", "*start*": "optin en",
		"stop\u0301": "", "4 ever.": "optin en", "-4 EVER-": "optin en", "i’m in": "optin en", "I‘M IN": "optin en", "iʼm in": "optin en", "ı'm in": "optin en", "कि": "optin hi", "क": "",
		strings.Repeat("!", 300) + "stop": "optout en", strings.Repeat("!", 400) + "stop": "",
		"please stop": "", "stop it": "", "stopp": "", "": "", "👍": "", "don't stop": "", strings.Repeat("stop ", 1000): "",
	} {
		p, ok := l.Match(text)
		if got := strings.TrimSpace(p.Class + " " + p.Language); got != want || ok != (want != "") {
			t.Errorf("Match(%q) = %q %v, want %q", text, got, ok, want)
		}
	}
}

func TestLexiconRefuses(t *testing.T) {
	if _, err := pii.NewLexicon([]pii.Phrase{{"!!", "optout", "en"}}); err == nil {
		t.Error("empty phrase accepted")
	}
	if _, err := pii.NewLexicon([]pii.Phrase{{"Stop", "optout", "en"}, {"STOP", "optin", "xx"}}); err == nil {
		t.Error("contradiction accepted")
	}
	var zero pii.Lexicon
	if _, ok := zero.Match("stop"); ok {
		t.Error("zero lexicon matches")
	}
}
