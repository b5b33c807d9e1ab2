package boot_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
	"postern/crypto/jwe"
)

func rsaKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func encryptionOf(t *testing.T, secret, section string) (boot.Encryption, error) {
	t.Helper()
	const number = `display: "+49 30 1234567"`
	path := folder(t, replace(number, number+section))
	write(t, filepath.Join(filepath.Dir(path), "secrets", "payload"), secret, 0o600)
	c, err := boot.Load(path)
	if err != nil {
		return boot.Encryption{}, err
	}
	return c.Tenants[0].Numbers[0].Encryption, nil
}

func TestEncryption(t *testing.T) {
	secret := rsaKey(t)
	e, err := encryptionOf(t, secret, "")
	if err != nil || e.On {
		t.Errorf("none: %v, on %t", err, e.On)
	}
	e, err = encryptionOf(t, secret, `, encryption: {key: "file:secrets/payload"}`)
	if err != nil || !e.On || e.Content != jwe.A256GCM || e.Wrap != jwe.OAEP || e.Key.Value()+"\n" != secret || e.KeyPrevious.IsSet() {
		t.Errorf("default: %v, %t %s %s", err, e.On, e.Content, e.Wrap)
	}
	e, err = encryptionOf(t, secret, `, encryption: {key: "file:secrets/payload", key_previous: "file:secrets/payload", content: A128CBC-HS256, key_wrap: RSA-OAEP-256}`)
	if err != nil || e.Content != jwe.A128CBCHS256 || e.Wrap != jwe.OAEP256 || !e.KeyPrevious.IsSet() {
		t.Errorf("written out: %v, %s %s", err, e.Content, e.Wrap)
	}
	for section, want := range map[string]string{
		`{}`:                               "encryption.key is missing",
		`{key: "file:secrets/meta-token"}`: "encryption.key: it is no RSA private key",
		`{key: "file:secrets/payload", key_previous: "file:secrets/app-secret"}`: "encryption.key_previous: it is no RSA private key",
		`{key: "file:secrets/payload", content: A192GCM}`:                        "encryption.content is not",
		`{key: "file:secrets/payload", key_wrap: RSA1_5}`:                        "encryption.key_wrap is not",
		`{key: "file:secrets/payload", keys: x}`:                                 "encryption.keys is not a known key",
	} {
		if _, err := encryptionOf(t, secret, ", encryption: "+section); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", section, err)
		} else if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: the error holds a secret", section)
		}
	}
}
