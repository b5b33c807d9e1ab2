package facts

import "slices"

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
	}
	return false
}

// known is the time of the fact that is known for the row's place.
func (s *State) known(row Row) int64 {
	switch row.Kind {
	case KindAccount:
		return s.accounts[numberKey{row.Tenant, row.Key}].at
	case KindTemplate:
		if key, ok := parseTemplateKey(row); ok {
			return s.templates[key].at
		}
		return 0
	}
	tenant, ok := s.names.ids[row.Tenant]
	p := s.people[personKey{tenant, row.Subject}]
	if !ok || p == nil {
		return 0
	}
	return p.known(row.Kind, row.Key, s.names.ids[row.Key])
}

func (p *person) known(kind, key string, id uint32) int64 {
	switch kind {
	case KindConsent:
		if i := slices.IndexFunc(p.consents, func(c consent) bool { return c.category == id }); i >= 0 {
			return p.consents[i].at
		}
	case KindWindow:
		if i := slices.IndexFunc(p.windows, func(w window) bool { return w.number == id }); i >= 0 {
			return p.windows[i].at
		}
	case KindOptOut:
		if key == ScopeMarketing {
			return p.seldom().marketing.at
		}
		return p.seldom().all.at
	case KindIdentity:
		return p.seldom().identity.at
	case KindZone:
		return p.seldom().zone.at
	}
	return 0
}
