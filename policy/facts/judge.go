package facts

import "postern/policy"

const (
	micro         = 1_000_000
	windowSeconds = 24 * 60 * 60
	// skew is how far a timestamp of upstream may lie in our future.
	skew = 5 * 60
)

// judge fills in the facts of one person, who may be several subjects.
func (s *State) judge(f *policy.Facts, q Query, one, forms []*person) {
	var changed int64 // consent before this moment does not count
	for _, p := range one {
		who := p.seldom().identity
		if who.state == identityChanged {
			f.Identity = "changed"
		}
		if who.state != identityKnown {
			changed = max(changed, who.at)
		}
		s.refusals(f, p)
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
func (s *State) refusals(f *policy.Facts, p *person) {
	if p.rare == nil {
		return
	}
	f.OptOut.Marketing = f.OptOut.Marketing || p.rare.marketing.out
	f.OptOut.All = f.OptOut.All || p.rare.all.out
	for _, r := range []refusal{p.rare.marketing, p.rare.all} {
		if r.out && r.at/micro >= f.OptOut.At {
			f.OptOut.At, f.OptOut.Source = r.at/micro, s.names.words[r.source]
		}
	}
}

// window is open if any subject of the person wrote to the number in time.
func (s *State) window(one []*person, q Query) policy.Window {
	number, known := s.names.ids[q.Number]
	if !known {
		return policy.Window{}
	}
	var at int64
	for _, p := range one {
		for _, w := range p.windows {
			if w.number == number && w.at/micro <= q.Now+skew {
				at = max(at, w.at/micro)
			}
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
func (s *State) consent(one []*person, category string, changed int64) (policy.Consent, bool) {
	id, known := s.names.ids[category]
	if !known {
		return policy.Consent{}, false
	}
	var best *consent
	for _, p := range one {
		for i := range p.consents {
			c := &p.consents[i]
			if c.category == id && (best == nil || c.at > best.at || c.at == best.at && !c.given) {
				best = c
			}
		}
	}
	if best == nil {
		return policy.Consent{}, false
	}
	return policy.Consent{
		Given: best.given, Source: s.names.words[best.source], Scope: s.names.words[best.scope],
		At: best.at / micro, Expires: best.expires / micro, Suspended: best.at < changed,
	}, true
}

// Zone is the zone stored with the person, or "".
func (s *State) Zone(tenant string, id Subject) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	t, known := s.names.ids[tenant]
	p := s.people[personKey{t, id}]
	if !known || p == nil {
		return ""
	}
	return s.names.words[p.seldom().zone.name]
}
