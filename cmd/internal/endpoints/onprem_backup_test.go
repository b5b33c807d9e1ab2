package endpoints

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
	"postern/crypto/parcel"
)

const (
	backupPath    = "/v1/settings/backup"
	restorePath   = "/v1/settings/restore"
	providersPath = "/v1/settings/application/media/providers"
	carryWord     = "a long password"
	onpremPurpose = "settings of app onprem-demo"
)

// carry makes a backup and gives its data as it came.
func carry(t *testing.T, r *rig.Rig, auth string) string {
	t.Helper()
	a := r.Do(t, "POST", backupPath, `{"password":"`+carryWord+`"}`, auth)
	data, _ := at(t, a, "settings", "data").(string)
	if a.Status != http.StatusOK || data == "" {
		t.Fatalf("backup: %d %s", a.Status, a.Body)
	}
	return data
}

func restoring(password, data string) string {
	return `{"password":"` + password + `","data":"` + data + `"}`
}

// opened is what a backup holds.
func opened(t *testing.T, data string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil {
		t.Fatal(err)
	}
	content, err := parcel.Open(carryWord, onpremPurpose, raw)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// sealedUp makes a backup of any content.
func sealedUp(t *testing.T, purpose string, content []byte) string {
	t.Helper()
	raw, err := parcel.Seal(carryWord, purpose, content)
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// TestBackup: all that the administrator had set comes back in one step, and
// stays after a restart.
func TestBackup(t *testing.T) {
	t.Parallel()
	h := newPrivateHook(t)
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	target := r.Hooks.URL + "/of-the-app"
	walk(t, r, auth, []step{
		{"settings", "PATCH", settingsPath, `{"sent_status":true,"callback_backoff_delay_ms":7000,"webhooks":{"url":"` + target + `"}}`, 200, target},
		{"provider", "POST", providersPath, `[{"name":"cdn1","type":"www","config":{"bearer":"token-of-the-cdn"}}]`, 200, `"name":"cdn1"`},
		{"user", "POST", "/v1/users", `{"username":"clerk","password":"first-password"}`, 201, "clerk"},
		{"plain user", "POST", "/v1/users", `{"username":"stays","password":"other-password"}`, 201, "stays"},
	})
	walk(t, r, auth, []step{{"authority", "POST", "/v1/certificates/webhooks/ca", h.ca, 200, "meta"}}, "Content-Type: text/plain")
	data := carry(t, r, auth)
	stays := login(t, r, "stays", "other-password")
	walk(t, r, auth, []step{
		{"settings reset", "DELETE", settingsPath, "", 200, "application"},
		{"another wish", "PATCH", settingsPath, `{"pass_through":false}`, 200, "pass_through"},
		{"no provider", "DELETE", providersPath + "/cdn1", "", 200, "meta"},
		{"another provider", "POST", providersPath, `[{"name":"cdn2","type":"www","config":{"basic":{"username":"u","password":"p"}}}]`, 200, "cdn2"},
		{"no authority", "DELETE", "/v1/certificates/webhooks/ca", "", 200, "meta"},
		{"user gone", "DELETE", "/v1/users/clerk", "", 200, "clerk"},
		{"new user", "POST", "/v1/users", `{"username":"newcomer","password":"third-password"}`, 201, "newcomer"},
	})
	newcomer := login(t, r, "newcomer", "third-password")
	walk(t, r, auth, []step{{"restored", "POST", restorePath, restoring(carryWord, data), 200, `"meta"`}})
	check := func(when string) {
		t.Helper()
		walk(t, r, auth, []step{
			{when + ": settings", "GET", settingsPath, "", 200, `{"application":{"callback_backoff_delay_ms":7000,"sent_status":true,"webhooks":{"url":"` + target + `"}}}`},
			{when + ": providers", "GET", providersPath, "", 200, `"providers":[{"name":"cdn1","type":"www","config":{"bearer":"********"}}]`},
			{when + ": authority", "GET", "/v1/certificates/webhooks/ca", "", 200, strings.TrimSpace(h.ca)},
			{when + ": newcomer", "GET", "/v1/users/newcomer", "", 404, "1006"},
		})
		login(t, r, "clerk", "first-password")
		walk(t, r, newcomer, []step{{when + ": a login of who is gone", "GET", "/v1/health", "", 401, "1005"}})
		walk(t, r, stays, []step{{when + ": a login of who did not change", "GET", "/v1/health", "", 200, "health"}})
	}
	check("restored")
	if got := outcomes(t, r, 9); got[3] != "backup/make allow accepted" || got[len(got)-1] != "backup/restore allow accepted" {
		t.Errorf("on record: %v", got)
	}
	for _, row := range r.SQL(t, "SELECT body, detail FROM audit WHERE kind IN ('manage', 'config', 'access')") {
		for _, secret := range []string{carryWord, "first-password", "token-of-the-cdn", data[:40]} {
			if strings.Contains(row[0]+row[1], secret) {
				t.Errorf("on record: %s", secret)
			}
		}
	}
	r.Halt()
	r.Resume(t)
	check("after a restart")
}

// TestBackupHoldsTheAppAlone: nothing of other apps, nothing in the clear.
func TestBackupHoldsTheAppAlone(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	v1 := "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]
	if a := r.Do(t, "POST", "/v1/configs/webhook", `{"url":"`+r.Hooks.URL+`/of-another-app"}`, v1); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	data := carry(t, r, loginAdmin(t, r))
	content := opened(t, data)
	for _, other := range []string{"of-another-app", "cloud-demo", "d360", r.Env["POSTERN_ONPREM_PASSWORD"]} {
		if bytes.Contains(content, []byte(other)) {
			t.Errorf("the backup holds %s", other)
		}
	}
	raw, err := base64.StdEncoding.DecodeString(data)
	if err != nil || bytes.Contains(raw, []byte(`"version"`)) {
		t.Errorf("%v, or in the clear", err)
	}
}

// TestBadBackup: what is no backup of this app and gateway changes nothing and
// says why.
func TestBadBackup(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	data := carry(t, r, auth)
	swap := func(old, now string) string {
		content := opened(t, data)
		changed := bytes.Replace(content, []byte(old), []byte(now), 1)
		if bytes.Equal(content, changed) {
			t.Fatalf("the backup holds no %s", old)
		}
		return sealedUp(t, onpremPurpose, changed)
	}
	var whole struct{ Users struct{ Users []byte } }
	if err := json.Unmarshal(opened(t, data), &whole); err != nil {
		t.Fatal(err)
	}
	forged := bytes.Replace(whole.Users.Users, []byte(r.Env["POSTERN_ONPREM_USER"]), []byte("intruder"), 1)
	text := base64.StdEncoding.EncodeToString
	for name, c := range map[string]struct{ body, words string }{
		"no data":             {`{"password":"` + carryWord + `"}`, "data"},
		"no password":         {`{"data":"` + data + `"}`, "password"},
		"wrong password":      {restoring("a wrong password", data), "password is wrong"},
		"cut":                 {restoring(carryWord, data[:len(data)-8]), "cut short"},
		"cut to its head":     {restoring(carryWord, data[:24]), "cut short"},
		"not base64":          {restoring(carryWord, "~~~"), "no whole backup of this gateway"},
		"WhatsApp's own":      {restoring(carryWord, text([]byte("encrypted by another program"))), "/v1/account"},
		"another app's":       {restoring(carryWord, sealedUp(t, "settings of app other", opened(t, data))), "another app's"},
		"another version":     {restoring(carryWord, swap(`"version":1`, `"version":2`)), "another version"},
		"no JSON":             {restoring(carryWord, sealedUp(t, onpremPurpose, []byte("hello"))), "another version"},
		"a private webhook":   {restoring(carryWord, swap(`"settings":{}`, `"settings":{"webhook":{"url":"https://10.0.0.1/x"}}`)), "webhook may not be used"},
		"an unknown setting":  {restoring(carryWord, swap(`"settings":{}`, `"settings":{"application":{"made_up":"1"}}`)), "can not set"},
		"a bad value":         {restoring(carryWord, swap(`"settings":{}`, `"settings":{"application":{"sent_status":"1"}}`)), "can not set"},
		"bad authorities":     {restoring(carryWord, swap(`"settings":{}`, `"settings":{"authorities":"hello"}`)), "can not set"},
		"a bad provider":      {restoring(carryWord, swap(`"settings":{}`, `"settings":{"providers":[{"name":"a/b","bearer":"x"}]}`)), "can not set"},
		"users of its own":    {restoring(carryWord, swap(text(whole.Users.Users), text(forged))), "another gateway's keys"},
		"too large":           {restoring(carryWord, text(append([]byte("postern-parcel-1\n"), make([]byte, parcel.MaxParcel)...))), "changed or cut short"},
		"two of one property": {`{"password":"a","password":"b","data":"x"}`, "twice"},
	} {
		t.Run(name, func(t *testing.T) {
			a := r.Do(t, "POST", restorePath, c.body, auth)
			if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, c.words) || !strings.Contains(a.Body, `"errors"`) {
				t.Errorf("%d %s, want %s", a.Status, a.Body, c.words)
			}
		})
	}
	walk(t, r, auth, []step{
		{"a short password", "POST", backupPath, `{"password":"seven77"}`, 400, "8 to 256"},
		{"no password", "POST", backupPath, `{}`, 400, `"code":1008`},
		{"as before", "GET", settingsPath, "", 200, `{"application":{"webhooks":{"url"`},
		{"a clerk", "POST", "/v1/users", `{"username":"clerk","password":"first-password"}`, 201, "clerk"},
	})
	walk(t, r, login(t, r, "clerk", "first-password"), []step{
		{"a plain user's backup", "POST", backupPath, `{"password":"` + carryWord + `"}`, 403, "ROLE_ADMIN"},
		{"a plain user's restore", "POST", restorePath, restoring(carryWord, data), 403, "ROLE_ADMIN"},
	})
	if rows := r.SQL(t, "SELECT id FROM audit WHERE kind = 'manage' AND type = 'backup/restore'"); len(rows) != 0 {
		t.Errorf("%d restores were admitted", len(rows))
	}
}

// TestBackupDenied: policy decides whether settings leave or come back.
func TestBackupDenied(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	data := carry(t, r, loginAdmin(t, r))
	r.Stop()
	r = rig.Start(t, rig.Options{Keep: r.Dir, Policies: map[string]string{"settings.yaml": "management: {deny: [backup]}\n"}})
	walk(t, r, loginAdmin(t, r), []step{
		{"backup", "POST", backupPath, `{"password":"` + carryWord + `"}`, 403, "policy:call_not_allowed"},
		{"restore", "POST", restorePath, restoring(carryWord, data), 403, "policy:call_not_allowed"},
	})
}

// TestNumberBackup: what WhatsApp's own client gave out reaches upstream with the
// registration and is in no record.
func TestNumberBackup(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var sent []string
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.HasSuffix(req.URL.Path, "/register") {
				body, err := io.ReadAll(req.Body)
				if err != nil {
					t.Error(err)
				}
				req.Body = io.NopCloser(bytes.NewReader(body))
				mu.Lock()
				sent = append(sent, string(body))
				mu.Unlock()
			}
			next.ServeHTTP(w, req)
		})
	}})
	auth := loginAdmin(t, r)
	const account = `{"cc":"49","phone_number":"3023125003","method":"sms","pin":"271828"`
	backup := `"backup":{"data":"b2YgdGhlIG51bWJlcg==","password":"of the old client"}`
	for _, where := range []step{
		{"/v1/account", "POST", account + "," + backup + "}", `{"code":"125-003"}`, 0, ""},
		{"/v1/account/verify", "POST", account + "}", `{"code":"125-003",` + backup + "}", 0, ""},
	} {
		r.Sim.SetRegistration(r.Env["POSTERN_ONPREM_PHONE_ID"], true, true)
		walk(t, r, auth, []step{
			{where.name, "POST", "/v1/account", where.path, 202, "vname"},
			{where.name, "POST", "/v1/account/verify", where.body, 201, "meta"},
		})
	}
	walk(t, r, auth, []step{
		{"half a backup", "POST", "/v1/account", account + `,"backup":{"data":"x"}}`, 400, "data and password"},
		{"a backup that is none", "POST", "/v1/account/verify", `{"code":"125-003","backup":"x"}`, 400, "data and password"},
	})
	mu.Lock()
	defer mu.Unlock()
	if len(sent) != 2 || !strings.Contains(sent[0], backup) || !strings.Contains(sent[1], backup) {
		t.Errorf("upstream got %v", sent)
	}
	for _, row := range r.SQL(t, "SELECT body, detail FROM audit WHERE kind = 'manage'") {
		if strings.Contains(row[0]+row[1], "b2YgdGhlIG51bWJlcg") || strings.Contains(row[0]+row[1], "of the old client") {
			t.Errorf("on record: %v", row)
		}
	}
}
