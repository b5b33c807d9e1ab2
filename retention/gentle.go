package retention

import (
	"context"
	"time"
)

// gentle is a source that is read with pauses: without them looking through a
// large store keeps a processor from sends for minutes.
type gentle struct {
	Source
	now   func() time.Time
	pause func(ctx context.Context, took time.Duration) error
}

// looked is how many rows are looked at between two pauses, some milliseconds.
const looked = 500

func (r *Runner) gently() gentle { return gentle{r.cfg.Source, r.cfg.Now, r.cfg.Pause} }

// Items implements Source. What fn takes counts for nothing: it pauses itself.
func (g gentle) Items(ctx context.Context, from uint64, before int64, fn func(Item) error) error {
	began, n := g.now(), 0
	return g.Source.Items(ctx, from, before, func(it Item) error {
		at := g.now()
		if n++; n%looked == 0 {
			if err := g.pause(ctx, max(0, at.Sub(began))); err != nil {
				return err
			}
			began, at = g.now(), g.now()
		}
		err := fn(it)
		began = began.Add(g.now().Sub(at))
		return err
	})
}
