package boot

import "time"

// Reveal says how operators with role reveal may open what is kept sealed of a
// record. The zero value lets nobody open anything.
type Reveal struct {
	SecondPerson bool          `json:"second_person"` // another one approves each opening
	Expires      time.Duration `json:"expires"`       // of a request that waits for a second person
	PerHour      int           `json:"per_hour"`      // openings of one operator
}

func (r *reader) reveal(s *section) Reveal {
	defer s.done()
	return Reveal{
		SecondPerson: s.flag("second_person"),
		Expires:      s.duration("expires", 4*time.Hour, time.Minute, 7*24*time.Hour),
		PerHour:      s.whole("per_hour", 10, 0, 1000),
	}
}
