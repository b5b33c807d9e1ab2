package facts

import (
	"slices"
	"time"
)

const (
	stateRestricted = "restricted"
	stateFree       = "free"
)

// Restricted records that processing of a person's data is restricted: nothing
// is sent and nothing received is passed on until Freed.
func Restricted(p Person, source string, at time.Time) Row {
	return p.row(KindRestrict, "", stateValue{stateRestricted, source}, at, time.Time{})
}

// Freed undoes Restricted.
func Freed(p Person, source string, at time.Time) Row {
	return p.row(KindRestrict, "", stateValue{stateFree, source}, at, time.Time{})
}

// Restricted reports whether processing of a person's data is restricted, under
// whichever of the person's subjects.
func (s *State) Restricted(tenant string, id Subject) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p := s.find(tenant, id)
	if p == nobody {
		return false
	}
	one, _ := s.people.circle(p)
	return slices.ContainsFunc(one, func(p person) bool {
		r := s.people.get(p, factRestrict, 0)
		return r != nil && r.is
	})
}

// IsRestricted reads the value of a row of KindRestrict.
func IsRestricted(value []byte) (bool, error) {
	v, err := restriction(value)
	return v.State == stateRestricted, err
}

func restriction(value []byte) (v stateValue, err error) {
	if err := decode(Row{Value: value}, &v); err != nil {
		return v, err
	}
	if v.State != stateRestricted && v.State != stateFree {
		return v, ErrRow
	}
	return v, nil
}

func applyRestrict(s *State, row Row) error {
	p := s.person(row.Tenant, row.Subject)
	if row.Value == nil {
		s.people.drop(p, factRestrict, 0)
		return nil
	}
	v, err := restriction(row.Value)
	if err != nil {
		return err
	}
	restricted := v.State == stateRestricted
	if r := s.people.put(p, factRestrict, 0); newer(row.Time, r.at, restricted) {
		r.is, r.source, r.at = restricted, s.names.id(v.Source), row.Time
	}
	return nil
}
