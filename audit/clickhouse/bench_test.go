package clickhouse

import (
	"context"
	"strconv"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
)

// BenchmarkBacklog ships a journal that is there: records a second, bytes a
// record in ClickHouse without the text of parts.
func BenchmarkBacklog(b *testing.B) {
	e := chtest.Start(b)
	j := openJournal(b, b.TempDir())
	const n = 200_000
	for range n / 2000 {
		appendMessages(b, j, 2000)
	}
	for b.Loop() {
		s := store(b, e)
		if err := j.Unfollow(context.Background(), FollowerName); err != nil {
			b.Fatal(err)
		}
		began, before := time.Now(), engineTime(b, e)
		h, stop := shipping(b, s, j, ShipConfig{})
		shipped(b, h, j)
		b.ReportMetric(n/time.Since(began).Seconds(), "records/s")
		b.ReportMetric((engineTime(b, e)-before)/n, "engine-us/record")
		stop()
		size := e.Query(b, "SELECT sum(data_compressed_bytes) FROM system.columns WHERE database = '"+s.cfg.Database+"' AND name NOT IN ('body', 'detail', 'input')")
		bytes, err := strconv.ParseFloat(size, 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(bytes/n, "B/record")
		b.Log("\n" + e.Query(b, "SELECT table, name, sum(data_compressed_bytes) AS c FROM system.columns WHERE database = '"+s.cfg.Database+"' GROUP BY 1, 2 ORDER BY c DESC LIMIT 16"))
	}
}

// engineTime is the processor time that the engine took for queries, in microseconds.
func engineTime(b *testing.B, e *chtest.Server) float64 {
	b.Helper()
	v, err := strconv.ParseFloat(e.Query(b, "SELECT sum(value) FROM system.events WHERE event IN ('UserTimeMicroseconds', 'SystemTimeMicroseconds')"), 64)
	if err != nil {
		b.Fatal(err)
	}
	return v
}
