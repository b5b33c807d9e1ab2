package facts

import "slices"

// Stale reports whether a newer fact of the same person, kind and key is
// already known, so that the row must not be kept: a webhook that was late by
// hours does not undo a stop. Ask before the row is written, as the store keeps
// the last row written.
func (s *State) Stale(row Row) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return row.Time < s.known(row)
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
			return p.marketing.at
		}
		return p.all.at
	case KindIdentity:
		return p.identity.at
	}
	return 0
}
