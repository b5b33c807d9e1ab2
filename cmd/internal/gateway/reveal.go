package gateway

import "postern/audit"

// revealed tells whoever watches that somebody opens what is kept sealed. Who
// and why stands in the record, which only operators can read.
func (g *Gateway) revealed(step string, record audit.ID) {
	g.metrics.reveals.WithLabelValues(step).Inc()
	if step == "shown" {
		g.metrics.Alarm("reveal")
	}
	line := g.log.Warn().Str("step", step)
	if !record.IsZero() {
		line = line.Stringer("record", record)
	}
	line.Msg("opening of what is kept sealed")
}
