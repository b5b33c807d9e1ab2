package xds_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/proxy/dialect"
	"postern/proxy/xds"
)

func boots(t *testing.T) (json.RawMessage, error) {
	t.Helper()
	return xds.Bootstrap(start())
}

// logged are the words of Envoy's that tell nothing of a person, a message or a
// credential. A path does, and a header.
var logged = []string{
	"START_TIME", "REQ(X-REQUEST-ID)", "ROUTE_NAME", "PROTOCOL", "RESPONSE_CODE", "RESPONSE_CODE_DETAILS", "RESPONSE_FLAGS",
	"UPSTREAM_CLUSTER", "DURATION", "BYTES_RECEIVED", "BYTES_SENT",
}

// TestLogsTellNothing: each listener has one access log, in which only these are.
func TestLogsTellNothing(t *testing.T) {
	operator := regexp.MustCompile(`%[^%]*%`)
	for name, s := range shapes(t) {
		for _, m := range typed(s.tree, "HttpConnectionManager") {
			if logs, _ := m["access_log"].([]any); len(logs) != 1 {
				t.Errorf("%s: %d access logs", name, len(logs))
			}
		}
		each(s.tree, func(object map[string]any) {
			if object["tracing"] != nil {
				t.Errorf("%s: there are traces", name)
			}
			if kind, _ := object["@type"].(string); strings.Contains(kind, ".access_loggers.") && !strings.Contains(kind, ".filters.cel.") && !strings.HasSuffix(kind, ".FileAccessLog") {
				t.Errorf("%s: %s", name, kind)
			}
		})
		for _, l := range typed(s.tree, "FileAccessLog") {
			format, _ := in(l, "log_format", "json_format").(map[string]any)
			if len(format) == 0 {
				t.Errorf("%s: the log has a format of Envoy's own", name)
			}
			for key, value := range format {
				for _, word := range operator.FindAllString(value.(string), -1) {
					if !slices.Contains(logged, strings.Trim(word, "%")) {
						t.Errorf("%s: the log tells %s as %s", name, word, key)
					}
				}
			}
		}
	}
}

// TestEnvoySpeaksEachDialect: what Envoy answers by itself in the gateway's place is
// an error of the caller's dialect, and nothing of the gateway's own is reworded.
func TestEnvoySpeaksEachDialect(t *testing.T) {
	for name, s := range shapes(t) {
		for _, m := range typed(s.tree, "HttpConnectionManager") {
			if m["stat_prefix"] == "postern_webhook" {
				continue // Meta reads the status alone
			}
			mappers, _ := in(m, "local_reply_config", "mappers").([]any)
			missing := map[string]bool{}
			for _, d := range []dialect.Dialect{dialect.OnPrem, dialect.D360V1, dialect.D360V2, dialect.Cloud} {
				for _, status := range []string{"400", "404", "408", "413", "500", "502", "503 unasked", "503", "504"} {
					missing[string(d)+" "+status] = true
				}
			}
			for _, mapper := range mappers {
				delete(missing, spoken(t, mapper))
			}
			if len(missing) > 0 {
				t.Errorf("%s: %v: Envoy's own words for %v", name, m["stat_prefix"], missing)
			}
		}
	}
}

var (
	speaks  = regexp.MustCompile(`xds\.route_name\.endsWith\('(\w+)'\)`)
	spares  = "!response.code_details.startsWith('postern_')"
	unasked = "connection_failure"
)

// spoken is the dialect and status that a mapper is for. What it says is what the
// gateway would.
func spoken(t *testing.T, mapper any) string {
	t.Helper()
	filters, _ := in(mapper, "filter", "and_filter", "filters").([]any)
	if len(filters) != 2 {
		t.Fatalf("a mapper for %v", filters)
	}
	status, _ := json.Marshal(in(filters[0], "status_code_filter", "comparison", "value", "default_value")) //nolint:errcheck // it was JSON
	when, _ := in(filters[1], "extension_filter", "typed_config", "expression").(string)
	if !strings.HasPrefix(when, spares) || in(filters[0], "status_code_filter", "comparison", "op") != nil { // EQ
		t.Errorf("the gateway's own answers are reworded: %s", when)
	}
	d := string(dialect.Cloud)
	if m := speaks.FindStringSubmatch(when); m != nil {
		d = m[1]
	}
	if strings.Contains(when, unasked) {
		status = append(status, " unasked"...)
	}
	body, _ := in(mapper, "body", "inline_string").(string)
	if marks := map[bool]string{true: "errors", false: `"error"`}[d == string(dialect.OnPrem) || d == string(dialect.D360V1)]; !json.Valid([]byte(body)) || !strings.Contains(body, marks) {
		t.Errorf("%s %s: %s", d, status, body)
	}
	return d + " " + string(status)
}
