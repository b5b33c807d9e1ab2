package boot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

// withExports loads the example with a section of exports.
func withExports(t *testing.T, section string) (*boot.Config, error) {
	t.Helper()
	return boot.Load(folder(t, replace("\ntenants:\n", "\nexports:\n"+section+"\ntenants:\n")))
}

func TestExports(t *testing.T) {
	c, err := withExports(t, `
  - {name: soc, kind: splunk, url: "https://splunk.example.org:8088", token: file:secrets/short, fields: [type, effect], tenants: [demo], kinds: [admission, settle], region: DE}
  - {name: dd, kind: datadog, url: "https://http-intake.logs.datadoghq.eu", token: file:secrets/short, include_payload: true}
  - {name: log, kind: syslog, url: "tls://127.0.0.1:6514", private: true, max_bytes: 65536}
  - {name: archive, kind: lines, dir: ./archive, every: 10m}
  - {name: bucket, kind: lines, s3: {endpoint: "https://s3.example.org", bucket: trail, prefix: gw1/, access_key: file:secrets/short, secret_key: file:secrets/short}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Exports) != 5 || c.Exports[0].Token.Value() != "s3cr3t" || c.Exports[3].Every != 10*time.Minute || c.Exports[4].Every != time.Hour ||
		c.Exports[0].Timeout != time.Minute || c.Exports[0].Late() != 5*time.Minute || c.Exports[3].Late() != 15*time.Minute {
		t.Errorf("%+v", c.Exports)
	}
	if p := c.Exports[4].Place(); p != "s3://trail/gw1/" {
		t.Error(p)
	}
	if f := c.Exports[1].Filter(); !f.Payload || f.Fields != nil || f.Tenants != nil {
		t.Errorf("%+v", f)
	}
	last := c.Stores()[len(c.Stores())-5]
	if last.Name != "export soc" || last.Region != "DE" {
		t.Errorf("%+v", last)
	}
}

func TestExportsAreJudged(t *testing.T) {
	const splunk = `name: soc, kind: splunk, url: "https://splunk.example.org", token: file:secrets/short`
	for text, want := range map[string]string{
		"kind: splunk":                     "exports[0].name is missing",
		"name: Soc, kind: lines, dir: ./a": "is not a short name",
		"name: soc, kind: kafka":           "exports[0].kind is no kind of export; write splunk, datadog, syslog or lines",
		`name: soc, kind: splunk, url: "http://splunk.example.org", token: file:secrets/short`:       "exports[0].url is not an https URL",
		`name: soc, kind: splunk, url: "https://splunk.example.org/path", token: file:secrets/short`: "exports[0].url is not an https URL",
		`name: soc, kind: datadog, url: "https://x.example.org"`:                                     "exports[0].token is missing",
		`name: soc, kind: datadog, url: "https://x.example.org", token: EAAG`:                        "a secret is written into the file",
		`name: soc, kind: syslog, url: "https://x.example.org"`:                                      "write tls://HOST:6514",
		`name: soc, kind: syslog, url: "tls://x.example.org"`:                                        "write tls://HOST:6514",
		`name: soc, kind: syslog, url: "tls://x.example.org:6514", max_bytes: 100`:                   "max_bytes is out of range",
		"name: soc, kind: lines": "has no place, or two",
		`name: soc, kind: lines, dir: ./a, s3: {endpoint: "https://s3.example.org", bucket: b, access_key: file:secrets/short, secret_key: file:secrets/short}`: "has no place, or two",
		`name: soc, kind: lines, s3: {endpoint: "http://s3.example.org", bucket: b, access_key: file:secrets/short, secret_key: file:secrets/short}`:            "s3.endpoint is not an https URL",
		`name: soc, kind: lines, s3: {bucket: b}`:                "s3.endpoint is missing",
		"name: soc, kind: lines, dir: ./data/archive":            "lies inside data",
		"name: soc, kind: lines, dir: ./a, every: 1ms":           "every is not a duration in range",
		"name: soc, kind: lines, dir: ./a, timeout: 10s":         "exports[0].timeout means nothing for kind lines",
		splunk + ", timeout: 1ms":                                "exports[0].timeout is not a duration in range",
		splunk + ", behind_after: 0s":                            "exports[0].behind_after is not a duration in range",
		splunk + ", dir: ./a":                                    "exports[0].dir means nothing for kind splunk",
		splunk + ", fields: [body]":                              "include_payload: true",
		splunk + ", fields: [original]":                          "sealed parts of a record never leave",
		splunk + ", fields: [wamid]":                             "no such field; there are ref, tenant",
		splunk + ", tenants: [other]":                            "is no tenant of this file",
		splunk + ", kinds: [admissions]":                         "is no kind of record",
		splunk + ", client_cert: ./c.pem":                        "belong together",
		`name: soc, kind: lines, from_retention: true, dir: ./a`: "from_retention goes to S3",
		`name: soc, kind: lines, from_retention: true, s3: {endpoint: "https://s3.example.org", bucket: b, access_key: file:secrets/short, secret_key: file:secrets/short}`: "s3.bucket is not a known key",
		splunk + ", colour: red":     "exports[0].colour is not a known key",
		splunk + "}\n  - {" + splunk: "this name of an export is already used",
	} {
		if _, err := withExports(t, "  - {"+text+"}\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestExportsHaveALabelWhereStoresNeedOne(t *testing.T) {
	const section = "  - {name: archive, kind: lines, dir: ./archive%}\n"
	for label, good := range map[string]bool{"": false, ", region: US": false, ", region: DE": true} {
		path := folder(t, func(s string) string {
			s = strings.Replace(s, "\ntenants:\n", "\nregion: DE\nresidency:\n  stores: [DE]\nexports:\n"+strings.Replace(section, "%", label, 1)+"tenants:\n", 1)
			return strings.Replace(s, "  every: 60s", "  every: 60s\n  region: DE", 1)
		})
		if _, err := boot.Load(path); (err == nil) != good || !good && !strings.Contains(err.Error(), "exports[0].region") {
			t.Errorf("%q: %v", label, err)
		}
	}
}

// TestExportsNeedARestart, but for their secrets.
func TestExportsNeedARestart(t *testing.T) {
	path := folder(t, replace("\ntenants:\n", "\nexports:\n  - {name: soc, kind: splunk, url: \"https://splunk.example.org\", token: file:secrets/short}\ntenants:\n"))
	running, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(filepath.Dir(path), "secrets", "short"), "another\n", 0o600)
	wanted, err := boot.Load(path)
	if err != nil || wanted.Exports[0].Token.Value() != "another" {
		t.Fatal(err)
	}
	if names := boot.RestartNeeded(running, wanted); len(names) > 0 {
		t.Error(names)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, strings.ReplaceAll(string(raw), "splunk.example.org", "other.example.org"), 0o600)
	if wanted, err = boot.Load(path); err != nil {
		t.Fatal(err)
	}
	if names := boot.RestartNeeded(running, wanted); len(names) != 1 || names[0] != "exports" {
		t.Error(names)
	}
}
