package demo

import (
	"bytes"
	"strings"
	"testing"

	"postern/cmd/internal/envoytest"
)

// TestTalk plays the whole conversation with the real programs: it is the
// end-to-end test of the gateway.
func TestTalk(t *testing.T) { told(t, "") }

// TestTalkThroughEnvoy plays it with an Envoy in front: every step does the same.
func TestTalkThroughEnvoy(t *testing.T) {
	out := told(t, envoytest.Program(t))
	for _, said := range []string{"Apps and Meta call Envoy", "webhooks of Meta's passed Envoy"} {
		if !strings.Contains(out, said) {
			t.Errorf("it does not say %q", said)
		}
	}
}

func told(t *testing.T, envoy string) string {
	t.Helper()
	var out bytes.Buffer
	if err := Talk(t.Context(), programs, envoy, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
	return out.String()
}
