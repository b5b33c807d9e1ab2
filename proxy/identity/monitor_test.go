package identity_test

import (
	"slices"
	"testing"

	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// TestMonitor: a monitor's key stands for its app and for none of its users,
// and one that two apps have for nobody.
func TestMonitor(t *testing.T) {
	h := newHouse(t)
	apps := slices.Clone(h.apps)
	for _, key := range []string{"", "a-monitor-of-desk"} {
		if id, ok := h.Monitor(key); ok {
			t.Errorf("%q without any key configured: %+v", key, id)
		}
	}
	apps[2].Monitor = identity.MonitorSum("a-monitor-of-desk")
	apps[0].Monitor = identity.MonitorSum("a-monitor-of-loans") // of another dialect
	h.Configure(apps)
	id, ok := h.Monitor("a-monitor-of-desk")
	if !ok || id.App != "desk" || id.Tenant != "city" || id.Dialect != dialect.OnPrem || !id.Owns("4") || id.Owns("5") || id.User != "" || id.Role == identity.RoleAdmin {
		t.Errorf("%+v %v", id, ok)
	}
	for _, key := range []string{"", "a-monitor-of-des", "a-monitor-of-loans"} {
		if id, ok := h.Monitor(key); ok {
			t.Errorf("%q: %+v", key, id)
		}
	}
	apps[3].Monitor = apps[2].Monitor
	h.Configure(apps)
	if id, ok := h.Monitor("a-monitor-of-desk"); ok {
		t.Errorf("a key of two apps: %+v", id)
	}
}
