package boot

import (
	"context"
	"fmt"
	"strings"
	"time"

	"postern/crypto/keyring"
	"postern/crypto/vault"
)

// DialVault logs in to Vault as the configuration says.
func DialVault(ctx context.Context, c *Config, now func() time.Time) (*vault.Client, error) {
	v := c.Vault
	login := vault.Login{TokenFile: v.TokenFile}
	if r := v.AppRole; r.SecretID != "" {
		login.AppRole = &vault.AppRole{Mount: r.Mount, RoleID: r.RoleID, SecretID: r.SecretID, Wrapped: r.Wrapped}
	}
	if k := v.Kubernetes; k.Role != "" {
		login.Kubernetes = &vault.Kubernetes{Mount: k.Mount, Role: k.Role, TokenFile: k.TokenFile}
	}
	return vault.Open(ctx, vault.Config{
		Address: v.Address, CA: v.CA, Namespace: v.Namespace, KV: v.KV, Login: login, Timeout: v.Timeout, Now: now,
	})
}

// FromVault gives the configuration with what its section names in Vault, for a
// command that needs no other secret. Where that is nothing, Vault is not asked.
func FromVault(ctx context.Context, c *Config, section string, now func() time.Time) (*Config, error) {
	needed := map[Reference]bool{}
	for place, at := range c.references {
		if strings.HasPrefix(place, section+".") {
			needed[at] = true
		}
	}
	if len(needed) == 0 {
		return c, nil
	}
	client, err := DialVault(ctx, c, now)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return c.WithSecrets(func(at Reference) (string, string, error) {
		if !needed[at] {
			return "", "", ErrNotRead
		}
		s, err := client.Secret(ctx, at.Path)
		if err != nil {
			return "", "", err
		}
		value, err := s.Field(at.Field)
		return value, "", err
	})
}

// TransitKey is the key of Vault with this name, at the mount of the
// configuration. It has been looked at: it is there, and of the type that wraps.
func TransitKey(ctx context.Context, c *Config, client *vault.Client, name string) (*vault.Transit, error) {
	key := client.Transit(c.Vault.Transit, name)
	if _, err := key.Look(ctx); err != nil {
		return nil, fmt.Errorf("keystore.transit: %w", err)
	}
	return key, nil
}

// keystoreWrapper is what the keystore of a configuration needs of Vault: nil
// where it needs nothing. given is a caller that is logged in already, or nil:
// then a new one logs in, which done lets go.
func keystoreWrapper(ctx context.Context, c *Config, given *vault.Client, now func() time.Time) (w keyring.Wrapper, done func(), err error) {
	done = func() {}
	if c.Keystore.Transit == "" {
		return nil, done, nil
	}
	if given == nil {
		if given, err = DialVault(ctx, c, now); err != nil {
			return nil, done, fmt.Errorf("the keystore's keys are wrapped by Vault: %w", err)
		}
		done = given.Close
	}
	key, err := TransitKey(ctx, c, given, c.Keystore.Transit)
	if err != nil {
		done()
		return nil, func() {}, err
	}
	return key, done, nil
}
