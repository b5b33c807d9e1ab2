package clickhouse

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/audit/clickhouse/chtest"
)

// TestAccessParses: the engine has no users, but it reads every statement that
// a server would get, with names that try to be more than names.
func TestAccessParses(t *testing.T) {
	e := chtest.Start(t)
	for _, cluster := range []string{"", "three's"} {
		s, err := Open(Config{Endpoints: []string{e.Addr}, Database: "trail", Cluster: cluster, User: "ship", Now: now})
		if err != nil {
			t.Fatal(err)
		}
		all, err := s.Access("exam`iner", "bank' OR 1 OR '")
		if err != nil || len(all) < 10 {
			t.Fatal(len(all), err)
		}
		for _, text := range all {
			e.Query(t, "SELECT formatQuery("+quoteText(text)+")")
			if cluster != "" && !strings.Contains(text, "ON CLUSTER `three's`") {
				t.Errorf("not on the cluster: %.80s", text)
			}
		}
		if !slices.ContainsFunc(all, func(text string) bool {
			return strings.Contains(text, "AS RESTRICTIVE TO `exam\\`iner`") && strings.Contains(text, `tenant = 'bank\' OR 1 OR \''`)
		}) {
			t.Errorf("no restrictive policy: %v", all)
		}
		if !slices.ContainsFunc(all, func(text string) bool { return strings.Contains(text, "SELECT(chain, seq) ON `trail`.`leaves`") }) {
			t.Errorf("a search cannot tell the chains apart: %v", all)
		}
		for _, user := range []string{"", "ship"} {
			if _, err := s.Access(user, ""); err == nil {
				t.Errorf("user %q may ask", user)
			}
		}
	}
}

func quoteText(s string) string { return text(s) }

// onlyReads is what a statement of grants may say.
var onlyReads = regexp.MustCompile("^GRANT (SELECT(\\(chain, seq\\))? ON `trail`\\.`[a-z_]+` TO postern_reader|postern_reader TO `examiner`)$")

// TestAccessIsNarrow: who asks reads and does nothing else, within limits that
// no question can lift, and sees one tenant's rows where that is said.
func TestAccessIsNarrow(t *testing.T) {
	s := aside(t, "", false)
	s.cfg.Database, s.cfg.User = "trail", "ship"
	all, err := s.Access("examiner", "bank")
	if err != nil {
		t.Fatal(err)
	}
	grants := 0
	for _, text := range all {
		if strings.HasPrefix(text, "GRANT") {
			grants++
			if !onlyReads.MatchString(text) {
				t.Errorf("grants more than reading: %s", text)
			}
		}
	}
	if grants != 8 { // two views, four tables, places in leaves, the role
		t.Errorf("%d grants", grants)
	}
	whole := strings.Join(all, ";\n")
	for _, want := range []string{
		"max_execution_time = 30 MAX 300,", "max_memory_usage = 2147483648 MAX 8589934592,", "max_rows_to_read = 1000000000 MAX 10000000000,",
		"max_result_rows = 1000001 MAX 1000001,", "serialize_query_plan = 0 CONST,", "readonly = 2 CONST;", "FOR INTERVAL 1 hour MAX queries = 2000, execution_time = 3600 TO postern_reader",
		"CREATE ROLE IF NOT EXISTS postern_reader SETTINGS PROFILE 'postern_reader'", "ALTER USER `examiner` DEFAULT ROLE postern_reader",
		"ON `trail`.`records`, `trail`.`held`, `trail`.`counts`\n  FOR SELECT USING tenant = 'bank' AS RESTRICTIVE TO `examiner`",
		"ON `trail`.`records`, `trail`.`held`, `trail`.`counts`\n  FOR SELECT USING 1 AS PERMISSIVE TO ALL",
	} {
		if !strings.Contains(whole, want) {
			t.Errorf("the statements lack %q", want)
		}
	}
	if all, err = s.Access("examiner", ""); err != nil || strings.Contains(strings.Join(all, ""), "POLICY") {
		t.Errorf("rows are hidden without a tenant: %v", err)
	}
}
