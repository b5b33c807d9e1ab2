package identity_test

import (
	"testing"
	"time"

	"postern/crypto/keyring"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// rotate makes another version of the hash active and returns the one before.
func (h *house) rotate() uint32 {
	h.t.Helper()
	version, err := h.keys.Rotate(keyring.App)
	if err != nil {
		h.t.Fatal(err)
	}
	return version - 1
}

func (h *house) rehash() {
	h.t.Helper()
	if err := h.Rehash(ctx); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) needs(version uint32, want identity.Use) {
	h.t.Helper()
	if got := h.Hashed(version, h.clock.Now().Add(-time.Hour)); got != want {
		h.t.Errorf("version %d is needed by %+v, want %+v", version, got, want)
	}
}

// TestRehash: what is used moves to the new version, and the old one can go.
func TestRehash(t *testing.T) {
	h := newHouse(t)
	key, _, err := h.Issue(ctx, "loans", dialect.Cloud, "operator:ann")
	check(t, err)
	idle, _, err := h.Issue(ctx, "cards", dialect.D360V2, "operator:ann")
	check(t, err)
	h.setUser("desk", "ann", "a-good-password", false)
	h.setUser("tax", "ben", "another-password", false)
	old := h.rotate()
	h.rehash()
	h.needs(old, identity.Use{Keys: 2, Users: 2})
	if _, ok := h.Key(key); !ok {
		t.Fatal("the key does not work after the rotation")
	}
	h.login("ann", "a-good-password")
	h.refuses("a wrong password", "ben", "a-wrong-password", "", identity.ErrDenied)
	records := len(h.records())
	h.rehash()
	h.needs(old, identity.Use{Keys: 1, Users: 1})
	h.needs(old+1, identity.Use{Keys: 1, Users: 1})
	check(t, h.keys.Destroy(keyring.App, old))
	for range 2 {
		if id, ok := h.Key(key); !ok || id.App != "loans" {
			t.Error("a key that moved is lost with the old version")
		}
		h.login("ann", "a-good-password")
		if _, ok := h.Key(idle); ok {
			t.Error("a key of the destroyed version works")
		}
		h.refuses("a password of the destroyed version", "ben", "another-password", "", identity.ErrDenied)
		h.reopen()
	}
	if n := len(h.records()); n != records {
		t.Errorf("moving left records: %d kinds, %d before", n, records)
	}
}

// TestRehashLeavesWhatChanged: a credential that was revoked or changed after
// its use does not come back.
func TestRehashLeavesWhatChanged(t *testing.T) {
	h := newHouse(t)
	revoked, c, err := h.Issue(ctx, "loans", dialect.Cloud, "operator:ann")
	check(t, err)
	h.setUser("desk", "ann", "a-good-password", false)
	h.setUser("desk", "ben", "another-password", false)
	old := h.rotate()
	if _, ok := h.Key(revoked); !ok {
		t.Fatal("the key does not work after the rotation")
	}
	h.login("ann", "a-good-password")
	h.login("ben", "another-password")
	check(t, h.Revoke(ctx, c.ID, "operator:ann"))
	h.setUser("desk", "ann", "a-newer-password", false)
	check(t, h.RevokeUser(ctx, "desk", "ben", "operator:ann"))
	h.rehash()
	for range 2 {
		if _, ok := h.Key(revoked); ok {
			t.Error("a revoked key came back")
		}
		h.refuses("the password before", "ann", "a-good-password", "", identity.ErrDenied)
		h.refuses("a revoked user", "ben", "another-password", "", identity.ErrDenied)
		h.login("ann", "a-newer-password")
		h.reopen()
	}
	h.needs(old, identity.Use{})
}

// TestRehashForgetsAVersionPassed: what was noted under a version that is no
// longer the active one is not stored under it.
func TestRehashForgetsAVersionPassed(t *testing.T) {
	h := newHouse(t)
	key, _, err := h.Issue(ctx, "loans", dialect.Cloud, "operator:ann")
	check(t, err)
	old := h.rotate()
	if _, ok := h.Key(key); !ok {
		t.Fatal("the key does not work after the rotation")
	}
	passed := h.rotate()
	h.rehash()
	h.needs(old, identity.Use{Keys: 1})
	h.needs(passed, identity.Use{})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
