package outbound

import (
	"context"
	"errors"
	"net/http"

	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/identity"
	"postern/proxy/settings"
)

// maxLogin bounds the body of a login.
const maxLogin = 4 << 10

// login issues an On-Premises token for a user and password.
func (h *Handler) login(ctx context.Context, c *call) int {
	name, password, ok := c.r.BasicAuth()
	body, err := edge.ReadBody(c.r, maxLogin)
	if err != nil {
		h.cfg.Strangers.Count(c.r.RemoteAddr, "malformed")
		return c.problem(&dialect.Problem{Kind: dialect.Malformed, Details: "The body of a login is small or empty."})
	}
	req, p := dialect.DecodeLogin(c.r.Header.Get("Content-Type"), body)
	if p != nil {
		h.cfg.Strangers.Count(c.r.RemoteAddr, "malformed")
		return c.problem(p)
	}
	if !ok || !h.cfg.Limits.Guess(c.r.RemoteAddr) {
		h.cfg.Strangers.Count(c.r.RemoteAddr, "login")
		return c.problem(denied())
	}
	names, err := h.cfg.Certificate(c.r)
	if err != nil {
		h.cfg.Strangers.Count(c.r.RemoteAddr, "login")
		return c.problem(denied())
	}
	token, expires, err := h.cfg.Identity.Login(ctx, name, password, req.NewPassword, names)
	if err != nil {
		h.cfg.Strangers.Count(c.r.RemoteAddr, "login")
		return c.problem(loginProblem(err))
	}
	status, out := dialect.EncodeLogin(token, expires)
	return c.json(status, out)
}

func denied() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Unauthenticated, Details: "Invalid credentials."}
}

func loginProblem(err error) *dialect.Problem {
	switch {
	case errors.Is(err, identity.ErrPasswordChange):
		return &dialect.Problem{Kind: dialect.PasswordChange, Details: "Log in with new_password to set your own password."}
	case errors.Is(err, identity.ErrWeakPassword):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "new_password", Details: "The new password needs 8 to 64 characters and must differ from the old one."}
	case errors.Is(err, identity.ErrDenied):
		return denied()
	}
	return storeProblem(err)
}

// storeProblem is for calls that could not be recorded.
func storeProblem(err error) *dialect.Problem {
	if errors.Is(err, journal.ErrFull) {
		return &dialect.Problem{Kind: dialect.Overloaded, Details: "Too much is waiting to be recorded; try again."}
	}
	return &dialect.Problem{Kind: dialect.RecordingDown, Details: "Nothing can be recorded now, so nothing was changed; try again."}
}

func (h *Handler) logout(ctx context.Context, c *call) int {
	if err := h.cfg.Identity.Logout(ctx, bearer(c.r.Header.Get("Authorization"))); err != nil {
		return c.problem(loginProblem(err))
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

func webhookProblem(param string, err error) *dialect.Problem {
	switch {
	case errors.Is(err, settings.ErrTarget):
		return &dialect.Problem{Kind: dialect.Invalid, Param: param, Details: "The webhook must be an https URL of a public host; the gateway's operator can allow others."}
	case errors.Is(err, settings.ErrHeader):
		return &dialect.Problem{Kind: dialect.Invalid, Param: "headers", Details: "A header name or value is not allowed."}
	}
	return storeProblem(err)
}

// configWebhook is 360dialog's webhook setting, for both of its versions.
func (h *Handler) configWebhook(ctx context.Context, c *call) int {
	return h.webhookSetting(ctx, c, h.cfg.Settings.Webhook, func(ctx context.Context, hook settings.Webhook, _ bool) error {
		return h.cfg.Settings.SetWebhook(ctx, c.who.Tenant, c.who.App, hook)
	})
}

// accountWebhook is 360dialog's webhook for all numbers of an account: here for
// those of the app whose key it is.
func (h *Handler) accountWebhook(ctx context.Context, c *call) int {
	return h.webhookSetting(ctx, c, h.cfg.Settings.AccountWebhook, func(ctx context.Context, hook settings.Webhook, overrideAll bool) error {
		if overrideAll {
			return h.cfg.Settings.SetOnlyWebhook(ctx, c.who.Tenant, c.who.App, hook)
		}
		return h.cfg.Settings.SetAccountWebhook(ctx, c.who.Tenant, c.who.App, hook)
	})
}

// webhookSetting shows or sets one of 360dialog's webhooks.
func (h *Handler) webhookSetting(ctx context.Context, c *call, get func(app string) (settings.Webhook, bool), set func(ctx context.Context, hook settings.Webhook, overrideAll bool) error) int {
	if c.r.Method == http.MethodGet {
		hook, ok := get(c.who.App)
		if !ok {
			return c.problem(&dialect.Problem{Kind: dialect.NotFound, Details: "No webhook is set."})
		}
		return c.json(dialect.EncodeWebhookConfig(dialect.WebhookConfig{URL: hook.URL, Headers: hook.Headers}))
	}
	cfg, p := dialect.DecodeWebhookConfig(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	hook := settings.Webhook{URL: cfg.URL, Headers: cfg.Headers, Dialect: c.who.Dialect}
	if err := h.cfg.Settings.CheckWebhook(hook); err != nil {
		return h.refuse(ctx, c, webhookProblem("url", err))
	}
	if p := h.retarget(ctx, c, func(ctx context.Context) error { return set(ctx, hook, cfg.OverrideAll) }); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeWebhookConfig(cfg))
}

func (h *Handler) configPhone(c *call) int {
	account, _ := h.cfg.Accounts(c.number())
	number, _ := dialect.Number(account.Display)
	return c.json(dialect.EncodeConfigPhone(number))
}

// contacts answers a contact check without asking anyone: the Cloud API has
// none. A well-formed number is valid, as far as anyone can say.
func (h *Handler) contacts(ctx context.Context, c *call) int {
	check, p := dialect.DecodeContacts(c.r.Header.Get("Content-Type"), c.body)
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	out := make([]dialect.CheckedContact, 0, len(check.Inputs))
	for _, input := range check.Inputs {
		one := dialect.CheckedContact{Input: input, Status: "invalid"}
		if number, ok := dialect.Number(input); ok {
			one.Status, one.WaID = "valid", number
		}
		out = append(out, one)
	}
	return c.json(dialect.EncodeContacts(out))
}
