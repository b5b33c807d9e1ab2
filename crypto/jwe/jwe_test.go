package jwe_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"strings"
	"testing"

	"postern/crypto/jwe"
)

// vectors were made by Python's cryptography, not by this package.
type vectors struct {
	PrivateKey  string `json:"private_key"`
	PublicKey   string `json:"public_key"`
	Fingerprint string
	Plain       string
	Tokens      []struct{ Alg, Enc, Token string }
	Refused     []struct{ Why, Token string }
}

func read(t testing.TB) (vectors, *jwe.Private) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	key, err := jwe.ParsePrivate([]byte(v.PrivateKey))
	if err != nil {
		t.Fatal(err)
	}
	return v, key
}

func TestVectors(t *testing.T) {
	v, key := read(t)
	if len(v.Tokens) < 6 || len(v.Refused) < 10 {
		t.Fatal("the vectors are not complete")
	}
	for _, c := range v.Tokens {
		plain, content, err := key.Open(c.Token)
		if err != nil || string(plain) != v.Plain || string(content) != c.Enc {
			t.Errorf("%s %s: %q %s %v", c.Alg, c.Enc, plain, content, err)
		}
	}
	for _, c := range v.Refused {
		if plain, _, err := key.Open(c.Token); err == nil || plain != nil {
			t.Errorf("%s: was opened", c.Why)
		}
	}
	if p := key.Public(); p.Text() != v.PublicKey || p.Fingerprint() != v.Fingerprint {
		t.Error("the public half is not the vectors'")
	}
}

func TestRoundTrip(t *testing.T) {
	_, key := read(t)
	for _, wrap := range []jwe.Wrap{jwe.OAEP, jwe.OAEP256} {
		for _, content := range []jwe.Content{jwe.A128GCM, jwe.A256GCM, jwe.A128CBCHS256} {
			for _, n := range []int{0, 1, 15, 16, 17, 1 << 20} {
				plain := strings.Repeat("x", n)
				token, err := key.Public().Seal([]byte(plain), wrap, content)
				if err != nil {
					t.Fatalf("%s %s %d: %v", wrap, content, n, err)
				}
				head, _, _ := strings.Cut(token, ".")
				raw, err := base64.RawURLEncoding.DecodeString(head)
				if want := fmt.Sprintf(`{"alg":%q,"enc":%q}`, wrap, content); err != nil || string(raw) != want {
					t.Errorf("header %s, want %s", raw, want)
				}
				got, by, err := key.Open(token)
				if err != nil || string(got) != plain || by != content {
					t.Errorf("%s %s %d: %v", wrap, content, n, err)
				}
			}
		}
	}
}

// TestEveryCharacterCounts changes each part of a token.
func TestEveryCharacterCounts(t *testing.T) {
	v, key := read(t)
	for _, c := range v.Tokens[:6] {
		for i := range c.Token {
			if i%7 != 0 && i != len(c.Token)-1 && c.Token[i+1] != '.' {
				continue // the last of each part too: its bits may not all be used
			}
			b := []byte(c.Token)
			if b[i] = 'A'; c.Token[i] == 'A' {
				b[i] = 'B'
			}
			if plain, _, err := key.Open(string(b)); err == nil {
				t.Fatalf("%s %s: with another character at %d it gives %q", c.Alg, c.Enc, i, plain)
			}
		}
	}
}

func TestRefusals(t *testing.T) {
	v, key := read(t)
	token := v.Tokens[0].Token
	parts := strings.Split(token, ".")
	for name, text := range map[string]string{
		"empty": "", "one part": parts[0], "four parts": strings.Join(parts[:4], "."), "six parts": token + ".AA",
		"padding": parts[0] + "=." + strings.Join(parts[1:], "."), "blank": " " + token, "line end": token + "\n",
		"JSON form": `{"protected":"` + parts[0] + `","ciphertext":"AA"}`, "no wrapped key": parts[0] + "..." + parts[3] + "." + parts[4],
		"long header": strings.Repeat("A", 2000) + "." + strings.Join(parts[1:], "."),
	} {
		if _, _, err := key.Open(text); err == nil {
			t.Errorf("%s: was opened", name)
		} else if strings.Contains(err.Error(), "go-jose") {
			t.Errorf("%s: the error is the library's", name)
		}
	}
	if _, _, err := key.Open(strings.Repeat("A", jwe.MaxToken+1)); !errors.Is(err, jwe.ErrTooLarge) {
		t.Errorf("a huge token: %v", err)
	}
	if _, err := key.Public().Seal(make([]byte, 4<<20), jwe.OAEP, jwe.A256GCM); !errors.Is(err, jwe.ErrTooLarge) {
		t.Errorf("huge content: %v", err)
	}
	for _, c := range []struct {
		wrap    jwe.Wrap
		content jwe.Content
	}{{"", ""}, {"RSA1_5", jwe.A256GCM}, {"dir", jwe.A256GCM}, {jwe.OAEP, "A192GCM"}, {jwe.OAEP, ""}} {
		if _, err := key.Public().Seal(nil, c.wrap, c.content); !errors.Is(err, jwe.ErrAlgorithm) {
			t.Errorf("%s %s: %v", c.wrap, c.content, err)
		}
	}
	other, err := jwe.ParsePrivate(pkcs1(t, 2048))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := other.Open(token); !errors.Is(err, jwe.ErrOpen) {
		t.Errorf("another key: %v", err)
	}
}

