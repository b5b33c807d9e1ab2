package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/upstream"
)

func middle(d [64]time.Duration) time.Duration {
	slices.Sort(d[:])
	return d[len(d)/2]
}

// health remembers whether each tenant's upstream answers and takes the token.
type health struct {
	now func() time.Time
	mu  sync.Mutex
	by  map[string]tenantHealth
}

type tenantHealth struct {
	ok     bool
	reason string // "ok", "token" and those of tokenReasons, "pin", "unreachable", "error"
	at     time.Time
}

func newHealth(now func() time.Time) *health {
	return &health{now: now, by: map[string]tenantHealth{}}
}

func (h *health) set(tenant string, a upstream.Answer) bool {
	state := tenantHealth{reason: "error", at: h.now()}
	switch {
	case errors.Is(a.Err, certs.ErrPin):
		state.reason = "pin"
	case !a.Answered():
		state.reason = "unreachable"
	case a.Status == http.StatusOK:
		state.ok, state.reason = true, "ok"
	default:
		if _, refused, _ := dialect.DecodeAnswer(a.Status, a.Body); refused != nil && (refused.Code == 190 || refused.Code == 0) { //nolint:errcheck // only the error object counts here
			state.reason = tokenReason(refused.Subcode)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	was, known := h.by[tenant]
	h.by[tenant] = state
	return known && was.ok && !state.ok || !known && !state.ok
}

// tokenReasons are Meta's subcodes of 190: what became of a token.
var tokenReasons = map[int]string{
	460: "token_password_changed",
	463: "token_expired",
	467: "token_invalid", // revoked, as a rule
}

func tokenReason(subcode int) string {
	if reason, ok := tokenReasons[subcode]; ok {
		return reason
	}
	return "token"
}

// checked reports whether every tenant was checked and is well.
func (h *health) ready(tenants []string) map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	out := map[string]string{}
	for _, t := range tenants {
		s, known := h.by[t]
		switch {
		case !known:
			out[t] = "not_checked"
		default:
			out[t] = s.reason
		}
	}
	return out
}

// checkUpstream asks for each tenant's numbers, which needs both a way to
// upstream and a good credential.
func (g *Gateway) checkUpstream(ctx context.Context) {
	for _, t := range g.config.Load().Tenants {
		token, err := g.token(t.Name)
		if err != nil || len(t.Numbers) == 0 {
			continue
		}
		if g.health.set(t.Name, g.askNumbers(ctx, t, token)) {
			g.metrics.Alarm("upstream")
			g.log.Warn().Str("tenant", t.Name).Msg("upstream does not answer or refuses the credential")
		}
	}
}

// askNumbers asks for a tenant's first number, or at 360dialog, where each has
// a key of its own, for all of them until one fails.
func (g *Gateway) askNumbers(ctx context.Context, t boot.Tenant, token upstream.Credential) (a upstream.Answer) {
	numbers := t.Numbers[:1]
	if t.ByD360() {
		numbers = t.Numbers
	}
	for _, n := range numbers {
		a = g.upstream.Get(ctx, token, "/"+n.ID+"?fields=id,display_phone_number")
		if !a.Answered() || a.Status != http.StatusOK {
			break
		}
	}
	return a
}

// refreshTemplates reads every tenant's templates from upstream and records
// what changed. What upstream no longer lists is gone.
func (g *Gateway) refreshTemplates(ctx context.Context) {
	for _, t := range g.config.Load().Tenants {
		if err := g.refreshTenant(ctx, t.Name, t.WABA); err != nil {
			g.log.Warn().Err(err).Str("tenant", t.Name).Msg("templates not refreshed")
			g.metrics.Alarm("templates")
		}
	}
}

func templateRow(waba string, t dialect.Template) facts.Template {
	return facts.Template{
		WABA: waba, Name: t.Name, Language: t.Language, ID: t.ID, Status: t.Status, Category: t.Category,
		Format: t.ParameterFormat, Components: t.Components, Quality: t.Quality, Reason: t.RejectedReason,
	}
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) //nolint:errcheck,errchkjson // nobody is left to tell
}
