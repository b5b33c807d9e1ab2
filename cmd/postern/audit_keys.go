package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/audit/journal"
)

type checkpointKey struct {
	Version uint32 `json:"version"`
	State   string `json:"state"`
	Key     string `json:"key"` // name+hash+key

	// Statement is the signed note by which the key before this one names it,
	// empty for the first one and until the gateway has run with this one.
	Statement string `json:"statement,omitempty"`
}

func newAuditKeys(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "keys",
		Short: "Print the public keys that checkpoints are signed with",
		Long: `Prints every public checkpoint key as name+hash+key. Hand one to an auditor, who
verifies a copy with "postern audit verify --file COPY --key KEY". Each later key is
signed by the one before it: --json prints these statements, and verify follows them.`,
		Example: "  postern audit keys\n  postern audit keys --json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.auditKeys(c.Context()) },
	}
}

func (p *program) auditKeys(ctx context.Context) error {
	c, err := p.config()
	if err != nil {
		return err
	}
	keys, err := checkpointKeys(c, p.now)
	if err != nil {
		return err
	}
	statements, err := p.statements(ctx, c.JournalPath())
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
		out = append(out, checkpointKey{k.Version, string(k.State), text, statements[text]})
		rows = append(rows, []string{fmt.Sprint(k.Version), string(k.State), text})
	}
	return p.result(out, func() error { return table(p.stdout, []string{"VERSION", "STATE", "KEY"}, rows) })
}

// statements are those of the journal, by the key they lead to. Without a
// journal there are none.
func (p *program) statements(ctx context.Context, path string) (out map[string]string, err error) {
	r, err := journal.OpenReader(ctx, path)
	if errors.Is(err, journal.ErrMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	notes, err := r.Successions(ctx)
	if err != nil {
		return nil, err
	}
	out = make(map[string]string, len(notes))
	for _, note := range notes {
		s, err := audit.OpenSuccession(note)
		if err != nil {
			return nil, fmt.Errorf("statement in the journal: %w", err)
		}
		out[s.New] = string(note)
	}
	return out, nil
}