func pkcs1(t *testing.T, bits int) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func TestKeys(t *testing.T) {
	v, key := read(t)
	p := key.Public()
	spki, err := base64.StdEncoding.DecodeString(v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	text := string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: spki}))
	for name, form := range map[string]string{"base64": v.PublicKey, "PEM": text, "base64 of PEM": base64.StdEncoding.EncodeToString([]byte(text)), "with line end": v.PublicKey + "\n"} {
		q, err := jwe.ParsePublic(form)
		if err != nil || q.Fingerprint() != v.Fingerprint {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, form := range map[string]string{"empty": "", "words": "no key", "private": v.PrivateKey, "other bytes": "AAAA"} {
		if _, err := jwe.ParsePublic(form); err == nil {
			t.Errorf("%s: was taken for a public key", name)
		}
	}
	for name, form := range map[string]string{
		"empty": "", "words": "no key", "public": text, "two": v.PrivateKey + v.PrivateKey, "other bytes": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte{1}})),
	} {
		if _, err := jwe.ParsePrivate([]byte(form)); err == nil {
			t.Errorf("%s: was taken for a private key", name)
		}
	}
	for _, bits := range []int{1024, 2040, 4104, 16384} {
		n := new(big.Int).Lsh(big.NewInt(1), uint(bits)-1)
		der, err := x509.MarshalPKIXPublicKey(&rsa.PublicKey{N: n.Add(n, big.NewInt(1)), E: 65537})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := jwe.ParsePublic(base64.StdEncoding.EncodeToString(der)); err == nil {
			t.Errorf("a key of %d bits was taken", bits)
		}
	}
	raw := fmt.Sprintf("%v %+v %#v %s %d", key, key, key, key, key)
	if strings.ContainsAny(raw, "0123456789") {
		t.Error("a private key can be printed")
	}
	hex := v.Fingerprint
	for _, written := range []string{hex, strings.ToUpper(hex), "SHA256:" + hex, "sha256:" + hex[:2] + ":" + hex[2:]} {
		if !p.Matches(written) {
			t.Errorf("fingerprint %s is not recognised", written)
		}
	}
	for _, written := range []string{"", "SHA256:", hex[:62], hex + "00", strings.Repeat("0", 64)} {
		if p.Matches(written) {
			t.Errorf("fingerprint %q is taken", written)
		}
	}
}

// TestUnderEnforcement runs round trips where FIPS 140 is enforced: the format
// stays usable there.
func TestUnderEnforcement(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^(TestVectors|TestRoundTrip)$", "-test.v") //nolint:gosec // this test itself
	cmd.Env = append(os.Environ(), "GODEBUG=fips140=only")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
}

func FuzzOpen(f *testing.F) {
	v, key := read(f)
	for _, c := range v.Tokens {
		f.Add(c.Token)
	}
	for _, c := range v.Refused {
		f.Add(c.Token)
	}
	f.Fuzz(func(t *testing.T, token string) {
		plain, content, err := key.Open(token)
		if err != nil && (plain != nil || content != "") {
			t.Error("a refused token gives something")
		}
		if err == nil && (!content.Valid() || strings.Count(token, ".") != 4) {
			t.Errorf("opened: %q", content)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	v, key := read(b)
	for b.Loop() {
		if _, err := key.Public().Seal([]byte(v.Plain), jwe.OAEP, jwe.A256GCM); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	v, key := read(b)
	for b.Loop() {
		if _, _, err := key.Open(v.Tokens[1].Token); err != nil {
			b.Fatal(err)
		}
	}
}
