package pii

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	unicodenorm "golang.org/x/text/unicode/norm"
)

// Phrase is a word or phrase that means something when it is the whole
// message, such as STOP.
type Phrase struct {
	Text     string
	Class    string // "optout", "optin"
	Language string // BCP 47, for the record
}

// Lexicon compares whole messages with phrases. It is immutable and safe for
// concurrent use; the zero value matches nothing.
type Lexicon struct {
	phrases map[string]Phrase
	longest int // bytes of the longest folded phrase
}

// NewLexicon builds a Lexicon. A phrase without letters or digits, or one that
// stands for two classes, is an error; of the same phrase in two languages the
// first counts.
func NewLexicon(phrases []Phrase) (*Lexicon, error) {
	l := &Lexicon{phrases: make(map[string]Phrase, len(phrases))}
	for _, p := range phrases {
		key := fold(p.Text)
		if key == "" {
			return nil, fmt.Errorf("lexicon phrase %q (%s, %s) has no letters or digits", p.Text, p.Class, p.Language)
		}
		if old, ok := l.phrases[key]; ok {
			if old.Class != p.Class {
				return nil, fmt.Errorf("lexicon phrase %q is both %s (%s) and %s (%s); keep one", p.Text, old.Class, old.Language, p.Class, p.Language)
			}
			continue
		}
		l.phrases[key] = p
		l.longest = max(l.longest, len(key))
	}
	return l, nil
}

// Match reports the phrase that the whole text is, without regard to case,
// composition, width, repeated spaces, and punctuation, emoji and invisible
// marks around it.
func (l *Lexicon) Match(text string) (Phrase, bool) {
	if len(l.phrases) == 0 || len(text) > 8*l.longest+256 {
		return Phrase{}, false
	}
	p, ok := l.phrases[fold(text)]
	return p, ok
}

// fold brings a phrase to the form in which two writings are equal. The
// Turkish dotless and dotted i fall together with i: ÇIKIŞ, çıkış and Çikiş
// are one word.
func fold(s string) string {
	s = strings.Map(foldRune, unicodenorm.NFKC.String(s))
	s = cases.Fold().String(s)
	s = strings.TrimFunc(unicodenorm.NFC.String(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
	})
	return strings.Join(strings.Fields(s), " ")
}

func foldRune(r rune) rune {
	switch {
	case r == 'İ' || r == 'ı':
		return 'i'
	case r == 'I':
		return 'i'
	case r == '’' || r == '‘' || r == 'ʼ':
		return '\''
	case invisible(r):
		return -1
	}
	return r
}
