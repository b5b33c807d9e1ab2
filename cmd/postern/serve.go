package main

import (
	"encoding/json"
	"os"
	"runtime/debug"

	"github.com/spf13/cobra"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/gateway"
)

func newServeCommand(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway until it is told to stop",
		Long: `Run the gateway: listeners for apps, webhooks and operators, delivery, and
everything that recurs. It stops in order on SIGINT or SIGTERM: no new requests,
those under way finish, a last checkpoint is signed. SIGHUP reloads.

Logs are JSON lines on stderr. One line of JSON on stdout says when it is ready.`,
		Example: `  postern serve --config /etc/postern/postern.yaml
  kill -HUP $(pidof postern)   # reload configuration, policies, certificates`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, err := p.config()
			if err != nil {
				return err
			}
			log, err := boot.NewLogger(p.stderr, cfg.LogLevel, p.now)
			if err != nil {
				return err
			}
			if boot.AllStacks(os.Getenv("GOTRACEBACK")) {
				log.Warn().Msg("a crash would print more than the stack it happened in: unset GOTRACEBACK")
			}
			g, err := gateway.Open(c.Context(), cfg, gateway.Surroundings{Now: p.now, Log: log})
			if err != nil {
				return err
			}
			debug.FreeOSMemory() // what loading took goes back: it may be as much as what stays
			return g.Run(c.Context(), func() {
				ready := map[string]any{
					"ready": true, "pid": os.Getpid(), "app": cfg.Listeners.App.Address,
					"webhook": cfg.Listeners.Webhook.Address, "admin": cfg.Listeners.Admin,
				}
				json.NewEncoder(p.stdout).Encode(ready) //nolint:errcheck,errchkjson // nobody reads it then
				log.Info().Msg("ready")
			})
		},
	}
}
