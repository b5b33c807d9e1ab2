// Package pack reads what people of compliance add to the scanner: packs
// (entities of their own, lists of what is not personal, rules for what is
// done with each type) and lexicons (words and phrases by topic).
//
// Both are YAML files beside the policy: pii/NAME.yaml and lexicons/NAME.yaml,
// with their lists beside them. A file is read strictly, and every example in it
// must come out as it says: what is wrong is refused, all of it at once, each
// with file:line:column, the reason and what to write. Whoever loads keeps the
// Set in force before when a new one is refused.
package pack

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
	"postern/policy/pii/check"
)

// Pack is one file of a folder pii, read and checked by itself.
type Pack struct {
	Name           string
	DoesNotAchieve string // what nobody may expect of it
	Include        []string
	Countries      []string

	file     string
	original Original
	include  []item
	entities []entity
	allow    allowance
	negative []string // lines of a word list
	rules    []rule
	tests    []example
}

// entity is a kind of personal data that a pack adds.
type entity struct {
	name     string
	typ      pii.Type
	class    catalog.Class
	level    pii.Level
	needs    catalog.Need
	pattern  *pattern
	check    catalog.Check
	words    []string // of a deny list
	except   []string
	labels   []string // lines of a word list
	at       *yaml.Node
	examples []example
}

// example is a text and what has to be found in it.
type example struct {
	at       *yaml.Node
	text     string
	hint     pii.Hint
	want     []string // types and entities
	without  []string
	anything bool // other findings do not matter
}

// rule is one row of a pack's policy.
type rule struct {
	keys               []key
	outbound, inbound  bool
	forwarded, written bool
	operator           pii.Operator
	at                 *yaml.Node // of the operator
}

// key is a type, an entity or "*", and where it is written.
type key struct {
	name pii.Type
	at   *yaml.Node
}

