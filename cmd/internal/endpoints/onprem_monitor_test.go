package endpoints

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestMonitorKey: a monitor reads health and figures of its app with a key of
// the configuration, and does nothing else with it.
func TestMonitorKey(t *testing.T) {
	t.Parallel()
	const app, key = "{name: onprem-demo, dialect: onprem,", "a-key-of-the-monitor"
	r := rig.Start(t, rig.Options{})
	r.Write(t, "secrets/monitor-key", key+"\n")
	restore := r.Rewrite(t, func(text string) string {
		return strings.Replace(text, app, app+" monitor_key: \"file:secrets/monitor-key\",", 1)
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
	for _, path := range []string{"/v1/health", "/v1/stats/app", "/v1/stats/db", "/v1/stats/app/internal", "/v1/metrics", "/metrics?format=prometheus"} {
		if a := r.Do(t, "GET", path, "", "Authorization: Apikey "+key); a.Status != http.StatusOK {
			t.Errorf("%s: %d %s", path, a.Status, a.Body)
		}
		for _, bad := range []string{"Apikey a-key-of-nobody", "Apikey", "Apikey ", "Bearer " + key, "Basic " + key} {
			if a := r.Do(t, "GET", path, "", "Authorization: "+bad); a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, `"code":1005`) {
				t.Errorf("%s with %q: %d %s", path, bad, a.Status, a.Body)
			}
		}
	}
	for path, method := range map[string]string{
		"/v1/messages": "POST", "/v1/contacts": "POST", "/v1/users/admin": "GET", "/v1/support": "GET", "/v1/settings/application": "PATCH",
		"/v1/settings/business/profile": "GET", "/v1/media": "POST", "/v1/users/logout": "POST", "/v1/stickerpacks": "GET",
	} {
		if a := r.Do(t, method, path, `{}`, "Authorization: Apikey "+key); a.Status != http.StatusUnauthorized {
			t.Errorf("%s %s: %d %s", method, path, a.Status, a.Body)
		}
	}
	restore()
	r.Admin(t, "config.reload", admin.None{}, nil)
	if a := r.Do(t, "GET", "/v1/health", "", "Authorization: Apikey "+key); a.Status != http.StatusUnauthorized {
		t.Errorf("a key that was taken out: %d %s", a.Status, a.Body)
	}
	if strings.Contains(r.Log.String(), key) {
		t.Error("the key is in the log")
	}
}
