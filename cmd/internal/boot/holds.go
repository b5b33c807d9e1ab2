package boot

import "time"

// Holds says how legal holds are placed and lifted.
type Holds struct {
	SecondPerson bool          `json:"second_person"` // another one approves placing and lifting
	Expires      time.Duration `json:"expires"`       // of what waits for a second person
}

func (r *reader) holds(s *section) Holds {
	defer s.done()
	return Holds{
		SecondPerson: s.flag("second_person"),
		Expires:      s.duration("expires", 24*time.Hour, time.Minute, 14*24*time.Hour),
	}
}
