package boot_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// refusal is a setting that is refused: where, and what to write in its place.
type refusal struct{ setting, at, write string }

// refused demands that an error names one place, by line and path, and the way
// out, and nothing besides.
func (r refusal) check(t *testing.T, file string, err error) {
	t.Helper()
	var all boot.Problems
	if !errors.As(err, &all) || len(all) != 1 {
		t.Errorf("%s: %v, want one problem", r.setting, err)
		return
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p := all[0]
	lines := strings.Split(string(raw), "\n")
	if p.File == "" || p.Line < 1 || p.Line > len(lines) || !strings.Contains(lines[p.Line-1], r.setting) {
		t.Errorf("%s: line %d of %s is another", r.setting, p.Line, p.File)
	}
	if !strings.HasPrefix(p.What, r.at+" ") && !strings.HasPrefix(p.What, r.at+": ") || !strings.Contains(p.Write, r.write) {
		t.Errorf("%s: %s; want %s, and %q", r.setting, p, r.at, r.write)
	}
}

// TestClickHouseRefused: every setting that would not do what it says has its
// place and its way out.
func TestClickHouseRefused(t *testing.T) {
	const there, near = `endpoints: ["ch.example:8443"], `, `endpoints: ["127.0.0.1:8123"], tls: false, `
	for _, r := range []refusal{
		{`database: postern`, "clickhouse.endpoints", "clickhouse.example:8443"},
		{`endpoints: []`, "clickhouse.endpoints", "clickhouse.example:8443"},
		{`endpoints: ch.example`, "clickhouse.endpoints", "clickhouse.example:8443"},
		{`endpoints: [":8443"]`, "clickhouse.endpoints[0]", "clickhouse.example:8443"},
		{`endpoints: ["ch.example:8443", "ch.example:0"]`, "clickhouse.endpoints[1]", "clickhouse.example:8443"},
		{`endpoints: ["https://ch.example:8443"]`, "clickhouse.endpoints[0]", "clickhouse.example:8443"},
		{`endpoints: ["127.0.0.1:8123", "10.0.0.1:8123"], tls: false`, "clickhouse.endpoints[1]", "leave tls out"},
		{there + `tls: perhaps`, "clickhouse.tls", "true"},
		{there + `protocol: udp`, "clickhouse.protocol", "http or native"},
		{there + `compression: gzip`, "clickhouse.compression", "lz4, zstd or none"},
		{there + `database: "a-b"`, "clickhouse.database", "letters, digits and _"},
		{there + `database: "` + strings.Repeat("a", 65) + `"`, "clickhouse.database", "letters, digits and _"},
		{there + `insert_quorum: 2`, "clickhouse.insert_quorum", "write cluster"},
		{there + `cluster: c, insert_quorum: 65`, "clickhouse.insert_quorum", "from 0 to 64"},
		{there + `batch_rows: 999`, "clickhouse.batch_rows", "from 1000 to 200000"},
		{there + `batch_rows: 200001`, "clickhouse.batch_rows", "from 1000 to 200000"},
		{there + `batch_wait: 0s`, "clickhouse.batch_wait", "from 1ms to 1m"},
		{there + `batch_wait: 61s`, "clickhouse.batch_wait", "from 1ms to 1m"},
		{there + `timeout: 999ms`, "clickhouse.timeout", "from 1s to 1h"},
		{there + `timeout: 61m`, "clickhouse.timeout", "from 1s to 1h"},
		{there + `behind_after: 0s`, "clickhouse.behind_after", "from 1s"},
		{there + `behind_after: 169h`, "clickhouse.behind_after", "to 168h"},
		{there + `verify: -1s`, "clickhouse.verify", "from 0s"},
		{there + `verify: 721h`, "clickhouse.verify", "to 720h"},
		{there + `cert: c.pem`, "clickhouse.cert", "both, or neither"},
		{there + `key: k.pem`, "clickhouse.cert", "both, or neither"},
		{near + `ca: ca.pem`, "clickhouse.ca", "leave tls: false out"},
		{near + `cert: c.pem, key: k.pem`, "clickhouse.cert", "leave tls: false out"},
		{there + `read_password: file:ch-password`, "clickhouse.read_password", "read_user"},
		{there + `password: "in the clear"`, "clickhouse.password", "file:PATH"},
		{there + `password: file:none`, "clickhouse.password", ""},
		{there + `pasword: file:ch-password`, "clickhouse.pasword", "password"},
	} {
		path := withClickHouse(t, r.setting)
		_, err := boot.Load(path)
		r.check(t, path, err)
	}
}

// TestExportsRefused is the same for exports.
func TestExportsRefused(t *testing.T) {
	const (
		splunk = `name: soc, kind: splunk, url: "https://splunk.example.org", token: file:secrets/short`
		syslog = `name: soc, kind: syslog, url: "tls://x.example.org:6514"`
		lines  = `name: soc, kind: lines, dir: ./a`
		s3     = `s3: {endpoint: "https://s3.example.org", bucket: b, access_key: file:secrets/short, secret_key: file:secrets/short}`
		ofHTTP = "https://HOST or https://HOST:PORT"
	)
	all := []refusal{
		{`kind: lines, dir: ./a`, "exports[0].name", "short name"},
		{`name: soc, dir: ./a`, "exports[0].kind", "splunk, datadog, syslog or lines"},
		{`name: soc, kind: kafka`, "exports[0].kind", "splunk, datadog, syslog or lines"},
		{`name: Soc, kind: lines, dir: ./a`, "exports[0].name", "lower-case letters"},
		{`name: soc, kind: splunk, token: file:secrets/short`, "exports[0].url", ofHTTP},
		{`name: soc, kind: splunk, url: "http://splunk.example.org", token: file:secrets/short`, "exports[0].url", ofHTTP},
		{`name: soc, kind: datadog, url: "https://u:p@x.example.org", token: file:secrets/short`, "exports[0].url", ofHTTP},
		{`name: soc, kind: datadog, url: "https://x.example.org?a=b", token: file:secrets/short`, "exports[0].url", ofHTTP},
		{`name: soc, kind: datadog, url: "https://x.example.org"`, "exports[0].token", "file:PATH"},
		{`name: soc, kind: syslog`, "exports[0].url", "tls://HOST:6514"},
		{`name: soc, kind: lines`, "exports[0]", "either dir or s3"},
		{lines + ", " + s3, "exports[0]", "either dir or s3"},
		{`name: soc, kind: lines, dir: ./data/archive`, "exports[0].dir", "outside the store"},
		{lines + `, every: 999ms`, "exports[0].every", "from 1s to 24h"},
		{lines + `, every: 25h`, "exports[0].every", "from 1s to 24h"},
		{syslog + `, max_bytes: 2047`, "exports[0].max_bytes", "from 2048 to 1048576"},
		{syslog + `, max_bytes: 1048577`, "exports[0].max_bytes", "from 2048 to 1048576"},
		{splunk + `, client_cert: ./c.pem`, "exports[0].client_cert", "both, or none"},
		{splunk + `, client_key: ./c.pem`, "exports[0].client_cert", "both, or none"},
		{splunk + `, fields: [body]`, "exports[0].fields[0]", "another field"},
		{splunk + `, fields: [type, original], include_payload: true`, "exports[0].fields[1]", "another field"},
		{splunk + `, tenants: [demo, other]`, "exports[0].tenants[1]", "listed under tenants"},
		{splunk + `, kinds: [admissions]`, "exports[0].kinds[0]", "admission"},
		{splunk + `, colour: red`, "exports[0].colour", "remove it"},
		{`name: soc, kind: lines, from_retention: true, dir: ./a`, "exports[0].from_retention", "without bucket and prefix"},
		{`name: soc, kind: lines, from_retention: true, include_payload: true, s3: {endpoint: "https://s3.example.org", access_key: file:secrets/short, secret_key: file:secrets/short}`, "exports[0].from_retention", "without bucket and prefix"},
	}
	for _, url := range []string{"tcp://x:6514", "tls://x", "tls://:6514", "tls://x:6514/path", "tls://u@x:6514", "tls://x:6514?a=b"} {
		all = append(all, refusal{`name: soc, kind: syslog, url: "` + url + `"`, "exports[0].url", "tls://HOST:6514"})
	}
	for _, m := range []struct{ of, setting string }{
		{splunk, "dir: ./a"}, {splunk, s3}, {splunk, "every: 1h"}, {splunk, "from_retention: true"}, {splunk, "max_bytes: 8192"},
		{syslog, "token: file:secrets/short"}, {syslog, "dir: ./a"}, {syslog, "every: 1h"},
		{lines, `url: "https://x.example.org"`}, {lines, "ca: ./ca.pem"}, {lines, "private: true"}, {lines, "token: file:secrets/short"},
		{lines, "client_cert: ./c.pem, client_key: ./c.pem"}, {lines, "max_bytes: 8192"},
	} {
		key, _, _ := strings.Cut(m.setting, ":")
		all = append(all, refusal{m.of + ", " + m.setting, "exports[0]." + key, "remove it; it is for "})
	}
	for _, r := range all {
		path := folder(t, replace("\ntenants:\n", "\nexports:\n  - {"+r.setting+"}\ntenants:\n"))
		_, err := boot.Load(path)
		r.check(t, path, err)
	}
}
