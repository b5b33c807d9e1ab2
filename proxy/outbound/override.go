package outbound

import (
	"context"
	"errors"
	"net/http"

	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/settings"
)

// subscriptions shows and makes the subscription of the gateway's app to the
// account. Its webhook at upstream stays the gateway's: the override that an app
// sets is where the gateway delivers the app's events.
func (h *Handler) subscriptions(ctx context.Context, c *call) int {
	if c.r.Method == http.MethodGet {
		return h.subscribed(ctx, c)
	}
	account, known := h.account(c)
	if !known || !h.own(c, account) {
		return h.refuse(ctx, c, notYours())
	}
	o, given, p := decodeOverride(c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	set := func(ctx context.Context) error {
		return h.cfg.Settings.SetAccountWebhook(ctx, c.who.Tenant, c.who.App, settings.Webhook{URL: o.URL, Dialect: c.who.Dialect})
	}
	if given && o.URL != "" {
		return h.override(ctx, c, o, set)
	}
	if _, has := h.cfg.Settings.AccountWebhook(c.who.App); has {
		if p := h.setOverride(ctx, c, o, set); p != nil {
			return c.problem(p)
		}
	}
	return h.relay(ctx, c)
}

// decodeOverride looks into the query, too, as Graph does.
func decodeOverride(c *call) (dialect.Override, bool, *dialect.Problem) {
	raw, kind := changeBody(c)
	return dialect.DecodeOverride(kind, raw)
}

// numberOverride is the same for one number, which is the only one of its app:
// an app has one webhook here.
func (h *Handler) numberOverride(ctx context.Context, c *call, o dialect.Override) int {
	if c.who.Number() == "" {
		return h.refuse(ctx, c, &dialect.Problem{
			Kind: dialect.Unsupported, Details: "This app has several numbers and one webhook here. Set it for the account: POST /{waba}/subscribed_apps.",
		})
	}
	return h.override(ctx, c, o, func(ctx context.Context) error {
		return h.cfg.Settings.SetWebhook(ctx, c.who.Tenant, c.who.App, settings.Webhook{URL: o.URL, Dialect: c.who.Dialect})
	})
}

// override makes an address prove itself before events go there, once policy
// lets it be asked. An address that is taken away proves nothing.
func (h *Handler) override(ctx context.Context, c *call, o dialect.Override, set func(context.Context) error) int {
	if o.URL != "" {
		if err := h.cfg.Settings.CheckWebhook(settings.Webhook{URL: o.URL}); err != nil {
			return h.refuse(ctx, c, webhookProblem("override_callback_uri", err))
		}
	}
	if p := h.setOverride(ctx, c, o, set); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

// setOverride decides, records and makes the change. Neither address nor word is
// in the record: both may be secrets.
func (h *Handler) setOverride(ctx context.Context, c *call, o dialect.Override, set func(context.Context) error) *dialect.Problem {
	req := proxy.CallRequest{Number: c.accountNumber(), Call: dialect.CallSubscription, Name: "subscription/override", Raw: c.body}
	p, err := h.changeHere(ctx, c, req, func(ctx context.Context) error {
		if o.URL != "" {
			if err := h.cfg.Challenge(ctx, o.URL, o.VerifyToken); err != nil {
				return err
			}
		}
		return set(ctx)
	})
	switch {
	case p != nil || err == nil:
		return p
	case errors.Is(err, delivery.ErrChallenge):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "override_callback_uri", Details: err.Error() + "."}
	}
	return webhookProblem("override_callback_uri", err)
}

// subscribed is upstream's list with the app's own override.
func (h *Handler) subscribed(ctx context.Context, c *call) int {
	path, p := h.upstreamPath(ctx, c)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	a := h.ask(ctx, c, path, nil)
	if p := upstreamProblem(c, a); p != nil {
		return c.problem(p)
	}
	body, p := h.handOn(c, a)
	if p != nil {
		return c.problem(p)
	}
	hook, _ := h.cfg.Settings.AccountWebhook(c.who.App)
	body, err := dialect.EncodeSubscriptions(body, hook.URL)
	if err != nil {
		return c.problem(&dialect.Problem{Kind: dialect.UpstreamDown, Details: "WhatsApp's answer can not be read."})
	}
	return c.json(http.StatusOK, body)
}
