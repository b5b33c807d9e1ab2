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
	section, all, err := h.figures(ctx, c)
	switch {
	case err != nil:
		return c.problem(&dialect.Problem{Kind: dialect.RecordingDown, Details: "The store can not be read now; try again."})
	case prometheus:
		status, body := dialect.EncodePrometheus(all)
		return c.write(status, map[string]string{"Content-Type": dialect.PrometheusType}, body)
	case section == "":
		return c.json(dialect.EncodeMetrics(all))
	}
	return c.json(dialect.EncodeStats(section, h.cfg.HealthShape(c.who.App), h.publicHost(), all))
}

// figures are those that the path asks for, and the section of the answer that
// holds them, "" for /metrics.
func (h *Handler) figures(ctx context.Context, c *call) (section string, all []dialect.Metric, err error) {
	app := c.who.App
	if c.route.Name == dialect.RouteMetrics {
		return "", h.cfg.Stats.Web(app, h.publicHost()), nil
	}
	w := stats.Waiting{Queue: h.cfg.Backlog()[app]}
	if w.Callbacks, err = h.cfg.Journal.Waiting(ctx, app); err != nil {
		return "", nil, err
	}
	if strings.HasPrefix(c.route.Row.Path, "/v1/stats/db") {
		return "db", h.cfg.Stats.Database(app, w), nil
	}
	return "app", h.cfg.Stats.App(app, w), nil
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
