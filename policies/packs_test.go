package policies_test

import (
	"strings"
	"testing"

	"postern/policies"
	"postern/policy/pii/pack"
)

// TestPacks reads every pack and lexicon that is shipped and runs its examples.
func TestPacks(t *testing.T) {
	files, err := pack.Read(policies.Files)
	if err != nil {
		t.Fatal(err)
	}
	use := pack.All(files)
	for _, name := range []string{"pci", "gdpr", "hipaa", "dpdp", "lgpd", "secrets"} {
		raw := string(files[pack.Packs+name+".yaml"])
		if !strings.HasPrefix(raw, "does_not_achieve: ") {
			t.Errorf("%s does not begin with what it does not achieve", name)
		}
	}
	for _, name := range use.Packs {
		if _, err := pack.Load(files, pack.Use{Packs: []string{name}}); err != nil {
			t.Error(err)
		}
	}
	if _, err := pack.Load(files, use); err != nil {
		t.Error(err)
	}
}
