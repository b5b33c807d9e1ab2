package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
)

type keystoreInfo struct {
	File       string `json:"file"`
	ID         string `json:"id"`
	Generation uint64 `json:"generation"`
	Protected  bool   `json:"protected"`
	Wrapped    bool   `json:"wrapped"` // by Vault
}

func describeKeystore(file string, k *keyring.Keyring) keystoreInfo {
	return keystoreInfo{File: file, ID: k.ID(), Generation: k.Generation(), Protected: k.Protected(), Wrapped: len(k.Wrappings()) > 0}
}

func newKeysBackup(p *program) *cobra.Command {
	var region string
	c := &cobra.Command{
		Use:   "backup TO",
		Short: "Write a copy of the keystore that opens by itself",
		Long: `Copies the keystore's file to a place where nothing is yet, mode 0600, waits
until the copy is on the disk, and opens it before it is called a copy. The
gateway may run meanwhile. The copy opens with the passphrase that the keystore
has now; without one, whoever reads the copy has the keys. A keystore that Vault
wraps has copies that Vault wraps: they are lost with the transit key.

That a copy is taken is on record first: by the gateway where it runs, for
which an operator's key with role operate is needed.

Take a copy after every rotation and every change of the passphrase, and keep it
apart from the journal: a copy older than the journal is refused at start.

Where residency.stores says in which regions stores may be, --region has to name
one of them as that of the place the copy goes to.

Exits 1 if a copy is there already, or the keystore does not open: with a wrong
passphrase, without one, with one where none is set.`,
		Example: "  postern keys backup /media/safe/keystore-2026-11-21.json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.keysBackup(c.Context(), args[0], region) },
	}
	c.Flags().StringVar(&region, "region", "", "`LABEL` of where the copy goes")
	return c
}

func (p *program) keysBackup(ctx context.Context, to, region string) (err error) {
	c, err := p.keystoreThere()
	if err != nil {
		return err
	}
	if err := c.Residency.CheckCopy(region); err != nil {
		return err
	}
	keys, err := boot.OpenKeys(c, p.now)
	if err != nil {
		return err
	}
	defer keys.Close()
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s is there already and is left as it is: name another file", to)
	}
	if err := p.recordBackup(ctx, c, keys.Name()); err != nil {
		return fmt.Errorf("record the backup: %w", err)
	}
	if err := keys.Backup(to); errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already and is left as it is: name another file: %w", to, err)
	} else if err != nil {
		return err
	}
	info := describeKeystore(to, keys)
	return p.result(info, func() error {
		guard := "It opens with the passphrase that the keystore has now."
		switch {
		case info.Wrapped:
			guard = "It opens with the help of Vault's transit key only."
		case !info.Protected:
			guard = "No passphrase protects it: whoever reads it has the keys."
		}
		return errors.Join(p.say("%s is a copy of keystore %s, generation %d.", to, info.ID, info.Generation), p.say("%s", guard))
	})
}

// recordBackup has the gateway record it where one runs.
func (p *program) recordBackup(ctx context.Context, c *boot.Config, name string) error {
	j, err := boot.OpenJournal(ctx, c, name, p.now)
	if errors.Is(err, journal.ErrInUse) {
		_, err := ask[admin.None](ctx, p, "keys.backup", admin.None{})
		return err
	}
	if err != nil {
		return err
	}
	return errors.Join(j.Append(ctx, p.keystoreRecord("keystore_backup", "")), j.Close())
}

// keystoreRecord says what is done to the keystore's file by who may read it.
func (p *program) keystoreRecord(what, how string) journal.Batch {
	now := p.now()
	return journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: "system", Type: what, Result: how,
	}}}
}

// keystoreThere is the configuration of a keystore that exists: commands that
// look after keys never make new ones.
func (p *program) keystoreThere() (*boot.Config, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(c.KeystorePath()); err != nil {
		return nil, fmt.Errorf("find keystore (the first start of the gateway, or the first operator, makes one): %w", err)
	}
	return c, nil
}
