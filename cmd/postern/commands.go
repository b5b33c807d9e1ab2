package main

import "github.com/spf13/cobra"

// commands are all there are, in the order of help's reader: run it, set it
// up, keep it right, ask it.
func commands(p *program) []*cobra.Command {
	return []*cobra.Command{
		newConfigCommand(p),
		newPolicyCommand(p),
		newVersionCommand(p),
	}
}
