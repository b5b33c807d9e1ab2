package pii

import (
	"fmt"

	"postern/policy/pii/catalog"
)

// Config of a Scanner. The zero value finds everything that is built in;
// what stands here is added to it.
type Config struct {
	// Countries are ISO 3166-1 alpha-2 codes of where the tenant's customers
	// live. They count after the peer's own country.
	Countries []string

	Rows     []catalog.Row // names must not be among the built-in ones
	Words    []string      // texts of word lists in the form of catalog.Words; topics may be new or extended
	Patterns []Pattern
	Terms    []Terms

	// Sift sets bit i of may (64 a word) if Patterns[i] can stand in text, and
	// has to: the others are not run. It takes time linear in the text and
	// allocates nothing. Nil: all are run on every text.
	Sift func(text string, may []uint64)

	// Allow reports values that are not personal, such as the business's own
	// addresses: they are not reported. Value is as written in the text. It is
	// called for each finding, must be safe for concurrent use and must not
	// keep the value. Nil allows none.
	Allow func(f Finding, value string) bool
}

// Pattern finds values by code outside the engine, such as an expression of a
// pack.
type Pattern struct {
	Name  string // entity, unique among rows, patterns and terms
	Type  Type
	Level Level // of what is found without a label beside it

	// Find gives the first value that begins at or behind from, ok false if
	// there is none. It is called with the text as a person reads it: digits in
	// ASCII, invisible marks left out. It must take time linear in the text.
	Find func(text string, from int) (start, end int, ok bool)

	// Check judges what Find gave: letters in upper case and digits, without
	// what stands between. Nil accepts all.
	Check catalog.Check

	Labels []string // topics of Words that name it and make it certain
	Words  []string // texts of lists of such words; they do not count for anything else
	Needs  catalog.Need
}

// Terms is a list of words and phrases that are findings themselves: a lexicon
// of a topic, a deny list. Words are found whole, in scripts without spaces
// anywhere, without regard to case and accents; "word*" stands for all that
// begins so.
type Terms struct {
	Name   string // entity, unique among rows, patterns and terms
	Type   Type
	Level  Level
	Words  []string
	Except []string // phrases inside which no word counts
}

// Hint is what is known about one text.
type Hint struct {
	PeerCountry string   // ISO 3166-1 alpha-2 of the person, "" if unknown
	Lang        string   // BCP 47, "" if unknown; gives likely countries, weaker than PeerCountry
	Label       string   // what stands before the text, e.g. the JSON member's name
	Names       []string // names the caller knows the person by: found where the text repeats them
	Before      string   // pieces of a number that came just before the text, a line each (see Piece)
}

// regions gives the places of countries in the numbering plan.
func (c Config) regions(p *plan) ([]int, error) {
	var out []int
	for _, name := range c.Countries {
		r := p.region(name)
		if r < 0 {
			return nil, fmt.Errorf("pii countries: %q is not an ISO 3166-1 alpha-2 code in upper case, such as DE", name)
		}
		out = append(out, r)
	}
	return out, nil
}

// KnownCountry reports codes that Config.Countries and hints may hold: ISO 3166-1
// alpha-2 in upper case.
func KnownCountry(code string) bool { return sharedPlan().region(code) >= 0 }

// check refuses names that are missing or stand twice, and finders without
// code.
func (c Config) check() error {
	seen := map[string]bool{}
	for _, r := range catalog.Rows() {
		seen[r.Name] = true
	}
	take := func(kind, name string, t Type) error {
		switch {
		case name == "":
			return fmt.Errorf("pii %s: a name is missing; write one in upper case, such as ACME_CUSTOMER_NO", kind)
		case t == "":
			return fmt.Errorf("pii %s %s: the type is missing", kind, name)
		case seen[name]:
			return fmt.Errorf("pii %s %s: the name stands twice; choose another", kind, name)
		}
		seen[name] = true
		return nil
	}
	for _, r := range c.Rows {
		if err := take("row", r.Name, r.Type); err != nil {
			return err
		}
	}
	for _, p := range c.Patterns {
		if err := take("pattern", p.Name, p.Type); err != nil {
			return err
		}
		if p.Find == nil {
			return fmt.Errorf("pii pattern %s: it has no function to find with", p.Name)
		}
	}
	for _, t := range c.Terms {
		if err := take("terms", t.Name, t.Type); err != nil {
			return err
		}
	}
	return nil
}
