package facts

import "postern/policy"

const (
	micro         = 1_000_000
	windowSeconds = 24 * 60 * 60
	// skew is how far a timestamp of upstream may lie in our future.
	skew = 5 * 60
)

// judge fills in the facts of one person, who may be several subjects.
func (s *State) judge(f *policy.Facts, q Query, one, forms []person) {
	var changed int64 // consent before this moment does not count
	for _, p := range one {
		if who := s.people.get(p, factIdentity, 0); who != nil && who.identity != identityKnown {
			if who.identity == identityChanged {
				f.Identity = "changed"
			}
			changed = max(changed, who.at)
		}
		s.refusals(f, p)
		if r := s.people.get(p, factRestrict, 0); r != nil {
			f.Restricted = f.Restricted || r.is
		}
	}
	for _, p := range forms {
		s.refusals(f, p)
	}
	f.Window = s.window(one, q)
	for _, category := range []string{q.Category, policy.CategoryGeneral} {
		c, found := s.consent(one, category, changed)
		if !found {
			continue
		}
		if f.Consent == nil {
			f.Consent = make(map[string]policy.Consent, 2)
		}
		f.Consent[category] = c
	}
}

// refusals adds a subject's opt-outs; the latest one gives source and time.
func (s *State) refusals(f *policy.Facts, p person) {
	for _, scope := range []uint32{refuseMarketing, refuseAll} {
		r := s.people.get(p, factOptOut, scope)
		if r == nil || !r.is {
			continue
		}
		f.OptOut.Marketing = f.OptOut.Marketing || scope == refuseMarketing
		f.OptOut.All = f.OptOut.All || scope == refuseAll
		if r.at/micro >= f.OptOut.At {
			f.OptOut.At, f.OptOut.Source = r.at/micro, s.names.words[r.source]
		}
	}
}

// window is open if any subject of the person wrote to the number in time.
func (s *State) window(one []person, q Query) policy.Window {
	number, known := s.names.ids[q.Number]
	if !known {
		return policy.Window{}
	}
	var at int64
	for _, p := range one {
		if w := s.people.get(p, factWindow, number); w != nil && w.at/micro <= q.Now+skew {
			at = max(at, w.at/micro)
		}
	}
	if at == 0 {
		return policy.Window{}
	}
	expires := at + windowSeconds
	return policy.Window{Open: q.Now < expires, Expires: expires}
}

// consent merges what the person's subjects say about one category: a
// revocation counts unless a consent is younger, and of several consents the
// youngest is the one that stands.
func (s *State) consent(one []person, category string, changed int64) (policy.Consent, bool) {
	id, known := s.names.ids[category]
	if !known {
		return policy.Consent{}, false
	}
	var best *fact
	for _, p := range one {
		c := s.people.get(p, factConsent, id)
		if c != nil && (best == nil || newer(c.at, best.at, !c.is)) {
			best = c
		}
	}
	if best == nil {
		return policy.Consent{}, false
	}
	return policy.Consent{
		Given: best.is, Source: s.names.words[best.source], Scope: s.names.words[best.scope],
		At: best.at / micro, Expires: best.expires / micro, Suspended: best.at < changed,
	}, true
}

// Zone is the zone stored with the person, or "".
func (s *State) Zone(tenant string, id Subject) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	z := s.people.get(s.find(tenant, id), factZone, 0)
	if z == nil {
		return ""
	}
	return s.names.words[z.scope]
}
