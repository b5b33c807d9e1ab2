package pack

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// Lexicon is one file of a folder lexicons: words and phrases of one topic in
// some languages.
type Lexicon struct {
	Topic string

	file      string
	at        *yaml.Node // of the topic
	languages []language
}

type language struct {
	tag           string
	words, except []string
	examples      []example
}

var topicName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

// Entity is what findings of a topic are called: PROMISES for promises.
func Entity(topic string) string { return strings.ToUpper(topic) }

// TopicOf gives the topic of a finding, "" if it is none of a lexicon.
func TopicOf(f pii.Finding) string {
	if f.Type != catalog.Term {
		return ""
	}
	return strings.ToLower(f.Entity)
}

// Spoken gives a finding, and behind that of a lexicon one for each other topic
// whose words lost the place to it: of two topics neither hides the other.
func (s *Set) Spoken(f pii.Finding) []pii.Finding {
	out := []pii.Finding{f}
	if f.Type != catalog.Term {
		return out
	}
	for _, name := range f.Also() {
		if s.typeOf[name] == catalog.Term {
			other := f
			other.Entity = name
			out = append(out, other)
		}
	}
	return out
}

// parseLexicon reads one file.
func parseLexicon(file string, raw []byte) (*Lexicon, []error) {
	r := &reader{file: file}
	root := r.document(raw)
	if root == nil {
		return nil, r.errs
	}
	s := r.section(root, "", "topic", "about", "languages")
	l := &Lexicon{file: file, Topic: s.text("topic"), at: s.at("topic")}
	if want := strings.TrimSuffix(path.Base(file), ".yaml"); l.Topic != want || !topicName.MatchString(l.Topic) {
		r.fail(s.at("topic"), "topic: write the name of the file, topic: %s, in small letters, digits and _", want)
	}
	if !s.has("languages") {
		r.fail(root, "languages are missing; write languages: {en: {words: [...], examples: {match: [...], no_match: [...]}}}")
	}
	s.each("languages", func(key, value *yaml.Node, path string) {
		if !langName.MatchString(key.Value) {
			r.fail(key, "%s: write a language such as de or pt-BR", path)
		}
		l.languages = append(l.languages, r.language(key, value, path, l.Topic))
	})
	if s.has("languages") && len(l.languages) == 0 && len(r.errs) == 0 {
		r.fail(s.at("languages"), "languages: there is none; write languages: {en: {words: [...], examples: {match: [...], no_match: [...]}}}")
	}
	return l, r.errs
}

// language reads the words of one language. Words, phrases and stems differ in
// how they are written alone: a stem ends in *.
func (r *reader) language(key, value *yaml.Node, path, topic string) language {
	s := r.section(value, path, "words", "phrases", "stems", "except", "examples")
	out := language{tag: key.Value, words: append(texts(s.list("words")), texts(s.list("phrases"))...), except: texts(s.list("except"))}
	for _, stem := range s.list("stems") {
		text := strings.TrimSuffix(stem.text, "*")
		if len([]rune(text)) < 3 {
			r.fail(stem.node, "%s.stems: a stem of fewer than three letters begins too many words; write the words", path)
		}
		out.words = append(out.words, text+"*")
	}
	s.usable("words", out.words)
	out.examples = s.examples(Entity(topic))
	return out
}

// terms are the words of all languages.
func (l *Lexicon) terms() pii.Terms {
	t := pii.Terms{Name: Entity(l.Topic), Type: catalog.Term, Level: pii.Certain}
	for _, lang := range l.languages {
		t.Words, t.Except = append(t.Words, lang.words...), append(t.Except, lang.except...)
	}
	return t
}
