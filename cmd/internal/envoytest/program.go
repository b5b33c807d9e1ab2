package envoytest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Program finds Envoy where `make envoy` put it.
func Program(t testing.TB) string {
	t.Helper()
	folder, err := os.Getwd()
	for err == nil && !isModule(folder) {
		if folder == filepath.Dir(folder) {
			t.Fatal("not within the module postern")
		}
		folder = filepath.Dir(folder)
	}
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(folder, ".cache", "envoy", "envoy")
	if _, err := os.Stat(program); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(getProgram)
		}
		t.Skip(getProgram)
	}
	return program
}

func isModule(folder string) bool {
	b, err := os.ReadFile(filepath.Join(folder, "go.mod")) //nolint:gosec // a folder above the test
	return err == nil && strings.HasPrefix(string(b), "module postern\n")
}
