package gateway

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/cmd/internal/boot"
)

var purposes = []boot.Purpose{boot.Send, boot.Receive, boot.Deliver, boot.Keys}

// errOffline is why a secret at hand is not used.
var errOffline = errors.New("a secret or the keystore needs Vault, which is away for too long or refuses it; see readyz")

// followVault keeps the login alive and follows the versions of secrets and of
// the transit key.
func (g *Gateway) followVault(ctx context.Context) error {
	if g.vault == nil {
		<-ctx.Done()
		return nil
	}
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		g.vault.client.Keep(ctx, func(err error) { g.log.Warn().Err(err).Msg("Vault login not renewed") })
	}()
	tick := time.NewTicker(g.config.Load().Vault.Poll)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			<-kept
			g.vault.client.Close()
			return nil
		case <-tick.C:
			g.lookAtVault(ctx)
			g.renewCertificates(ctx)
		}
	}
}

// lookAtVault takes over versions that are new, and says what is not well.
func (g *Gateway) lookAtVault(ctx context.Context) {
	stale, found := g.vault.look(ctx, g.config.Load())
	if g.vault.keys != nil {
		found[boot.Keys] = g.lookAtKeys(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	if stale {
		if err := g.renewSecrets(ctx); err != nil && ctx.Err() == nil {
			g.log.Error().Err(err).Msg("new secrets of Vault not taken over")
			g.metrics.Alarm("vault_secrets")
		}
	}
	for _, p := range g.vault.note(found) {
		g.tellVault(ctx, p, found[p])
	}
}

// tellVault logs and records that a purpose lost Vault or has it again.
func (g *Gateway) tellVault(ctx context.Context, p boot.Purpose, trouble error) {
	what := "vault_" + word(trouble) + "_" + string(p)
	if trouble != nil {
		switch {
		case p == boot.Certify:
			g.metrics.Alarm("certificate_renewal")
		case word(trouble) == vaultRefused:
			g.metrics.Alarm("vault_refused")
		default:
			g.metrics.Alarm("vault_away")
		}
		g.log.Error().Err(trouble).Str("purpose", string(p)).Msg("Vault")
	} else {
		g.log.Info().Str("purpose", string(p)).Msg("Vault is back")
	}
	if err := g.life(ctx, what, 0); err != nil && ctx.Err() == nil {
		g.log.Error().Err(err).Msg("state of Vault not recorded")
	}
}

// renewSecrets puts the running configuration in force again with the secrets
// that Vault has now. The file on disk is not looked at: its changes wait for a
// reload. Versions are recorded, values never.
func (g *Gateway) renewSecrets(ctx context.Context) error {
	g.reloading.Lock()
	defer g.reloading.Unlock()
	if err := g.store.Journal.Err(); err != nil {
		return fmt.Errorf("new versions could not be recorded: %w", err)
	}
	filled, hold, err := g.vault.fill(ctx, g.config.Load())
	if err != nil {
		return err
	}
	hold()
	g.take(filled)
	g.log.Info().Msg("secrets of Vault taken over")
	return g.keepRevisions(ctx, "system")
}

// keepVault records the versions in force when they differ from what the trail
// has.
func (g *Gateway) keepVault(ctx context.Context, kept, actor string) error {
	if g.vault == nil {
		return nil
	}
	revision, versions := g.vault.revision()
	if revision == kept {
		return nil
	}
	return g.keepRevision(ctx, "vault", revision, versions, actor)
}

// vaultReady is what readyz says of Vault: each purpose's state, and since when
// it is not well. It is false while something does not serve.
func (g *Gateway) vaultReady() (map[string]any, bool) {
	out, ready := map[string]any{}, true
	for _, p := range g.purposes() {
		said, since := g.vault.state(p, g.config.Load().Vault.MaxOffline)
		state := map[string]any{"state": said}
		if !since.IsZero() {
			state["since"] = since.UTC().Format(time.RFC3339)
		}
		if shut := g.shutOut(); p == boot.Keys && len(shut) > 0 {
			state["shut_out"] = shut
		}
		out[string(p)] = state
		ready = ready && g.serves(p)
	}
	return out, ready
}

// vaultGauge shows since when each purpose has no good contact.
type vaultGauge struct {
	since, serves *prometheus.Desc
	gateway       *Gateway
}

func newVaultGauge(g *Gateway) vaultGauge {
	return vaultGauge{
		since:   prometheus.NewDesc("postern_vault_trouble_since_seconds", "Unix time since when Vault does not give what a purpose needs; 0 while it does.", []string{"purpose"}, nil),
		serves:  prometheus.NewDesc("postern_vault_serves", "1 while what needs a purpose may go on.", []string{"purpose"}, nil),
		gateway: g,
	}
}

// Describe implements prometheus.Collector.
func (v vaultGauge) Describe(out chan<- *prometheus.Desc) { out <- v.since; out <- v.serves }

// Collect implements prometheus.Collector.
func (v vaultGauge) Collect(out chan<- prometheus.Metric) {
	for _, p := range v.gateway.purposes() {
		since, serves := 0.0, 0.0
		if _, at := v.gateway.vault.state(p, v.gateway.config.Load().Vault.MaxOffline); !at.IsZero() {
			since = float64(at.Unix())
		}
		if v.gateway.serves(p) {
			serves = 1
		}
		out <- prometheus.MustNewConstMetric(v.since, prometheus.GaugeValue, since, string(p))
		out <- prometheus.MustNewConstMetric(v.serves, prometheus.GaugeValue, serves, string(p))
	}
}
