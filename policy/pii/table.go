package pii

import (
	"fmt"
	"io/fs"
	"sync"

	"postern/policy/pii/catalog"
	"postern/policy/pii/words"
)

// table is what a Scanner knows: the rows, compiled, and the words that name
// them. It is immutable.
type table struct {
	plan   *plan
	words  *words.Set
	roles  []role  // by topic
	spoken []uint8 // by topic: what words of digits say, see saidTopics
	rows   []entity
	number map[string]int // row by name

	named     []rowSet              // by topic: rows that it names, exactly or among others
	forms     [maxValue + 1]formsOf // by length
	longest   int                   // of them
	begins    hashes                // what the groupings of all begin with
	byCountry [26 * 26]rowSet
	always    rowSet // rows whose form is enough

	readers []reader // by topic
	said    []said   // by entry of words
	brief   []brief  // the same

	phone, card, code, pin, account target

	pictures map[string]uint32 // entries of the words that signs stand for
}

// target is what names a value: topics of its own, and such as it shares. What
// an entry of words says about it stands under its bit.
type target struct {
	exact, weak []words.Topic
	bit         int
}

// pictures are signs that people put in place of a word.
var pictures = map[string]string{
	"\u260e": "phone", "\u260f": "phone", "\u2706": "phone", "\U0001f4de": "phone", "\U0001f4f1": "phone", "\U0001f4f2": "phone", "\U0001f919": "phone",
	"\U0001f4b3": "card", "\U0001f194": "id",
}

// picture gives the entry of the word a sign stands for, zero if none.
func (t *table) picture(sign string) uint32 {
	if sign[0] != 0xF0 && sign[0] != 0xE2 {
		return 0
	}
	return t.pictures[sign]
}

// role is what a topic does to values it does not name.
type role uint8

const (
	roleValue   role = iota // names another kind of value: speaks against this one
	roleAgainst             // orders, amounts, versions
	roleGeneric             // "number": any kind
	roleSilent              // says nothing about the value
	roleLink                // may stand between a label and its value
)

// roleNames lists topics that are no label of a kind of value.
var roleNames = map[string]role{
	"order": roleAgainst, "amount": roleAgainst, "version": roleAgainst,
	"number": roleGeneric, "link": roleLink, "series": roleLink, "of": roleSilent, "site": roleSilent,
	"name": roleSilent, "called": roleSilent, "filing": roleSilent, "process": roleSilent, "alias": roleSilent, "security": roleSilent, "login": roleSilent, "address": roleSilent, "time": roleSilent, "unit": roleSilent, "expiry": roleSilent, "dob": roleSilent,
	"intro": roleSilent, "closing": roleSilent, "kin": roleSilent, "kinsman": roleSilent, "whom": roleSilent, "greeting": roleSilent, "namebehind": roleSilent, "bearer": roleSilent, "role": roleSilent, "addressbehind": roleSilent, "ip": roleSilent, "title": roleSilent, "email": roleSilent,
	"mailat": roleSilent, "maybeat": roleSilent, "goods": roleSilent,
}

// rowSet is a set of rows by their number.
type rowSet []uint64

func (s rowSet) has(i int) bool { return len(s) > i>>6 && s[i>>6]>>(i&63)&1 != 0 }

func (s *rowSet) put(i int) {
	for len(*s) <= i>>6 {
		*s = append(*s, 0)
	}
	(*s)[i>>6] |= 1 << (i & 63)
}

// maxTargets is how many rows and readers there may be: the words of their sets have
// a bit each in one.
const maxTargets = 64 * 64

// below reports a row before the n-th.
func (s rowSet) below(n int) bool {
	last := n >> 6
	for _, w := range s[:last] {
		if w != 0 {
			return true
		}
	}
	return last < len(s) && s[last]&(1<<(n&63)-1) != 0
}

// words has a bit for each word of a set that has rows.
func (s rowSet) words() (mask uint64) {
	for i, w := range s {
		if w != 0 {
			mask |= 1 << i
		}
	}
	return mask
}

