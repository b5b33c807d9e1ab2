package main

import "github.com/spf13/cobra"

// commands are all there are, in the order of help's reader: run it, set it
// up, keep it right, ask it.
func commands(p *program) []*cobra.Command {
	return []*cobra.Command{
		newServeCommand(p),
		newConfigCommand(p),
		newAppCommand(p),
		newOperatorCommand(p),
		newFactsCommand(p),
		newConsentCommand(p),
		newSubjectCommand(p),
		newPolicyCommand(p),
		newAuditCommand(p),
		newDeliveriesCommand(p),
		newDemoCommand(p),
		newVersionCommand(p),
	}
}
