package facts

import "postern/policy"

// Stale reports whether Apply would change nothing, because a newer fact of the
// same person, kind and key is known, or a stricter one of the same moment. Such
// a row must not be kept: a webhook that was late by hours does not undo a stop.
// Ask before the row is written, as the store keeps the last row written.
func (s *State) Stale(row Row) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	known := s.known(row)
	return row.Time < known || row.Time == known && known != 0 && looser(row)
}

// Known is the time, in microseconds, of the fact that stands in the row's
// place; 0 if there is none.
func (s *State) Known(row Row) int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.known(row)
}

// looser reports whether a row lets more pass than its opposite would.
func looser(row Row) bool {
	var v struct {
		State string `json:"state"`
		Given bool   `json:"given"`
		Kind  string `json:"kind"`
	}
	if row.Value == nil || decode(row, &v) != nil {
		return false
	}
	switch row.Kind {
	case KindConsent:
		return v.Given
	case KindOptOut:
		return v.State == "in"
	case KindIdentity:
		return v.State == "same"
	case KindAccount:
		return v.State == "ok"
	case KindRestrict:
		return v.State == "free"
	case KindResidency:
		return v.Kind != policy.ResidencyUnknown
	}
	return false
}

// known is the time of the fact that is known for the row's place.
func (s *State) known(row Row) int64 {
	switch row.Kind {
	case KindAccount:
		return s.accounts[numberKey{row.Tenant, row.Key}].at
	case KindResidency:
		return s.residencies[numberKey{row.Tenant, row.Key}].at
	case KindTemplate:
		if key, ok := parseTemplateKey(row); ok {
			return s.templates[key].at
		}
		return 0
	}
	kind, key, ok := s.place(row)
	if !ok {
		return 0
	}
	f := s.people.get(s.find(row.Tenant, row.Subject), kind, key)
	if f == nil {
		return 0
	}
	return f.at
}

// place is where a row about a person belongs. It is not ok for a kind or key
// that nothing is known under.
func (s *State) place(row Row) (kind factKind, key uint32, ok bool) {
	switch row.Kind {
	case KindConsent:
		key, ok = s.names.ids[row.Key]
		return factConsent, key, ok
	case KindWindow:
		key, ok = s.names.ids[row.Key]
		return factWindow, key, ok
	case KindOptOut:
		key, ok = refusalKeys[row.Key]
		return factOptOut, key, ok
	case KindIdentity:
		return factIdentity, 0, true
	case KindZone:
		return factZone, 0, true
	case KindRestrict:
		return factRestrict, 0, true
	}
	return 0, 0, false
}
