package xds_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/proxy/dialect"
)

// number of Envoy's JSON, in which large ones are text; -1 for none.
func number(t *testing.T, v any) int64 {
	t.Helper()
	switch v := v.(type) {
	case float64:
		return int64(v)
	case string:
		var n int64
		if err := json.Unmarshal([]byte(v), &n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	return -1
}

// TestTheGatewayAnswersFirst: whatever it limits, Envoy lets a little more through,
// so that the refusal is in the caller's dialect and on record, and not much more.
func TestTheGatewayAnswersFirst(t *testing.T) {
	const most = 1 << 20 // more than the gateway takes
	for name, s := range shapes(t) {
		holds := max(s.config.BodyBytes, s.config.AnswerBytes)
		for listener, l := range named(s.tree, "listeners") {
			body, whole := s.config.BodyBytes, holds
			if listener == "postern_webhook" {
				body, whole = s.config.WebhookBytes, s.config.WebhookBytes
			}
			for _, b := range typed(l, "Buffer") {
				if n := number(t, b["max_request_bytes"]); n <= body || n > body+most {
					t.Errorf("%s: %s takes bodies of %d, the gateway of %d", name, listener, n, body)
				}
			}
			if n := number(t, l["per_connection_buffer_limit_bytes"]); n <= whole || n > whole+most {
				t.Errorf("%s: %s keeps %d, the largest is %d", name, listener, n, whole)
			}
			for _, m := range typed(l, "HttpConnectionManager") {
				if wait := in(firstChain(l), "transport_socket_connect_timeout"); wait != "10s" {
					t.Errorf("%s: %s waits %v for a handshake, in %v", name, listener, wait, m["stat_prefix"])
				}
			}
		}
		for cluster, c := range named(s.tree, "clusters") {
			if n := number(t, c["per_connection_buffer_limit_bytes"]); cluster != "original_dst" && (n <= holds || n > holds+most) {
				t.Errorf("%s: %s keeps %d, the largest is %d", name, cluster, n, holds)
			}
		}
		waits(t, name, s)
	}
}

func firstChain(listener map[string]any) any { return listener["filter_chains"].([]any)[0] }

// waits: a route waits a little longer than the gateway does.
func waits(t *testing.T, name string, s shape) {
	t.Helper()
	for _, r := range routes(s.tree) {
		gateway := map[any]time.Duration{"meta": s.config.Upstream.Timeout, "postern": s.config.Transfer}[in(r, "route", "cluster")]
		text, _ := in(r, "route", "timeout").(string)
		wait, err := time.ParseDuration(text)
		if err != nil || wait <= gateway || wait > gateway+time.Minute {
			t.Errorf("%s: %v waits %q, the gateway %s", name, r["name"], text, gateway)
		}
	}
}

// routes are all of a configuration, in their order.
func routes(tree any) (out []map[string]any) {
	each(tree, func(object map[string]any) {
		list, _ := object["routes"].([]any)
		for _, r := range list {
			out = append(out, r.(map[string]any))
		}
	})
	return out
}

// TestOnlyFilesGoRoundTheFilters: to the gateway's own listener, which judges them.
// Every other way leads through buffer and processor, in this order.
func TestOnlyFilesGoRoundTheFilters(t *testing.T) {
	for name, s := range shapes(t) {
		for _, m := range typed(s.tree, "HttpConnectionManager") {
			var order []string
			for _, f := range m["http_filters"].([]any) {
				if in(f, "disabled") != nil || in(f, "is_optional") != nil {
					t.Errorf("%s: %v is off", name, in(f, "name"))
				}
				order = append(order, in(f, "name").(string))
			}
			if !slices.Equal(order, []string{"buffer", "ext_proc", "router"}) {
				t.Errorf("%s: filters are %q", name, order)
			}
		}
		off := wanted(t, `{buffer: {disabled: true}, ext_proc: {disabled: true}}`)
		for _, r := range routes(s.tree) {
			files := strings.HasPrefix(r["name"].(string), "files_")
			switch cluster := in(r, "route", "cluster"); {
			case files && (cluster != "postern" || lacks(r["typed_per_filter_config"], off, "") != ""):
				t.Errorf("%s: %v leads to %v with %v", name, r["name"], cluster, r["typed_per_filter_config"])
			case !files && (cluster != "meta" || r["typed_per_filter_config"] != nil):
				t.Errorf("%s: %v leads to %v with %v", name, r["name"], cluster, r["typed_per_filter_config"])
			}
		}
	}
}

// TestSendsAreNoFiles: no path on which messages are sent is one of files.
func TestSendsAreNoFiles(t *testing.T) {
	sends := []string{"/v25.0/106540352242922/messages", "/106540352242922/messages", "/messages", "/v1/messages", "/v1/messages/", "//v1//messages", "/v25.0/1/marketing_messages"}
	for _, e := range dialect.Endpoints() {
		if strings.Contains(e.Path, "messages") {
			sends = append(sends, strings.NewReplacer("{", "", "}", "").Replace(e.Path))
		}
	}
	for name, s := range shapes(t) {
		for _, r := range routes(s.tree) {
			pattern, _ := in(r, "match", "safe_regex", "regex").(string)
			if !strings.HasPrefix(r["name"].(string), "files_") {
				continue
			}
			re := regexp.MustCompile("^(?:" + pattern + ")$")
			if i := slices.IndexFunc(sends, re.MatchString); i >= 0 || pattern == "" {
				t.Errorf("%s: %s goes the way of files by %q", name, sends[max(i, 0)], pattern)
			}
		}
	}
}

// TestEveryClusterIsBounded, and none repeats.
func TestEveryClusterIsBounded(t *testing.T) {
	for name, s := range shapes(t) {
		for cluster, c := range named(s.tree, "clusters") {
			if cluster == "original_dst" {
				continue // bytes, one connection for each that came
			}
			at := map[bool]string{true: "16384", false: "256"}[cluster == "postern_ext_proc"]
			want := `[{max_connections: ` + at + `, max_requests: ` + at + `, max_pending_requests: 4096, max_retries: 0}]`
			if path := lacks(in(c, "circuit_breakers", "thresholds"), wanted(t, want), cluster); path != "" {
				t.Errorf("%s: no bound on %s: %v", name, path, c["circuit_breakers"])
			}
			options := in(c, "typed_extension_protocol_options", "envoy.extensions.upstreams.http.v3.HttpProtocolOptions")
			speaks := `{http_protocol_options: {}, http2_protocol_options: null}`
			if cluster == "postern_ext_proc" {
				speaks = `{http2_protocol_options: {connection_keepalive: {interval: 10s, timeout: 5s}}}`
			}
			want = `{common_http_protocol_options: {idle_timeout: 60s}, explicit_http_config: ` + speaks + `}`
			if path := lacks(options, wanted(t, want), cluster); path != "" {
				t.Errorf("%s: %s", name, path)
			}
		}
	}
}

// TestEnvoyShedsBeforeItIsFull: what it starts with bounds memory and connections,
// and does something about both.
func TestEnvoyShedsBeforeItIsFull(t *testing.T) {
	raw, err := boots(t)
	s := shaped(t, front(), raw, err)
	want := wanted(t, `
- {name: envoy.resource_monitors.fixed_heap, typed_config: {max_heap_size_bytes: "1073741824"}}
- {name: envoy.resource_monitors.global_downstream_max_connections, typed_config: {max_active_downstream_connections: "10000"}}`).([]any)
	monitors, _ := in(s.tree, "overload_manager", "resource_monitors").([]any)
	for i, w := range want {
		if i >= len(monitors) || lacks(monitors[i], w, "") != "" {
			t.Errorf("not monitored: %v in %v", w, monitors)
		}
	}
	acts := named(s.tree, "actions")
	for action, at := range map[string]float64{"shrink_heap": 0.9, "disable_http_keepalive": 0.9, "stop_accepting_connections": 0.95, "stop_accepting_requests": 0.98} {
		triggers, _ := acts["envoy.overload_actions."+action]["triggers"].([]any)
		if len(triggers) != 1 || in(triggers[0], "name") != "envoy.resource_monitors.fixed_heap" || in(triggers[0], "threshold", "value") != at {
			t.Errorf("%s: %v", action, triggers)
		}
	}
}
