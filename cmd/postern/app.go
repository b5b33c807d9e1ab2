package main

import (
	"errors"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newAppCommand(p *program) *cobra.Command {
	return group("app", "Give apps their keys and take them away", newAppAdd(p), newAppList(p), newAppRevoke(p), newAppSecret(p))
}

func newAppAdd(p *program) *cobra.Command {
	var in admin.AppAdd
	var passwordFile string
	c := &cobra.Command{
		Use:   "add APP",
		Short: "Make a key for an app that the configuration names, and show it once",
		Long: `Makes a credential and prints it; only a keyed hash of it is stored, so it is
never shown again. An app may have several: add the new one, switch the app
over, revoke the old one.

A cloud app gets a token, a d360 app a D360-API-KEY for the API version named,
an onprem app a user with a password for /v1/users/login.`,
		Example: "  postern app add shop\n  postern app add desk --version v2\n  postern app add old --user admin --must-change",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in.App = args[0]
			if passwordFile != "" {
				raw, err := p.readInput(passwordFile)
				if err != nil {
					return err
				}
				in.Password = strings.TrimRight(string(raw), "\r\n")
			}
			k, err := ask[admin.AppKey](c.Context(), p, "app.add", in)
			if err != nil {
				return err
			}
			return p.result(k, func() error { return p.appKey(k) })
		},
	}
	c.Flags().StringVar(&in.Version, "version", "", "for d360 apps: `v1` or v2")
	c.Flags().StringVar(&in.User, "user", "", "for onprem apps: user `NAME`")
	c.Flags().StringVar(&passwordFile, "password-file", "", "for onprem apps: `FILE` with the password, - for standard input (default: one is made)")
	c.Flags().BoolVar(&in.MustChange, "must-change", false, "for onprem apps: the first login must set a new password")
	return c
}

func (p *program) appKey(k admin.AppKey) error {
	if k.User != "" {
		return errors.Join(p.say("User %s of %s. The password is shown only now:", k.User, k.App), p.say("%s", k.Password))
	}
	return errors.Join(p.say("Key %s of %s (%s). It is shown only now:", k.ID, k.App, k.Dialect), p.say("%s", k.Key))
}

func newAppList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the apps with their numbers and keys",
		Example: "  postern app list --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			apps, err := ask[[]admin.AppInfo](c.Context(), p, "app.list", admin.None{})
			if err != nil {
				return err
			}
			return p.result(apps, func() error { return p.appTable(apps) })
		},
	}
}

func (p *program) appTable(apps []admin.AppInfo) error {
	var rows [][]string
	for _, a := range apps {
		line := []string{a.Name, a.Tenant, a.Dialect, strings.Join(a.Numbers, " ")}
		for _, k := range a.Keys {
			rows = append(rows, append(line, "key "+k.ID, k.Dialect, date(k.Created), k.Actor))
			line = []string{"", "", "", ""}
		}
		for _, u := range a.Users {
			rows = append(rows, append(line, "user "+u, "onprem", "", ""))
			line = []string{"", "", "", ""}
		}
		if line[0] != "" {
			rows = append(rows, append(line, "none", "", "", ""))
		}
	}
	return table(p.stdout, []string{"APP", "TENANT", "DIALECT", "NUMBERS", "CREDENTIAL", "FOR", "SINCE", "BY"}, rows)
}

func newAppRevoke(p *program) *cobra.Command {
	var user string
	c := &cobra.Command{
		Use:   "revoke {KEY-ID | APP --user NAME}",
		Short: "End a key, or a user with all its logins, at once",
		Long: `Ends a key by its id, or a user of an onprem app. Whoever is logged in as that
user is logged out.`,
		Example: "  postern app list\n  postern app revoke 3f9a01bc\n  postern app revoke old --user admin",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in, what := admin.AppRevoke{ID: args[0]}, "Key "+args[0]
			if user != "" {
				in, what = admin.AppRevoke{App: args[0], User: user}, "User "+user+" of "+args[0]
			}
			if _, err := ask[admin.None](c.Context(), p, "app.revoke", in); err != nil {
				return err
			}
			return p.result(map[string]string{"revoked": args[0], "user": user}, func() error { return p.say("%s is revoked.", what) })
		},
	}
	c.Flags().StringVar(&user, "user", "", "the user `NAME` of an onprem app")
	return c
}

// date shows Unix seconds to people.
func date(seconds int64) string { return time.Unix(seconds, 0).UTC().Format("2006-01-02 15:04:05Z") }
