package admin

import (
	"strings"

	"postern/policy/facts"
)

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
