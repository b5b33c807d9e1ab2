package conformance

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

var expiry = regexp.MustCompile(`^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\+00:00$`)

// TestLogin: the On-Premises login, its tokens and their end.
func TestLogin(t *testing.T) {
	s := open(t, rig.Options{})
	c := s.onprem
	good := s.basic(s.Env["POSTERN_ONPREM_PASSWORD"])
	for name, headers := range map[string][]string{"need 20 empty body": {good}, "need 20 empty body with JSON type": {good, "Content-Type: application/json"}} {
		t.Run(name, func(t *testing.T) { checkLogin(t, s.ask(t, "POST", "/v1/users/login", "", headers...)) })
	}
	t.Run("body without new password", func(t *testing.T) { checkLogin(t, s.ask(t, "POST", "/v1/users/login", `{}`, good)) })
	t.Run("need 19 trailing slash", func(t *testing.T) { checkLogin(t, s.ask(t, "POST", "/v1/users/login/", "", good)) })
	t.Run("need 09 wrong password", func(t *testing.T) {
		refused(t, c, s.ask(t, "POST", "/v1/users/login", "", s.basic("wrong")), 401, 1005)
	})
	t.Run("need 09 no password", func(t *testing.T) { refused(t, c, s.ask(t, "POST", "/v1/users/login", ""), 401, 1005) })
	t.Run("bad body", func(t *testing.T) {
		refused(t, c, s.ask(t, "POST", "/v1/users/login", `{"new_password":"a","new_password":"b"}`, good), 400, 1025)
	})
	t.Run("GET", func(t *testing.T) { refused(t, c, s.ask(t, "GET", "/v1/users/login", "", good), 401, 1005) })
	t.Run("logout", func(t *testing.T) {
		second := "Authorization: Bearer " + s.login(t)
		if a := s.ask(t, "POST", "/v1/users/logout", "", second); a.Status != 200 || a.Body != "{"+metaFlat+"}" {
			t.Errorf("logout: %d %s", a.Status, a.Body)
		}
		refused(t, c, s.ask(t, "GET", "/v1/health", "", second), 401, 1005)
		refused(t, c, s.ask(t, "POST", "/v1/users/logout", "", second), 401, 1005)
		if a := s.ask(t, "GET", "/v1/health", "", c.auth); a.Status != 200 {
			t.Errorf("the other token ended too: %d", a.Status)
		}
	})
	t.Run("expiry", func(t *testing.T) {
		s.Clock.Forward(7*24*time.Hour - time.Minute)
		if a := s.ask(t, "GET", "/v1/health", "", c.auth); a.Status != 200 {
			t.Errorf("a token ended before seven days: %d", a.Status)
		}
		s.Clock.Forward(2 * time.Minute)
		refused(t, c, s.ask(t, "GET", "/v1/health", "", c.auth), 401, 1005)
		s.login(t)
	})
}

// checkLogin wants exactly one user, and the expiry in the form that old
// clients parse (need 20).
func checkLogin(t *testing.T, a rig.Reply) {
	t.Helper()
	v := a.JSON(t)
	token, _ := at(v, "users", 0, "token").(string)
	expires, _ := at(v, "users", 0, "expires_after").(string)
	if a.Status != 200 || token == "" || !expiry.MatchString(expires) || at(v, "users", 1) != nil || at(v, "meta", "version") == nil {
		t.Errorf("login answered %d %s", a.Status, strings.ReplaceAll(a.Body, token, "..."))
	}
}

// testFirstLogin: a new user sets a password before anything else is possible.
func testFirstLogin(t *testing.T, s *site) {
	var made admin.AppKey
	s.Admin(t, "app.add", admin.AppAdd{App: "onprem-demo", User: "clerk", MustChange: true}, &made)
	defer func(old string) { s.Env["POSTERN_ONPREM_USER"] = old }(s.Env["POSTERN_ONPREM_USER"])
	s.Env["POSTERN_ONPREM_USER"] = "clerk"
	first := s.basic(made.Password)
	for _, x := range []struct {
		name, body   string
		status, code int
	}{
		{"no new password", "", 401, 1024},
		{"empty new password", `{"new_password":""}`, 400, 1009},
		{"too short", `{"new_password":"short"}`, 400, 1009},
		{"the same", `{"new_password":"` + made.Password + `"}`, 400, 1009},
	} {
		t.Run(x.name, func(t *testing.T) {
			refused(t, s.onprem, s.ask(t, "POST", "/v1/users/login", x.body, first), x.status, x.code)
		})
	}
	checkLogin(t, s.ask(t, "POST", "/v1/users/login", `{"new_password":"a-better-password"}`, first))
	refused(t, s.onprem, s.ask(t, "POST", "/v1/users/login", "", first), 401, 1005)
	checkLogin(t, s.ask(t, "POST", "/v1/users/login", "", s.basic("a-better-password")))
}

// TestTokensSurvive: tokens, keys and settings survive a restart; a token that
// was logged out does not come back.
func TestTokensSurvive(t *testing.T) {
	s := open(t, rig.Options{})
	second := "Authorization: Bearer " + s.login(t)
	s.ask(t, "POST", "/v1/users/logout", "", second)
	s.ask(t, "PATCH", "/v1/settings/application", `{"sent_status":true}`, s.onprem.auth)
	s.Stop()
	again := open(t, rig.Options{Keep: s.Dir})
	to := s.Env["DEMO_CONSENTED"]
	for _, c := range s.callers() {
		if a := again.message(t, c, text(to, "Hello")); a.Status > 201 {
			t.Errorf("%s after a restart: %d %s", c.name, a.Status, a.Body)
		}
	}
	refused(t, s.onprem, again.ask(t, "GET", "/v1/health", "", second), 401, 1005)
	if a := again.ask(t, "GET", "/v1/settings/application", "", s.onprem.auth); at(a.JSON(t), "settings", "application", "sent_status") != true {
		t.Errorf("settings after a restart: %s", a.Body)
	}
}
