package clickhouse

import (
	"context"
	"strconv"
	"syscall"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
)

// BenchmarkBacklog ships a journal that is there: records a second, processor
// time of either side, bytes a record in ClickHouse without the text of parts.
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
		began, client, engine := time.Now(), clientTime(b), e.Used(b)
		h, stop := shipping(b, s, j, ShipConfig{})
		shipped(b, h, j)
		b.ReportMetric(n/time.Since(began).Seconds(), "records/s")
		b.ReportMetric((clientTime(b)-client).Seconds()*1e6/n, "client-us/record")
		b.ReportMetric((e.Used(b)-engine).Seconds()*1e6/n, "engine-us/record")
		stop()
		e.Query(b, "ALTER TABLE "+s.table("records")+" MODIFY SETTING min_bytes_for_wide_part = 0") // of others it knows no sizes by column
		e.Query(b, "OPTIMIZE TABLE "+s.table("records")+" FINAL")
		size := e.Query(b, "SELECT sum(data_compressed_bytes) FROM system.columns WHERE database = '"+s.cfg.Database+"' AND name NOT IN ('body', 'detail', 'input')")
		bytes, err := strconv.ParseFloat(size, 64)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(bytes/n, "B/record")
		b.Log("\n" + e.Query(b, "SELECT table, name, sum(data_compressed_bytes) AS c FROM system.columns WHERE database = '"+s.cfg.Database+"' GROUP BY 1, 2 ORDER BY c DESC LIMIT 16"))
	}
}

// clientTime is the processor time of this process.
func clientTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
