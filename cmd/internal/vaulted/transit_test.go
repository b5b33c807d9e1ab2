package vaulted

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"

	"postern/crypto/vault"
)

// transit makes the key that wraps the keystore's, as an administrator does.
func (v *server) transit(t *testing.T) {
	t.Helper()
	v.do(t, "POST", "sys/mounts/transit", map[string]any{"type": "transit"})
	v.do(t, "POST", "transit/keys/postern-team", map[string]any{"type": "aes256-gcm96"})
}

func (v *server) rotateTransit(t *testing.T) {
	t.Helper()
	v.do(t, "POST", "transit/keys/postern-team/rotate", nil)
}

// configureTransit sets fields of the key's configuration.
func (v *server) configureTransit(t *testing.T, fields map[string]any) {
	t.Helper()
	v.do(t, "POST", "transit/keys/postern-team/config", fields)
}

func (v *server) loseTransit(t *testing.T) {
	t.Helper()
	v.configureTransit(t, map[string]any{"deletion_allowed": true})
	v.do(t, "DELETE", "transit/keys/postern-team", nil)
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func TestTransitWraps(t *testing.T) {
	t.Parallel()
	v := start(t)
	v.transit(t)
	v.issue(t, "token", "1h")
	key := open(t, v.config(vault.Login{TokenFile: v.file("token")})).Transit("transit", "postern-team")
	plain, bound := [][]byte{random(32), random(32)}, [][]byte{[]byte("a"), []byte("b")}
	texts, err := key.Wrap(plain, bound)
	check(t, err)
	again, err := key.Unwrap(texts, bound)
	check(t, err)
	if !slices.EqualFunc(plain, again, slices.Equal[[]byte]) || vault.TransitVersion(texts[0]) != 1 || vault.TransitVersion("vault:x1:") != 0 {
		t.Error("what was wrapped opens to something else, or names no version")
	}
	_, err = key.Unwrap(texts, [][]byte{bound[1], bound[0]})
	wants(t, err, vault.ErrRefused, "another key stands under this name")

	v.rotateTransit(t)
	seen, err := key.Look(t.Context())
	check(t, err)
	if seen != (vault.TransitKey{Latest: 2, Oldest: 1}) {
		t.Errorf("%+v", seen)
	}
	v.configureTransit(t, map[string]any{"min_decryption_version": 2})
	_, err = key.Unwrap(texts, bound)
	wants(t, err, vault.ErrRefused, "min_decryption_version=1")

	v.seal(t)
	_, err = key.Unwrap(texts, bound)
	wants(t, err, vault.ErrAway, "sealed")
	v.unseal(t)
	waits(t, "unsealed", func() bool { _, err := key.Look(t.Context()); return err == nil })

	v.loseTransit(t)
	_, err = key.Look(t.Context())
	wants(t, err, vault.ErrRefused, "404")
	_, err = key.Unwrap(texts, bound)
	wants(t, err, vault.ErrRefused, "404")
	_, err = key.Wrap(plain, bound)
	wants(t, err, vault.ErrRefused, "wrap keys")

	for name, kind := range map[string]map[string]any{"rsa": {"type": "rsa-2048"}, "derived": {"type": "aes256-gcm96", "derived": true}} {
		v.do(t, "POST", "transit/keys/"+name, kind)
		v.policy(t, rules(t, "postern.hcl")+fmt.Sprintf("\npath \"transit/keys/%s\" { capabilities = [\"read\"] }", name))
		_, err := open(t, v.config(vault.Login{TokenFile: v.file("token")})).Transit("transit", name).Look(t.Context())
		wants(t, err, vault.ErrRefused, "aes256-gcm96")
	}
}

// TestTransitLeastPrivilege: the policy as it is shipped is enough, and allows
// nothing that changes the key or takes it out.
func TestTransitLeastPrivilege(t *testing.T) {
	t.Parallel()
	v := start(t)
	v.transit(t)
	v.do(t, "POST", "transit/keys/other", nil)
	v.configureTransit(t, map[string]any{"deletion_allowed": true, "exportable": true})
	gate := v.issue(t, "token", "1h")
	plain := map[string]any{"plaintext": base64.StdEncoding.EncodeToString(random(32))}
	wrapped := v.do(t, "POST", "transit/encrypt/postern-team", plain)["data"].(map[string]any)
	for _, tc := range []struct {
		method, path string
		in           any
		may          bool
	}{
		{"GET", "transit/keys/postern-team", nil, true},
		{"POST", "transit/encrypt/postern-team", plain, true},
		{"POST", "transit/decrypt/postern-team", wrapped, true},
		{"POST", "transit/encrypt/other", plain, false},
		{"POST", "transit/decrypt/other", wrapped, false},
		{"POST", "transit/encrypt/new-one", plain, false},
		{"GET", "transit/keys?list=true", nil, false},
		{"GET", "transit/export/encryption-key/postern-team", nil, false},
		{"GET", "transit/backup/postern-team", nil, false},
		{"POST", "transit/keys/postern-team", nil, false},
		{"POST", "transit/keys/postern-team/rotate", nil, false},
		{"POST", "transit/keys/postern-team/config", map[string]any{"min_decryption_version": 1}, false},
		{"POST", "transit/keys/postern-team/trim", map[string]any{"min_available_version": 1}, false},
		{"DELETE", "transit/keys/postern-team", nil, false},
		{"POST", "transit/rewrap/postern-team", wrapped, false},
		{"POST", "transit/datakey/plaintext/postern-team", nil, false},
	} {
		status, _ := v.ask(t, tc.method, tc.path, tc.in, "X-Vault-Token", gate)
		if tc.may != (status < 300) || !tc.may && status != 403 {
			t.Errorf("%s %s: %d, allowed should be %v", tc.method, tc.path, status, tc.may)
		}
	}
}

func isAway(err error) bool { return errors.Is(err, vault.ErrAway) }
