package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// migration is what keys migrate was asked for.
type migration struct {
	to      string // "vault" or "file"
	transit string // to vault
	place   string // to file: of the passphrase
	bare    bool   // to file: without one
}

func newKeysMigrate(p *program) *cobra.Command {
	var m migration
	c := &cobra.Command{
		Use:   "migrate --to {vault --transit NAME | file [--new PLACE | --bare]}",
		Short: "Move the keystore under a transit key of Vault, or back",
		Long: `Wraps every key of the keystore by a transit key of Vault, or takes them back
under a passphrase. Keys stay what they are: nothing is sealed anew.

The gateway must be stopped. The configuration stands as it was before: it says
how the keystore opens now, and with a section vault where Vault is. All keys are
wrapped in one call, unwrapped again through Vault and compared; then the file is
replaced as a whole. Stopped at any moment it is the old file or the new one, and
both open: run the command again.

To vault, --transit names a key of type aes256-gcm96 that is there already.
Afterwards write keystore.transit into the configuration in place of
keystore.passphrase. Copies of the old file open as they did: destroy them, or
keep one far from here for the day when the transit key is lost.

To file, the passphrase comes from --new (fd:NUMBER, credential:NAME or
file:PATH), else it is asked for on the terminal, twice; --bare leaves the
file's permissions alone to guard it. Afterwards take keystore.transit out of the
configuration, and let keystore.passphrase name where the passphrase is.

Exits 1 if the gateway runs, the keystore does not open, or Vault does not do its
part; nothing is changed then.`,
		Example: `  postern keys migrate --to vault --transit postern-bank
  postern keys migrate --to file --new file:secrets/keystore-passphrase`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := m.check(c.Flags().Changed("new")); err != nil {
				return usageError{err}
			}
			return p.keysMigrate(c.Context(), m)
		},
	}
	c.Flags().StringVar(&m.to, "to", "", "`WHERE` the keys go: vault or file")
	c.Flags().StringVar(&m.transit, "transit", "", "to vault: `NAME` of the transit key")
	c.Flags().StringVar(&m.place, "new", "", "to file: `PLACE` of the passphrase")
	c.Flags().BoolVar(&m.bare, "bare", false, "to file: without a passphrase")
	return c
}

func (m migration) check(placed bool) error {
	switch {
	case m.to != "vault" && m.to != "file":
		return errors.New("say where the keys go: --to vault or --to file")
	case m.to == "vault" && (m.bare || placed):
		return errors.New("--new and --bare belong to --to file")
	case m.to == "vault" && !boot.TransitName(m.transit):
		return errors.New("name the transit key: --transit NAME")
	case m.to == "file" && m.transit != "":
		return errors.New("--transit belongs to --to vault")
	case m.bare && placed:
		return errors.New("--new and --bare exclude each other")
	}
	return nil
}

func (p *program) keysMigrate(ctx context.Context, m migration) error {
	c, err := p.keystoreThere()
	if err != nil {
		return err
	}
	switch {
	case m.to == "vault" && c.Vault.Address == "":
		return errors.New("the configuration has no section vault: add it with address and one login")
	case m.to == "file" && c.Keystore.Transit == "":
		return errors.New("the configuration names no keystore.transit: the keystore is in a file already (its passphrase is changed by: postern keys passphrase)")
	}
	var phrase []byte
	if m.to == "file" && !m.bare {
		if phrase, err = p.newPassphrase(ctx, m.place); err != nil {
			return err
		}
		defer clear(phrase)
	}
	store, err := boot.OpenStore(ctx, c, boot.StoreConfig{Now: p.now})
	if errors.Is(err, journal.ErrInUse) {
		return fmt.Errorf("the gateway runs and holds the keystore open: stop it first: %w", err)
	}
	if err != nil {
		return err
	}
	keys := len(store.Keys.Versions())
	err = p.migrate(ctx, c, store, m, phrase)
	info := describeKeystore(c.KeystorePath(), store.Keys)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	return p.result(info, func() error { return p.sayMigrated(info, m, keys) })
}

// migrate moves the keys. That it is about to is on record first.
func (p *program) migrate(ctx context.Context, c *boot.Config, store *boot.Store, m migration, phrase []byte) error {
	begin := func() error { return store.Journal.Append(ctx, p.keystoreRecord("keystore_migrate", m.to)) }
	if m.to == "file" {
		switch err := begin(); {
		case err != nil:
			return err
		case m.bare:
			return store.Keys.Unprotect()
		}
		return store.Keys.Protect(phrase)
	}
	client, err := boot.DialVault(ctx, c, p.now)
	if err != nil {
		return err
	}
	defer client.Close()
	key, err := boot.TransitKey(ctx, c, client, m.transit)
	if err != nil {
		return err
	}
	if err := begin(); err != nil {
		return err
	}
	return store.Keys.WrapBy(key)
}

func (p *program) sayMigrated(k keystoreInfo, m migration, keys int) error {
	switch {
	case m.to == "vault":
		return errors.Join(
			p.say("%d versions of keys in %s are wrapped by transit key %s; Vault opened each again.", keys, k.File, m.transit),
			p.say("Before the next start write keystore: {transit: %s} into the configuration, and no passphrase.", m.transit))
	case m.bare:
		return p.say("%s needs Vault no more; its permissions alone guard it. Take keystore.transit out of the configuration before the next start.", k.File)
	}
	return p.say("%s needs Vault no more and is sealed under the passphrase. Take keystore.transit out of the configuration and let keystore.passphrase name where the passphrase is.", k.File)
}
