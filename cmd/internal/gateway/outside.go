package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit/blob"
	"postern/cmd/internal/boot"
	"postern/retention/outside"
)

const (
	outsideAgain  = 30 * time.Second // after a try that failed
	outsideBehind = 5 * time.Minute  // that something waits, before the alarm
	outsideLast   = 5 * time.Second  // for the last checkpoint, when the gateway stops
)

// atS3 copies checkpoints and the log of erasures to a bucket.
type atS3 struct {
	bucket *blob.S3
	copy   *outside.Copy
	asked  bool         // the bucket was found fit
	since  atomic.Int64 // on the monotonic clock, when something began to wait; 0 where nothing does
}

// openOutside makes what copies, where the configuration names a bucket.
func (g *Gateway) openOutside(cfg *boot.Config) error {
	if cfg.Checkpoints.S3.Bucket == "" {
		return nil
	}
	bucket, err := cfg.Checkpoints.S3.Open(g.now, func() boot.S3 { return g.config.Load().Checkpoints.S3 })
	if err != nil {
		return fmt.Errorf("checkpoints.s3: %w", err)
	}
	g.atS3 = &atS3{bucket: bucket, copy: outside.New(outside.Config{
		To: bucket, Journal: g.store.Journal, Log: g.store.Erasures, Store: g.store.Keys.ID(),
	})}
	g.metrics.registry.MustRegister(newOutsideGauge(g.outsideWaits))
	return nil
}

func newOutsideGauge(waits func() time.Duration) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "postern", Name: "checkpoints_s3_lag_seconds", Help: "How long a checkpoint or an erasure waits to be copied to the bucket.",
	}, func() float64 { return waits().Seconds() })
}

// outsideWaits is for how long something waits.
func (g *Gateway) outsideWaits() time.Duration {
	since := g.atS3.since.Load()
	if since == 0 {
		return 0
	}
	return g.elapsed() - time.Duration(since)
}

// copyOutside copies until ctx ends.
func (g *Gateway) copyOutside(ctx context.Context) error {
	if g.atS3 == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	var due, alarmed time.Duration
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if g.elapsed() < due {
			continue
		}
		err := g.stepOutside(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			g.log.Warn().Err(err).Msg("checkpoints and erasures not copied to the bucket")
			due = g.elapsed() + outsideAgain
		}
		parted := errors.Is(err, outside.ErrDiverged)
		if (parted || g.outsideWaits() >= outsideBehind) && (alarmed == 0 || g.elapsed()-alarmed >= outsideBehind) {
			alarmed = g.elapsed()
			g.log.Error().Bool("parted", parted).Dur("waits", g.outsideWaits()).Msg("the bucket of checkpoints is behind")
			g.metrics.Alarm("checkpoints_s3")
		}
	}
}

// stepOutside copies what there is, or some of much.
func (g *Gateway) stepOutside(ctx context.Context) error {
	g.atS3.since.CompareAndSwap(0, max(1, int64(g.elapsed())))
	if !g.atS3.asked {
		if err := g.atS3.bucket.Check(ctx); err != nil {
			return err
		}
		g.atS3.asked = true
	}
	more, err := g.atS3.copy.Step(ctx)
	if !more && err == nil {
		g.atS3.since.Store(0)
	}
	return err
}

// copyLast copies what was signed at the end; what it does not reach waits for
// the next start.
func (g *Gateway) copyLast(ctx context.Context) {
	if g.atS3 == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, outsideLast)
	defer cancel()
	if err := g.stepOutside(ctx); err != nil {
		g.log.Warn().Err(err).Msg("the last checkpoint is not in the bucket yet; the next start copies it")
	}
}
