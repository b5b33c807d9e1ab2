package identity_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"testing"
	"time"

	"postern/crypto/keyring"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

func (h *house) issue(app string, dia dialect.Dialect) (string, identity.Credential) {
	h.t.Helper()
	key, c, err := h.Issue(ctx, app, dia, "operator:ann")
	if err != nil {
		h.t.Fatal(err)
	}
	return key, c
}

func TestKeyNamesItsApp(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		app, tenant, number string
		dialect             dialect.Dialect
		owns                []string
	}{
		{"loans", "bank", "", dialect.Cloud, []string{"1", "2"}},
		{"cards", "bank", "3", dialect.D360V1, []string{"3"}},
		{"cards", "bank", "3", dialect.D360V2, []string{"3"}},
	} {
		key, _ := h.issue(c.app, c.dialect)
		raw, err := base64.RawURLEncoding.DecodeString(key)
		if err != nil || len(raw) != 32 {
			t.Fatalf("a key of %d bytes: %v", len(raw), err)
		}
		for range 2 {
			who, ok := h.Key(key)
			if !ok || who.App != c.app || who.Tenant != c.tenant || who.Dialect != c.dialect || who.Number() != c.number {
				t.Errorf("%s %s: got %+v, %t", c.app, c.dialect, who, ok)
			}
			if !slices.Equal(who.Numbers, c.owns) || who.Owns("4") || !who.Owns(c.owns[0]) {
				t.Errorf("%s owns %v", c.app, who.Numbers)
			}
			h.reopen()
		}
		h.nowhere(key)
	}
}

func TestUnknownKeysAreNobody(t *testing.T) {
	h := newHouse(t)
	key, _ := h.issue("loans", dialect.Cloud)
	for _, k := range []string{"", "x", key[:len(key)-1], key + "x", key + "=", " " + key, key[1:] + key[:1]} {
		if who, ok := h.Key(k); ok || who.App != "" {
			t.Errorf("a wrong key of %d characters is %q", len(k), who.App)
		}
		if _, ok := h.Token(k); ok {
			t.Error("a wrong key passed as token")
		}
	}
	if _, ok := h.Token(key); ok {
		t.Error("an app key passed as login token")
	}
}

func TestKeysFitTheFamily(t *testing.T) {
	h := newHouse(t)
	for app, wrong := range map[string][]dialect.Dialect{
		"loans": {dialect.D360V1, dialect.D360V2, dialect.OnPrem, ""},
		"cards": {dialect.Cloud, dialect.OnPrem, ""},
		"desk":  {dialect.Cloud, dialect.D360V1, dialect.OnPrem, ""},
	} {
		for _, dia := range wrong {
			if key, _, err := h.Issue(ctx, app, dia, "operator:ann"); err == nil || key != "" {
				t.Errorf("%s got a key for dialect %q", app, dia)
			}
		}
	}
	if _, _, err := h.Issue(ctx, "nobody", dialect.Cloud, "operator:ann"); !errors.Is(err, identity.ErrUnknownApp) {
		t.Errorf("error %v", err)
	}
	if n := len(h.List()); n != 0 {
		t.Errorf("%d keys were stored", n)
	}
}

func TestReloadTakesAndGivesBack(t *testing.T) {
	h := newHouse(t)
	key, _ := h.issue("loans", dialect.Cloud)
	without := slices.DeleteFunc(slices.Clone(h.apps), func(a identity.App) bool { return a.Name == "loans" })
	h.Configure(without)
	if _, ok := h.Key(key); ok {
		t.Error("the key works without its app")
	}
	h.Configure(append(without, identity.App{Tenant: "bank", Name: "loans", Family: "d360", Numbers: []string{"1"}}))
	if _, ok := h.Key(key); ok {
		t.Error("the key of a Cloud app works for a 360dialog app")
	}
	h.Configure(append(without, identity.App{Tenant: "bank", Name: "loans", Family: "cloud", Numbers: []string{"9"}}))
	if who, ok := h.Key(key); !ok || who.Number() != "9" {
		t.Errorf("after the app came back: %+v, %t", who, ok)
	}
}

