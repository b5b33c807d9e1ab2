package pack

import (
	"strings"
	"testing"
)

// TestOriginal: one pack that says erase is enough, nothing is keep, and a word
// that is neither is refused.
func TestOriginal(t *testing.T) {
	file := func(name, line string) []byte { return []byte("pack: " + name + "\n" + line) }
	load := func(line string) (*Set, error) {
		return Load(map[string][]byte{"pii/one.yaml": file("one", ""), "pii/two.yaml": file("two", line)}, Use{Packs: []string{"one", "two"}})
	}
	for line, want := range map[string]Original{"": KeepOriginal, "original: keep\n": KeepOriginal, "original: erase\n": EraseOriginal} {
		s, err := load(line)
		if err != nil || s.Original() != want {
			t.Errorf("%q: %v, %v", line, s.Original(), err)
		}
	}
	if _, err := load("original: burn\n"); err == nil || !strings.Contains(err.Error(), "pii/two.yaml:2:11: original: write one of keep, erase") {
		t.Errorf("refused as %v", err)
	}
}
