package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy/limit"
	"postern/proxy/xds"
)

// ErrRestart means that a setting changed which only a restart takes over.
var ErrRestart = errors.New("these settings need a restart")

// Reload takes over the configuration file with every secret, certificate and
// policy it names, or changes nothing and says why: everything that can fail
// comes first. The actor is recorded with the reload and the new revisions.
func (g *Gateway) Reload(ctx context.Context, actor string) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	wanted, swaps, err := g.prepare(ctx)
	if err != nil {
		return fmt.Errorf("nothing was changed: %w", err)
	}
	for _, swap := range swaps {
		swap()
	}
	g.take(wanted)
	g.handOut(ctx)
	g.log.Info().Str("config", wanted.Revision).Str("policy", g.policy.Revision()).Msg("reloaded")
	if err := errors.Join(g.lifeBy(ctx, actor, "reload", 0), g.keepRevisions(ctx, actor)); err != nil {
		return fmt.Errorf("taken over, but not recorded yet: %w", err)
	}
	return nil
}

// prepare does all that can fail. The policy comes last: once it is swapped
// nothing is left that could be refused.
func (g *Gateway) prepare(ctx context.Context) (*boot.Config, []func(), error) {
	if err := g.store.Journal.Err(); err != nil {
		return nil, nil, fmt.Errorf("a reload could not be recorded: %w", err)
	}
	running := g.config.Load()
	wanted, err := boot.Load(running.Path)
	if err != nil {
		return nil, nil, err
	}
	wanted, hold, err := g.vault.fill(ctx, wanted)
	if err != nil {
		return nil, nil, err
	}
	if names := boot.RestartNeeded(running, wanted); len(names) > 0 {
		return nil, nil, fmt.Errorf("%w: %s", ErrRestart, strings.Join(names, ", "))
	}
	if wanted.Envoy.XDS.Enabled() {
		if _, err := xds.Snapshot(EnvoyConfig(wanted)); err != nil {
			return nil, nil, err
		}
	}
	swaps, err := g.prepareCertificates()
	if err != nil {
		return nil, nil, err
	}
	files, err := flowMediaClient(wanted, g.resolver)
	if err != nil {
		return nil, nil, err
	}
	layers, err := boot.PolicyLayers(wanted.PolicyDir)
	if err != nil {
		return nil, nil, err
	}
	kept, err := boot.Retention(layers)
	if err != nil {
		return nil, nil, fmt.Errorf("policy: %w", err)
	}
	if err := g.policy.Swap(ctx, layers...); err != nil {
		return nil, nil, fmt.Errorf("policy: %w", err)
	}
	return wanted, append(swaps, hold, func() { g.retention.Store(&kept); g.notices.changed() }, func() { g.files.Swap(files).CloseIdleConnections() }, func() {
		if err := g.guard.Allow(wanted.Delivery.AllowTargets); err != nil {
			g.onError(err) // the file's own check lets no such list through
		}
	}), nil
}

func (g *Gateway) prepareCertificates() ([]func(), error) {
	var swaps []func()
	for _, p := range g.pairs {
		swap, err := p.pair.Prepare()
		if err != nil {
			return nil, err
		}
		swaps = append(swaps, swap)
	}
	return swaps, nil
}

// take puts a configuration in force. It can not fail.
func (g *Gateway) take(cfg *boot.Config) {
	g.config.Store(cfg)
	g.routes.Store(newRoutes(cfg))
	g.identity.Configure(admin.Apps(cfg))
	g.settings.Configure(g.webhooks(cfg))
	g.encryption.configure(cfg)
	g.limits.Configure(rates(cfg))
	for _, app := range appNames(cfg) {
		g.delivery.Replay(app) // a new app, or one whose target may work now
	}
	g.hurry()
}

// hurry makes what concerns upstream happen now: a configuration is new, or a
// webhook named a template nobody knows.
func (g *Gateway) hurry() {
	select {
	case g.changed <- struct{}{}:
	default: // the clocks hear of an earlier change yet
	}
}

func rates(cfg *boot.Config) limit.Rates {
	l := cfg.Limits
	return limit.Rates{
		PerNumber: l.PerNumberRate, PerApp: l.PerAppRate, Pair: l.PairRate, PairBurst: l.PairBurst, Pairs: l.Pairs, Management: float64(l.Management),
	}
}

// keepAgain records revisions that a reload could not.
func (g *Gateway) keepAgain(ctx context.Context) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	return g.keepRevisions(ctx, "system")
}
