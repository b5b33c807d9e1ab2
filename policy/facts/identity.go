package facts

import (
	"slices"
	"time"
)

// maxIdentityHash bounds what upstream may name an identity by, in bytes.
const maxIdentityHash = 128

// Identity is how it stands with who uses a number.
type Identity struct {
	Changed bool      // somebody else may use it; nothing is sent until it is confirmed
	Since   time.Time // of the last change, zero if none is known
	Hash    string    // that upstream named it by, "" if it did not
	// Open are the subjects of the person whose change is not confirmed.
	Open []Subject
}

// Identity is what is known of a person's identity.
func (s *State) Identity(tenant string, id Subject) Identity {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out Identity
	var latest int64
	p := s.find(tenant, id)
	if p == nobody {
		return out
	}
	one, _ := s.people.circle(p)
	for _, p := range one {
		f := s.people.get(p, factIdentity, 0)
		if f == nil {
			continue
		}
		if f.identity == identityChanged {
			out.Changed = true
			out.Open = append(out.Open, s.subjects(one, p, id)...)
		}
		if f.expires > latest {
			latest, out.Since, out.Hash = f.expires, time.UnixMicro(f.expires).UTC(), s.names.words[f.scope]
		}
	}
	return out
}

// subjects names one of a person's subjects; mostly there is no other.
func (s *State) subjects(one []person, p person, id Subject) []Subject {
	if len(one) == 1 {
		return []Subject{id}
	}
	var out []Subject
	for key, other := range s.people.of {
		if other == p && slices.Contains(one, other) {
			out = append(out, key.subject)
		}
	}
	return out
}

// IdentityNamed is IdentityChanged with the hash that upstream names the new
// identity by.
func IdentityNamed(p Person, source, hash string, at time.Time) Row {
	if len(hash) > maxIdentityHash {
		hash = ""
	}
	return p.row(KindIdentity, "", identityValue{State: "changed", Source: source, Hash: hash}, at, time.Time{})
}

// Acknowledged is IdentityConfirmed for an identity that keeps its name and the
// time of its change. Upstream stamps whole seconds: a change within the second
// of the confirmation counts as the later one.
func (i Identity) Acknowledged(p Person, source string, at time.Time) Row {
	if at = at.Truncate(time.Second); !at.After(i.Since) {
		at = i.Since.Add(time.Microsecond)
	}
	v := identityValue{State: "same", Source: source, Hash: i.Hash}
	if !i.Since.IsZero() {
		v.Since = i.Since.UnixMicro()
	}
	return p.row(KindIdentity, "", v, at, time.Time{})
}

// identityValue is the value of a row of KindIdentity.
type identityValue struct {
	State  string `json:"state"`
	Source string `json:"source,omitempty"`
	Hash   string `json:"hash,omitempty"`
	Since  int64  `json:"since,omitzero"` // of the change that was confirmed, microseconds
}

func applyIdentity(s *State, row Row) error {
	p := s.person(row.Tenant, row.Subject)
	if row.Value == nil {
		s.people.drop(p, factIdentity, 0)
		return nil
	}
	var v identityValue
	if err := decode(row, &v); err != nil {
		return err
	}
	states := map[string]identityState{"same": identityKnown, "changed": identityChanged, "new": identityNew}
	state, known := states[v.State]
	if !known {
		return ErrRow
	}
	who := s.people.put(p, factIdentity, 0)
	if !newer(row.Time, who.at, state != identityKnown) {
		return nil
	}
	who.identity, who.at = state, row.Time
	switch {
	case state != identityKnown:
		who.expires, who.scope = row.Time, s.names.id(v.Hash)
	case v.Since != 0:
		who.expires, who.scope = v.Since, s.names.id(v.Hash)
	}
	return nil
}
