package numbers

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy"
	"postern/proxy/dialect"
	"postern/proxy/inbound"
)

// configured looks at the configuration in force: webhooks of a number that it
// does not name are kept sealed and reach no app.
func (r *round) configured(context.Context) (string, error) {
	t, app, _, ok := r.cfg.Config().Number(r.m.Target)
	switch {
	case !ok || t.Name != r.m.To:
		return "", waits{"Write into the configuration, under numbers of tenant " + r.m.To + ": {id: " + strconv.Quote(r.m.Target) + ", display: the number}, and the id under numbers of the app that sends from it; then: postern config reload. The old id stays until the end."}
	case app.Name == "":
		return "", waits{"Name number " + r.m.Target + " under an app of tenant " + r.m.To + " in the configuration; then: postern config reload"}
	case app.Identify != "certificate" && !r.cfg.Apps.Known(app.Name):
		return "", waits{"The app has no key: postern app add " + app.Name}
	}
	return "app " + app.Name, nil
}

// webhook sends the number's webhooks here where an address is given, else looks
// where they go.
func (r *round) webhook(ctx context.Context) (string, error) {
	t, _, err := r.target()
	switch {
	case err != nil:
		return "", err
	case r.in.Webhook != "" && (!comesTo(r.in.Webhook, t.Name) || len(r.in.Webhook) > 200):
		return "", refuse(admin.Invalid, "the webhook's address is https://YOUR-HOST"+inbound.Prefix+t.Name+", and has 200 characters at most")
	case r.m.ToD360:
		return r.d360Webhook(ctx, t)
	case r.in.Webhook != "":
		_, err := r.change(ctx, dialect.CallNumber, "webhook", "/"+r.m.Target, map[string]any{
			"webhook_configuration": map[string]string{"override_callback_uri": r.in.Webhook, "verify_token": t.VerifyToken.Value()},
		}, "webhook_configuration")
		return "the number has an address of its own", err
	}
	n, err := r.here(ctx)
	if err != nil {
		return "", err
	}
	if n.hooksTo(inbound.Prefix + t.Name) {
		return "they come to " + inbound.Prefix + t.Name, nil
	}
	hook := "https://YOUR-HOST" + inbound.Prefix + t.Name
	return "", waits{"Meta sends this number's webhooks elsewhere, or does not say where. Let the app's callback address at Meta be " + hook + ", or give the number one of its own with --webhook " + hook + "; if you know that they come here: --confirm webhook"}
}

// comesTo reports an address at which this gateway takes a tenant's webhooks: the
// tenant's verify token goes there.
func comesTo(address, tenant string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		strings.HasSuffix(u.Path, inbound.Prefix+tenant)
}

// d360Webhook sets or sees where 360dialog posts what concerns the number.
func (r *round) d360Webhook(ctx context.Context, t boot.Tenant) (string, error) {
	w, err := r.cfg.D360Webhook(ctx, admin.WebhookAsked{Number: r.m.Target, URL: r.in.Webhook}, r.actor)
	if err != nil {
		return "", err
	}
	if comesTo(w.URL, t.Name) && (w.Secret == "current" || !t.D360.WebhookSecret.IsSet()) {
		return "they come to " + inbound.Prefix + t.Name, nil
	}
	hook := "https://YOUR-HOST" + inbound.Prefix + t.Name
	return "", waits{"360dialog posts this number's webhooks elsewhere, or without the tenant's secret. Send them here with --webhook " + hook + "; if those of the account come here: --confirm webhook"}
}

// region is where the number's messages are to rest at Meta, as its registration
// is told: only a registration can change it (whatsapp.md 3.4). Where they rest
// now is kept, and is not given up because Meta did not say.
func (r *round) region(ctx context.Context) (string, error) {
	from, here := tenantOf(r.cfg.Config(), r.m.From)
	switch {
	case r.in.Region == policy.ResidencyDefault:
		return "", nil
	case r.in.Region != "" || !here || from.ByD360():
		return r.in.Region, nil
	}
	said, err := r.cfg.Storage(ctx, r.m.From, r.m.Source)
	switch {
	case err != nil || said.Kind == policy.ResidencyUnknown:
		return "", refuse(admin.Unavailable, "Meta does not say where the number's messages rest now, so they could come to rest elsewhere; try again, or say it: --region REGION, or --region default")
	case said.Kind == policy.ResidencyNone && r.storage(ctx, r.m.To, r.m.Target) != policy.ResidencyNone:
		return "", waits{"Meta stores nothing of this number (No Storage), and its new id is not set so. Set it first: postern residency set " + r.m.Target + " none --confirm; then go on. To give that up: --region default"}
	}
	return said.Region, nil
}