// join adds the rows of another set.
func (s *rowSet) join(other rowSet) {
	s.widen(len(other))
	set := (*s)[:len(other)]
	for i, w := range other {
		set[i] |= w
	}
}

// widen gives a set room for as many rows as another. All sets of a table that
// are held against each other have the same.
func (s *rowSet) widen(n int) {
	for len(*s) < n {
		*s = append(*s, 0)
	}
}

// builtIn is the table without additions, which most scanners share.
var builtIn = sync.OnceValues(func() (*table, error) { return newTable(Config{}) })

func (c Config) table() (*table, error) {
	t, err := builtIn()
	switch {
	case err != nil, len(c.Rows) == 0 && len(c.Words) == 0:
		return t, err
	case len(c.Rows) > 0:
		return newTable(c)
	}
	more, err := t.with(c.Words)
	if err == nil && more == nil {
		return newTable(c)
	}
	return more, err
}

// with gives the table with more words of its own topics; nil if they name
// others, which rows may have waited for.
func (t *table) with(more []string) (*table, error) {
	b := words.Over(t.words)
	if err := addLists(b, more); err != nil {
		return nil, err
	}
	out := *t
	if out.words = b.Build(); out.words.Topics() != t.words.Topics() {
		return nil, nil
	}
	known := len(t.said)
	out.said = append(t.said[:known:known], out.saidFrom(known, out.targets())...)
	out.brief = briefs(out.said)
	return &out, nil
}

func addLists(b *words.Builder, lists []string) error {
	for i, text := range lists {
		if err := b.AddList(text); err != nil {
			return fmt.Errorf("pii words %d: %w", i+1, err)
		}
	}
	return nil
}

// newTable compiles the built-in rows and words with those of a Config.
func newTable(c Config) (*table, error) {
	t := &table{plan: sharedPlan(), number: map[string]int{}}
	if err := t.readWords(c.Words); err != nil {
		return nil, err
	}
	t.named = make([]rowSet, t.words.Topics())
	for _, r := range append(catalog.Rows(), c.Rows...) {
		if err := t.add(r); err != nil {
			return nil, fmt.Errorf("pii row %s: %w", r.Name, err)
		}
	}
	t.readers = t.readersOf()
	t.pictures = map[string]uint32{}
	for sign, word := range pictures {
		t.pictures[sign], _ = t.words.Match(word, 0)
	}
	t.phone = t.target([]string{"phone"}, nil)
	t.card = t.target([]string{"card", "cvv", "expiry"}, []string{"account"})
	t.code = t.target([]string{"cvv"}, nil)
	t.pin = t.target([]string{"pin"}, nil)
	t.account = t.target([]string{"account", "iban"}, nil)
	targets := t.targets()
	if len(targets) > maxTargets {
		return nil, fmt.Errorf("pii: %d rows and labels of values, %d at most: leave out some rows", len(targets), maxTargets)
	}
	t.say(targets)
	return t, nil
}

// readWords reads the embedded lists, then those of a Config.
func (t *table) readWords(more []string) error {
	var b words.Builder
	err := fs.WalkDir(catalog.Words, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := fs.ReadFile(catalog.Words, path)
		if err == nil {
			err = b.AddList(string(text))
		}
		if err != nil {
			return fmt.Errorf("pii %s: %w", path, err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := addLists(&b, more); err != nil {
		return err
	}
	t.words = b.Build()
	t.spoken = saidTopics(t.words)
	t.roles = make([]role, t.words.Topics())
	for name, r := range roleNames {
		t.roles[t.words.Topic(name)] = r
	}
	return nil
}

func (t *table) target(exact, weak []string) target {
	return target{exact: t.topics(exact), weak: t.topics(weak)}
}

// topics gives the numbers of topics; those without words are left out.
func (t *table) topics(names []string) []words.Topic {
	var out []words.Topic
	for _, n := range names {
		if topic := t.words.Topic(n); topic != 0 {
			out = append(out, topic)
		}
	}
	return out
}
