package gateway

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy/inbound"
	"postern/proxy/upstream"
)

// d360Hook is a number's webhook as 360dialog keeps it.
type d360Hook struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
}

// numberWebhook shows where 360dialog posts what concerns a number or, with an
// address, sets it: on record first, with the tenant's current secret in its
// header, which no answer here repeats.
func (g *Gateway) numberWebhook(ctx context.Context, in admin.WebhookAsked, actor string) (admin.NumberWebhook, error) {
	out := admin.NumberWebhook{Number: in.Number}
	t, _, _, ok := g.config.Load().Number(in.Number)
	switch {
	case !ok:
		return out, &admin.Error{Code: admin.NotFound, Message: "the configuration names no such number; write its phone_number_id"}
	case !t.ByD360():
		return out, &admin.Error{Code: admin.Invalid, Message: "the number is directly at Meta, where the webhook is that of the app: set it in Meta's App Dashboard"}
	case in.URL != "" && !ownWebhook(in.URL, t.Name):
		return out, &admin.Error{Code: admin.Invalid, Message: "the webhook must be https, at this gateway's path for the tenant: https://HOST" + inbound.Prefix + t.Name}
	}
	token, err := g.token(t.Name)
	if err != nil {
		return out, err
	}
	path := "/" + in.Number + "/" + upstream.D360Webhook
	if in.URL != "" {
		if err := g.setWebhook(ctx, t, in, path, actor, token); err != nil {
			return out, err
		}
	}
	var now d360Hook
	a := g.upstream.Get(ctx, token, path)
	if a.Answered() && a.Status == http.StatusNotFound { // none is set
		out.Secret = "none"
		return out, nil
	}
	if err := answered(a, &now); err != nil {
		return out, err
	}
	out.URL, out.Secret = now.URL, d360Secret(t.D360, now.Headers)
	return out, nil
}

// ownWebhook reports an address at which this gateway takes a tenant's webhooks.
func ownWebhook(address, tenant string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && u.Fragment == "" &&
		strings.HasSuffix(u.Path, inbound.Prefix+tenant)
}

func (g *Gateway) setWebhook(ctx context.Context, t boot.Tenant, in admin.WebhookAsked, path, actor string, token upstream.Credential) error {
	hook := d360Hook{URL: in.URL}
	if t.D360.WebhookSecret.IsSet() {
		hook.Headers = map[string]string{t.D360.WebhookHeader: t.D360.WebhookSecret.Value()}
	}
	body, err := json.Marshal(hook)
	if err != nil {
		return err
	}
	if err := g.recordWebhook(ctx, t.Name, in.Number, actor, "setting", 0); err != nil {
		return err
	}
	a := g.upstream.Post(context.WithoutCancel(ctx), token, path, body)
	failed, result := answered(a, &d360Hook{}), "set"
	if failed != nil {
		result = "failed"
	}
	if err := g.recordWebhook(ctx, t.Name, in.Number, actor, result, a.Status); err != nil {
		return err
	}
	return failed
}

func (g *Gateway) recordWebhook(ctx context.Context, tenant, number, actor, result string, status int) error {
	now := g.now()
	return g.store.Journal.Append(context.WithoutCancel(ctx), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAccess, Time: now.UnixMicro(), Tenant: tenant, Number: number,
		Actor: actor, Type: "d360_webhook", Result: result, Code: int64(status),
	}}})
}

// d360Secret says which of a tenant's secrets the headers of a webhook hold.
func d360Secret(d boot.D360, headers map[string]string) string {
	given := ""
	for name, value := range headers {
		if strings.EqualFold(name, d.WebhookHeader) {
			given = value
		}
	}
	is := func(s boot.Secret) bool {
		return s.Value() != "" && subtle.ConstantTimeCompare([]byte(s.Value()), []byte(given)) == 1
	}
	switch {
	case given == "":
		return "none"
	case is(d.WebhookSecret):
		return "current"
	case is(d.WebhookSecretPrevious):
		return "previous"
	}
	return "other"
}
