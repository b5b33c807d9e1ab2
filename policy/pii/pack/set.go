package pack

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
	"postern/policy/pii/sieve"
)

// Set is the packs and lexicons in force. It is immutable; the zero value adds
// nothing.
type Set struct {
	packs    []*Pack
	lexicons []*Lexicon
	class    map[string]catalog.Class // of every entity
	typeOf   map[string]pii.Type      // of every entity
	sieve    *sieve.Sieve             // of the patterns in their order; nil if there are none
	cards    []string                 // entities of packs that are card numbers
}

// Folders of packs and of lexicons within a policy.
const (
	Packs    = "pii/"
	Lexicons = "lexicons/"
)

// Use says which packs and lexicons are in force, by name and by topic.
type Use struct{ Packs, Lexicons []string }

// Load reads what is in use, with what it includes, from files by their path
// (pii/acme.yaml, pii/terms.txt, lexicons/promises.yaml), and runs the examples. Errors
// name file:line:column, all of them at once.
func Load(files map[string][]byte, use Use) (*Set, error) {
	l := loader{files: files, state: map[string]int{}}
	for _, name := range use.Packs {
		l.pack(name, l.fail)
	}
	for _, topic := range use.Lexicons {
		l.lexicon(topic)
	}
	if l.partial { // what is missing would be missed at every place that names it
		return nil, told(l.errs)
	}
	s := l.set()
	if len(l.errs) == 0 {
		l.errs = s.examples()
	}
	if len(l.errs) > 0 {
		return nil, told(l.errs)
	}
	return s, nil
}

// Read collects packs, lexicons and their lists from the layers; a later layer's
// file replaces the one of the same name.
func Read(layers ...fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, layer := range layers {
		for _, pattern := range []string{Packs + "*", Lexicons + "*"} {
			names, err := fs.Glob(layer, pattern)
			if err != nil {
				return nil, fmt.Errorf("look for packs: %w", err)
			}
			for _, name := range names {
				if !Ours(name) {
					continue
				}
				if out[name], err = fs.ReadFile(layer, name); err != nil {
					return nil, fmt.Errorf("read pack: %w", err)
				}
			}
		}
	}
	return out, nil
}

// Ours reports a path that is a pack, a lexicon or a list beside one: not
// deeper, not hidden, no description.
func Ours(name string) bool {
	dir, base := path.Split(name)
	return (dir == Packs || dir == Lexicons) && !strings.HasPrefix(base, ".") && (strings.HasSuffix(base, ".yaml") || strings.HasSuffix(base, ".txt"))
}

// Each loads every pack and lexicon by itself, packs first: two that are not
// meant to be in force together may name the same entity.
func Each(files map[string][]byte, use Use) ([]*Set, error) {
	var out []*Set
	var errs []error
	said := map[string]bool{}
	one := func(u Use) {
		s, err := Load(files, u)
		out = append(out, s)
		for _, e := range each(err) {
			if !said[e.Error()] { // what is wrong with an included pack is told once
				said[e.Error()] = true
				errs = append(errs, e)
			}
		}
	}
	for _, name := range use.Packs {
		one(Use{Packs: []string{name}})
	}
	for _, topic := range use.Lexicons {
		one(Use{Lexicons: []string{topic}})
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// each takes joined errors apart.
func each(err error) []error {
	if all, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // as Load joins them
		return all.Unwrap()
	}
	return nil
}

// All names every pack and lexicon among the files.
func All(files map[string][]byte) Use {
	var u Use
	for _, name := range slices.Sorted(maps.Keys(files)) {
		base, yaml := strings.CutSuffix(name, ".yaml")
		if p, ok := strings.CutPrefix(base, Packs); ok && yaml {
			u.Packs = append(u.Packs, p)
		} else if t, ok := strings.CutPrefix(base, Lexicons); ok && yaml {
			u.Lexicons = append(u.Lexicons, t)
		}
	}
	return u
}

// loader collects packs, those that are included before those that include.
type loader struct {
	files    map[string][]byte
	state    map[string]int // 1 while it is read, 2 when it was
	packs    []*Pack
	lexicons []*Lexicon
	partial  bool // a file is missing or can not be read
	errs     []error
}

func (l *loader) fail(format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf(format, args...))
}

func (l *loader) read(name string) ([]byte, bool) {
	raw, ok := l.files[name]
	return raw, ok
}

func (l *loader) pack(name string, fail func(string, ...any)) {
	file := Packs + name + ".yaml"
	raw, ok := l.files[file]
	switch {
	case !ok:
		l.partial = true
		fail("no pack is called %q; write one of %s", name, strings.Join(All(l.files).Packs, ", "))
		return
	case l.state[name] == 1:
		fail("pack %q includes itself; take the include away", name)
		return
	case l.state[name] == 2:
		return
	}
	l.state[name] = 1
	p, errs := parsePack(file, raw, l.read)
	l.errs = append(l.errs, errs...)
	l.partial = l.partial || p == nil
	if p != nil {
		r := &reader{file: file}
		for _, inc := range p.include {
			l.pack(inc.text, func(format string, args ...any) { r.fail(inc.node, "include: "+format, args...) })
		}
		l.errs = append(l.errs, r.errs...)
		l.packs = append(l.packs, p)
	}
	l.state[name] = 2
}

func (l *loader) lexicon(topic string) {
	file := Lexicons + topic + ".yaml"
	raw, ok := l.files[file]
	if !ok {
		l.partial = true
		l.fail("no lexicon has the topic %q; write one of %s", topic, strings.Join(All(l.files).Lexicons, ", "))
		return
	}
	if slices.ContainsFunc(l.lexicons, func(x *Lexicon) bool { return x.Topic == topic }) {
		return
	}
	x, errs := parseLexicon(file, raw)
	l.errs = append(l.errs, errs...)
	l.partial = l.partial || x == nil
	if x != nil {
		l.lexicons = append(l.lexicons, x)
	}
}

