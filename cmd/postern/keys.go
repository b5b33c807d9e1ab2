package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/crypto/vault"
)

func newKeysCommand(p *program) *cobra.Command {
	return group("keys", "Rotate keys while the gateway runs, and guard their file",
		newKeysList(p), newKeysStatus(p), newKeysRotate(p), newKeysRewrap(p), newKeysDestroy(p),
		newKeysBackup(p), newKeysPassphrase(p), newKeysMigrate(p))
}

func newKeysList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List every version of every key and what still needs it",
		Long: `Lists the versions of every purpose with their state:

  next       announced, does nothing yet
  active     seals, signs and hashes; opens too
  retired    opens and verifies only
  destroyed  gone; number and public key stay

SEALS are reserved in steps of 65,536, so that a crash never loses count.
VAULT is the version of the transit key that wraps it, where one does.
NEEDED BY is counted for retired versions: what has to be moved, or has to end,
before the version can be destroyed. Keys themselves are never shown.

While no gateway runs and Vault, which wraps the keys, does not open them, the
list is what the file says of itself: NEEDED BY is not counted, and nothing
vouches for the rest.`,
		Example: "  postern keys list\n  postern keys list --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.KeyVersion](c.Context(), p, "keys.list", admin.None{})
			if errors.Is(err, vault.ErrAway) || errors.Is(err, vault.ErrRefused) {
				all, err = p.keysPeek(err)
			}
			if err != nil {
				return err
			}
			return p.result(all, func() error { return p.keyTable(all) })
		},
	}
}

// keysPeek lists what can be read without Vault.
func (p *program) keysPeek(cause error) ([]admin.KeyVersion, error) {
	c, err := p.config()
	if err != nil {
		return nil, err
	}
	seen, err := keyring.Peek(c.KeystorePath())
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	all := []admin.KeyVersion{}
	for _, v := range seen {
		all = append(all, admin.KeyVersion{Purpose: v.Purpose, Version: v.Number, State: v.State, Created: v.Created.Format(time.RFC3339), Seals: v.Seals, Needs: []rotation.Need{}})
	}
	return all, p.note("The keys do not open, so this is only what the file says: %v", cause)
}

func (p *program) keyTable(all []admin.KeyVersion) error {
	var rows [][]string
	for _, k := range all {
		line := []string{string(k.Purpose), strconv.FormatUint(uint64(k.Version), 10), string(k.State), k.Created, "", ""}
		if k.Seals > 0 {
			line[4] = strconv.FormatUint(k.Seals, 10)
		}
		if k.Vault > 0 {
			line[5] = strconv.Itoa(k.Vault)
		}
		if len(k.Needs) == 0 {
			rows = append(rows, line)
		}
		for _, n := range k.Needs {
			rows = append(rows, append(line, fmt.Sprintf("%d %s", n.Count, n.What)))
			line = []string{"", "", "", "", "", ""}
		}
	}
	return table(p.stdout, []string{"PURPOSE", "VERSION", "STATE", "CREATED", "SEALS", "VAULT", "NEEDED BY"}, rows)
}

func newKeysStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show how far the work of a rotation is",
		Long: `Shows what moves to a new version and how far it is: asked for since the gateway
started, or left over by an earlier run. Work goes on after a stop or a crash.
STUCK are rows that cannot be opened any more; the older version stays needed
until they are erased.

Purpose keystore is the keys themselves where a transit key of Vault wraps them:
TO is its newest version, SEEN those wrapped by it, STUCK those that Vault would
not open any more at a restart.`,
		Example: "  postern keys status",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			work, err := ask[[]rotation.Work](c.Context(), p, "keys.status", admin.None{})
			if err != nil {
				return err
			}
			return p.result(work, func() error { return p.work(work) })
		},
	}
}

func (p *program) work(all []rotation.Work) error {
	if len(all) == 0 {
		return p.say("Nothing moves.")
	}
	var rows [][]string
	for _, w := range all {
		rows = append(rows, []string{
			string(w.Purpose), fmt.Sprint(w.Version), w.State, date(w.Since), fmt.Sprintf("%d of %d", w.Seen, w.Total),
			fmt.Sprint(w.Moved), fmt.Sprint(w.Stuck), w.Problem,
		})
	}
	return table(p.stdout, []string{"PURPOSE", "TO", "STATE", "SINCE", "SEEN", "MOVED", "STUCK", "PROBLEM"}, rows)
}

