package endpoints

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

var sample = regexp.MustCompile(`^([a-z_]+(?:\{(?:[a-z]+="[^"\\]*",?)+\})?) (\d+)$`)

// scraped is an answer in Prometheus's text format: values by name and labels.
func scraped(t *testing.T, r *rig.Rig, auth, path string) map[string]string {
	t.Helper()
	a := r.Do(t, "GET", path+"?format=prometheus", "", auth)
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		t.Fatalf("%s: %d %v %s", path, a.Status, a.Header, a.Body)
	}
	out, kind := map[string]string{}, ""
	for line := range strings.Lines(a.Body) {
		line = strings.TrimSuffix(line, "\n")
		found := sample.FindStringSubmatch(line)
		switch {
		case strings.HasPrefix(line, "# HELP "):
		case strings.HasPrefix(line, "# TYPE "):
			kind = strings.Fields(line)[2]
		case found == nil || !strings.HasPrefix(line, kind):
			t.Errorf("%s: %q is no sample of %s", path, line, kind)
		default:
			out[found[1]] = found[2]
		}
	}
	return out
}

// TestStats: what an app sends, gets and asks is counted under the old names,
// and nothing that another app does.
func TestStats(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	if before := scraped(t, r, auth, "/v1/stats/app"); before["out_message_persisted"] != "0" || before["in_message_from_server"] != "0" {
		t.Errorf("before anything: %v", before)
	}
	a := r.Do(t, "POST", "/v1/messages", `{"to":"`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"hello"}}`, auth)
	if a.Status != http.StatusCreated {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"another app's"}}`); a.Status != http.StatusOK {
		t.Fatalf("send of the other app: %d %s", a.Status, a.Body)
	}
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{PhoneID: r.Env["POSTERN_ONPREM_PHONE_ID"], From: r.Env["DEMO_CONSENTED"], Wait: true,
		Message: map[string]any{"type": "text", "text": map[string]any{"body": "thanks"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"out_message_persisted": "1", `out_message_sent_duration_ms_count{result="accepted"}`: "1", "pending_messages": "0",
		`out_message_status{status="delivered"}`: "1", "in_message_from_server": "1", "in_message_persisted": "1", "pending_callbacks": "0",
		`endpoint_requests_duration_ms_count{method="POST_v1_messages",result="ok"}`: "1",
	}
	var got map[string]string
	rig.Await(t, "the app's figures", func() bool {
		got = scraped(t, r, auth, "/v1/stats/app")
		for name, value := range want {
			if got[name] != value {
				return false
			}
		}
		return got[`callback_requests_duration_ms_count{result="success"}`] != ""
	})
	for _, path := range []string{"/metrics", "/v1/metrics"} {
		web := scraped(t, r, auth, path)
		if web[`api_requests_duration_ms_count{node="127.0.0.1",result="201",method="POST_v1_messages"}`] != "1" || web[`web_handled_requests{node="127.0.0.1"}`] == "" {
			t.Errorf("%s: %v", path, web)
		}
	}
	rig.Await(t, "an empty queue of events", func() bool { // statuses may still come
		db := scraped(t, r, auth, "/v1/stats/db")
		return len(db) == 2 && db["db_pending_callbacks"] == "0"
	})
}

// TestStatsForms: JSON is nested as the old client's, in the shape of health,
// and what is asked wrongly is refused.
func TestStatsForms(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	walk(t, r, auth, []step{
		{"app", "GET", "/v1/stats/app", "", 200, `{"stats":{"app":{"callback_queue_size":{"data":[{"value":0}],"help":"`},
		{"internal", "GET", "/v1/stats/app/internal?format=json", "", 200, `{"stats":{"app":{"callback_queue_size"`},
		{"database", "GET", "/v1/stats/db", "", 200, `{"stats":{"db":{"db_pending_callbacks":{"data":[{"value":0}]`},
		{"database, internal", "GET", "/v1/stats/db/internal", "", 200, `"type":"gauge"`},
		{"web", "GET", "/metrics", "", 200, `"web_uptime":{"data":[{"labels":{"node":"127.0.0.1"},"value":`},
		{"another format", "GET", "/v1/stats/app?format=xml", "", 400, `"code":1009`},
		{"another format of metrics", "GET", "/metrics?format=xml", "", 400, `"code":1009`},
		{"another method", "POST", "/v1/stats/app", "{}", 400, "GET"},
	})
	rig.Await(t, "a figure with labels", func() bool {
		return strings.Contains(r.Do(t, "GET", "/v1/stats/app", "", auth).Body, `{"labels":{"method":"GET_v1_stats_app_internal","result":"ok"},"value":1}`)
	})
	for _, path := range []string{"/v1/stats/app", "/v1/metrics", "/metrics", "/v1/support"} {
		if a := r.Do(t, "GET", path, ""); a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, `"code":1005`) {
			t.Errorf("%s without a login: %d %s", path, a.Status, a.Body)
		}
		if a := r.Do(t, "GET", path, "", "D360-API-KEY: "+r.Env["POSTERN_D360_V1_KEY"]); a.Status != http.StatusForbidden && a.Status != http.StatusUnauthorized {
			t.Errorf("%s of 360dialog: %d %s", path, a.Status, a.Body)
		}
	}
	r.Rewrite(t, func(text string) string {
		return strings.Replace(text, "{name: onprem-demo, dialect: onprem,", "{name: onprem-demo, dialect: onprem, health: multiconnect,", 1)
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
	walk(t, r, auth, []step{
		{"app of nodes", "GET", "/v1/stats/app", "", 200, `{"stats":{"app":{"127.0.0.1:coreapp":{"callback_queue_size"`},
		{"master of nodes", "GET", "/v1/stats/app", "", 200, `},"127.0.0.1:master":{}}},"meta"`},
		{"database of nodes", "GET", "/v1/stats/db", "", 200, `{"stats":{"db":{"127.0.0.1:coreapp":{},"127.0.0.1:master":{"db_pending_callbacks"`},
		{"support of nodes", "GET", "/v1/support", "", 200, `"127.0.0.1:master":{"role":"primary_master","shards":[[-1,-1]],"context":"healthcheck"`},
	})
}

// TestSupport: it says what runs here and how the number stands, and holds
// nothing of people.
func TestSupport(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	a := r.Do(t, "GET", "/v1/support", "", auth)
	if a.Status != http.StatusOK || at(t, a, "support", "debug_info") != "493023125003" || at(t, a, "support", "socket_conn") != "UP" || at(t, a, "support", "multi_connect") != false {
		t.Errorf("connected: %d %s", a.Status, a.Body)
	}
	members, ok := at(t, a, "support").(map[string]any)
	known := []string{"context", "db_engine", "debug_info", "description", "device_iso8601", "multi_connect", "os_name", "socket_conn"}
	if !ok || len(members) != len(known) {
		t.Errorf("members: %v", members)
	}
	for name := range members {
		if !slices.Contains(known, name) {
			t.Errorf("%s is told", name)
		}
	}
	other := rig.Start(t, rig.Options{})
	other.Sim.SetRegistration(other.Env["POSTERN_ONPREM_PHONE_ID"], true, true)
	a = other.Do(t, "GET", "/v1/support", "", onPrem(t, other))
	if at(t, a, "support", "debug_info") != "unregistered" || at(t, a, "support", "socket_conn") != "DN" {
		t.Errorf("not registered: %d %s", a.Status, a.Body)
	}
}
