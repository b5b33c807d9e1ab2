package main

import (
	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

func newNumberWebhook(p *program) *cobra.Command {
	var in admin.WebhookAsked
	c := &cobra.Command{
		Use:   "webhook PHONE_NUMBER_ID",
		Short: "See or set where 360dialog posts what concerns a number",
		Long: `Asks 360dialog, by way of the running gateway, where it posts what concerns a
number of a tenant with upstream: d360. With --url it is set first, with the
tenant's webhook_secret in the header that the configuration names. Each new key
of a number, and each new secret, needs this once.

SECRET says which of the configuration's secrets the header holds: "current",
"previous", "other" or "none". A number without a URL of its own gets what its
account's has (/waba_webhook), which is not shown.`,
		Example: "  postern number webhook 106540352242922\n  postern number webhook 106540352242922 --url https://webhook.example.org/webhook/desk",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			in.Number = args[0]
			w, err := ask[admin.NumberWebhook](c.Context(), p, "number.webhook", in)
			if err != nil {
				return err
			}
			return p.result(w, func() error {
				return table(p.stdout, []string{"NUMBER", "URL", "SECRET"}, [][]string{{w.Number, dash(w.URL), w.Secret}})
			})
		},
	}
	c.Flags().StringVar(&in.URL, "url", "", "set it to this address: https://HOST/webhook/TENANT")
	return c
}
