package admin

// Fail has redactions stop at a named point where f says so, as a crash would.
func (s *Service) Fail(f func(at string) error) { s.cfg.Fault = f }

// Bound has lists of persons hold at most n.
func (s *Service) Bound(n int) { s.maxAffected = n }
