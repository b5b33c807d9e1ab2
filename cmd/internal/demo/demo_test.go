package demo

import (
	"bytes"
	"testing"
)

// TestTalk plays the whole conversation with the real programs: it is the
// end-to-end test of the gateway.
func TestTalk(t *testing.T) {
	bin := programs
	var out bytes.Buffer
	if err := Talk(t.Context(), bin, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
}
