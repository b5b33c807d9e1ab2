package boot_test

import (
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

func TestAllStacks(t *testing.T) {
	for value, want := range map[string]bool{
		"": false, "none": false, "single": false, "0": false, "1": false,
		"all": true, "system": true, "crash": true, "wer": true, "2": true, "7": true,
	} {
		if got := boot.AllStacks(value); got != want {
			t.Errorf("GOTRACEBACK=%s: %v, want %v", value, got, want)
		}
	}
}

func TestLockMemory(t *testing.T) {
	for text, want := range map[string]bool{"": false, "lock_memory: preferred": false, "lock_memory: required": true} {
		c, err := boot.Load(folder(t, replace("public_url:", "keystore: {"+text+"}\npublic_url:")))
		if err != nil || c.Keystore.LockMemory != want {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	for _, text := range []string{"yes", "true", "Required"} {
		_, err := boot.Load(folder(t, replace("public_url:", "keystore: {lock_memory: "+text+"}\npublic_url:")))
		if err == nil || !strings.Contains(err.Error(), "write required, or preferred") {
			t.Errorf("%s: %v", text, err)
		}
	}
}
