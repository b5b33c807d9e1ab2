package identity_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

func (h *house) setUser(app, name, password string, mustChange bool) {
	h.t.Helper()
	if err := h.SetUser(ctx, app, name, password, mustChange, "operator:ann"); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) login(name, password string) string {
	h.t.Helper()
	token, expires, err := h.Login(ctx, name, password, "", nil)
	if err != nil {
		h.t.Fatalf("login: %v", err)
	}
	if !expires.Equal(h.clock.Now().Add(7 * 24 * time.Hour)) {
		h.t.Errorf("token expires at %s", expires)
	}
	return token
}

func (h *house) refuses(what, name, password, newPassword string, want error) {
	h.t.Helper()
	token, _, err := h.Login(ctx, name, password, newPassword, nil)
	if !errors.Is(err, want) || token != "" {
		h.t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

func TestFirstLoginChangesThePassword(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "admin", "secret-initial", true)
	h.refuses("no new password", "admin", "secret-initial", "", identity.ErrPasswordChange)
	h.refuses("wrong password", "admin", "wrong", "a-good-password", identity.ErrDenied)
	h.refuses("same password", "admin", "secret-initial", "secret-initial", identity.ErrWeakPassword)
	h.refuses("short", "admin", "secret-initial", "seven77", identity.ErrWeakPassword)
	h.refuses("long", "admin", "secret-initial", strings.Repeat("x", 65), identity.ErrWeakPassword)
	token, _, err := h.Login(ctx, "admin", "secret-initial", "a-good-password", nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		who, ok := h.Token(token)
		if !ok || who.App != "desk" || who.Tenant != "city" || who.User != "admin" || who.Dialect != dialect.OnPrem || who.Number() != "4" {
			t.Errorf("token is %+v, %t", who, ok)
		}
		h.refuses("old password", "admin", "secret-initial", "", identity.ErrDenied)
		h.login("admin", "a-good-password")
		h.reopen()
	}
	h.nowhere("secret-initial", "a-good-password", token)
	if got := h.records(); got["login"] != 3 || got["user_set"] != 2 {
		t.Errorf("records %v", got)
	}
}

func TestWrongLoginsAreDenied(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	h.refuses("wrong password", "ann", "a-bad-password", "", identity.ErrDenied)
	h.refuses("empty password", "ann", "", "", identity.ErrDenied)
	h.refuses("unknown user", "bob", "a-good-password", "", identity.ErrDenied)
	h.refuses("empty user", "", "", "", identity.ErrDenied)
	h.refuses("path in the name", "x/ann", "a-good-password", "", identity.ErrDenied)
	if err := h.SetUser(ctx, "loans", "ann", "a-good-password", false, "operator:ann"); !errors.Is(err, identity.ErrNoUsers) {
		t.Errorf("user of a Cloud app: %v", err)
	}
	if err := h.SetUser(ctx, "nobody", "ann", "a-good-password", false, "operator:ann"); !errors.Is(err, identity.ErrUnknownApp) {
		t.Errorf("user of no app: %v", err)
	}
	if got := h.records()["login"]; got != 0 {
		t.Errorf("%d logins recorded", got)
	}
}

func TestSameNameInTwoApps(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "admin", "password-of-desk", false)
	h.setUser("tax", "admin", "password-of-tax", false)
	for app, password := range map[string]string{"desk": "password-of-desk", "tax": "password-of-tax"} {
		if who, ok := h.Token(h.login("admin", password)); !ok || who.App != app {
			t.Errorf("%s: token is of %q", app, who.App)
		}
	}
	h.setUser("tax", "admin", "password-of-desk", false)
	h.refuses("one password for two apps", "admin", "password-of-desk", "", identity.ErrDenied)
}

func TestLogout(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	token, other := h.login("ann", "a-good-password"), h.login("ann", "a-good-password")
	if err := h.Logout(ctx, token); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, gone := h.Token(token)
		_, kept := h.Token(other)
		if gone || !kept {
			t.Errorf("token works after logout: %t, the other one: %t", gone, kept)
		}
		h.reopen()
	}
	for _, bad := range []string{token, "", "x"} {
		if err := h.Logout(ctx, bad); !errors.Is(err, identity.ErrDenied) {
			t.Errorf("logout without session: %v", err)
		}
	}
}

func TestTokensExpire(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	token := h.login("ann", "a-good-password")
	h.clock.advance(identity.TokenLife - time.Second)
	if _, ok := h.Token(token); !ok {
		t.Error("the token ended early")
	}
	h.clock.advance(time.Second)
	if _, ok := h.Token(token); ok {
		t.Error("the token works after its end")
	}
	if err := h.Logout(ctx, token); !errors.Is(err, identity.ErrDenied) {
		t.Errorf("logout with it: %v", err)
	}
	if n := len(h.stored(identity.ScopeTokens)); n != 1 {
		t.Fatalf("%d stored tokens", n)
	}
	h.login("ann", "a-good-password")
	if n := len(h.stored(identity.ScopeTokens)); n != 1 {
		t.Errorf("%d stored tokens after another login, want the new one only", n)
	}
}

func (h *house) stored(scope string) []journal.Setting {
	h.t.Helper()
	rows, err := h.journal.Settings(ctx, scope)
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

func TestReloadEndsTokens(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	token := h.login("ann", "a-good-password")
	for name, family := range map[string]string{"gone": "", "another family": "cloud"} {
		apps := slices.DeleteFunc(slices.Clone(h.apps), func(a identity.App) bool { return a.Name == "desk" })
		if family != "" {
			apps = append(apps, identity.App{Tenant: "city", Name: "desk", Family: family, Numbers: []string{"4"}})
		}
		h.Configure(apps)
		if _, ok := h.Token(token); ok {
			t.Errorf("app %s: its token works", name)
		}
		h.refuses("app "+name, "ann", "a-good-password", "", identity.ErrDenied)
	}
	h.Configure(nil)
	if err := h.Logout(ctx, token); err != nil {
		t.Errorf("logout of an app that is gone: %v", err)
	}
	h.Configure(h.apps)
	if _, ok := h.Token(token); ok {
		t.Error("the token works after logout")
	}
}

// The time must not tell which names exist. The middle of many runs, taken in
// turns, is compared with wide bounds: a missing stretch is a hundred times quicker.
func TestUnknownNameCostsAWrongPassword(t *testing.T) {
	h := newHouse(t)
	h.setUser("desk", "ann", "a-good-password", false)
	var known, unknown []time.Duration
	for range 25 {
		for name, into := range map[string]*[]time.Duration{"ann": &known, "bob": &unknown} {
			start := time.Now()
			h.refuses(name, name, "a-bad-password", "", identity.ErrDenied)
			*into = append(*into, time.Since(start))
		}
	}
	slices.Sort(known)
	slices.Sort(unknown)
	if k, u := known[12], unknown[12]; u < k/2 || u > 2*k {
		t.Errorf("an unknown name takes %s, a wrong password %s", u, k)
	}
}
