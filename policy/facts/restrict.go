package facts

import "time"

// Restricted records that processing of a person's data is restricted: nothing
// is sent and nothing received is passed on until Freed.
func Restricted(p Person, source string, at time.Time) Row {
	return p.row(KindRestrict, "", stateValue{"restricted", source}, at, time.Time{})
}

// Freed undoes Restricted.
func Freed(p Person, source string, at time.Time) Row {
	return p.row(KindRestrict, "", stateValue{"free", source}, at, time.Time{})
}

func applyRestrict(s *State, row Row) error {
	p := s.person(row.Tenant, row.Subject)
	if row.Value == nil {
		s.people.drop(p, factRestrict, 0)
		return nil
	}
	var v stateValue
	if err := decode(row, &v); err != nil {
		return err
	}
	if v.State != "restricted" && v.State != "free" {
		return ErrRow
	}
	restricted := v.State == "restricted"
	if r := s.people.put(p, factRestrict, 0); newer(row.Time, r.at, restricted) {
		r.is, r.source, r.at = restricted, s.names.id(v.Source), row.Time
	}
	return nil
}
