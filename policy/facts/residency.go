package facts

import (
	"time"

	"postern/policy"
)

// residency is what upstream said of a number last.
type residency struct {
	policy.Residency
	at int64
}

// ResidencyKnown records where upstream keeps what a number sends and receives;
// of kind unknown that it may be elsewhere by now.
func ResidencyKnown(tenant, number string, r policy.Residency, at time.Time) Row {
	return Person{Tenant: tenant}.row(KindResidency, number, r, at, time.Time{})
}

// NewResidency is ResidencyKnown of what happens now: it counts over what was
// known before, whatever the clock did since.
func (s *State) NewResidency(tenant, number string, r policy.Residency, now time.Time) Row {
	row := ResidencyKnown(tenant, number, r, now)
	row.Time = max(row.Time, s.Known(row)+1)
	return row
}

// Residency is where upstream keeps what a number sends and receives, and since
// when that is known; the zero time for never.
func (s *State) Residency(tenant, number string) (policy.Residency, time.Time) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, known := s.residencies[numberKey{tenant, number}]
	if !known {
		return policy.Residency{Kind: policy.ResidencyUnknown}, time.Time{}
	}
	return r.Residency, time.UnixMicro(r.at)
}

func applyResidency(s *State, row Row) error {
	key := numberKey{row.Tenant, row.Key}
	if row.Value == nil {
		delete(s.residencies, key)
		return nil
	}
	var r policy.Residency
	if err := decode(row, &r); err != nil {
		return err
	}
	if !readable(r) {
		return ErrRow
	}
	if newer(row.Time, s.residencies[key].at, r.Kind == policy.ResidencyUnknown) {
		s.residencies[key] = residency{r, row.Time}
	}
	return nil
}

// readable reports a kind that is known, with a region where it has one.
func readable(r policy.Residency) bool {
	switch r.Kind {
	case policy.ResidencyLocal:
		return r.Region != ""
	case policy.ResidencyNone, policy.ResidencyDefault, policy.ResidencyUnknown:
		return r.Region == ""
	}
	return false
}
