// Package facts holds what is known of people, numbers and templates: consent,
// opt-outs, service windows, identity, zones, templates. It is state in memory
// and nothing else: rows go in, policy.Facts come out. Somebody else keeps the
// rows.
//
// It fails closed: a person nobody heard of has no consent and no window, a row
// that cannot be read is an error and leaves the state as it was, and where two
// facts disagree the stricter one wins.
package facts

import (
	"errors"
	"fmt"
	"sync"

	"postern/policy"
)

// Subject is a person's random id; the zero value stands for no person.
type Subject [16]byte

// Row is one fact as it is kept: one per (Tenant, Subject, Kind, Key). Value is
// canonical JSON without personal data; a nil Value removes the fact. Time and
// Until are microseconds since 1970, UTC; Until 0 has no end.
type Row struct {
	Tenant  string
	Subject Subject
	Kind    string
	Key     string
	Value   []byte
	Time    int64
	Until   int64
}

// State is everything known. It is safe for concurrent use.
type State struct {
	mu        sync.RWMutex
	people    map[personKey]*person // guarded by mu, as are the next three
	accounts  map[numberKey]account
	templates map[templateKey]Template
	names     names
}

// New returns a state that knows nothing.
func New() *State {
	return &State{
		people: map[personKey]*person{}, accounts: map[numberKey]account{}, templates: map[templateKey]Template{},
		names: names{ids: map[string]uint32{"": 0}, words: []string{""}},
	}
}

type personKey struct {
	tenant  uint32
	subject Subject
}

type numberKey struct{ tenant, number string }

type account struct {
	restricted bool
	at         int64
}

// names stores each repeated word once: tenants, numbers, sources, scopes,
// zones. A state knows few of them.
type names struct {
	ids   map[string]uint32
	words []string
}

func (n *names) id(word string) uint32 {
	if id, ok := n.ids[word]; ok {
		return id
	}
	id := uint32(len(n.words)) //nolint:gosec // bounded by memory far below
	n.words = append(n.words, word)
	n.ids[word] = id
	return id
}

// person is one subject's facts. Times are microseconds.
type person struct {
	consents []consent
	windows  []window
	rare     *rare
}

// rare is what few people have; the others take half the memory without it.
type rare struct {
	marketing, all refusal
	identity       identity
	zone           zone
	links          []link
}

// seldom is what the person has of it, for reading.
func (p *person) seldom() rare {
	if p.rare == nil {
		return rare{}
	}
	return *p.rare
}

// change is the same, to be changed.
func (p *person) change() *rare {
	if p.rare == nil {
		p.rare = &rare{}
	}
	return p.rare
}

type consent struct {
	category, source, scope uint32
	given                   bool
	at, expires             int64
}

type window struct {
	number uint32
	at     int64
}

type refusal struct {
	out    bool
	source uint32
	at     int64
}

type identity struct {
	state identityState
	at    int64
}

type zone struct {
	name uint32
	at   int64
}

type identityState uint8

const (
	identityKnown   identityState = iota
	identityChanged               // somebody else may use the number; nothing may be sent
	identityNew                   // somebody else does: earlier consent does not count
)

// link ties two subjects. A proven link makes them one person; otherwise they
// only share a number's normal form and so their opt-outs.
type link struct {
	other  *person
	proven bool
}

// ErrRow means a row cannot be read.
var ErrRow = errors.New("fact row cannot be read; it was written by a newer program or is damaged")

// Apply changes the state by one row. A row older than what is known changes
// nothing: see Stale.
func (s *State) Apply(row Row) error {
	apply, known := kinds[row.Kind]
	if !known {
		return fmt.Errorf("apply fact of kind %q: %w", row.Kind, ErrRow)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := apply(s, row); err != nil {
		return fmt.Errorf("apply fact of kind %s: %w", row.Kind, err)
	}
	return nil
}

// Load applies many rows and stops at the first error.
func (s *State) Load(rows func(yield func(Row) bool)) error {
	for row := range rows {
		if err := s.Apply(row); err != nil {
			return err
		}
	}
	return nil
}

// Link ties two subjects of a tenant that turned out to be one person
// (proven), or whose numbers have the same normal form (not proven: only their
// opt-outs are shared).
func (s *State) Link(tenant string, a, b Subject, proven bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a == b {
		return
	}
	x, y := s.person(tenant, a), s.person(tenant, b)
	x.tie(y, proven)
	y.tie(x, proven)
}

func (p *person) tie(other *person, proven bool) {
	r := p.change()
	for i := range r.links {
		if r.links[i].other == other {
			r.links[i].proven = r.links[i].proven || proven
			return
		}
	}
	r.links = append(r.links, link{other, proven})
}

// person finds or adds a subject. The caller holds mu.
func (s *State) person(tenant string, id Subject) *person {
	key := personKey{s.names.id(tenant), id}
	p := s.people[key]
	if p == nil {
		p = &person{}
		s.people[key] = p
	}
	return p
}

// Query asks for the facts about one send or one message received.
type Query struct {
	Tenant   string
	Number   string // phone_number_id of the business
	Subject  Subject
	Category string // of the message; its consent and the general one are looked up
	Now      int64  // Unix seconds
}

// Lookup returns the facts. It always returns complete facts: a person nobody
// heard of has none in their favour.
func (s *State) Lookup(q Query) policy.Facts {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := policy.Facts{Identity: "ok", Account: "ok"}
	if s.accounts[numberKey{q.Tenant, q.Number}].restricted {
		f.Account = "restricted"
	}
	tenant, known := s.names.ids[q.Tenant]
	p := s.people[personKey{tenant, q.Subject}]
	if !known || p == nil {
		return f
	}
	if len(p.seldom().links) == 0 {
		s.judge(&f, q, []*person{p}, nil)
		return f
	}
	one, forms := p.circle()
	s.judge(&f, q, one, forms)
	return f
}

// circle walks the links: one are the subjects proven to be this person, forms
// those that only share a number's normal form with one of them.
func (p *person) circle() (one, forms []*person) {
	seen := map[*person]bool{p: true}
	one = []*person{p}
	for i := 0; i < len(one); i++ {
		for _, l := range one[i].seldom().links {
			if l.proven && !seen[l.other] {
				seen[l.other] = true
				one = append(one, l.other)
			}
		}
	}
	all := append([]*person(nil), one...)
	for i := 0; i < len(all); i++ {
		for _, l := range all[i].seldom().links {
			if !seen[l.other] {
				seen[l.other] = true
				all = append(all, l.other)
			}
		}
	}
	return one, all[len(one):]
}
