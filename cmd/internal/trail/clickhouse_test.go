package trail

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// ship is a gateway that ships to a database of the engine.
func ship(t *testing.T, e *chtest.Server, more string) (*rig.Rig, string) {
	t.Helper()
	return shipWith(t, e, more, nil)
}

func shipWith(t *testing.T, e *chtest.Server, more string, policies map[string]string) (*rig.Rig, string) {
	t.Helper()
	database := e.Database(t)
	r := rig.Start(t, rig.Options{Policies: policies, Config: func(text string) string {
		return text + fmt.Sprintf("clickhouse: {endpoints: [%q], tls: false, database: %s, batch_wait: 10ms, timeout: 30s%s}\n", e.Addr, database, more)
	}})
	return r, database
}

// migrate makes the tables as the command does.
func migrate(t *testing.T, r *rig.Rig) {
	t.Helper()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	s, err := cfg.ClickHouse.Open(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func metrics(t *testing.T, r *rig.Rig) string {
	t.Helper()
	return r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
}

// TestShipped: sends go on while there is no schema; once it is there, the view
// has the rows of the embedded one.
func TestShipped(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	r, database := ship(t, e, "")
	rig.Await(t, "the alarm that nothing is shipped", func() bool {
		return strings.Contains(metrics(t, r), `postern_alarms_total{alarm="clickhouse"} `)
	})
	for i := range 5 {
		a := r.Cloud(t, fmt.Sprintf(`{"to":"+%s","type":"text","text":{"body":"Hello %d"}}`, r.Env["DEMO_CONSENTED"], i))
		if a.Status != http.StatusOK {
			t.Fatalf("send while nothing is shipped: %d %s", a.Status, a.Body)
		}
	}
	migrate(t, r)
	const outcomes = "SELECT count(*) FROM audit WHERE kind = 'settle'"
	rig.Await(t, "the outcomes of the sends", func() bool { return r.SQL(t, outcomes)[0][0] == "5" })
	for _, question := range []string{
		"SELECT * FROM audit WHERE kind IN ('admission', 'settle', 'consent', 'access', 'config') ORDER BY seq",
		"SELECT kind, effect, reason, sum(count) AS n FROM audit_counts WHERE kind IN ('admission', 'settle') GROUP BY kind, effect, reason ORDER BY 1, 2, 3",
	} {
		want := r.SQL(t, question)
		if len(want) == 0 {
			t.Fatalf("no rows in the journal: %s", question)
		}
		var got [][]string
		rig.Await(t, "the rows in ClickHouse", func() bool { // its tables are made one after the other
			there := e.Query(t, "SELECT count() FROM "+database+".leaves")
			if there == "0" || strings.Contains(metrics(t, r), "postern_clickhouse_up 0") {
				return false
			}
			got = ask(t, e, database, question)
			return len(got) == len(want)
		})
		for i := range want {
			if !slices.Equal(got[i], want[i]) {
				t.Errorf("row %d of %s\n got %q\nwant %q", i, question, got[i], want[i])
			}
		}
	}
}

// ask puts a question to ClickHouse: each row is its columns as text.
func ask(t *testing.T, e *chtest.Server, database, question string) (out [][]string) {
	t.Helper()
	question = strings.NewReplacer("FROM audit_counts", "FROM "+database+".audit_counts", "FROM audit ", "FROM "+database+".audit ").Replace(question)
	answer := e.Query(t, question+" FORMAT TSVRaw")
	if answer == "" {
		return nil
	}
	for line := range strings.SplitSeq(answer, "\n") {
		out = append(out, strings.Split(line, "\t"))
	}
	return out
}

// TestVerifiedByItself: what is in ClickHouse is proved from time to time; what
// was changed there is an alarm, and on record.
func TestVerifiedByItself(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	r, database := ship(t, e, ", verify: 1h")
	migrate(t, r)
	rig.Await(t, "the first records", func() bool { return strings.Contains(metrics(t, r), "postern_clickhouse_lag_records 0") })
	r.Clock.Forward(2 * time.Hour)
	rig.Await(t, "a sound trail to be on record", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE type = 'clickhouse_verified'")[0][0] == "1"
	})
	e.Query(t, "ALTER TABLE "+database+".records UPDATE actor = 'somebody' WHERE seq = 1 SETTINGS mutations_sync = 2")
	r.Clock.Forward(2 * time.Hour)
	rig.Await(t, "the change to be on record", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE type = 'clickhouse_disagrees'")[0][0] == "1"
	})
	if m := metrics(t, r); !strings.Contains(m, `postern_alarms_total{alarm="clickhouse_trail"} `) || !strings.Contains(m, "postern_clickhouse_findings 1") {
		t.Error("neither alarm nor figure tells of it")
	}
}
