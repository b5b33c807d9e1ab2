package main

import (
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/hashicorp/vault/api"
)

// TestTransit: what an older key version wrapped opens until the least version
// that may is raised.
func TestTransit(t *testing.T) {
	c, _ := start(t)
	mount(t, c, "transit", nil)
	write(t, c, "transit/keys/kek", nil)
	plain := base64.StdEncoding.EncodeToString([]byte("a key"))
	first := wrap(t, c, plain)
	write(t, c, "transit/keys/kek/rotate", nil)
	second := wrap(t, c, plain)
	if !strings.HasPrefix(first, "vault:v1:") || !strings.HasPrefix(second, "vault:v2:") {
		t.Fatalf("the versions are not 1 and 2")
	}
	for _, wrapped := range []string{first, second, wrapAgain(t, c, first)} {
		if got := write(t, c, "transit/decrypt/kek", map[string]any{"ciphertext": wrapped})["plaintext"]; got != plain {
			t.Errorf("%.9s opens to something else", wrapped)
		}
	}
	write(t, c, "transit/keys/kek/config", map[string]any{"min_decryption_version": 2})
	if _, err := c.Logical().Write("transit/decrypt/kek", map[string]any{"ciphertext": first}); err == nil {
		t.Error("version 1 still opens")
	}
}

func wrap(t *testing.T, c *api.Client, plain string) string {
	t.Helper()
	return text(t, write(t, c, "transit/encrypt/kek", map[string]any{"plaintext": plain}), "ciphertext")
}

func wrapAgain(t *testing.T, c *api.Client, wrapped string) string {
	t.Helper()
	s := text(t, write(t, c, "transit/rewrap/kek", map[string]any{"ciphertext": wrapped}), "ciphertext")
	if !strings.HasPrefix(s, "vault:v2:") {
		t.Errorf("wrapped again it is %.9s", s)
	}
	return s
}

func text(t *testing.T, data map[string]any, name string) string {
	t.Helper()
	s, ok := data[name].(string)
	if !ok || s == "" {
		t.Fatalf("the answer has no %s", name)
	}
	return s
}

// TestKV: every version of a secret can be read, and the newest is given.
func TestKV(t *testing.T) {
	c, _ := start(t)
	mount(t, c, "kv", map[string]string{"version": "2"})
	kv := c.KVv2("kv")
	await(t, func(ctx context.Context) error {
		_, err := kv.Put(ctx, "meta", map[string]any{"token": "one"})
		return err
	})
	_, err := kv.Put(t.Context(), "meta", map[string]any{"token": "two"})
	check(t, err)
	newest, err := kv.Get(t.Context(), "meta")
	check(t, err)
	first, err := kv.GetVersion(t.Context(), "meta", 1)
	check(t, err)
	if newest.VersionMetadata.Version != 2 || newest.Data["token"] != "two" || first.Data["token"] != "one" {
		t.Errorf("version %d is %v, version 1 is %v", newest.VersionMetadata.Version, newest.Data, first.Data)
	}
}

// TestPKI: an issued certificate is vouched for by the engine's root.
func TestPKI(t *testing.T) {
	c, _ := start(t)
	mount(t, c, "pki", nil)
	root := write(t, c, "pki/root/generate/internal", map[string]any{"common_name": "test root", "ttl": "24h", "key_type": "ec", "key_bits": 256})
	write(t, c, "pki/roles/edge", map[string]any{"allowed_domains": "gateway.test", "allow_bare_domains": true, "key_type": "ec", "key_bits": 256, "max_ttl": "1h"})
	issued := write(t, c, "pki/issue/edge", map[string]any{"common_name": "gateway.test", "ttl": "10m"})
	text(t, issued, "private_key")
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(text(t, root, "certificate")))
	block, _ := pem.Decode([]byte(text(t, issued, "certificate")))
	if block == nil {
		t.Fatal("the certificate is no PEM")
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	check(t, err)
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "gateway.test"})
	check(t, err)
	if _, err := c.Logical().Write("pki/issue/edge", map[string]any{"common_name": "elsewhere.test"}); err == nil {
		t.Error("a name that the role does not allow is issued")
	}
}

// TestAppRole logs in with a response-wrapped secret id, which opens once.
func TestAppRole(t *testing.T) {
	c, ready := start(t)
	check(t, c.Sys().EnableAuthWithOptions("approle", &api.EnableAuthOptions{Type: "approle"}))
	check(t, c.Sys().PutPolicy("look", `path "sys/mounts" { capabilities = ["read"] }`))
	write(t, c, "auth/approle/role/gateway", map[string]any{"token_policies": "look", "token_ttl": "10m", "secret_id_num_uses": 1})
	role, err := c.Logical().Read("auth/approle/role/gateway/role-id")
	check(t, err)
	c.SetWrappingLookupFunc(func(string, string) string { return "1m" })
	wrapped, err := c.Logical().Write("auth/approle/role/gateway/secret-id", nil)
	check(t, err)
	app := client(t, ready)
	app.SetToken(wrapped.WrapInfo.Token)
	secret, err := app.Logical().Unwrap("")
	check(t, err)
	if _, err := app.Logical().Unwrap(""); err == nil {
		t.Error("the wrapping opens twice")
	}
	app.ClearToken()
	login, err := app.Logical().Write("auth/approle/login", map[string]any{
		"role_id": text(t, role.Data, "role_id"), "secret_id": text(t, secret.Data, "secret_id"),
	})
	check(t, err)
	app.SetToken(login.Auth.ClientToken)
	_, err = app.Logical().Read("sys/mounts")
	check(t, err)
	if _, err := app.Logical().Read("sys/auth"); err == nil {
		t.Error("the role may more than its policy says")
	}
}
