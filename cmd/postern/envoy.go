package main

import "github.com/spf13/cobra"

func newEnvoyCommand(p *program) *cobra.Command {
	return group("envoy", "Configure Envoy before the gateway, and check what configures it",
		newEnvoyBootstrap(p), newEnvoyConfig(p), newEnvoyCheck(p))
}
