package gateway

import (
	"context"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/policy"
	"postern/proxy/media"
	"postern/retention"
)

// openMedia opens where files lie: beside the journal, or in a bucket.
func (g *Gateway) openMedia(ctx context.Context, cfg *boot.Config) error {
	blobs, err := g.store.OpenMedia(cfg, g.config.Load)
	if err != nil {
		return err
	}
	g.metrics.registry.MustRegister(newMediaGauge(blobs))
	if err := g.openFilesAtS3(ctx, blobs); err != nil {
		return err
	}
	if g.copier, err = g.store.Backups(cfg, g.config.Load, blobs); err != nil {
		return err
	}
	g.media = media.New(media.Config{
		Journal: g.store.Journal, Keys: g.store.Keys, People: g.people, Blobs: blobs, Now: g.now, PublicURL: cfg.PublicURL, Brief: g.keepsNothing,
	})
	return nil
}

// cleanMedia takes away what is over and what neither a floor of the retention
// policy nor a legal hold covers. While the clock is not trusted, or holds may be
// missing, nothing is.
func (g *Gateway) cleanMedia(ctx context.Context) error {
	if g.distrust.Load() > 0 || g.holds.Known() != nil {
		return nil
	}
	until, _, err := retention.Believed(ctx, g.store.Journal, g.now()) // no floor ends by a clock that was set ahead
	if err != nil {
		return err
	}
	c, err := g.media.Clean(ctx, g.Retention().FloorFrom(media.Class, until), func(ctx context.Context, step func(func(journal.Media) bool) error) error {
		return g.holds.Guard(ctx, func(held func(retention.Item) []retention.Hold) error { return step(g.keptFiles(ctx, held)) })
	})
	if c.Over+c.Oldest+c.Orphans > 0 {
		g.log.Info().Int("over", c.Over).Int("oldest", c.Oldest).Int("orphans", c.Orphans).Msg("media cleaned up")
	}
	return err
}

// keepsNothing says that nothing of a number rests at upstream, where a file is
// an hour.
func (g *Gateway) keepsNothing(tenant, number string) bool {
	known, _ := g.facts.Residency(tenant, number)
	return known.Kind == policy.ResidencyNone
}
