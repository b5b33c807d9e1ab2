package admin

import "context"

// Residency is where upstream keeps what a number sends and receives.
type Residency struct {
	Tenant string `json:"tenant"`
	Number string `json:"number"`
	Kind   string `json:"kind"`   // "local", "none", "default" or "unknown"
	Region string `json:"region"` // of "local"
	Since  int64  `json:"since"`  // when it became known, Unix seconds; 0: never
	Policy string `json:"policy"` // "ok"; "refused" or "unknown": policy demands another place, and the number sends nothing
}

// ResidencyShow asks about one number, anew, or about all where it is empty.
type ResidencyShow struct {
	Number string `json:"number"`
}

// ResidencySet asks for a change. Without Confirm nothing is changed.
type ResidencySet struct {
	Number  string `json:"number"`
	Kind    string `json:"kind"`   // "local", "none" or "default"
	Region  string `json:"region"` // of "local"
	Confirm bool   `json:"confirm"`
}

// ResidencyChange answers residency.set.
type ResidencyChange struct {
	Now        Residency `json:"now"`
	Registered bool      `json:"registered"` // then upstream changes nothing
	Done       bool      `json:"done"`
}

func (s *Service) residencyShow(ctx context.Context, _ Actor, in ResidencyShow) ([]Residency, error) {
	if s.cfg.ShowResidency == nil {
		return nil, refuse(Unavailable, "Meta is asked by the running gateway; start it with: postern serve")
	}
	return s.cfg.ShowResidency(ctx, in.Number)
}

func (s *Service) residencySet(ctx context.Context, a Actor, in ResidencySet) (ResidencyChange, error) {
	if s.cfg.SetResidency == nil {
		return ResidencyChange{}, refuse(Unavailable, "Meta is told by the running gateway; start it with: postern serve")
	}
	return s.cfg.SetResidency(ctx, in, a.Name)
}