func TestRevoke(t *testing.T) {
	h := newHouse(t)
	key, c := h.issue("loans", dialect.Cloud)
	other, _ := h.issue("loans", dialect.Cloud)
	if err := h.Revoke(ctx, "ffff", "operator:ann"); !errors.Is(err, identity.ErrUnknownKey) {
		t.Errorf("error %v", err)
	}
	if err := h.Revoke(ctx, c.ID, "operator:ann"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, gone := h.Key(key)
		_, kept := h.Key(other)
		if gone || !kept {
			t.Errorf("revoked key works: %t, other key works: %t", gone, kept)
		}
		h.reopen()
	}
	if err := h.Revoke(ctx, c.ID, "operator:ann"); !errors.Is(err, identity.ErrUnknownKey) {
		t.Errorf("second time: %v", err)
	}
	h.Configure(nil)
	if err := h.Revoke(ctx, h.List()[0].ID, "operator:ann"); err != nil {
		t.Errorf("revoke of an app that is gone: %v", err)
	}
	if got := h.records(); got["key_added"] != 2 || got["key_revoked"] != 2 {
		t.Errorf("records %v", got)
	}
}

func TestListShowsNoPartOfAKey(t *testing.T) {
	h := newHouse(t)
	var want []string
	keys := map[string]string{}
	for range 5 {
		key, c := h.issue("cards", dialect.D360V2)
		want, keys[c.ID] = append(want, c.ID), key
		h.clock.advance(time.Hour)
	}
	for i, c := range h.List() {
		if c.ID != want[i] || c.App != "cards" || c.Actor != "operator:ann" || c.Dialect != dialect.D360V2 {
			t.Errorf("key %d is %+v", i, c)
		}
		raw, err := base64.RawURLEncoding.DecodeString(keys[c.ID])
		if err != nil {
			t.Fatal(err)
		}
		if id, _ := hex.DecodeString(c.ID); len(id) != 4 || slices.Equal(id, raw[:4]) {
			t.Error("the public id is a part of the key")
		}
	}
}

func TestKeysOutliveRotation(t *testing.T) {
	h := newHouse(t)
	old, _ := h.issue("loans", dialect.Cloud)
	h.setUser("desk", "ann", "first-password", false)
	token := h.login("ann", "first-password")
	for range 2 {
		if _, err := h.keys.Rotate(keyring.App); err != nil {
			t.Fatal(err)
		}
	}
	young, _ := h.issue("loans", dialect.Cloud)
	for range 2 {
		for name, key := range map[string]string{"old": old, "new": young} {
			if _, ok := h.Key(key); !ok {
				t.Errorf("the %s key does not work", name)
			}
		}
		if _, ok := h.Token(token); !ok {
			t.Error("the token does not work")
		}
		h.login("ann", "first-password")
		h.reopen()
	}
	if err := h.keys.Destroy(keyring.App, 1); err != nil {
		t.Fatal(err)
	}
	if _, ok := h.Key(old); ok {
		t.Error("a key under a destroyed version works")
	}
	if _, ok := h.Key(young); !ok {
		t.Error("a key under a younger version does not work")
	}
}

func TestClosedKeysAreNobody(t *testing.T) {
	h := newHouse(t)
	key, _ := h.issue("loans", dialect.Cloud)
	h.keys.Close()
	if _, ok := h.Key(key); ok {
		t.Error("a key works without keystore")
	}
	if _, _, err := h.Issue(ctx, "loans", dialect.Cloud, "operator:ann"); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("error %v", err)
	}
}

func TestNothingHoldsThatWasNotRecorded(t *testing.T) {
	h := newHouse(t)
	key, c := h.issue("loans", dialect.Cloud)
	h.setUser("desk", "ann", "first-password", false)
	h.close()
	if err := h.Revoke(ctx, c.ID, "operator:ann"); err == nil {
		t.Error("revoked without record")
	}
	if _, ok := h.Key(key); !ok {
		t.Error("the key ended without record")
	}
	if token, _, err := h.Login(ctx, "ann", "first-password", "", nil); err == nil {
		if _, ok := h.Token(token); ok {
			t.Error("a token works that was not recorded")
		}
	}
	h.open()
}
