package admin

import (
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
)

// stateRow is a stored fact as memory takes it.
func stateRow(f journal.Fact) facts.Row {
	return facts.Row{
		Tenant: f.Tenant, Subject: facts.Subject(f.Subject), Kind: f.Kind, Key: f.Key, Value: f.Value, Time: f.Time, Until: f.Until,
	}
}

// addFacts puts rows into a batch; memory changes once they are durable.
func (s *Service) addFacts(b *journal.Batch, record audit.ID, rows ...facts.Row) {
	for _, r := range rows {
		b.Facts = append(b.Facts, journal.Fact{
			Tenant: r.Tenant, Subject: audit.SubjectID(r.Subject), Kind: r.Kind, Key: r.Key, Value: r.Value,
			Time: r.Time, Until: r.Until, Record: record,
		})
	}
	before := b.Committed
	b.Committed = func() {
		if before != nil {
			before()
		}
		for _, r := range rows {
			// The rows come from typed constructors: one that does not apply is
			// a defect of ours, and the stored row shows it at the next start.
			_ = s.cfg.Facts.Apply(r) //nolint:errcheck // see above
		}
	}
}

// stale reports whether one of the rows is older than what is known.
func (s *Service) stale(rows []facts.Row) bool {
	for _, r := range rows {
		if s.cfg.Facts.Stale(r) {
			return true
		}
	}
	return false
}

// names reports whether a value that is kept in clear text holds the person's
// number or an address.
func names(number, value string) bool {
	return strings.Contains(value, "@") || number != "" && strings.Contains(digits(value), number)
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}
