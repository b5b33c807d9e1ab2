package rotation

import (
	"fmt"
	"strings"

	"postern/crypto/keyring"
	"postern/crypto/vault"
)

// Wrapping says how far the keystore's keys are moved to the newest version of
// the transit key that wraps them, as work of the purpose "keystore". Stuck are
// keys that Vault would not open any more: they live on in memory only.
func Wrapping(all []keyring.Wrapping, key vault.TransitKey) Work {
	w := Work{Purpose: "keystore", Version: uint32(key.Latest), State: done, Total: int64(len(all))} //nolint:gosec // versions count from 1
	var shut []string
	for _, k := range all {
		version := vault.TransitVersion(k.Text)
		if version >= key.Latest {
			w.Seen++
		}
		if version < key.Oldest {
			shut = append(shut, Name(k.Purpose, k.Number))
		}
	}
	if w.Seen < len(all) {
		w.State = waiting
	}
	if w.Stuck = len(shut); w.Stuck > 0 {
		w.Problem = fmt.Sprintf("min_decryption_version is %d and shuts out %s: lower it, or let the running gateway wrap them again, before any restart", key.Oldest, strings.Join(shut, ", "))
	}
	return w
}
