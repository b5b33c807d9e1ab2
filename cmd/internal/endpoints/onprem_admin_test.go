package endpoints

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// login is the header of a new On-Premises token.
func login(t *testing.T, r *rig.Rig, user, password string) string {
	t.Helper()
	a := tryLogin(t, r, user, password)
	users, ok := a.JSON(t)["users"].([]any)
	if a.Status != http.StatusOK || !ok || len(users) != 1 {
		t.Fatalf("login: %d", a.Status)
	}
	token, _ := users[0].(map[string]any)["token"].(string)
	return "Authorization: Bearer " + token
}

func tryLogin(t *testing.T, r *rig.Rig, user, password string) rig.Reply {
	t.Helper()
	req := &http.Request{Header: http.Header{}}
	req.SetBasicAuth(user, password)
	return r.Do(t, "POST", "/v1/users/login", "", "Authorization: "+req.Header.Get("Authorization"))
}

// loginAdmin is the header of the demo app's first user.
func loginAdmin(t *testing.T, r *rig.Rig) string {
	t.Helper()
	return login(t, r, r.Env["POSTERN_ONPREM_USER"], r.Env["POSTERN_ONPREM_PASSWORD"])
}

// step is one call and what its answer must be and hold.
type step struct {
	name, method, path, body string
	status                   int
	words                    string
}

func walk(t *testing.T, r *rig.Rig, auth string, steps []step, headers ...string) {
	t.Helper()
	for _, s := range steps {
		a := r.Do(t, s.method, s.path, s.body, append(headers, auth)...)
		if a.Status != s.status || !strings.Contains(a.Body, s.words) {
			t.Errorf("%s: %d %s, want %d with %s", s.name, a.Status, a.Body, s.status, s.words)
		}
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	me := r.Env["POSTERN_ONPREM_USER"]
	walk(t, r, auth, []step{
		{"made", "POST", "/v1/users", `{"username":"clerk","password":"first-password"}`, 201, `{"users":[{"username":"clerk"}],"meta"`},
		{"made twice", "POST", "/v1/users", `{"username":"clerk","password":"first-password"}`, 409, `"code":1004`},
		{"no name", "POST", "/v1/users", `{"password":"first-password"}`, 400, `"code":1008`},
		{"weak password", "POST", "/v1/users", `{"username":"other","password":"short"}`, 400, `"code":1009`},
		{"a password that is no text", "POST", "/v1/users", `{"username":"other","password":12345678}`, 400, `"code":1009`},
		{"a name that is a path", "POST", "/v1/users", `{"username":"login","password":"first-password"}`, 400, `"code":1009`},
		{"a property twice", "POST", "/v1/users", `{"username":"a","username":"b","password":"first-password"}`, 400, `"code":1025`},
		{"shown", "GET", "/v1/users/clerk", "", 200, `"ROLES":"ROLE_USER"`},
		{"shown itself", "GET", "/v1/users/" + me, "", 200, `"ROLES":"ROLE_ADMIN"`},
		{"not there", "GET", "/v1/users/nobody", "", 404, `"code":1006`},
		{"nobody's password", "PUT", "/v1/users/nobody", `{"password":"second-password"}`, 404, `"code":1006`},
		{"nobody ended", "DELETE", "/v1/users/nobody", "", 404, `"code":1006`},
		{"itself ended", "DELETE", "/v1/users/" + me, "", 400, `"code":1009`},
		{"other method", "PATCH", "/v1/users/clerk", `{}`, 400, "GET or PUT or DELETE"},
	})
	clerk := login(t, r, "clerk", "first-password")
	walk(t, r, clerk, []step{
		{"a plain user reads health", "GET", "/v1/health", "", 200, "connected"},
		{"makes no user", "POST", "/v1/users", `{"username":"x","password":"first-password"}`, 403, "ROLE_ADMIN"},
		{"sees none", "GET", "/v1/users/" + me, "", 403, "ROLE_ADMIN"},
		{"changes none", "PUT", "/v1/users/" + me, `{"password":"second-password"}`, 403, "ROLE_ADMIN"},
		{"ends none", "DELETE", "/v1/users/" + me, "", 403, "ROLE_ADMIN"},
	})
	walk(t, r, auth, []step{{"password", "PUT", "/v1/users/clerk", `{"password":"second-password"}`, 200, `"username":"clerk"`}})
	walk(t, r, clerk, []step{{"login under the old password", "GET", "/v1/health", "", 401, `"code":1005`}})
	if a := tryLogin(t, r, "clerk", "first-password"); a.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d", a.Status)
	}
	clerk = login(t, r, "clerk", "second-password")
	walk(t, r, auth, []step{{"ended", "DELETE", "/v1/users/clerk", "", 200, `"username":"clerk"`}})
	walk(t, r, clerk, []step{{"login of an ended user", "GET", "/v1/health", "", 401, `"code":1005`}})
	if a := tryLogin(t, r, "clerk", "second-password"); a.Status != http.StatusUnauthorized {
		t.Errorf("an ended user: %d", a.Status)
	}
	walk(t, r, auth, []step{{"the caller's login stays", "GET", "/v1/health", "", 200, "connected"}})
	checkUsersOnRecord(t, r)
}

func checkUsersOnRecord(t *testing.T, r *rig.Rig) {
	t.Helper()
	var types []string
	for _, row := range r.SQL(t, "SELECT type, actor FROM audit WHERE kind = 'access' AND app = 'onprem-demo' AND actor = 'app:onprem-demo' ORDER BY seq") {
		types = append(types, row[0])
	}
	if !slices.Equal(types, []string{"login", "user_set", "login", "user_set", "login", "user_revoked"}) {
		t.Errorf("on record: %v", types)
	}
	var apps []admin.AppInfo
	r.Admin(t, "app.list", admin.None{}, &apps)
	for _, a := range apps {
		if a.Name == "onprem-demo" && slices.Contains(a.Users, "clerk") {
			t.Error("the ended user is listed")
		}
	}
	if strings.Contains(r.Log.String(), "first-password") {
		t.Error("a password is in the log")
	}
}

// TestOnPremRefusals: what has no counterpart is refused with the reason.
func TestOnPremRefusals(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	walk(t, r, loginAdmin(t, r), []step{
		{"own certificate", "POST", "/v1/certificates/external", "", 501, "set by the gateway's operator"},
		{"own certificate's authority", "GET", "/v1/certificates/external/ca", "", 501, "set by the gateway's operator"},
		{"clean-up", "POST", "/v1/services/message/gc", "", 501, "set by the gateway's operator"},
	})
}
