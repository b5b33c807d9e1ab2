package dialect_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/proxy/dialect"
	"postern/proxy/stats"
)

// settingsTable is a row for each setting of the old client.
func settingsTable() string {
	var b strings.Builder
	b.WriteString("| setting | takes | while it was never set | here |\n|---|---|---|---|\n")
	for _, s := range dialect.AppSettings() {
		effect, value := s.Effect, ""
		if effect == "" {
			effect = "no effect. " + s.Reason
		}
		if s.Default != "" {
			value = "`" + s.Default + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", s.Name, s.Takes(), value, effect)
	}
	return b.String()
}

// figuresTable is a row for each figure of the old client's monitoring.
func figuresTable() string {
	c := stats.New(func() time.Time { return time.Time{} })
	var b strings.Builder
	b.WriteString("| figure | of | kind | is |\n|---|---|---|---|\n")
	for _, of := range []struct {
		path string
		all  []dialect.Metric
	}{
		{"/v1/stats/app", c.App("", stats.Waiting{})}, {"/v1/stats/db", c.Database("", stats.Waiting{})}, {dialect.MetricsPath, c.Web("", "")},
	} {
		for _, m := range of.all {
			fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", m.Name, of.path, m.Kind, m.Help)
		}
	}
	return b.String()
}

// TestOnPremPage holds ONPREM.md against the code: the tables it is made of, and
// every path of the API that it names. -update writes the tables.
func TestOnPremPage(t *testing.T) {
	raw, err := os.ReadFile("ONPREM.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	for name, table := range map[string]string{"settings": settingsTable(), "figures": figuresTable()} {
		before, rest, found := strings.Cut(page, "<!-- "+name+" -->\n")
		_, after, ended := strings.Cut(rest, "<!-- end -->\n")
		if !found || !ended {
			t.Fatalf("ONPREM.md has no place for %s", name)
		}
		page = before + "<!-- " + name + " -->\n" + table + "<!-- end -->\n" + after
	}
	if flag.Lookup("update").Value.String() == "true" {
		if err := os.WriteFile("ONPREM.md", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	} else if page != string(raw) {
		t.Error("ONPREM.md is not what the code says; write it anew: go test ./proxy/dialect -run TestOnPremPage -update")
	}
	known := map[string]bool{}
	for _, e := range dialect.Endpoints() {
		known[e.Path] = true
	}
	for _, file := range []string{"ONPREM.md", "MIGRATION.md"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile("`(?:GET |POST |PATCH )?(/v1/[a-z/_-]+)`").FindAllStringSubmatch(string(raw), -1) {
			if !known[m[1]] {
				t.Errorf("%s names %s, which is no call of the old APIs", file, m[1])
			}
		}
	}
}

// TestHealthWords: the page explains each status there is.
func TestHealthWords(t *testing.T) {
	raw, err := os.ReadFile("ONPREM.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []dialect.GatewayStatus{dialect.Connected, dialect.Connecting, dialect.Disconnected, dialect.Uninitialized, dialect.Unregistered} {
		if !strings.Contains(string(raw), "\n| `"+string(s)+"` | ") {
			t.Errorf("ONPREM.md does not explain %s", s)
		}
	}
	for _, s := range []dialect.HealthShape{dialect.HealthSingle, dialect.HealthAvailable, dialect.HealthMulti} {
		if !strings.Contains(string(raw), string(s)+"`") {
			t.Errorf("ONPREM.md does not explain %s", s)
		}
	}
}
