package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

// TestClickHouseSaysWhatToDo: whatever is wrong with the question, the
// configuration or the server, the error names the way out, and repeats no value.
func TestClickHouseSaysWhatToDo(t *testing.T) {
	e := chtest.Start(t)
	page := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(page.Close)
	p := newPlace(t, "127.0.0.1:1")
	if err := p.direct.Close(); err != nil { // commands open the store themselves
		t.Fatal(err)
	}
	t.Setenv("POSTERN_OPERATOR_KEY_FILE", filepath.Join(p.dir, "operator.key"))
	section := func(address, database, more string) {
		p.write("postern.yaml", strings.Replace(configText, "%q", "127.0.0.1:1", 1)+
			fmt.Sprintf("clickhouse: {endpoints: [%q], tls: false, database: %s, read_user: reader%s}\n", address, database, more))
	}
	refused := func(what string, exit int, want string, args ...string) {
		t.Helper()
		code, out, stderr := command(args...)
		if code != exit || !strings.Contains(stderr, want) || strings.Contains(stderr, "491713") || out != "" {
			t.Errorf("%s, %s: %d %s%s; want %d, %q", what, strings.Join(args, " "), code, out, stderr, exit, want)
		}
	}
	for _, server := range []struct{ what, address, want string }{
		{"nobody there", "127.0.0.1:1", "check that it runs, and clickhouse.endpoints"},
		{"something else there", strings.TrimPrefix(page.URL, "http://"), "check clickhouse.endpoints, protocol and tls"},
	} {
		section(server.address, "trail", "")
		for _, command := range []string{"clickhouse status", "clickhouse migrate", "clickhouse lost", "audit search --store clickhouse", "audit sql --store clickhouse SELECT+1", "audit verify --store clickhouse"} {
			args := strings.Fields(command)
			for i := range args {
				args[i] = strings.ReplaceAll(args[i], "+", " ")
			}
			refused(server.what, exitFailed, server.want, args...)
		}
	}
	if host, _, err := net.SplitHostPort(e.Addr); err != nil || host != "127.0.0.1" {
		t.Fatal(e.Addr)
	}
	database := e.Database(t)
	section(e.Addr, database, "")
	refused("no schema", exitFailed, "run postern clickhouse migrate", "audit", "verify", "--store", "clickhouse")
	must(t, "0001_trail.sql", "clickhouse", "migrate", "--json")
	must(t, `"applied": []`, "clickhouse", "migrate", "--json")
	must(t, `"open": []`, "clickhouse", "migrate", "--dry-run", "--json")
	for _, q := range []struct{ flags, want string }{
		{"--limit -1", "the limit is from 1"}, {"--limit many", "--limit: write a whole number"}, {"--timeout 5", "--timeout: write a duration such as 90s"}, {"--csv --json", "not both"},
	} {
		refused("sql", exitUsage, q.want, append([]string{"audit", "sql", "SELECT 1", "--store", "clickhouse"}, strings.Fields(q.flags)...)...)
	}
	for _, store := range []string{"embedded", "clickhouse"} {
		refused("nobody named", exitFailed, "add --person", "audit", "sql", "--store", store, "SELECT seq FROM audit WHERE subject = :person")
		for _, q := range []struct{ flags, want string }{
			{"--page -1", "--page: write a whole number from 0"}, {"--page 18446744073709551615", "the page does not come from an answer"},
			{"--limit 10001", "a page is from 1 to 10000 records"}, {"--words !!", "letters and digits make one"}, {"--since yesterday", "write 2026-11-21"},
			{"--since 2026-12-01 --until 2026-11-01", "not after"}, {"--kind admissions", "there are admission, media"}, {"+491713920001", "takes no arguments"},
		} {
			refused("search", exitUsage, q.want, append([]string{"audit", "search", "--store", store}, strings.Fields(q.flags)...)...)
		}
	}
	must(t, "seq", "audit", "search", "--kind", "purged")
	e.Query(t, "INSERT INTO "+database+".migrations VALUES (4, '0004_later.sql', 'x', 0)")
	before := e.Query(t, "SELECT count() FROM "+database+".migrations")
	refused("newer schema", exitFailed, "use the program that made it", "clickhouse", "migrate")
	refused("newer schema", exitFailed, "use the program that made it", "clickhouse", "migrate", "--dry-run")
	if after := e.Query(t, "SELECT count() FROM "+database+".migrations"); after != before {
		t.Errorf("a refused migration made %s rows of %s", after, before)
	}
}
