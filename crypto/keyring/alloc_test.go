//go:build !race

package keyring_test

import (
	"testing"

	"postern/crypto/keyring"
)

// TestAllocations holds what each message pays to what it paid when this was
// written: a change that allocates more is a decision. The race detector has
// pools forget on purpose, so it is left out there; make fips runs it.
func TestAllocations(t *testing.T) {
	k, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	s, err := k.DataKey(wrapped, scope)
	if err != nil {
		t.Fatal(err)
	}
	kind, id, aad, plain := []byte("number"), []byte("15550100001"), []byte("record 1"), make([]byte, 1024)
	for name, c := range map[string]struct {
		most float64
		do   func() error
	}{
		"seal and open": {4, func() error {
			sealed, err := s.Seal(aad, plain)
			if err == nil {
				_, err = s.Unseal(aad, sealed)
			}
			return err
		}},
		"blind index": {0, func() error { _, _, err := k.MAC(keyring.Index, kind, id); return err }},
		"look-up":     {1, func() error { _, err := k.MACs(keyring.Index, kind, id); return err }},
	} {
		var failed error
		got := testing.AllocsPerRun(200, func() {
			if err := c.do(); err != nil {
				failed = err
			}
		})
		if failed != nil {
			t.Errorf("%s: %v", name, failed)
		}
		if got > c.most {
			t.Errorf("%s allocates %v times, %v until now", name, got, c.most)
		}
	}
}
