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
	if out := told(t, envoytest.Program(t)); !strings.Contains(out, "Apps call Envoy") {
		t.Error("it does not say so")
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
