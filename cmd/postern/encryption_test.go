package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestEncryptionCommands exchange keys with a running gateway, and say what
// stands in the way.
func TestEncryptionCommands(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "payload.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, `23125 001"`, `23125 001", encryption: {key: "file:`+path+`"}`, 1)
	}})
	t.Setenv("POSTERN_CONFIG", r.Env["POSTERN_CONFIG"])
	t.Setenv("POSTERN_OPERATOR_KEY", "")
	t.Setenv("POSTERN_OPERATOR_KEY_FILE", r.Env["POSTERN_OPERATOR_KEY_FILE"])
	number, other := r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_D360_PHONE_ID"]
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"status", number}, exitOK, "is not_exchanged: nothing is sent until"},
		{[]string{"status", other}, exitOK, "is off: messages leave inside TLS"},
		{[]string{"enable", other}, exitFailed, "write encryption: {key: file:PATH}"},
		{[]string{"enable", "1"}, exitFailed, "names no such number"},
		{[]string{"enable"}, exitUsage, ""},
		{[]string{"enable", number}, exitOK, "is ready: messages leave encrypted"},
		{[]string{"status", number, "--json"}, exitOK, `"state":"ready"`},
	} {
		code, out, failed := command(append([]string{"encryption"}, c.args...)...)
		if code != c.code || !strings.Contains(strings.ReplaceAll(out, `": "`, `":"`)+failed, c.want) {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out, failed)
		}
	}
	r.Stop()
	code, _, failed := command("encryption", "enable", number)
	if code != exitFailed || !strings.Contains(failed, "postern serve") {
		t.Errorf("without a gateway: exit %d %s", code, failed)
	}
}

// TestEveryStateHasWords: a state without them would read as an empty sentence.
func TestEveryStateHasWords(t *testing.T) {
	for _, s := range []admin.EncryptionState{
		admin.EncryptionOff, admin.EncryptionReady, admin.EncryptionNotExchanged, admin.EncryptionOnlyUpstream,
		admin.EncryptionDisabled, admin.EncryptionOwnDiffers, admin.EncryptionCloudDiffers, admin.EncryptionUnreadable,
	} {
		if encryptionWords[s] == "" {
			t.Errorf("%s has no words", s)
		}
	}
	if len(encryptionWords) != 8 {
		t.Errorf("%d states", len(encryptionWords))
	}
}
