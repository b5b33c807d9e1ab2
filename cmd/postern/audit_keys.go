package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"postern/audit"
)

type checkpointKey struct {
	Version uint32 `json:"version"`
	State   string `json:"state"`
	Key     string `json:"key"` // name+hash+key
}

func newAuditKeys(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Print the public keys that checkpoints are signed with",
		Long: `Prints every public checkpoint key as name+hash+key. Hand them to an auditor, who
verifies a copy with "postern audit verify --file COPY --key KEY".`,
		Example: "  postern audit keys",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return p.auditKeys() },
	}
}

func (p *program) auditKeys() error {
	c, err := p.config()
	if err != nil {
		return err
	}
	keys, err := checkpointKeys(c, p.now)
	if err != nil {
		return err
	}
	var out []checkpointKey
	var rows [][]string
	for _, k := range keys {
		text, err := audit.VerifierKey(k.Name, k.Key)
		if err != nil {
			return fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
		out = append(out, checkpointKey{k.Version, string(k.State), text})
		rows = append(rows, []string{fmt.Sprint(k.Version), string(k.State), text})
	}
	return p.result(out, func() error { return table(p.stdout, []string{"VERSION", "STATE", "KEY"}, rows) })
}