func newKeysRotate(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "rotate PURPOSE",
		Short: "Make a new version of a key and use it from now on",
		Long: `Makes a new version active at once; the one before is retired and opens and
verifies what it sealed, hashed and signed. Needs role operate.

  kek          wraps data keys; "postern keys rewrap" moves the old ones
  index        finds people; their entries move by themselves, see "keys status"
  original     hashes originals, message ids and marks; old ones stay findable
  suppression  the list of people not to message again
  app          hashes keys, logins and passwords; old ones stay valid
  checkpoint   signs checkpoints; give auditors the new public key: postern audit keys
  webhook      signs what apps receive
  secret       seals what apps set for themselves; moves by itself

Purpose webhook protects nothing yet. The secrets that sign webhooks stand in
the configuration and are not touched.`,
		Example: "  postern keys rotate kek\n  postern keys rotate index --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			k, err := ask[admin.KeyRotated](c.Context(), p, "keys.rotate", admin.KeyRotate{Purpose: keyring.Purpose(args[0])})
			if err != nil {
				return err
			}
			return p.result(k, func() error { return p.rotated(k) })
		},
	}
}

func (p *program) rotated(k admin.KeyRotated) error {
	err := p.say("%s is active, %s is retired.", rotation.Name(k.Purpose, k.Version), rotation.Name(k.Purpose, k.Before))
	switch {
	case k.Purpose == keyring.KEK:
		return errors.Join(err, p.say("Data keys are moved by: postern keys rewrap"))
	case len(k.Work) > 0:
		return errors.Join(err, p.moving(k.Work))
	}
	return err
}

func newKeysRewrap(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "rewrap",
		Short: "Move everything sealed or indexed under older versions to the active ones",
		Long: `Wraps data keys by the active kek, indexes people by the active index and seals
settings by the active secret. What they protect is neither opened nor changed.

A running gateway does it in the background, in short steps that let messages
pass; "postern keys status" shows how far it is. Without one the command does it
and returns when it is done. Stopped in the middle, it goes on with the next
start. Needs role operate.`,
		Example: "  postern keys rewrap\n  postern keys status",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			work, err := ask[[]rotation.Work](c.Context(), p, "keys.rewrap", admin.None{})
			if err != nil {
				return err
			}
			return p.result(work, func() error { return p.moving(work) })
		},
	}
}

// moving shows work that was just asked for.
func (p *program) moving(work []rotation.Work) error {
	err := p.work(work)
	if slices.ContainsFunc(work, func(w rotation.Work) bool { return w.State != "done" }) {
		err = errors.Join(err, p.say("It goes on by itself; to see how far it is: postern keys status"))
	}
	return err
}

func newKeysDestroy(p *program) *cobra.Command {
	var yes bool
	var confirm string
	c := &cobra.Command{
		Use:   "destroy PURPOSE VERSION --yes --confirm PURPOSE/VERSION",
		Short: "Destroy a version of a key for good",
		Long: `Destroys the key of a version that is not active. What it protected can never be
opened again, not even from a backup of the journal: only a backup of the
keystore holds it still. It asks twice: --yes, and --confirm with purpose and
version. It refuses while something needs the version and says what, how much of
it and what to do. Needs role approve.`,
		Example: "  postern keys list\n  postern keys destroy kek 1 --yes --confirm kek/1",
		Args:    cobra.ExactArgs(2),
		RunE: func(c *cobra.Command, args []string) error {
			version, err := strconv.ParseUint(args[1], 10, 32)
			if err != nil || version == 0 {
				return usageError{errors.New("the version is a number from 1; see: postern keys list")}
			}
			name := args[0] + "/" + strconv.FormatUint(version, 10)
			if !yes || confirm != name {
				return usageError{fmt.Errorf("destroying is for good; say it twice: --yes --confirm %s", name)}
			}
			in := admin.KeyDestroy{Purpose: keyring.Purpose(args[0]), Version: uint32(version), Confirm: confirm}
			if _, err := ask[admin.None](c.Context(), p, "keys.destroy", in); err != nil {
				return err
			}
			return p.result(map[string]string{"destroyed": name}, func() error { return p.say("%s is destroyed.", name) })
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "yes, destroy it")
	c.Flags().StringVar(&confirm, "confirm", "", "repeat what is destroyed, as `PURPOSE/VERSION`")
	return c
}
