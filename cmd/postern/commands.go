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
		newKeysCommand(p),
		newBackupCommand(p),
		newEncryptionCommand(p),
		newResidencyCommand(p),
		newFactsCommand(p),
		newConsentCommand(p),
		newSubjectCommand(p),
		newHoldCommand(p),
		newPolicyCommand(p),
		newPIICommand(p),
		newRetentionCommand(p),
		newAuditCommand(p),
		newClickHouseCommand(p),
		newEnvoyCommand(p),
		newDeliveriesCommand(p),
		newExportCommand(p),
		newFlowsCommand(p),
		newNumberCommand(p),
		newDemoCommand(p),
		newVersionCommand(p),
		newExitCodesTopic(),
	}
}

// newExitCodesTopic is help without a command.
func newExitCodesTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "exit-codes",
		Short: "What the exit codes mean to a script",
		Long: `Exit codes are part of the interface; scripts may branch on them.

  0  done
  1  not done: refused, or something broke; the reason is on stderr, nothing on
     stdout may be relied on
     (serve too: when the keystore does not open with the passphrase given, has
     one and none is given, or is older than the journal; starting again does
     not help then)
  2  the command line is wrong, or no configuration is named; nothing was tried
  3  a check ran to its end and found something; what it found is on stdout:
     config check, policy check, policy test, retention check, retention verify,
     audit verify, export check, subject verify, facts import, flows key upload,
     flows key check, envoy check, pii check, pii scan --check; or what was asked for waits for
     you: number move

serve and demo run exit with 0 when they were told to stop and stopped in order.
Any other command that is interrupted exits with 1.`,
	}
}
