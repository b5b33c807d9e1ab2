package gateway

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy/limit"
)

// ErrRestart means that a setting changed which only a restart takes over.
var ErrRestart = errors.New("these settings need a restart, so nothing was changed")

// Reload takes over the configuration file with every secret, certificate and
// policy it names, or changes nothing and says why. Everything that can fail
// comes first. The actor is recorded with the reload and the new revisions.
func (g *Gateway) Reload(ctx context.Context, actor string) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if err := g.store.Journal.Err(); err != nil {
		return fmt.Errorf("nothing was changed, since it could not be recorded: %w", err)
	}
	running := g.config.Load()
	wanted, err := boot.Load(running.Path)
	if err != nil {
		return err
	}
	if names := boot.RestartNeeded(running, wanted); len(names) > 0 {
		return fmt.Errorf("%w: %s", ErrRestart, strings.Join(names, ", "))
	}
	swaps, err := g.prepareCertificates()
	if err != nil {
		return err
	}
	if err := g.policy.Swap(ctx, Layers(wanted)...); err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	for _, swap := range swaps {
		swap()
	}
	if err := g.guard.Allow(wanted.Delivery.AllowTargets); err != nil {
		return err // boot judged the list already
	}
	g.take(wanted)
	g.log.Info().Str("config", wanted.Revision).Str("policy", g.policy.Revision()).Msg("reloaded")
	return errors.Join(g.lifeBy(ctx, actor, "reload", 0), g.keepRevisions(ctx, actor))
}

func (g *Gateway) prepareCertificates() ([]func(), error) {
	var swaps []func()
	for _, p := range g.pairs {
		swap, err := p.Prepare()
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
	g.settings.Configure(webhooks(cfg))
	g.limits.Configure(rates(cfg))
	for _, app := range appNames(cfg) {
		g.delivery.Replay(app) // a new app, or one whose target may work now
	}
	select {
	case g.changed <- struct{}{}:
	default: // the clocks hear of an earlier change yet
	}
}

func rates(cfg *boot.Config) limit.Config {
	l := cfg.Limits
	return limit.Config{PerNumber: l.PerNumberRate, PerApp: l.PerAppRate, Pair: l.PairRate, PairBurst: l.PairBurst}
}
