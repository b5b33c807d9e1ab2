package inbound

import (
	"testing"

	"postern/cmd/internal/admin"
)

// waiting are the deliveries that wait, or the dead letters.
func (s *office) waiting(t *testing.T, dead bool) []admin.Delivery {
	t.Helper()
	var out []admin.Delivery
	s.Admin(t, "deliveries.list", admin.Deliveries{Dead: dead, Limit: 1000}, &out)
	return out
}
