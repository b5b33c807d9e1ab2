package rotation_test

import (
	"net/http"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
)

// keysOfApps counts what the first version of purpose app still hashes.
func (o *office) keysOfApps(t *testing.T) (n int64) {
	t.Helper()
	var all []admin.KeyVersion
	o.Admin(t, "keys.list", admin.None{}, &all)
	for _, k := range all {
		for _, need := range k.Needs {
			if k.Purpose == keyring.App && k.Version == 1 && need.What == "keys of apps" {
				n += need.Count
			}
		}
	}
	return n
}

// TestAppsMoveWithTheirUse: after a rotation a key needs the old version until
// it is used, and works before, meanwhile and after a restart.
func TestAppsMoveWithTheirUse(t *testing.T) {
	o := openOffice(t, rig.Options{})
	const somebody = "491760406901"
	o.window(t, somebody)
	o.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.App}, nil)
	before := o.keysOfApps(t)
	send := func() {
		t.Helper()
		if status, body, err := o.send(somebody, "Hello"); status != http.StatusOK {
			t.Fatal(status, body, err)
		}
	}
	send()
	o.Clock.Forward(5 * time.Second)
	rig.Await(t, "the used key to move", func() bool { return o.keysOfApps(t) == before-1 })
	send()
	o.Stop()
	o = openOffice(t, rig.Options{Keep: o.Dir})
	send()
	if n := o.keysOfApps(t); n != before-1 {
		t.Errorf("%d keys need the old version after a restart, %d before", n, before-1)
	}
}
