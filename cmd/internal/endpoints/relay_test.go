package endpoints

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// caller is one app in one dialect.
type caller struct {
	path, auth string
}

func cloud(r *rig.Rig, path string) caller {
	return caller{path, "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]}
}

func d360(r *rig.Rig, path string) caller {
	return caller{path, "D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"]}
}

func (c caller) do(t *testing.T, r *rig.Rig, method, body string, headers ...string) rig.Reply {
	t.Helper()
	return r.Do(t, method, c.path, body, append(headers, c.auth)...)
}

func TestProfile(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	for name, c := range map[string]caller{
		"cloud":  cloud(r, "/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/whatsapp_business_profile"),
		"d360v2": d360(r, "/whatsapp_business_profile"),
	} {
		t.Run(name, func(t *testing.T) {
			about := "Open on Sundays, " + name
			a := c.do(t, r, "POST", `{"messaging_product":"whatsapp","about":"`+about+`","email":"desk@bank.example"}`)
			if a.Status != http.StatusOK || a.JSON(t)["success"] != true {
				t.Fatalf("set: %d %s", a.Status, a.Body)
			}
			a = c.do(t, r, "GET", "")
			if a.Status != http.StatusOK || !strings.Contains(a.Body, about) {
				t.Errorf("get: %d %s", a.Status, a.Body)
			}
			a = c.do(t, r, "POST", `{"messaging_product":"whatsapp","about":"a","about":"b"}`)
			if a.Status != http.StatusBadRequest {
				t.Errorf("a property given twice: %d %s", a.Status, a.Body)
			}
		})
	}
	var rows [][]string
	rig.Await(t, "two changes on record with their outcome", func() bool { // outcomes ride with the next commit
		rows = r.SQL(t, "SELECT m.type, m.effect, s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle'")
		return len(rows) == 2
	})
	for _, row := range rows {
		if strings.Join(row, " ") != "profile/post allow accepted" {
			t.Errorf("on record: %v", row)
		}
	}
	body := r.SQL(t, "SELECT body FROM audit WHERE kind = 'manage' LIMIT 1")
	if len(body) != 1 || !strings.Contains(body[0][0], "Open on Sundays") || strings.Contains(body[0][0], "desk@bank.example") {
		t.Errorf("body on record: %v", body)
	}
}

// TestProfileOfOthers keeps an app to its own number, and a broken body and a
// wrong type out.
func TestProfileOfOthers(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [profile]}\n"}})
	own := "/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/whatsapp_business_profile"
	other := "/v25.0/" + r.Env["POSTERN_D360_PHONE_ID"] + "/whatsapp_business_profile"
	for _, c := range []struct {
		name, path, method, body string
		status                   int
		words                    string
	}{
		{"another app's number", other, "GET", "", http.StatusForbidden, ""},
		{"a change of another app's number", other, "POST", `{"messaging_product":"whatsapp","about":"x"}`, http.StatusForbidden, ""},
		{"closed by policy", own, "POST", `{"messaging_product":"whatsapp","about":"x"}`, http.StatusForbidden, "policy:call_not_allowed"},
		{"a read is no change", own, "GET", "", http.StatusOK, ""},
		{"method", own, "DELETE", "", http.StatusBadRequest, "GET or POST"},
	} {
		a := cloud(r, c.path).do(t, r, c.method, c.body)
		if a.Status != c.status || !strings.Contains(a.Body, c.words) {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Body)
		}
	}
	rows := r.SQL(t, "SELECT effect, reason FROM audit WHERE kind = 'manage'")
	if len(rows) != 1 || strings.Join(rows[0], " ") != "deny call_not_allowed" {
		t.Errorf("on record: %v", rows)
	}
}
