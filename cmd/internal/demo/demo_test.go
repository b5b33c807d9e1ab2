package demo

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestTalk plays the whole conversation with the real programs: it is the
// end-to-end test of the gateway.
func TestTalk(t *testing.T) {
	bin := t.TempDir()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	build := exec.Command("go", "build", "-o", bin+"/", "./cmd/postern", "./cmd/metasim")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	var out bytes.Buffer
	if err := Talk(t.Context(), bin, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Log(out.String())
}
