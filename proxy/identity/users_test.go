package identity_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"postern/proxy/identity"
)

func (h *house) add(app, name, password string, want error) {
	h.t.Helper()
	if err := h.AddUser(ctx, app, name, password); !errors.Is(err, want) {
		h.t.Errorf("add a user to %s: %v, want %v", app, err, want)
	}
}

func (h *house) role(app, name string) identity.Role {
	h.t.Helper()
	role, _ := h.UserRole(app, name)
	return role
}

func TestUsersOfAnApp(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "admin", "secret-initial", true)
	if _, _, err := h.Login(ctx, "admin", "secret-initial", "a-good-password", nil); err != nil {
		t.Fatal(err)
	}
	h.add("desk", "ann", "password-of-ann", nil)
	for range 2 {
		for name, want := range map[string]identity.Role{"admin": identity.RoleAdmin, "ann": identity.RoleUser, "bob": identity.RoleUser} {
			if got := h.role("desk", name); got != want {
				t.Errorf("%s has %s", name, got)
			}
		}
		if who, ok := h.Token(h.login("ann", "password-of-ann")); !ok || who.Role == identity.RoleAdmin {
			t.Errorf("ann is %+v, %t", who, ok)
		}
		if who, ok := h.Token(h.login("admin", "a-good-password")); !ok || who.Role != identity.RoleAdmin {
			t.Errorf("admin is %+v, %t", who, ok)
		}
		h.reopen()
	}
	h.add("desk", "ann", "another-password", identity.ErrUserExists)
	h.add("desk", "bob", "short", identity.ErrWeakPassword)
	h.add("loans", "bob", "password-of-bob", identity.ErrNoUsers)
	for _, name := range []string{"", ".", "..", "login", "logout", "a/b", "a b", "ä", strings.Repeat("x", 65)} {
		h.add("desk", name, "password-of-bob", identity.ErrUserName)
	}
	h.nowhere("password-of-ann")
}

// TestPasswordChangeEndsLogins: whoever is logged in as the user is out, nobody
// else, and the role stays.
func TestPasswordChangeEndsLogins(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "admin", "a-good-password", false)
	h.setUser("tax", "admin", "password-of-tax", false)
	token, other := h.login("admin", "a-good-password"), h.login("admin", "password-of-tax")
	if err := h.ChangePassword(ctx, "desk", "admin", "a-better-password"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, gone := h.Token(token)
		_, kept := h.Token(other)
		if gone || !kept || h.role("desk", "admin") != identity.RoleAdmin {
			t.Errorf("old login works: %t, that of another app: %t, role %s", gone, kept, h.role("desk", "admin"))
		}
		h.reopen()
	}
	h.refuses("old password", "admin", "a-good-password", "", identity.ErrDenied)
	h.login("admin", "a-better-password")
	if err := h.ChangePassword(ctx, "desk", "nobody", "a-better-password"); !errors.Is(err, identity.ErrUnknownUser) {
		t.Errorf("error %v", err)
	}
	if err := h.ChangePassword(ctx, "desk", "admin", "short"); !errors.Is(err, identity.ErrWeakPassword) {
		t.Errorf("error %v", err)
	}
}

func TestUsersAreBounded(t *testing.T) {
	h := newHouse(t)
	for i := range 100 {
		h.add("desk", fmt.Sprintf("user-%d", i), "a-good-password", nil)
	}
	h.add("desk", "one-more", "a-good-password", identity.ErrTooManyUsers)
	h.add("tax", "one", "a-good-password", nil)
}
