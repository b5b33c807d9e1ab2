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
	mu          sync.RWMutex
	people      people // guarded by mu, as are the next four
	accounts    map[numberKey]account
	residencies map[numberKey]residency
	templates   map[templateKey]Template
	sorted      map[templateKey][]Template // by tenant and account, until one of theirs changes; guarded by mu
	watches     map[*TemplateWatch]bool    // those that are open; guarded by mu
	names       names
}

// New returns a state that knows nothing.
func New() *State {
	return &State{
		people: newPeople(), accounts: map[numberKey]account{}, residencies: map[numberKey]residency{}, templates: map[templateKey]Template{},
		sorted: map[templateKey][]Template{}, watches: map[*TemplateWatch]bool{},
		names: names{ids: map[string]uint32{"": 0}, words: []string{""}},
	}
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
	s.people.tie(x, y, proven)
	s.people.tie(y, x, proven)
}

// Forget drops everything known of a person. Links of others to them stay and
// lead to nothing.
func (s *State) Forget(tenant string, id Subject) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.find(tenant, id); p != nobody {
		s.people.clear(p)
	}
}

// person finds or adds a subject. The caller holds mu.
func (s *State) person(tenant string, id Subject) person {
	return s.people.add(personKey{s.names.id(tenant), id})
}

// find is nobody for a subject that nothing is known of. The caller holds mu.
func (s *State) find(tenant string, id Subject) person {
	t, known := s.names.ids[tenant]
	if !known {
		return nobody
	}
	return s.people.of[personKey{t, id}]
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
	f := policy.Facts{Identity: "ok", Account: "ok", Residency: policy.Residency{Kind: policy.ResidencyUnknown}}
	if r, known := s.residencies[numberKey{q.Tenant, q.Number}]; known {
		f.Residency = r.Residency
	}
	if s.accounts[numberKey{q.Tenant, q.Number}].restricted {
		f.Account = "restricted"
	}
	p := s.find(q.Tenant, q.Subject)
	if p == nobody {
		return f
	}
	one, forms := s.people.circle(p)
	s.judge(&f, q, one, forms)
	return f
}
