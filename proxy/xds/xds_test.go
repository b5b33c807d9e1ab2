package xds_test

import (
	"encoding/json"
	"strings"
	"testing"

	"postern/proxy/xds"
)

func yamlOf(t *testing.T, raw json.RawMessage, err error) []byte {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out, err := xds.YAML(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSnapshotsAreAsReviewed(t *testing.T) {
	r, err := xds.Snapshot(whole())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(r)
	golden(t, "whole.yaml", yamlOf(t, raw, err))
	raw, err = xds.Static(front(), start(), files("/etc/envoy"))
	golden(t, "front.yaml", yamlOf(t, raw, err))
}

func TestBootstrapsAreAsReviewed(t *testing.T) {
	raw, err := xds.Bootstrap(start())
	golden(t, "bootstrap.yaml", yamlOf(t, raw, err))
	far := start()
	far.Server, far.Name, far.TLS, far.Admin, far.Delta = "gateway.example.org:9444", "gateway.example.org", own, "unix:/run/envoy/admin.sock", false
	raw, err = xds.Bootstrap(far)
	golden(t, "bootstrap_far.yaml", yamlOf(t, raw, err))
}

func TestSnapshotsAreEqualEachTime(t *testing.T) {
	var first string
	for range 20 {
		r, err := xds.Snapshot(whole())
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(raw)
		}
		if string(raw) != first {
			t.Fatal("two snapshots of one configuration differ")
		}
	}
}

// TestWhatIsNotGuardedIsRefused: nothing weaker comes out in its place.
func TestWhatIsNotGuardedIsRefused(t *testing.T) {
	for name, change := range map[string]func(*xds.Config){
		"nothing listens":    func(c *xds.Config) { c.App = nil },
		"intercepts no name": func(c *xds.Config) { c.Sidecar = &xds.Sidecar{Address: "127.0.0.1:15001"} },
		"a limit is missing": func(c *xds.Config) { c.BodyBytes = 0 },
		"is not guarded":     func(c *xds.Config) { c.Processor.Address = "127.0.0.1:9443" },
		"is no address":      func(c *xds.Config) { c.App.Address = "somewhere" },
		"has no port":        func(c *xds.Config) { c.Gateway = "somewhere:https" },
		"names no upstream":  func(c *xds.Config) { c.Upstream.URL = "/v25.0" },
	} {
		c := front()
		change(&c)
		if _, err := xds.Snapshot(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*xds.Start){
		"has no id": func(s *xds.Start) { s.Node = "" }, "can stop Envoy": func(s *xds.Start) { s.Admin = "0.0.0.0:9901" },
		"limit of memory": func(s *xds.Start) { s.HeapBytes = 0 }, "has to be guarded": func(s *xds.Start) { s.Server = "127.0.0.1:9444" },
	} {
		s := start()
		change(&s)
		if _, err := xds.Bootstrap(s); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := xds.Static(front(), start(), xds.Secrets{}); err == nil || !strings.Contains(err.Error(), "nobody could be trusted") {
		t.Errorf("no roots: %v", err)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	for b.Loop() {
		if _, err := xds.Snapshot(whole()); err != nil {
			b.Fatal(err)
		}
	}
}
