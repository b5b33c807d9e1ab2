package pii

import (
	_ "embed"
	"strings"
	"sync"
	"unicode/utf8"
)

// wordsText is the list of context words, see its head for the form.
//
//go:embed words.txt
var wordsText string

// topic is what a word beside a value says the value is.
type topic uint8

const (
	topicNone topic = iota
	topicPhone
	topicNumber
	topicCard
	topicAccount
	topicIdent
	topicOrder
	topicCVV
	topicPIN
	topicLink
)

var topicNames = map[string]topic{
	"phone": topicPhone, "number": topicNumber, "card": topicCard, "account": topicAccount, "ident": topicIdent,
	"order": topicOrder, "cvv": topicCVV, "pin": topicPIN, "link": topicLink,
}

// vocabulary is the parsed list. It is immutable.
type vocabulary struct {
	exact map[string]topic
	stems map[[4]byte][]stem // by their first four bytes, longest first
	dense map[string]topic   // words of scripts without spaces
	tails [256]bool          // last bytes of dense words
	ends  [256]bool          // last bytes of phrases of several words
}

type stem struct {
	text string
	is   topic
}

var sharedVocabulary = sync.OnceValue(func() *vocabulary { return parseWords(wordsText) })

// parseWords reads the list. Where a word stands twice the earlier topic
// counts.
func parseWords(text string) *vocabulary {
	v := &vocabulary{exact: map[string]topic{}, stems: map[[4]byte][]stem{}, dense: map[string]topic{}}
	for line := range strings.Lines(text) {
		head, list, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		name, _, _ := strings.Cut(head, " ")
		for word := range strings.SplitSeq(list, ", ") {
			v.learn(word, topicNames[name])
		}
	}
	return v
}

func (v *vocabulary) learn(word string, is topic) {
	if base, ok := strings.CutSuffix(word, "*"); ok && len(base) >= 4 {
		key := [4]byte([]byte(base[:4]))
		v.stems[key] = append(v.stems[key], stem{base, is})
		return
	}
	word = spaced(strings.TrimSuffix(word, "*"))
	if r, _ := utf8.DecodeRuneInString(word); isDense(r) {
		set(v.dense, word, is)
		v.tails[word[len(word)-1]] = true
		return
	}
	set(v.exact, word, is)
	if strings.Contains(word, " ") {
		v.ends[word[len(word)-1]] = true
	}
}

// spaced writes a word as nearby does: one space for whatever is no letter.
func spaced(word string) string {
	return strings.Join(strings.FieldsFunc(word, func(r rune) bool { return !wordRune(r) }), " ")
}

func set(m map[string]topic, word string, is topic) {
	if _, ok := m[word]; !ok {
		m[word] = is
	}
}

// word looks up one folded word.
func (v *vocabulary) word(w []byte) topic {
	if t, ok := v.exact[string(w)]; ok {
		return t
	}
	if len(w) < 4 {
		return topicNone
	}
	best, is := 0, topicNone
	for _, s := range v.stems[[4]byte(w[:4])] {
		if len(s.text) > best && len(s.text) <= len(w) && string(w[:len(s.text)]) == s.text {
			best, is = len(s.text), s.is
		}
	}
	return is
}

// isDense reports runes of scripts written without spaces, and Hangul, whose
// particles are joined to the word.
func isDense(r rune) bool {
	switch {
	case r < 0x0E00:
		return false
	case r <= 0x0EFF: // Thai, Lao
		return true
	case r >= 0x1780 && r <= 0x17FF, r >= 0x1000 && r <= 0x109F: // Khmer, Myanmar
		return true
	}
	return r >= 0x3005 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7AF
}
