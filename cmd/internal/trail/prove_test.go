package trail

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
	"postern/cmd/internal/rig"
)

// TestProvedOverRestarts: what is in ClickHouse is proved once its time has come,
// though no run of the gateway is as long as that.
func TestProvedOverRestarts(t *testing.T) {
	t.Parallel()
	r, _ := ship(t, chtest.Start(t), ", verify: 10h")
	migrate(t, r)
	rig.Await(t, "the first records", func() bool { return shipped(t, r) })
	proved := func() string {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE type = 'clickhouse_verified'")[0][0]
	}
	for range 2 {
		r.Clock.Forward(6 * time.Hour)
		if got := proved(); got != "0" {
			t.Fatalf("proved %s times before it was due", got)
		}
		r.Halt()
		r.Resume(t)
	}
	rig.Await(t, "the proof to be on record", func() bool { return proved() == "1" })
}

// TestAlarmsWhileProved: a proof takes long, and the alarm that ClickHouse falls
// behind does not wait for its end.
func TestAlarmsWhileProved(t *testing.T) {
	t.Parallel()
	e := chtest.Start(t)
	database := e.Database(t)
	target, err := url.Parse(e.URL)
	must(t, err)
	var refuse, reading atomic.Bool
	release := make(chan struct{})
	engine := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			return // who asked went away
		}
		q.Body = io.NopCloser(bytes.NewReader(body))
		switch {
		case refuse.Load() && strings.Contains(q.URL.Query().Get("query"), "INSERT"):
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case bytes.Contains(body, []byte("SELECT seq, leaf FROM")): // a proof's first question
			reading.Store(true)
			<-release
		}
		engine.ServeHTTP(w, q)
	}))
	t.Cleanup(front.Close)
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return text + fmt.Sprintf("clickhouse: {endpoints: [%q], tls: false, database: %s, batch_wait: 10ms, timeout: 10m, compression: none, verify: 1h, behind_after: 2m}\n",
			front.Listener.Addr().String(), database)
	}})
	t.Cleanup(func() { close(release) })
	migrate(t, r)
	rig.Await(t, "the first records", func() bool { return shipped(t, r) })
	r.Clock.Forward(2 * time.Hour)
	rig.Await(t, "a proof to begin", reading.Load)
	refuse.Store(true)
	send(t, r, "It waits for ClickHouse.")
	r.Clock.Forward(3 * time.Minute)
	rig.Await(t, "the alarm that a record waits", func() bool {
		return strings.Contains(metrics(t, r), `postern_alarms_total{alarm="clickhouse_behind"} `)
	})
}
