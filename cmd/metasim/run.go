// Command metasim simulates Meta's WhatsApp Cloud API: it takes sends, posts
// signed webhooks and misbehaves on request. It exits 0 after SIGINT or
// SIGTERM and 1 with a sentence on stderr when it cannot start or serve. It
// holds no real credentials and belongs on loopback or in a staging network:
// its control API asks for no password.
package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// run is the program without the process around it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	cmd := command(stdout, stderr)
	cmd.SetArgs(args)
	return cmd.ExecuteContext(ctx)
}

const longHelp = `metasim simulates Meta's WhatsApp Cloud API for staging and tests.

It validates sends as Meta does, posts signed webhooks, keeps media and
templates, and can be told to fail in every documented way. When it is ready it
prints one line of JSON with its addresses on stdout.`

const examples = `  # plain HTTP on a free port, one number, one token
  metasim --listen 127.0.0.1:8400 --token test-token \
    --number 106540000000001:+4915550100001:200000000000001

  # with TLS, webhooks and a memory that survives a kill
  METASIM_TOKEN=test-token METASIM_APP_SECRET=secret metasim \
    --listen 127.0.0.1:8443 --tls-cert cert.pem --tls-key key.pem \
    --number 106540000000001:+4915550100001:200000000000001 \
    --webhook https://127.0.0.1:9443/webhooks/meta --webhook-ca ca.pem \
    --verify-token verify-me --state ./metasim-state

  # what it took, and a customer who writes
  curl http://127.0.0.1:8400/_sim/accepted
  curl -d '{"from":"+4915112345678","text":{"body":"hello"}}' http://127.0.0.1:8400/_sim/inbound`

func command(stdout, stderr io.Writer) *cobra.Command {
	var o options
	cmd := &cobra.Command{
		Use: "metasim", Short: "Simulate Meta's WhatsApp Cloud API", Long: longHelp, Example: examples,
		Args: cobra.NoArgs, SilenceUsage: true, SilenceErrors: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return serve(cmd.Context(), o, stdout, stderr)
		},
	}
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	o.flags(cmd.Flags())
	return cmd
}
