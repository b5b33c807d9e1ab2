package gateway

import "time"

// rotationPause lies between two steps of a rotation's work, so that messages
// pass between them.
const rotationPause = 2 * time.Millisecond

// rotationFailed hears of a rotation's work that failed and is tried again.
func (g *Gateway) rotationFailed(err error) {
	g.log.Error().Err(err).Msg("rotation")
	g.metrics.Alarm("rotation")
}
