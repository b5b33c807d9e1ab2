package outbound

import (
	"context"
	"net/http"

	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/settings"
	"postern/proxy/upstream"
)

// settings reads, changes and resets the On-Premises application settings;
// webhooks.url is how such an app says where its events go.
func (h *Handler) settings(ctx context.Context, c *call) int {
	current := dialect.Settings{Values: h.cfg.Settings.Application(c.who.App)}
	switch c.r.Method {
	case http.MethodGet:
		if hook, ok := h.cfg.Settings.Webhook(c.who.App); ok && current.WebhookURL() == "" {
			current = current.Merge(dialect.WebhookSetting(hook.URL))
		}
		return c.json(dialect.EncodeSettings(current))
	case http.MethodDelete:
		return h.store(ctx, c, dialect.Settings{}, dialect.Settings{})
	}
	patch, p := dialect.DecodeSettings(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	return h.store(ctx, c, current.Merge(patch), patch)
}

// store keeps settings after a patch. What concerns upstream is changed there
// first: what is kept is what holds.
func (h *Handler) store(ctx context.Context, c *call, s, patch dialect.Settings) int {
	old := dialect.Settings{Values: h.cfg.Settings.Application(c.who.App)}
	set := settings.Application{Values: s.Values, Dropped: patch.Unknown, Idle: patch.Idle()}
	if s.WebhookURL() != old.WebhookURL() {
		set.Webhook = &settings.Webhook{URL: s.WebhookURL(), Dialect: c.who.Dialect}
		if err := h.cfg.Settings.CheckWebhook(*set.Webhook); err != nil {
			return h.refuse(ctx, c, webhookProblem("webhooks.url", err))
		}
	}
	if on, changes := s.IdentityCheck(old); changes {
		if p := h.identityCheck(ctx, c, on); p != nil {
			return c.problem(p)
		}
	}
	if err := h.cfg.Settings.SetApplication(ctx, c.who.Tenant, c.who.App, set); err != nil {
		return c.problem(storeProblem(err))
	}
	return c.json(dialect.EncodeSettings(s))
}

// identityCheck switches upstream's identity check of the app's numbers.
func (h *Handler) identityCheck(ctx context.Context, c *call, on bool) *dialect.Problem {
	body := dialect.EncodeIdentityCheck(on)
	for _, number := range c.who.Numbers {
		req := proxy.CallRequest{Number: number, Call: dialect.CallNumber, Name: "number/settings", Raw: c.body, Body: body}
		p := h.change(ctx, c, req, func(ctx context.Context) upstream.Answer {
			return h.askAs(ctx, c, http.MethodPost, "/"+number+"/settings", body)
		})
		if p != nil {
			return p
		}
	}
	return nil
}
