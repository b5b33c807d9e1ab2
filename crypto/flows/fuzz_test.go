package flows_test

import (
	"crypto/sha256"
	"testing"

	"postern/crypto/flows"
)

// FuzzOpen: what opens was made for the key, so nothing but the vector does.
func FuzzOpen(f *testing.F) {
	v, k := readVectors(f)
	f.Add([]byte(v.RequestBody))
	f.Add([]byte(`{"encrypted_flow_data":"AAAA","encrypted_aes_key":"AAAA","initial_vector":"AAAA"}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, body []byte) {
		plain, ex, err := flows.Open(body, k)
		if err != nil && (plain != nil || ex != nil) {
			t.Error("an error came with content")
		}
		if err == nil && string(plain) != v.RequestPlain {
			t.Errorf("opened %q", plain)
		}
	})
}

// FuzzMedia: what opens has the hash it was promised to have.
func FuzzMedia(f *testing.F) {
	v, _ := readVectors(f)
	f.Add([]byte(v.Media.File), v.Media.IV, v.Media.EncryptionKey, v.Media.MACKey)
	f.Add(make([]byte, 26), make([]byte, 16), make([]byte, 32), make([]byte, 32))
	f.Fuzz(func(t *testing.T, file, iv, key, mac []byte) {
		sum := sha256.Sum256(file)
		m := flows.Media{EncryptedHash: sum[:], IV: iv, EncryptionKey: key, MACKey: mac, PlaintextHash: v.Media.PlaintextHash}
		if plain, err := m.Open(file); err == nil && sha256.Sum256(plain) != [32]byte(v.Media.PlaintextHash) {
			t.Error("opened to other content")
		}
	})
}

// FuzzVouched: only the app secret's owner can vouch.
func FuzzVouched(f *testing.F) {
	f.Add(jwt(`{"alg":"HS256"}`, `{"flow_token":"t"}`, "x"), "t")
	f.Add("..", "t")
	f.Fuzz(func(t *testing.T, signature, token string) {
		if flows.Vouched(signature, token, []byte("a secret of 32 bytes nobody knows")) {
			t.Error("vouched without the secret")
		}
	})
}
