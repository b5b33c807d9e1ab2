package admin

import (
	"context"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/settings"
)

// AppSecretOf asks for app.secret.
type AppSecretOf struct {
	App string `json:"app"`
}

// AppSecret answers app.secret: what an app checks signatures of webhooks with.
type AppSecret struct {
	App      string `json:"app"`
	Secret   string `json:"secret"`
	Previous string `json:"previous,omitempty"` // signs, too, while the overlap lasts
}

// appSecret shows a secret that the keystore gives. That it is shown is on
// record first.
func (s *Service) appSecret(ctx context.Context, a Actor, in AppSecretOf) (AppSecret, error) {
	t, app, ok := s.cfg.Config().App(in.App)
	switch {
	case !ok:
		return AppSecret{}, refuse(NotFound, "the configuration names no app %q", in.App)
	case !app.Webhook.FromKeystore:
		return AppSecret{}, refuse(Conflict, "webhooks of app %s are not signed from the keystore; write secret_from: keystore beside its webhook's url", in.App)
	}
	r := s.record(audit.KindAccess, a, "webhook_secret_shown")
	r.Tenant, r.App = t.Name, app.Name
	if err := s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}}); err != nil {
		return AppSecret{}, err
	}
	signing := settings.Signing{Keys: s.cfg.Keys, Overlap: app.Webhook.Overlap, Now: s.cfg.Now}
	secret := signing.Secret(app.Name)
	if secret == nil {
		return AppSecret{}, refuse(Unavailable, "the keystore has no key for webhooks")
	}
	return AppSecret{App: app.Name, Secret: string(secret), Previous: string(signing.Previous(app.Name))}, nil
}
