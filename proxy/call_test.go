package proxy_test

import (
	"testing"
	"testing/fstest"

	"postern/policies"
	"postern/policy"
	"postern/proxy/dialect"
)

// TestCallsAreKnownToPolicy: compliance can close every call that an endpoint
// makes, by its name.
func TestCallsAreKnownToPolicy(t *testing.T) {
	for _, e := range dialect.Endpoints() {
		if e.Call == "" {
			continue
		}
		settings := fstest.MapFS{"settings.yaml": {Data: []byte("management: {deny: [" + e.Call + "]}\n")}}
		if _, err := policy.Load(t.Context(), policies.Files, settings); err != nil {
			t.Errorf("%s %s: %v", e.Method, e.Path, err)
		}
	}
}
