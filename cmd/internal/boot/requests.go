package boot

import "time"

// Requests says until when what persons ask for is to be answered.
type Requests struct {
	Deadline time.Duration `json:"deadline"` // from the day a request came in
	Warn     time.Duration `json:"warn"`     // before it an alarm is raised
}

const aDay = 24 * time.Hour

func (r *reader) requests(s *section) Requests {
	defer s.done()
	return Requests{
		Deadline: time.Duration(s.whole("deadline_days", 28, 1, 365)) * aDay,
		Warn:     time.Duration(s.whole("warn_days", 7, 0, 365)) * aDay,
	}
}
