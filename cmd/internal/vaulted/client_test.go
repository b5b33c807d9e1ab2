package vaulted

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/certs"
	"postern/crypto/vault"
)

func (v *server) config(l vault.Login) vault.Config {
	return vault.Config{Address: v.Address, CA: v.file("ca.pem"), KV: "secret", Login: l, Timeout: 10 * time.Second, Now: time.Now}
}

func open(t *testing.T, cfg vault.Config) *vault.Client {
	t.Helper()
	c, err := vault.Open(t.Context(), cfg)
	check(t, err)
	t.Cleanup(c.Close)
	return c
}

func wants(t *testing.T, err, kind error, says string) {
	t.Helper()
	if !errors.Is(err, kind) || !strings.Contains(err.Error(), says) {
		t.Errorf("error %v, want %v with %q", err, kind, says)
	}
}

// appRole makes a role, and gives its role id.
func (v *server) appRole(t *testing.T) string {
	t.Helper()
	v.do(t, "POST", "sys/auth/approle", map[string]any{"type": "approle"})
	v.do(t, "POST", "auth/approle/role/gate", map[string]any{"token_policies": "postern", "token_ttl": "1h"})
	got := v.do(t, "GET", "auth/approle/role/gate/role-id", nil)
	return got["data"].(map[string]any)["role_id"].(string)
}

// wrapped makes something of Vault's come wrapped, into a file.
func (v *server) wrapped(t *testing.T, name, method, path string) {
	t.Helper()
	got := v.do(t, method, path, map[string]any{}, "X-Vault-Wrap-TTL", "5m")
	v.write(t, name, got["wrap_info"].(map[string]any)["token"].(string))
}

func TestVersionsOfASecret(t *testing.T) {
	v := start(t)
	v.issue(t, "token", "1h")
	c := open(t, v.config(vault.Login{TokenFile: v.file("token")}))
	v.put(t, "team/shop", map[string]string{"token": "one", "same": "x"})
	s, err := c.Secret(t.Context(), "team/shop")
	check(t, err)
	if value, err := s.Field("token"); s.Version != 1 || value != "one" || err != nil || s.Before("token") != "" || s.Overlapped() {
		t.Errorf("first version: %v", s)
	}
	v.put(t, "team/shop", map[string]string{"token": "two", "same": "x"})
	s, err = c.Secret(t.Context(), "team/shop")
	check(t, err)
	if value, err := s.Field("token"); s.Version != 2 || value != "two" || err != nil || s.Before("token") != "one" || s.Before("same") != "" {
		t.Errorf("second version: %v", s)
	}
	if all := fmt.Sprintf("%v %+v %#v %s", s, s, s, s); strings.Contains(all, "two") || strings.Contains(all, "one") {
		t.Error("a value was printed")
	}
	_, err = s.Field("other")
	wants(t, err, vault.ErrRefused, "no text in field other")
	_, err = c.Secret(t.Context(), "team/nothing")
	wants(t, err, vault.ErrRefused, "404")
	v.do(t, "DELETE", "secret/data/team/shop", nil)
	_, _, _, err = c.Version(t.Context(), "team/shop")
	wants(t, err, vault.ErrRefused, "deleted")
}

func TestFaults(t *testing.T) {
	v := start(t)
	v.issue(t, "token", "1h")
	v.put(t, "team/shop", map[string]string{"token": "one"})
	cfg := v.config(vault.Login{TokenFile: v.file("token")})
	c := open(t, cfg)
	look := func() error { _, _, _, err := c.Version(t.Context(), "team/shop"); return err }

	v.policy(t, `path "secret/data/*" { capabilities = ["read"] }`)
	wants(t, look(), vault.ErrRefused, "403")
	v.policy(t, `path "secret/*" { capabilities = ["read"] }`)
	check(t, look())

	v.seal(t)
	wants(t, look(), vault.ErrAway, "sealed")
	v.unseal(t)
	waits(t, "unsealed", func() bool { return look() == nil })

	v.hang(t)
	short, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, _, _, err := c.Version(short, "team/shop")
	wants(t, err, vault.ErrAway, "no answer in time")
	v.resume(t)
	check(t, look())

	authority, err := certs.NewAuthority("another", time.Now(), time.Hour)
	check(t, err)
	v.write(t, "other.pem", string(authority.CertPEM()))
	cfg.CA = v.file("other.pem")
	_, err = vault.Open(t.Context(), cfg)
	wants(t, err, vault.ErrAway, "check address, roots")

	check(t, v.process.Kill())
	wants(t, look(), vault.ErrAway, "no connection")
}

func waits(t *testing.T, what string, ok func() bool) {
	t.Helper()
	rig.Await(t, what, ok)
}

