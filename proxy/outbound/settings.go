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
	if c.r.Method == http.MethodGet {
		return h.showSettings(c)
	}
	var patch dialect.Settings
	if c.r.Method == http.MethodPatch {
		var p *dialect.Problem
		if patch, p = dialect.DecodeSettings(c.r.Header.Get("Content-Type"), c.body); p != nil {
			return h.refuse(ctx, c, p)
		}
	}
	done, p := h.turns.take(ctx, c.who.App)
	if p != nil {
		return c.problem(p)
	}
	defer done()
	old := h.application(c)
	if c.r.Method == http.MethodPatch {
		return h.store(ctx, c, old, old.Merge(patch), patch)
	}
	return h.store(ctx, c, old, patch, patch)
}

// application is what the app has set.
func (h *Handler) application(c *call) dialect.Settings {
	return dialect.Settings{Values: h.cfg.Settings.Application(c.who.App)}
}

func (h *Handler) showSettings(c *call) int {
	current := h.application(c)
	if hook, ok := h.cfg.Settings.Webhook(c.who.App); ok && current.WebhookURL() == "" {
		current = current.Merge(dialect.WebhookSetting(hook.URL))
	}
	return c.json(dialect.EncodeSettings(current))
}

// store keeps settings after a patch, in the place of the old ones. What concerns
// upstream is changed there first, and back again where it can not be kept.
func (h *Handler) store(ctx context.Context, c *call, old, s, patch dialect.Settings) int {
	set := settings.Application{Values: s.Values, Dropped: patch.Unknown, Idle: patch.Idle()}
	if s.WebhookURL() != old.WebhookURL() {
		set.Webhook = &settings.Webhook{URL: s.WebhookURL(), Dialect: c.who.Dialect}
		if err := h.cfg.Settings.CheckWebhook(*set.Webhook); err != nil {
			return h.refuse(ctx, c, webhookProblem("webhooks.url", err))
		}
	}
	back, p := h.identityCheck(ctx, c, s, old)
	if p != nil {
		return c.problem(p)
	}
	if p := h.keep(ctx, c, set); p != nil {
		return c.problem(unkept(back(), p))
	}
	return c.json(dialect.EncodeSettings(s))
}

// keep makes the change here. Where it moves the app's events, policy decides.
func (h *Handler) keep(ctx context.Context, c *call, set settings.Application) *dialect.Problem {
	put := func(ctx context.Context) error {
		return h.cfg.Settings.SetApplication(ctx, c.who.Tenant, c.who.App, set)
	}
	if set.Webhook != nil {
		return h.retarget(ctx, c, put)
	}
	if err := put(ctx); err != nil {
		return storeProblem(err)
	}
	return nil
}

// identityCheck switches upstream's identity check of the app's numbers to what
// settings after a change have it, of all or of none. back switches it back for
// a change that is not kept, and reports whether upstream is as it was.
func (h *Handler) identityCheck(ctx context.Context, c *call, now, before dialect.Settings) (back func() bool, p *dialect.Problem) {
	on, changes := now.IdentityCheck(before)
	var switched []string
	back = func() bool {
		whole := true
		for _, number := range switched {
			if h.switchCheck(context.WithoutCancel(ctx), c, number, !on) != nil {
				h.cfg.Log.Error().Msg("identity check not switched back at upstream: PATCH show_security_notifications there and back")
				whole = false
			}
		}
		return whole
	}
	if !changes {
		return back, nil
	}
	for _, number := range c.who.Numbers {
		if p := h.switchCheck(ctx, c, number, on); p != nil {
			back()
			return nil, p
		}
		switched = append(switched, number)
	}
	return back, nil
}

func (h *Handler) switchCheck(ctx context.Context, c *call, number string, on bool) *dialect.Problem {
	body := dialect.EncodeIdentityCheck(on)
	req := proxy.CallRequest{Number: number, Call: dialect.CallNumber, Name: "number/settings", Raw: c.body, Body: body}
	return h.change(ctx, c, req, func(ctx context.Context) upstream.Answer {
		return h.askAs(ctx, c, http.MethodPost, "/"+number+"/settings", body)
	})
}

// unkept is for settings that are not kept, for the reason of p.
func unkept(asBefore bool, p *dialect.Problem) *dialect.Problem {
	if !asBefore {
		p.Details = "The settings could not be kept, and WhatsApp's identity check of the number may have changed all the same; try again."
	}
	return p
}
