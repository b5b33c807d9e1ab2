package identity_test

import (
	"errors"
	"testing"

	"postern/proxy/identity"
)

func TestRevokeUser(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	h.setUser("desk", "ben", "another-password", false)
	first, second, other := h.login("ann", "a-good-password"), h.login("ann", "a-good-password"), h.login("ben", "another-password")
	for _, c := range [][2]string{{"desk", "eve"}, {"shop", "ann"}, {"desk", ""}} {
		if err := h.RevokeUser(ctx, c[0], c[1], "operator:ann"); !errors.Is(err, identity.ErrUnknownUser) {
			t.Errorf("user %q of %s: %v", c[1], c[0], err)
		}
	}
	if err := h.RevokeUser(ctx, "desk", "ann", "operator:ann"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for _, token := range []string{first, second} {
			if _, ok := h.Token(token); ok {
				t.Error("a login of the revoked user still works")
			}
		}
		if _, ok := h.Token(other); !ok {
			t.Error("the other user was logged out")
		}
		h.refuses("a revoked user", "ann", "a-good-password", "", identity.ErrDenied)
		h.reopen()
	}
	if n := h.records()["user_revoked"]; n != 1 {
		t.Errorf("%d records of the revocation", n)
	}
	h.setUser("desk", "ann", "a-third-password", false)
	if _, ok := h.Token(first); ok {
		t.Error("an old login works again for a new user of the same name")
	}
}