// TestDeadTokenIsReplaced: what keeps the file fresh wrote a new token after
// the old one was revoked.
func TestDeadTokenIsReplaced(t *testing.T) {
	v := start(t)
	old := v.issue(t, "token", "1h")
	v.put(t, "team/shop", map[string]string{"token": "one"})
	c := open(t, v.config(vault.Login{TokenFile: v.file("token")}))
	v.do(t, "POST", "auth/token/revoke", map[string]any{"token": old})
	_, err := c.Secret(t.Context(), "team/shop")
	wants(t, err, vault.ErrRefused, "403")
	v.issue(t, "token", "1h")
	_, err = c.Secret(t.Context(), "team/shop")
	check(t, err)
}

// TestTokenIsRenewed: a lease is prolonged before it ends, and not before half
// of it is over by the client's own clock.
func TestTokenIsRenewed(t *testing.T) {
	v := start(t)
	v.put(t, "team/shop", map[string]string{"token": "one"})
	token := v.issue(t, "token", "1h")
	cfg := v.config(vault.Login{TokenFile: v.file("token")})
	var ahead atomic.Int64
	cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	renewed := func() bool {
		got := v.do(t, "POST", "auth/token/lookup", map[string]any{"token": token})
		return got["data"].(map[string]any)["last_renewal"] != nil
	}
	c := open(t, cfg)
	keep := func(more time.Duration) (end func()) {
		ahead.Add(int64(more))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); c.Keep(ctx, nil) }()
		return func() { cancel(); <-ended }
	}
	keep(0)() // begins, finds nothing due, and ends
	if renewed() {
		t.Error("renewed at once")
	}
	end := keep(41 * time.Minute)
	waits(t, "a renewal after two thirds", renewed)
	end()
}

func TestAppRole(t *testing.T) {
	v := start(t)
	role := v.appRole(t)
	v.put(t, "team/shop", map[string]string{"token": "one"})
	login := func(file string, wrapped bool) vault.Config {
		return v.config(vault.Login{AppRole: &vault.AppRole{RoleID: role, SecretID: v.file(file), Wrapped: wrapped}})
	}
	v.wrapped(t, "wrapped", "POST", "auth/approle/role/gate/secret-id")
	c := open(t, login("wrapped", true))
	_, err := c.Secret(t.Context(), "team/shop")
	check(t, err)

	_, err = vault.Open(t.Context(), login("wrapped", true))
	wants(t, err, vault.ErrRefused, "opened before")

	v.wrapped(t, "swapped", "GET", "secret/data/team/shop")
	_, err = vault.Open(t.Context(), login("swapped", true))
	wants(t, err, vault.ErrRefused, "something else")

	made := v.do(t, "POST", "auth/approle/role/gate/secret-id", map[string]any{})
	v.write(t, "plain", made["data"].(map[string]any)["secret_id"].(string))
	open(t, login("plain", false))
	v.write(t, "wrong", "no-secret-id")
	_, err = vault.Open(t.Context(), login("wrong", false))
	wants(t, err, vault.ErrRefused, "log in")
	if strings.Contains(err.Error(), "no-secret-id") {
		t.Error("the error repeats the secret id")
	}
}

// TestLeastPrivilege holds the policies of deploy/vault to what they say.
func TestLeastPrivilege(t *testing.T) {
	v := start(t)
	v.do(t, "PUT", "sys/policies/acl/postern-secrets", map[string]any{"policy": rules(t, "postern-secrets.hcl")})
	made := v.do(t, "POST", "auth/token/create", map[string]any{"policies": []string{"postern-secrets"}})
	gate, writer := v.issue(t, "token", "1h"), made["auth"].(map[string]any)["client_token"].(string)
	secret := map[string]any{"data": map[string]string{"token": "one"}}
	for _, tc := range []struct {
		token, method, path string
		in                  any
		may                 bool
	}{
		{writer, "POST", "secret/data/team/shop", secret, true},
		{writer, "GET", "secret/metadata/team/shop", nil, true},
		{writer, "GET", "secret/data/team/shop", nil, false},
		{writer, "DELETE", "secret/metadata/team/shop", nil, false},
		{writer, "POST", "secret/data/other/shop", secret, false},
		{gate, "GET", "secret/data/team/shop", nil, true},
		{gate, "GET", "secret/metadata/team/shop", nil, true},
		{gate, "POST", "secret/data/team/shop", secret, false},
		{gate, "GET", "secret/metadata/team?list=true", nil, false},
		{gate, "DELETE", "secret/data/team/shop", nil, false},
		{gate, "POST", "secret/destroy/team/shop", map[string]any{"versions": []int{1}}, false},
		{gate, "DELETE", "secret/metadata/team/shop", nil, false},
		{gate, "GET", "secret/data/other/shop", nil, false},
		{gate, "GET", "sys/mounts", nil, false},
		{gate, "POST", "secret/config", map[string]any{"max_versions": 1}, false},
	} {
		status, _ := v.ask(t, tc.method, tc.path, tc.in, "X-Vault-Token", tc.token)
		if tc.may != (status < 300) || !tc.may && status != 403 {
			t.Errorf("%s %s: %d, allowed should be %v", tc.method, tc.path, status, tc.may)
		}
	}
}