// set joins what was read; names must be unique over all of it, and rules name
// only what can be found.
func (l *loader) set() *Set {
	s := &Set{packs: l.packs, lexicons: l.lexicons, class: map[string]catalog.Class{}, typeOf: map[string]pii.Type{}}
	from := map[string]string{}
	for _, r := range catalog.Rows() {
		from[r.Name], s.typeOf[r.Name], s.class[r.Name] = "built in", r.Type, r.Class
	}
	for _, x := range l.lexicons {
		if _, taken := from[Entity(x.Topic)]; taken {
			r := &reader{file: x.file}
			r.fail(x.at, "topic: findings would be called %s, as those of a type are; choose another topic", Entity(x.Topic))
			l.errs = append(l.errs, r.errs...)
		}
		from[Entity(x.Topic)], s.typeOf[Entity(x.Topic)] = x.file, catalog.Term
	}
	for _, p := range l.packs {
		r := &reader{file: p.file}
		for _, e := range p.entities {
			if first, taken := from[e.name]; taken {
				r.fail(e.at, "entities.%s: the name is taken (%s); choose another", e.name, first)
			}
			from[e.name], s.typeOf[e.name], s.class[e.name] = p.file, e.typ, e.class
			if e.typ == pii.CreditCard {
				s.cards = append(s.cards, e.name)
			}
		}
		l.errs = append(l.errs, r.errs...)
	}
	s.sieve = sieveOf(s.packs)
	types := s.Types()
	for _, p := range l.packs {
		for i, rule := range p.rules {
			r := &reader{file: p.file}
			for _, k := range rule.keys {
				if !slices.Contains(types, k.name) {
					r.fail(k.at, "policy[%d]: no finding is called %s; write a type or entity that \"postern pii types\" or a pack in use names", i, k.name)
				}
			}
			if len(r.errs) == 0 {
				r.errs = s.shows(p, i, rule)
			}
			l.errs = append(l.errs, r.errs...)
		}
	}
	return s
}

// sieveOf is that of all patterns, in the order of Config.
func sieveOf(packs []*Pack) *sieve.Sieve {
	var all []sieve.Pattern
	for _, p := range packs {
		for _, e := range p.entities {
			if e.pattern != nil {
				all = append(all, sieve.Pattern{Prog: e.pattern.prog, Whole: e.pattern.whole, Digit: needsDigit(e.pattern.tree)})
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	return sieve.New(all)
}

// Types lists what rules and settings may name: types, entities and "*".
func (s *Set) Types() []pii.Type {
	all := map[pii.Type]bool{pii.AnyType: true, catalog.Term: true}
	for _, t := range catalog.Types() {
		all[t] = true
	}
	for name, t := range s.typeOf {
		all[t], all[pii.Type(name)] = true, true
	}
	return slices.Sorted(maps.Keys(all))
}

// Known lists the packs in force, those that are included before those that
// include.
func (s *Set) Known() []*Pack { return slices.Clone(s.packs) }

// Cards are the entities of packs that are card numbers, for pii.Apart.
func (s *Set) Cards() []string { return slices.Clone(s.cards) }

// Class gives the class of an entity, "" if none is known.
func (s *Set) Class(entity string) string {
	if c, ok := s.class[entity]; ok {
		return string(rune(c))
	}
	return ""
}

// Adds reports whether a scanner finds other things with the set than without.
func (s *Set) Adds() bool {
	return len(s.lexicons) > 0 || slices.ContainsFunc(s.packs, func(p *Pack) bool {
		return len(p.entities)+len(p.negative)+len(p.Countries) > 0 || !p.allow.empty()
	})
}

// Config is what a scanner has to be given beside the countries it is for.
func (s *Set) Config(countries ...string) pii.Config {
	cfg := pii.Config{Countries: slices.Clone(countries)}
	var allow []allowance
	for _, p := range s.packs {
		for _, c := range p.Countries {
			if !slices.Contains(cfg.Countries, c) {
				cfg.Countries = append(cfg.Countries, c)
			}
		}
		if len(p.negative) > 0 {
			cfg.Words = append(cfg.Words, strings.Join(p.negative, "\n"))
		}
		for _, e := range p.entities {
			e.extend(&cfg)
		}
		if !p.allow.empty() {
			allow = append(allow, p.allow)
		}
	}
	for _, x := range s.lexicons {
		cfg.Terms = append(cfg.Terms, x.terms())
	}
	if s.sieve != nil {
		cfg.Sift = s.sieve.Sift
	}
	if len(allow) > 0 {
		cfg.Allow = func(f pii.Finding, value string) bool {
			return slices.ContainsFunc(allow, func(a allowance) bool { return a.permits(f, value) })
		}
	}
	return cfg
}

func (e entity) extend(cfg *pii.Config) {
	if e.pattern == nil {
		cfg.Terms = append(cfg.Terms, pii.Terms{Name: e.name, Type: e.typ, Level: e.level, Words: e.words, Except: e.except})
		return
	}
	p := pii.Pattern{Name: e.name, Type: e.typ, Level: e.level, Find: e.pattern.find, Check: e.check, Needs: e.needs}
	if e.pattern.check != nil {
		p.Check = passed
	}
	if len(e.labels) > 0 {
		p.Labels = []string{strings.ToLower(e.name)}
		p.Words = e.labels
	}
	cfg.Patterns = append(cfg.Patterns, p)
}

// passed is the check of what find judged already, so that it counts as evidence.
func passed([]byte) bool { return true }
