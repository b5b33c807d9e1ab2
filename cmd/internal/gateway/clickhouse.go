package gateway

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// clickHouse is the shipping of the trail. The zero value is none.
type clickHouse struct {
	store   *clickhouse.Store
	shipper atomic.Pointer[clickhouse.Shipper] // nil until the journal could be followed
	behind  bool                               // the alarms were raised; owned by watchShipping
	filling bool
}

// openClickHouse prepares shipping; ClickHouse may be away.
func (g *Gateway) openClickHouse(cfg *boot.Config) error {
	if !cfg.ClickHouse.Enabled() {
		return nil
	}
	var err error
	if g.clickHouse.store, err = cfg.ClickHouse.OpenToShip(g.now, func() boot.ClickHouse { return g.config.Load().ClickHouse }); err != nil {
		return err
	}
	g.metrics.registry.MustRegister(shipGauge{&g.clickHouse})
	return nil
}

// ship sends the trail to ClickHouse until the end. Nothing of it holds up a
// send. Without a section clickhouse nothing waits for it any more.
func (g *Gateway) ship(ctx context.Context) error {
	if g.clickHouse.store == nil {
		if err := g.unfollow(ctx); err != nil {
			g.log.Error().Err(err).Msg("forget that ClickHouse followed the trail")
		}
		<-ctx.Done()
		return nil
	}
	follower := g.follow(ctx)
	if follower == nil {
		return g.clickHouse.store.Close()
	}
	cfg := g.config.Load().ClickHouse
	shipper := clickhouse.NewShipper(g.clickHouse.store, follower, clickhouse.ShipConfig{
		Rows: cfg.BatchRows, Wait: cfg.BatchWait, OnError: g.shippingFailed,
	})
	g.clickHouse.shipper.Store(shipper)
	var watched sync.WaitGroup
	watched.Go(func() { g.watchShipping(ctx, follower) })
	watched.Go(func() { g.watchTrailThere(ctx, follower) })
	if err := shipper.Run(ctx); err != nil {
		g.shippingFailed(err)
		<-ctx.Done()
	}
	watched.Wait()
	return g.clickHouse.store.Close()
}

func (g *Gateway) shippingFailed(err error) {
	g.log.Error().Err(err).Msg("shipping to ClickHouse: it goes on by itself")
	g.metrics.Alarm("clickhouse")
}

// unfollow forgets the follower of an earlier configuration.
func (g *Gateway) unfollow(ctx context.Context) error {
	all, err := g.store.Journal.Followers(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Name == clickhouse.FollowerName {
			return g.store.Journal.Unfollow(ctx, c.Name)
		}
	}
	return nil
}

// follow waits for a journal that can be followed; nil where the end came first.
func (g *Gateway) follow(ctx context.Context) *journal.Follower {
	for {
		f, err := g.store.Journal.Follow(ctx, clickhouse.FollowerName)
		if err == nil {
			return f
		}
		if ctx.Err() != nil {
			return nil
		}
		g.shippingFailed(err)
		timer := time.NewTimer(time.Second)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// watchShipping raises what nobody sees otherwise.
func (g *Gateway) watchShipping(ctx context.Context, f *journal.Follower) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		cfg := g.config.Load()
		records, age := f.Lag()
		if begins(&g.clickHouse.behind, age > cfg.ClickHouse.BehindAfter) {
			g.log.Warn().Uint64("records", records).Msg("ClickHouse is behind the trail")
			g.metrics.Alarm("clickhouse_behind")
		}
		if begins(&g.clickHouse.filling, records > 0 && nearLimit(g.store.Journal.Path(), cfg.Limits.JournalMaxBytes)) {
			g.log.Warn().Uint64("records", records).Msg("the journal fills up with what ClickHouse does not have")
			g.metrics.Alarm("journal_unshipped")
		}
	}
}

// begins reports whether a state is there that was not there before.
func begins(was *bool, is bool) bool {
	begun := is && !*was
	*was = is
	return begun
}

// nearLimit reports whether the journal takes four fifths of what it may.
func nearLimit(path string, limit int64) bool {
	if limit <= 0 {
		return false
	}
	var size int64
	for _, name := range []string{path, path + "-wal"} {
		if st, err := os.Stat(name); err == nil {
			size += st.Size()
		}
	}
	return size > limit/5*4
}

// shipGauge shows how shipping stands when it is asked for.
type shipGauge struct{ of *clickHouse }

func shipDesc(name, help string) *prometheus.Desc {
	return prometheus.NewDesc("postern_clickhouse_"+name, help, nil, nil)
}

var shipDescs = [...]*prometheus.Desc{
	shipDesc("lag_records", "Records that ClickHouse has not confirmed."),
	shipDesc("lag_seconds", "How long the oldest of them waits."),
	shipDesc("records_total", "Records confirmed since the start."),
	shipDesc("batches_total", "Batches confirmed since the start."),
	shipDesc("erasures_total", "Erasures carried out there since the start."),
	shipDesc("failures_total", "Tries that failed since the start."),
	shipDesc("up", "1 while the last try went well."),
}

// Describe implements prometheus.Collector.
func (shipGauge) Describe(out chan<- *prometheus.Desc) {
	for _, d := range shipDescs {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (s shipGauge) Collect(out chan<- prometheus.Metric) {
	shipper := s.of.shipper.Load()
	if shipper == nil {
		return
	}
	records, age := shipper.Lag()
	st := shipper.Status()
	up := 0.0
	if st.Err == nil {
		up = 1
	}
	for i, v := range []float64{float64(records), age.Seconds(), float64(st.Records), float64(st.Batches), float64(st.Erasures), float64(st.Failures), up} {
		kind := prometheus.GaugeValue
		if i >= 2 && i <= 5 {
			kind = prometheus.CounterValue
		}
		out <- prometheus.MustNewConstMetric(shipDescs[i], kind, v)
	}
}
