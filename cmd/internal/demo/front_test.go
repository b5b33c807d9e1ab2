package demo

import (
	"testing"
	"time"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/gateway"
	"postern/proxy/xds"
	"postern/proxy/xds/check"
)

// TestEnvoyOfTheDemoKeepsPromises: "postern envoy check" has nothing to say of the
// Envoy in front, given the simulator's address.
func TestEnvoyOfTheDemoKeepsPromises(t *testing.T) {
	s, err := NewSite(t.TempDir(), t.TempDir(), 8443, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Front = true
	if err := s.Setup(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	cfg, err := boot.Load(s.config())
	if err != nil {
		t.Fatal(err)
	}
	start := gateway.EnvoyStart(cfg, node)
	start.Admin, start.HeapBytes, start.Connections = "127.0.0.1:0", 1<<30, 1000
	raw, err := xds.Static(gateway.EnvoyConfig(cfg), start, gateway.EnvoyFiles(cfg))
	if err != nil {
		t.Fatal(err)
	}
	found, err := check.Config(raw, s.graph())
	if err != nil || len(found) > 0 {
		t.Errorf("found %+v, %v", found, err)
	}
}
