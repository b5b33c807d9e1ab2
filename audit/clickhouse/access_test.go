package clickhouse

import (
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
