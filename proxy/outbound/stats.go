package outbound

import (
	"context"
	"runtime"
	"runtime/debug"
	"strings"

	"postern/proxy/dialect"
	"postern/proxy/stats"
)

// stats answers the calls of the old client's monitoring with figures of the
// calling app alone.
func (h *Handler) stats(ctx context.Context, c *call) int {
	prometheus, p := dialect.DecodeStatsFormat(c.r.URL.Query().Get("format"))
	if p != nil {
		return c.problem(p)
	}
	app, shape := c.who.App, h.cfg.HealthShape(c.who.App)
	if c.route.Name == dialect.RouteMetrics {
		all := h.cfg.Stats.Web(app, h.publicHost())
		if prometheus {
			return c.figures(all)
		}
		return c.json(dialect.EncodeMetrics(all))
	}
	waiting, err := h.cfg.Journal.Waiting(ctx, app)
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.RecordingDown, Details: "The store can not be read now; try again."})
	}
	section, all := "app", []dialect.Metric(nil)
	w := stats.Waiting{Queue: h.cfg.Backlog()[app], Callbacks: waiting}
	if strings.HasPrefix(c.route.Row.Path, "/v1/stats/db") {
		section, all = "db", h.cfg.Stats.Database(app, w)
	} else {
		all = h.cfg.Stats.App(app, w)
	}
	if prometheus {
		return c.figures(all)
	}
	return c.json(dialect.EncodeStats(section, shape, h.publicHost(), all))
}

func (c *call) figures(all []dialect.Metric) int {
	status, body := dialect.EncodePrometheus(all)
	return c.write(status, map[string]string{"Content-Type": dialect.PrometheusType}, body)
}

// support tells who helps with the app what runs here.
func (h *Handler) support(ctx context.Context, c *call) int {
	s := dialect.Support{Build: build(), System: runtime.GOOS + "-" + runtime.GOARCH, Now: h.cfg.Now(), Status: h.worst(ctx, c)}
	if s.Status != dialect.Unregistered {
		s.Number = h.ownDigits(c)
	}
	return c.json(dialect.EncodeSupport(h.cfg.HealthShape(c.who.App), h.publicHost(), s))
}

// build names the source that the program was made of, as far as it knows.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "postern"
	}
	name := "postern " + info.Main.Version
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			name += " " + s.Value
		}
	}
	return strings.TrimSpace(name)
}
