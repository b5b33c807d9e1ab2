package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit/blob"
)

const (
	filesFirst = 10 * time.Second // that a start waits for the bucket of files
	filesAgain = 10 * time.Second // between two looks at one that is away
	filesLook  = 5 * time.Minute  // between two looks at one that is well, and two alarms
)

// filesAtS3 is the bucket that files lie in. It is owned by openFilesAtS3, then by
// keepFilesAtS3.
type filesAtS3 struct {
	blobs   *blob.Store
	due     time.Duration // when it is looked at next, on the monotonic clock
	alarmed time.Duration // when it was last said to be away; 0: it is well
}

// openFilesAtS3 looks at the bucket. One that would keep what has to go is
// refused; one that is away is asked again, and files are refused meanwhile.
func (g *Gateway) openFilesAtS3(ctx context.Context, blobs *blob.Store) error {
	if !blobs.Remote() {
		return nil
	}
	g.files3 = &filesAtS3{blobs: blobs}
	g.metrics.registry.MustRegister(newMediaS3Gauge(blobs))
	ctx, cancel := context.WithTimeout(ctx, filesFirst)
	defer cancel()
	err := g.lookAtFiles(ctx)
	if errors.Is(err, blob.ErrKeeps) {
		return fmt.Errorf("media.s3: %w", err)
	}
	return nil
}

// keepFilesAtS3 looks at the bucket, and brings it what lies in data/media, until
// ctx ends.
func (g *Gateway) keepFilesAtS3(ctx context.Context) error {
	if g.files3 == nil {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		g.stepFilesAtS3(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

func (g *Gateway) stepFilesAtS3(ctx context.Context) {
	f := g.files3
	if away := f.blobs.Away(); away && f.alarmed == 0 || g.elapsed() >= f.due {
		if g.lookAtFiles(ctx) != nil {
			return
		}
	} else if away {
		return
	}
	n, err := f.blobs.Move(ctx)
	if n > 0 {
		g.log.Info().Int("files", n).Msg("files moved from data/media to the bucket")
	}
	if err != nil && ctx.Err() == nil && !f.blobs.Away() {
		g.log.Error().Err(err).Msg("files in data/media can not be moved to the bucket")
		g.metrics.Alarm("media_s3")
		f.due = g.elapsed() + filesAgain
	}
}

// lookAtFiles asks whether the bucket takes files and lets them go.
func (g *Gateway) lookAtFiles(ctx context.Context) error {
	f := g.files3
	err := f.blobs.Ready(ctx)
	now := g.elapsed()
	switch {
	case errors.Is(ctx.Err(), context.Canceled): // the end says nothing about the bucket
		return ctx.Err()
	case err == nil && f.alarmed != 0:
		g.log.Info().Msg("the bucket of files is back")
		f.alarmed = 0
	case err != nil && (f.alarmed == 0 || now-f.alarmed >= filesLook):
		g.log.Error().Err(err).Msg("the bucket of files is away; files are refused until it is back")
		g.metrics.Alarm("media_s3")
		f.alarmed = max(now, 1)
	}
	f.due = now + filesLook
	if err != nil {
		f.due = now + filesAgain
	}
	return err
}

// filesState is for readyz. It keeps no message from passing.
func (g *Gateway) filesState() string {
	if g.files3 != nil && g.files3.blobs.Away() {
		return "away"
	}
	return "ok"
}

func newMediaGauge(blobs *blob.Store) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "postern", Name: "media_bytes", Help: "Bytes of the files that are kept, those being taken included.",
	}, func() float64 {
		room, err := blobs.Room()
		if err != nil {
			return 0
		}
		return float64(room.Used)
	})
}

func newMediaS3Gauge(blobs *blob.Store) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Namespace: "postern", Name: "media_s3_up", Help: "1 while the bucket of files can be used.",
	}, func() float64 {
		if blobs.Away() {
			return 0
		}
		return 1
	})
}
