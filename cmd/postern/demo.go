package main

import (
	"github.com/spf13/cobra"

	"postern/cmd/internal/demo"
)

func newDemoCommand(p *program) *cobra.Command {
	var dir, bin, hook, engine, envoy string
	var port int
	site := func() (*demo.Site, error) { return demo.NewSite(dir, bin, port, hook) }
	c := group("demo", "Try the gateway on loopback (used by the Makefile)",
		&cobra.Command{
			Use: "run", Short: "Set up and run gateway, simulator and receiver until Ctrl-C", Args: cobra.NoArgs,
			Example: "  make run\n  make run PORT=9000 WEBHOOK_URL=http://127.0.0.1:7000/hook\n  make run CLICKHOUSE=1\n  POSTERN_EDGE=envoy make run",
			RunE: func(c *cobra.Command, _ []string) error {
				s, err := site()
				if err != nil {
					return usageError{err}
				}
				s.Engine, s.Envoy = engine, envoy
				return s.Run(c.Context(), p.stdout)
			},
		},
		&cobra.Command{
			Use: "stop", Short: "End what demo run started in this folder", Args: cobra.NoArgs, Example: "  make stop",
			RunE: func(*cobra.Command, []string) error {
				s, err := site()
				if err != nil {
					return usageError{err}
				}
				return s.Stop(p.stdout)
			},
		},
		&cobra.Command{
			Use: "talk", Short: "A narrated conversation; fails if any step does not do what it says", Args: cobra.NoArgs, Example: "  make demo\n  POSTERN_EDGE=envoy make demo",
			RunE: func(c *cobra.Command, _ []string) error { return demo.Talk(c.Context(), bin, envoy, p.stdout) },
		},
	)
	c.Hidden = true
	flags := c.PersistentFlags()
	flags.StringVar(&dir, "dir", "demo", "`FOLDER` of the demo")
	flags.StringVar(&bin, "bin", "bin", "`FOLDER` of the programs postern and metasim")
	flags.IntVar(&port, "port", 8443, "first of eight `PORT`s")
	flags.StringVar(&engine, "clickhouse", "", "`FOLDER` of the ClickHouse engine to run, too")
	flags.StringVar(&envoy, "envoy", "", "`PROGRAM` of an Envoy to stand in front, where apps call")
	flags.StringVar(&hook, "webhook-url", "", "where the apps' webhooks go; left out: a receiver that prints them")
	return c
}
