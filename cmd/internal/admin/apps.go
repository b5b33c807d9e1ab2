package admin

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"postern/cmd/internal/boot"
	"postern/proxy/dialect"
	"postern/proxy/identity"
)

// AppAdd asks for app.add: a new credential of an app that the configuration
// names. Version is "v1" or "v2" for a d360 app; User, Password and MustChange
// are for On-Premises apps.
type AppAdd struct {
	App        string `json:"app"`
	Version    string `json:"version,omitempty"`
	User       string `json:"user,omitempty"`
	Password   string `json:"password,omitempty"` // empty: one is made
	MustChange bool   `json:"must_change,omitempty"`
}

// AppKey answers app.add. Key or Password is shown once and never again.
type AppKey struct {
	App      string `json:"app"`
	Dialect  string `json:"dialect"`
	ID       string `json:"id,omitempty"` // for app.revoke
	Key      string `json:"key,omitempty"`
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
}

var userName = regexp.MustCompile(`^[A-Za-z0-9._@-]{1,64}$`)

func (s *Service) appAdd(ctx context.Context, a Actor, in AppAdd) (AppKey, error) {
	_, app, ok := s.cfg.Config().App(in.App)
	if !ok {
		return AppKey{}, refuse(NotFound, "the configuration names no app %q; add it there first", in.App)
	}
	if app.Dialect == "onprem" {
		return s.userAdd(ctx, a, in)
	}
	if in.User != "" || in.Password != "" || in.MustChange {
		return AppKey{}, refuse(Invalid, "only On-Premises apps have users; leave out user, password and must-change")
	}
	dia, err := dialectOf(app, in.Version)
	if err != nil {
		return AppKey{}, err
	}
	key, c, err := s.cfg.Apps.Issue(ctx, in.App, dia, a.Name)
	return AppKey{App: c.App, Dialect: string(c.Dialect), ID: c.ID, Key: key}, err
}

func dialectOf(app boot.App, version string) (dialect.Dialect, error) {
	switch {
	case app.Dialect == "d360" && version == "v1":
		return dialect.D360V1, nil
	case app.Dialect == "d360" && version == "v2":
		return dialect.D360V2, nil
	case app.Dialect == "d360":
		return "", refuse(Invalid, "say which 360dialog API the key is for: --version v1 or --version v2")
	case version != "":
		return "", refuse(Invalid, "only d360 apps have versions; leave out --version")
	}
	return dialect.Cloud, nil
}

func (s *Service) userAdd(ctx context.Context, a Actor, in AppAdd) (AppKey, error) {
	out := AppKey{App: in.App, Dialect: string(dialect.OnPrem), User: in.User, Password: in.Password}
	switch {
	case in.Version != "":
		return AppKey{}, refuse(Invalid, "only d360 apps have versions; leave out --version")
	case !userName.MatchString(in.User):
		return AppKey{}, refuse(Invalid, "an On-Premises app needs a user name: letters, digits, '.', '_', '@' and '-', at most 64")
	case in.Password == "":
		out.Password = newKey()
	case len(in.Password) < 8 || len(in.Password) > 64:
		return AppKey{}, refuse(Invalid, "a password has 8 to 64 characters")
	}
	return out, s.cfg.Apps.SetUser(ctx, in.App, in.User, out.Password, in.MustChange, a.Name)
}

// AppInfo is one configured app with its credentials, keys excepted.
type AppInfo struct {
	Name    string       `json:"name"`
	Tenant  string       `json:"tenant"`
	Dialect string       `json:"dialect"`
	Numbers []string     `json:"numbers"`
	Webhook bool         `json:"webhook"` // the configuration names a target
	Keys    []Credential `json:"keys"`
	Users   []string     `json:"users"`
}

// Credential is one key of an app, without the key.
type Credential struct {
	ID      string `json:"id"`
	Dialect string `json:"dialect"`
	Created int64  `json:"created"` // Unix seconds
	Actor   string `json:"actor"`
}

func (s *Service) appList(ctx context.Context, _ Actor, _ None) ([]AppInfo, error) {
	users, err := s.cfg.Journal.Settings(ctx, identity.ScopeUsers)
	if err != nil {
		return nil, err
	}
	out := []AppInfo{}
	for _, t := range s.cfg.Config().Tenants {
		for _, app := range t.Apps {
			info := AppInfo{
				Name: app.Name, Tenant: t.Name, Dialect: app.Dialect, Numbers: app.Numbers, Webhook: app.Webhook.URL != "",
				Keys: s.credentials(app.Name), Users: []string{},
			}
			for _, u := range users {
				if name, mine := strings.CutPrefix(u.Key, app.Name+"/"); mine {
					info.Users = append(info.Users, name)
				}
			}
			out = append(out, info)
		}
	}
	return out, nil
}

func (s *Service) credentials(app string) []Credential {
	out := []Credential{}
	for _, c := range s.cfg.Apps.List() {
		if c.App == app {
			out = append(out, Credential{ID: c.ID, Dialect: string(c.Dialect), Created: c.Created, Actor: c.Actor})
		}
	}
	return slices.Clip(out)
}

// AppRevoke asks for app.revoke: a key by its id, or a user of an On-Premises
// app.
type AppRevoke struct {
	ID   string `json:"name,omitempty"` // of a key
	App  string `json:"app,omitempty"`
	User string `json:"user,omitempty"`
}

func (s *Service) appRevoke(ctx context.Context, a Actor, in AppRevoke) (None, error) {
	var err error
	switch {
	case in.ID != "" && in.App == "" && in.User == "":
		err = s.cfg.Apps.Revoke(ctx, in.ID, a.Name)
	case in.ID == "" && in.App != "" && in.User != "":
		err = s.cfg.Apps.RevokeUser(ctx, in.App, in.User, a.Name)
	default:
		return None{}, refuse(Invalid, "name the id of a key, or an app and a user of it")
	}
	if errors.Is(err, identity.ErrUnknownKey) || errors.Is(err, identity.ErrUnknownUser) {
		return None{}, refuse(NotFound, "%v; see: postern app list", err)
	}
	return None{}, err
}
