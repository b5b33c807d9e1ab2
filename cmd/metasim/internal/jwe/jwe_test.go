package jwe_test

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"strings"
	"testing"

	theirs "postern/cmd/metasim/internal/jwe"
	"postern/crypto/jwe"
)

func key(t *testing.T) (*rsa.PrivateKey, *jwe.Private) {
	t.Helper()
	raw, err := os.ReadFile("../../../../crypto/jwe/testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Key string `json:"private_key"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode([]byte(v.Key))
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := jwe.ParsePrivate([]byte(v.Key))
	if err != nil {
		t.Fatal(err)
	}
	return parsed.(*rsa.PrivateKey), ours
}

// TestAgainstTheGateway holds the two implementations against each other, in
// both directions.
func TestAgainstTheGateway(t *testing.T) {
	private, ours := key(t)
	for _, wrap := range []string{"RSA-OAEP", "RSA-OAEP-256"} {
		for _, content := range []string{"A128GCM", "A256GCM", "A128CBC-HS256"} {
			for _, n := range []int{0, 1, 15, 16, 17, 5000} {
				plain := bytes.Repeat([]byte("a"), n)
				token, err := ours.Public().Seal(plain, jwe.Wrap(wrap), jwe.Content(content))
				if err != nil {
					t.Fatal(err)
				}
				got, h, err := theirs.Open(private, token)
				if err != nil || !bytes.Equal(got, plain) || h != (theirs.Header{Wrap: wrap, Content: content}) {
					t.Errorf("%s %s %d from the gateway: %v", wrap, content, n, err)
				}
				if token, err = theirs.Seal(&private.PublicKey, h, plain); err != nil {
					t.Fatal(err)
				}
				if got, _, err := ours.Open(token); err != nil || !bytes.Equal(got, plain) {
					t.Errorf("%s %s %d to the gateway: %v", wrap, content, n, err)
				}
			}
		}
	}
}

func TestDamaged(t *testing.T) {
	private, _ := key(t)
	if _, err := theirs.Seal(&private.PublicKey, theirs.Header{Wrap: "RSA-OAEP", Content: "none"}, nil); err == nil {
		t.Error("an unknown algorithm was used")
	}
	for _, content := range []string{"A128GCM", "A256GCM", "A128CBC-HS256"} {
		token, err := theirs.Seal(&private.PublicKey, theirs.Header{Wrap: "RSA-OAEP", Content: content}, []byte("plain"))
		if err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(token, ".")
		for i := range parts {
			for _, other := range []string{"", "AA", "?", strings.ToLower(parts[i]) + "A"} {
				changed := append([]string{}, parts...)
				changed[i] = other
				if _, _, err := theirs.Open(private, strings.Join(changed, ".")); !errors.Is(err, theirs.ErrToken) {
					t.Errorf("%s: part %d as %q: %v", content, i, other, err)
				}
			}
		}
	}
}
