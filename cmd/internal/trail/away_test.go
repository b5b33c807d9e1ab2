package trail

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// TestAlarmsBeforeTheLimit: while ClickHouse is away the journal keeps what it
// does not have; both alarms come while sends go on, before the journal's limit,
// and all that was recorded is shipped once ClickHouse is back.
func TestAlarmsBeforeTheLimit(t *testing.T) {
	t.Parallel()
	const limit = 10 << 20
	e := chtest.StartOwn(t)
	database := e.Database(t)
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "limits: {", "limits: {journal_max_bytes: 10MiB, pair_burst: 100000, ", 1) +
			"clickhouse: {endpoints: [\"" + e.Addr + "\"], tls: false, database: " + database + ", batch_wait: 10ms, behind_after: 2m}\n"
	}})
	migrate(t, r)
	rig.Await(t, "the first records", func() bool { return shipped(t, r) })
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	size := func() (n int64) {
		for _, name := range []string{cfg.JournalPath(), cfg.JournalPath() + "-wal"} {
			if st, err := os.Stat(name); err == nil {
				n += st.Size()
			}
		}
		return n
	}
	send := func() int {
		return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"`+strings.Repeat("much to say ", 300)+`"}}`).Status
	}
	alarmed := func(name string) bool {
		return strings.Contains(metrics(t, r), `postern_alarms_total{alarm="`+name+`"} `)
	}
	if size() > limit/2 || alarmed("journal_unshipped") || alarmed("clickhouse_behind") {
		t.Fatalf("before: the journal has %d bytes of %d, or there are alarms", size(), limit)
	}
	e.Kill(t)
	if send() != http.StatusOK {
		t.Fatal("a send is refused as soon as ClickHouse is away")
	}
	r.Clock.Forward(3 * time.Minute)
	rig.Await(t, "the alarm that a record waits", func() bool { return alarmed("clickhouse_behind") })
	for size() < limit/100*81 {
		if send() != http.StatusOK {
			t.Fatalf("a send is refused with %d bytes of %d", size(), limit)
		}
	}
	rig.Await(t, "the alarm that the journal fills up", func() bool { return alarmed("journal_unshipped") })
	if send() != http.StatusOK {
		t.Error("the alarm came with the limit, not before it")
	}
	e.Restart(t)
	rig.Await(t, "the rest in ClickHouse", func() bool { return shipped(t, r) })
	const sent = "SELECT count(*), count(DISTINCT seq) FROM audit WHERE kind = 'admission'"
	want := r.SQL(t, sent)[0]
	if got := strings.Split(e.Query(t, strings.Replace(sent, "FROM audit", "FROM "+database+".audit", 1)), "\t"); want[0] == "0" || got[0] != want[0] || got[1] != want[0] {
		t.Errorf("ClickHouse has %v admissions, the journal %v", got, want)
	}
}
