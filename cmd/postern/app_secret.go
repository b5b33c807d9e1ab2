package main

import (
	"errors"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newAppSecret(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "secret APP",
		Short: "Show what an app checks the signatures of its webhooks with",
		Long: `Shows the secret that signs what a cloud app receives, where the configuration
says secret_from: keystore. It is derived from purpose webhook of the keystore
and changes with: postern keys rotate webhook. For the app's overlap afterwards
the secret before signs, too, in X-Postern-Signature-256-Previous: until the app
has the new one it checks that header. Destroying the old version ends it at once.

That it is shown is on record.`,
		Example: "  postern app secret shop\n  postern app secret shop --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := ask[admin.AppSecret](c.Context(), p, "app.secret", admin.AppSecretOf{App: args[0]})
			if err != nil {
				return err
			}
			return p.result(s, func() error {
				err := errors.Join(p.say("Webhooks of %s are signed with:", s.App), p.say("%s", s.Secret))
				if s.Previous == "" {
					return err
				}
				return errors.Join(err, p.say("and until the overlap ends with:"), p.say("%s", s.Previous))
			})
		},
	}
}
