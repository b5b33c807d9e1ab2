package gateway

import (
	"context"
	"time"
)

// rotationPause lies between two steps of a rotation's work, so that messages
// pass between them.
const rotationPause = 2 * time.Millisecond

// rotationFailed hears of a rotation's work that failed and is tried again.
func (g *Gateway) rotationFailed(err error) {
	g.log.Error().Err(err).Msg("rotation")
	g.metrics.Alarm("rotation")
}

// rehash moves apps' keys and passwords that were used to the active version.
func (g *Gateway) rehash(ctx context.Context) error {
	g.rotation.Lock() // no version changes meanwhile
	defer g.rotation.Unlock()
	return g.identity.Rehash(ctx)
}
