package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

func newKeysPassphrase(p *program) *cobra.Command {
	var place string
	var remove bool
	c := &cobra.Command{
		Use:   "passphrase [--new PLACE | --remove]",
		Short: "Set, change or remove the passphrase of the keystore",
		Long: `Seals the keystore under a new passphrase of 15 to 1,024 bytes, or without one
again. The file is replaced as a whole: after a crash it is the old one or the
new one. The gateway must be stopped, since it could not write the file any more.

The passphrase of now comes from where keystore.passphrase in the configuration
says. The new one comes from --new, else it is asked for on the terminal, twice:

  fd:NUMBER         a descriptor handed over, such as 3< FILE in a shell
  credential:NAME   a systemd credential
  file:PATH         a file of this user, mode 0600

A line end after it is dropped. Afterwards let keystore.passphrase name where the
new one is. Copies made before open with the old passphrase only, and whoever
read the file while it had none may have the keys: rotate them then.

Exits 1 if the gateway runs, the new passphrase is too short, or the keystore
does not open: with a wrong passphrase, without one, with one where none is set.`,
		Example: "  postern keys passphrase\n  postern keys passphrase --new file:secrets/keystore-passphrase\n  postern keys passphrase --remove",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("new") && remove {
				return usageError{errors.New("--new and --remove exclude each other")}
			}
			return p.keysPassphrase(c.Context(), place, remove)
		},
	}
	c.Flags().StringVar(&place, "new", "", "`PLACE` of the new passphrase: fd:NUMBER, credential:NAME or file:PATH")
	c.Flags().BoolVar(&remove, "remove", false, "leave the keystore without a passphrase")
	return c
}

func (p *program) keysPassphrase(ctx context.Context, place string, remove bool) error {
	c, err := p.keystoreThere()
	if err != nil {
		return err
	}
	if c.Keystore.Transit != "" {
		return errors.New("the keystore is wrapped by Vault and has no passphrase: postern keys migrate --to file gives it one")
	}
	var next []byte
	if !remove {
		if next, err = p.newPassphrase(ctx, place); err != nil {
			return err
		}
		defer clear(next)
	}
	store, err := boot.OpenStore(ctx, c, boot.StoreConfig{Now: p.now})
	if errors.Is(err, journal.ErrInUse) {
		return fmt.Errorf("the gateway runs and holds the keystore open: stop it first: %w", err)
	}
	if err != nil {
		return err
	}
	err = p.protect(ctx, store, next)
	info := describeKeystore(c.KeystorePath(), store.Keys)
	if err := errors.Join(err, store.Close()); err != nil {
		return err
	}
	return p.result(info, func() error { return p.sayProtection(info, c.Keystore.Passphrase, place) })
}

// protect seals the keystore under the passphrase, or without one where there
// is none. That it is about to is on record first.
func (p *program) protect(ctx context.Context, store *boot.Store, next []byte) error {
	how := "set"
	if next == nil {
		how = "removed"
	}
	if err := store.Journal.Append(ctx, p.keystoreRecord("keystore_passphrase", how)); err != nil {
		return fmt.Errorf("record the change: %w", err)
	}
	var err error
	if next == nil {
		err = store.Keys.Unprotect()
	} else {
		err = store.Keys.Protect(next)
	}
	if err != nil {
		return errors.Join(err, store.Journal.Append(ctx, p.keystoreRecord("keystore_passphrase_failed", how)))
	}
	return nil
}

// newPassphrase reads from the place named, else asks.
func (p *program) newPassphrase(ctx context.Context, place string) ([]byte, error) {
	if place == "" {
		return p.askPassphrase(ctx)
	}
	from, err := boot.ParsePassphrase(place, ".")
	if err != nil {
		return nil, usageError{fmt.Errorf("--new: %w", err)}
	}
	return from.Read()
}

func (p *program) sayProtection(k keystoreInfo, was boot.Passphrase, place string) error {
	switch {
	case !k.Protected && was == "":
		return p.say("%s had no passphrase and has none.", k.File)
	case !k.Protected:
		return p.say("%s has no passphrase now. Take keystore.passphrase out of the configuration before the next start.", k.File)
	case place == "":
		place = "where the new one is"
	}
	return p.say("%s is sealed under the new passphrase. Let keystore.passphrase name %s before the next start.", k.File, place)
}
