package facts

// Ended is when a fact of a person came to its end, in microseconds, which may
// be still to come: a consent that runs out or was taken back, an opt-out that
// was undone, a service window that closes. It is 0 for what holds until
// something else is known, and for every other kind of fact.
func Ended(row Row) (at int64, err error) {
	switch row.Kind {
	case KindConsent:
		var l Ledger
		if err := decode(row, &l); err != nil {
			return 0, err
		}
		if !l.Given {
			return row.Time, nil
		}
		return row.Until, nil
	case KindOptOut:
		var v stateValue
		if err := decode(row, &v); err != nil {
			return 0, err
		}
		if v.State == "in" {
			return row.Time, nil
		}
	case KindWindow:
		return row.Until, nil
	}
	return 0, nil
}

// Lapse drops a fact that is kept no longer, unless another one stands in its
// place by now.
func (s *State) Lapse(row Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	apply, known := kinds[row.Kind]
	if !known || s.known(row) != row.Time {
		return nil
	}
	row.Value = nil
	return apply(s, row)
}
