package proxy

import (
	"context"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// Malformed records a call of an authenticated app that was refused before
// policy could see it. It names the class of the problem, never the content.
// Nobody waits for it: nothing passed.
func (g *Gate) Malformed(ctx context.Context, who identity.Identity, number, route string, p *dialect.Problem) {
	now := g.cfg.Now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(), Tenant: who.Tenant, App: who.App,
		Number: number, Actor: "app:" + who.App, Direction: "outbound", Dialect: string(who.Dialect), Type: route,
		Effect: audit.EffectDeny, Reasons: []string{"request_" + p.Kind.String()}, Result: "refused",
	}
	if err := g.append(ctx, journal.Batch{Records: []audit.Record{rec}, Lazy: true}); err != nil {
		g.cfg.Log.Error().Err(err).Msg("refused request not recorded")
	}
	g.cfg.Observe.Decision(string(audit.KindAdmission), "deny", rec.Reasons[0])
}