var (
	packName   = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,63}$`)
	entityName = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)
	langName   = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

// source gives the files beside the packs.
type source func(name string) ([]byte, bool)

// parsePack reads one file.
func parsePack(file string, raw []byte, read source) (*Pack, []error) {
	r := &reader{file: file}
	root := r.document(raw)
	if root == nil {
		return nil, r.errs
	}
	s := r.section(root, "", "does_not_achieve", "pack", "original", "include", "countries", "entities", "allow", "negative_context", "policy", "tests")
	p := &Pack{file: file, Name: s.text("pack"), DoesNotAchieve: s.text("does_not_achieve")}
	switch want := strings.TrimSuffix(path.Base(file), ".yaml"); {
	case !packName.MatchString(want):
		r.fail(s.at("pack"), "pack: the file is called %s.yaml; name it and the pack in small letters, digits, - and _, beginning with a letter", want)
	case p.Name != want:
		r.fail(s.at("pack"), "pack: write the name of the file, pack: %s, in small letters, digits, - and _", want)
	}
	if s.has("does_not_achieve") && s.keys[0].Value != "does_not_achieve" {
		r.fail(s.at("does_not_achieve"), "does_not_achieve: put it first: it is what a reader has to know")
	}
	p.original = Original(s.word("original", string(KeepOriginal), string(EraseOriginal)))
	p.include = s.list("include")
	p.Include = texts(p.include)
	for _, c := range s.list("countries") {
		r.country(c, "countries")
		p.Countries = append(p.Countries, c.text)
	}
	s.each("entities", func(key, value *yaml.Node, path string) {
		p.entities = append(p.entities, r.entity(key, value, path, read))
	})
	p.allow = s.allowance(read)
	if _, ok := s.sub("negative_context"); ok {
		p.negative = s.context("negative_context", "order")
	}
	s.every("policy", func(n *yaml.Node, path string) { p.rules = append(p.rules, r.rule(n, path)) })
	s.every("tests", func(n *yaml.Node, path string) { p.tests = append(p.tests, r.test(n, path)) })
	return p, r.errs
}

// country refuses a code that no country has: nothing would come of it.
func (r *reader) country(c item, path string) {
	if !pii.KnownCountry(c.text) {
		r.fail(c.node, "%s: write two capital letters, such as DE (ISO 3166-1)", path)
	}
}

// entity reads one entity: a pattern, a shape or a deny list, and examples.
func (r *reader) entity(key, value *yaml.Node, path string, read source) entity {
	s := r.section(value, path, "type", "class", "level", "needs", "pattern", "shape", "deny_list", "words", "except", "check", "context", "fold", "whole_word", "examples")
	e := entity{name: key.Value, at: key, typ: pii.Type(key.Value)}
	if !entityName.MatchString(e.name) {
		r.fail(key, "%s: write the name in capital letters, digits and _, such as ACME_CUSTOMER_NO", path)
	}
	if s.has("type") {
		e.typ = pii.Type(s.text("type"))
		if !entityName.MatchString(string(e.typ)) {
			r.fail(s.at("type"), "%s.type: write a type such as RECORD_ID, or leave it out", path)
		}
	}
	e.class = catalog.Class(s.word("class", "C", "A", "B", "D")[0])
	e.level = levelOf(s.word("level", "likely", "possible", "certain"))
	e.needs = catalog.Nothing
	if s.word("needs", "nothing", "label") == "label" {
		e.needs = catalog.Label
	}
	s.written(&e, read)
	if s.has("context") {
		e.labels = s.context("context", strings.ToLower(e.name))
	}
	if e.needs == catalog.Label && len(e.labels) == 0 {
		r.fail(s.at("needs"), "%s.needs: a label is needed, and context names none; write context: {en: [customer number]}", path)
	}
	e.examples = s.examples(e.name)
	return e
}

func levelOf(word string) pii.Level {
	switch word {
	case "certain":
		return pii.Certain
	case "possible":
		return pii.Possible
	}
	return pii.Likely
}

// written reads how values of an entity are written: exactly one way.
func (s *section) written(e *entity, read source) {
	ways := slices.DeleteFunc([]string{"pattern", "shape", "deny_list", "words"}, func(k string) bool { return !s.has(k) })
	if len(ways) != 1 {
		s.r.fail(s.node, "%s: write exactly one of pattern, shape, deny_list (a file) and words (a list)", s.path)
		return
	}
	switch ways[0] {
	case "pattern", "shape":
		s.pattern(e, ways[0])
	default:
		s.terms(e, ways[0], read)
	}
}

func (s *section) pattern(e *entity, way string) {
	text, n := s.text(way), s.at(way)
	if s.has("except") {
		s.r.fail(s.at("except"), "%s.except: stands with words and deny_list alone", s.path)
	}
	whole := !s.has("whole_word") || s.flag("whole_word")
	if way == "shape" {
		var err error
		if text, err = expression(text); err != nil {
			s.r.fail(n, "%s.shape: %v", s.path, err)
			return
		}
	}
	var err error
	if e.pattern, err = compile(text, s.flag("fold"), whole); err != nil {
		s.r.fail(n, "%s.%s: %v", s.path, way, err)
	}
	if name := s.text("check"); name != "" {
		if e.check = checked(name); e.check == nil {
			s.r.fail(s.at("check"), "%s.check: no check is called %q; write one of %s, or an entity with a check that \"postern pii types\" lists, such as BR_CPF", s.path, name, strings.Join(check.Families(), ", "))
		}
	}
	if e.pattern != nil && e.pattern.expr.NumSubexp() > 0 {
		e.pattern.check, e.check = e.check, nil
	}
	if found, of := e.ordinary(); commonness*found > of {
		s.r.fail(n, "%s.%s: found in %d of %d messages of ordinary chat, which hold nothing of the kind; require a text that is rare elsewhere, a check, or a word beside it (needs: label)", s.path, way, found, of)
	}
}

func (s *section) terms(e *entity, way string, read source) {
	for _, k := range []string{"check", "context", "needs"} {
		if s.has(k) {
			s.r.fail(s.at(k), "%s.%s: stands with pattern and shape alone; words are findings by themselves", s.path, k)
		}
	}
	for _, k := range []string{"fold", "whole_word"} {
		if s.has(k) && !s.flag(k) {
			s.r.fail(s.at(k), "%s.%s: words are always compared so; write true or leave it out", s.path, k)
		}
	}
	before := len(s.r.errs)
	if way == "words" {
		e.words = texts(s.list("words"))
	} else {
		e.words = s.file("deny_list", read)
	}
	if len(s.r.errs) == before { // else it is said why there are none
		s.usable(way, e.words)
	}
	e.except = texts(s.list("except"))
}

// usable refuses words that could never be found, and lists without any.
func (s *section) usable(key string, list []string) {
	if len(list) == 0 {
		s.r.fail(s.at(key), "%s: the list is empty; write words or take the entity away", s.name(key))
	}
	for _, w := range list {
		if !wordy(w) {
			s.r.fail(s.at(key), "%s: an entry has no letters or digits; take it away", s.name(key))
			return
		}
	}
}

// file reads a list from a file beside the pack: a word or phrase a line, # for
// comments.
func (s *section) file(key string, read source) []string {
	name := strings.TrimPrefix(s.text(key), "file://")
	if name == "" {
		return nil
	}
	full := path.Join(path.Dir(s.r.file), name)
	if path.IsAbs(name) || !strings.HasPrefix(full, path.Dir(s.r.file)+"/") {
		s.r.fail(s.at(key), "%s: name a file in the folder of the pack", s.name(key))
		return nil
	}
	raw, ok := read(full)
	if !ok {
		s.r.fail(s.at(key), "%s: there is no file %s; put it beside the pack", s.name(key), full)
		return nil
	}
	if bad := notUTF8(raw); bad > 0 {
		s.r.fail(s.at(key), "%s: line %d of %s is not UTF-8; save the file as UTF-8", s.name(key), bad, full)
		return nil
	}
	var out []string
	for line := range strings.Lines(strings.TrimPrefix(string(raw), "\uFEFF")) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			out = append(out, line)
		}
	}
	return out
}

// context reads words by language as lines of a word list.
func (s *section) context(key, topic string) []string {
	var out []string
	s.each(key, func(lang, value *yaml.Node, path string) {
		if !langName.MatchString(lang.Value) {
			s.r.fail(lang, "%s: write a language such as de or pt-BR", path)
			return
		}
		var list []string
		words := s.r.list(value, path)
		if value.Kind == yaml.SequenceNode && len(value.Content) == 0 {
			s.r.fail(value, "%s: the list is empty; write words or take the language away", path)
		}
		for _, w := range words {
			if !wordy(w.text) || strings.ContainsAny(w.text, ",\n") {
				s.r.fail(w.node, "%s: write words with letters or digits, without commas", path)
				continue
			}
			list = append(list, w.text)
		}
		if len(list) > 0 {
			out = append(out, fmt.Sprintf("%s %s: %s", topic, lang.Value, strings.Join(list, ", ")))
		}
	})
	return out
}

// examples reads what must and must not be found; both are asked for.
func (s *section) examples(name string) []example {
	sub, ok := s.sub("examples", "match", "no_match")
	if !ok {
		s.r.fail(s.node, "%s: examples are missing; write examples: {match: [...], no_match: [...]}", s.path)
		return nil
	}
	var out []example
	for _, key := range []string{"match", "no_match"} {
		list := sub.list(key)
		if len(list) == 0 {
			sub.r.fail(sub.at(key), "%s: write at least one text", sub.name(key))
		}
		for _, it := range list {
			e := example{at: it.node, text: it.text, anything: true}
			if key == "match" {
				e.want = []string{name}
			} else {
				e.without = []string{name}
			}
			out = append(out, e)
		}
	}
	return out
}

// test reads one entry of tests: expect lists what is found; an empty list
// says that nothing is.
func (r *reader) test(n *yaml.Node, path string) example {
	s := r.section(n, path, "text", "lang", "country", "expect")
	for _, key := range []string{"text", "expect"} {
		if !s.has(key) {
			r.fail(n, "%s: %s is missing; write {text: ..., expect: [EMAIL]}", path, key)
		}
	}
	if s.has("country") {
		r.country(item{s.text("country"), s.at("country")}, path+".country")
	}
	if s.has("lang") && !langName.MatchString(s.text("lang")) {
		r.fail(s.at("lang"), "%s.lang: write a language such as de or pt-BR", path)
	}
	want := texts(s.list("expect"))
	return example{at: n, text: s.text("text"), hint: pii.Hint{Lang: s.text("lang"), PeerCountry: s.text("country")}, want: want, anything: len(want) > 0}
}
