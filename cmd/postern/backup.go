package main

import (
	"context"
	"errors"
	"fmt"

	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/audit/blob"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
	"postern/retention/backup"
)

func newBackupCommand(p *program) *cobra.Command {
	return group("backup", "Copy the store elsewhere, sealed, and bring it back", newBackupCreate(p), newBackupStatus(p), newBackupList(p), newBackupVerify(p), newBackupRestore(p))
}

// backupPlace opens the place that the configuration names.
func (p *program) backupPlace() (*boot.Config, blob.Bucket, error) {
	c, err := p.config()
	if err != nil {
		return nil, nil, err
	}
	if !c.Backup.IsSet() {
		return nil, nil, errors.New(`the configuration names no place for backups: add section backup, such as "backup: {dir: ./backups, every: 24h}"`)
	}
	place, err := c.Backup.Open(p.now, func() boot.Backup { return c.Backup })
	return c, place, err
}

func newBackupCreate(p *program) *cobra.Command {
	var in admin.BackupCreate
	c := &cobra.Command{
		Use:   "create",
		Short: "Make a backup now",
		Long: `Makes a backup while the gateway runs, or without it, and says how far it is.
That it begins is on record before anything leaves.

A running gateway makes backups by itself, every so often as section backup
says, and takes away what is over. If the command is interrupted, a gateway
goes on; without one the backup is given up, and nothing of it counts.`,
		Example: "  postern backup create\n  postern backup create --prune",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.backupCreate(c.Context(), in) },
	}
	c.Flags().BoolVar(&in.Prune, "prune", false, "then take away the backups that are over")
	return c
}

func (p *program) backupCreate(ctx context.Context, in admin.BackupCreate) (err error) {
	s, err := p.connect(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	st, err := do[backup.Status](ctx, s, "backup.create", in)
	for err == nil && st.Running {
		if isTerminal(p.stderr) {
			err = p.note("%s", backupStep(st))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(500 * time.Millisecond):
		}
		st, err = do[backup.Status](ctx, s, "backup.status", admin.None{})
	}
	if err != nil {
		return err
	}
	if st.Failed != "" {
		return errors.New(st.Failed)
	}
	return p.result(st, func() error { return p.backupMade(st) })
}

func backupStep(st backup.Status) string {
	if st.Total > 0 {
		return fmt.Sprintf("%s: %d of %d", st.Step, st.Done, st.Total)
	}
	return fmt.Sprintf("%s: %d", st.Step, st.Done)
}

func (p *program) backupMade(st backup.Status) error {
	m := st.Made
	if m == nil {
		return p.say("No backup was made since the gateway started. Those that are there: postern backup list")
	}
	errs := []error{
		p.say("Backup %s holds %d records, %d data keys and %d files (%d bytes).", m.Name, m.Records, m.DataKeys.Count, m.Files, m.Journal.Bytes+m.DataKeys.Bytes),
		p.say("Its data keys end by %s, all of it by %s.", m.KeyEnds.Format(time.RFC3339), m.Ends.Format(time.RFC3339)),
	}
	if m.Keystore == nil {
		errs = append(errs, p.say("It holds NO keystore, since no passphrase protects that: keep a copy of it elsewhere (postern keys backup)."))
	}
	if g := st.Pruned; g != nil && len(g.Backups)+len(g.Keys)+g.Files > 0 {
		errs = append(errs, p.say("Gone: %d backups, the data keys of %d, %d files.", len(g.Backups), len(g.Keys), g.Files))
	}
	if g := st.Pruned; g != nil && g.Unswept {
		errs = append(errs, p.say("The bucket does not list unfinished uploads: a rule of it has to end what a crash leaves (AbortIncompleteMultipartUpload)."))
	}
	if g := st.Pruned; g != nil && g.Locked > 0 {
		errs = append(errs, p.say("Object Lock keeps %d objects until %s; nobody can open them any more.", g.Locked, g.Until.Format(time.RFC3339)))
	}
	return errors.Join(errs...)
}

func newBackupStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Say how far a backup is that a gateway makes, and how the last one ended",
		Example: "  postern backup status --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			st, err := ask[backup.Status](c.Context(), p, "backup.status", admin.None{})
			if err != nil {
				return err
			}
			return p.result(st, func() error {
				switch {
				case st.Running:
					return p.say("Being made since %s, %s.", st.Began.Format(time.RFC3339), backupStep(st))
				case st.Failed != "":
					return errors.Join(p.say("The last one FAILED: %s", st.Failed), p.backupMade(st))
				}
				return p.backupMade(st)
			})
		},
	}
}

func newBackupList(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the backups there are",
		Long: `Lists what lies in the configured place, oldest first. A backup whose manifest
no key of the configured keystore signed is marked; where there is no keystore
nothing vouches for the list, and restore says more.`,
		Example: "  postern backup list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, place, err := p.backupPlace()
			if err != nil {
				return err
			}
			var known []audit.Verifier
			if keys, err := checkpointKeys(cfg, p.now); err == nil {
				if known, err = verifiers(keys); err != nil {
					return err
				}
			}
			all, err := backup.List(c.Context(), place, known...)
			if err != nil {
				return err
			}
			if all == nil {
				all = []backup.Listed{}
			}
			return p.result(all, func() error { return p.backupTable(all) })
		},
	}
}

func (p *program) backupTable(all []backup.Listed) error {
	var rows [][]string
	for _, l := range all {
		state := []string{}
		for _, s := range []struct {
			word string
			is   bool
		}{{"cannot be opened: its key is gone", !l.Readable}, {"keys ended", l.Readable && !l.Keys}, {"not signed by this store", !l.Proved}, {"without keystore", l.Keystore == nil}} {
			if s.is {
				state = append(state, s.word)
			}
		}
		rows = append(rows, []string{
			l.Name, fmt.Sprint(l.Records), fmt.Sprint(l.Journal.Bytes), l.KeyEnds.Format(time.RFC3339), l.Ends.Format(time.RFC3339), strings.Join(state, ", "),
		})
	}
	return table(p.stdout, []string{"BACKUP", "RECORDS", "BYTES", "KEYS END", "ENDS", "STATE"}, rows)
}

func newBackupVerify(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [BACKUP]",
		Short: "Read a backup back and prove what it holds",
		Long: `Reads a backup, the newest if none is named, and holds it against the signed
manifest, files by their names and sizes; opens it; and verifies the trail in it as audit verify does,
with the checkpoints kept outside. It needs as much room as the journal, in the
data folder. The gateway may run meanwhile.

Exits 1 if the backup is damaged or cannot be read.`,
		Example: "  postern backup verify\n  postern backup verify 20261122T100000Z-1a2b3c4d",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			got, err := p.backupVerify(c.Context(), strings.Join(args, ""))
			if err != nil {
				return another(err)
			}
			if err := p.result(got, func() error { return p.backupChecked(&got) }); err != nil || !p.keysGone(&got) {
				return err
			}
			return another(fmt.Errorf("%w: its data keys are gone before their time", backup.ErrAltered))
		},
	}
}

func (p *program) backupVerify(ctx context.Context, name string) (out backup.Checked, err error) {
	c, place, err := p.backupPlace()
	if err != nil {
		return out, err
	}
	if _, err := p.keystoreThere(); err != nil {
		return out, err
	}
	keys, err := boot.OpenKeys(c, p.now)
	if err != nil {
		return out, err
	}
	defer keys.Close()
	src := backup.Source{From: place, Name: name, Keys: keys, Temp: c.VerifyTemp(), Progress: p.backupProgress()}
	if src.Against, err = p.outside(c, nil); err != nil {
		return out, err
	}
	return backup.Verify(ctx, src)
}

// outside are the checkpoints in the configured folder and those named.
func (p *program) outside(c *boot.Config, more []string) ([]audit.OutsideCheckpoint, error) {
	if !empty(c.Checkpoints.Dir) {
		more = append([]string{c.Checkpoints.Dir}, more...)
	}
	return readAgainst(more)
}

// backupProgress says now and then how far a step is; nil where nobody looks.
func (p *program) backupProgress() func(step string, done, total int64) {
	if !isTerminal(p.stderr) {
		return nil
	}
	last := time.Time{}
	return func(step string, done, total int64) {
		if now := p.now(); now.Sub(last) >= time.Second {
			last = now
			_ = p.note("%s: %d of %d", step, done, total) // progress is not worth failing for
		}
	}
}

func (p *program) backupChecked(c *backup.Checked) error {
	errs := []error{p.say("Backup %s is whole: %d records, %d files; its trail agrees with itself and the manifest.", c.Name, c.Records, c.Files)}
	switch {
	case p.keysGone(c):
		errs = append(errs, p.say("Its data keys are GONE, though they were to stay until %s: originals, answers and identifiers in it cannot be opened.", c.KeyEnds.Format(time.RFC3339)))
	case c.KeysGone:
		errs = append(errs, p.say("Its data keys ended: originals, answers and identifiers in it cannot be opened any more."))
	default:
		errs = append(errs, p.say("It holds %d data keys, until %s.", c.KeysRead, c.KeyEnds.Format(time.RFC3339)))
	}
	if c.Proved.Size == 0 {
		return errors.Join(append(errs, p.say("No checkpoint outside covers it."))...)
	}
	return errors.Join(append(errs, p.say("Checkpoints outside prove it up to record %d.", c.Proved.Size-1))...)
}

// keysGone reports whether somebody took data keys away before their end.
func (p *program) keysGone(c *backup.Checked) bool { return c.KeysGone && p.now().Before(c.KeyEnds) }

// another says what to do about a backup that cannot be used.
func another(err error) error {
	if errors.Is(err, backup.ErrAltered) {
		return fmt.Errorf("%w; another may be whole: postern backup list", err)
	}
	return err
}

func newBackupRestore(p *program) *cobra.Command {
	var keystore string
	var against, pinned []string
	var without bool
	c := &cobra.Command{
		Use:   "restore [BACKUP]",
		Short: "Bring a backup back into an empty data folder",
		Long: `Brings a backup back, the newest if none is named, as the store that the
configuration names. The data folder has to be absent or empty. Everything is
read, opened and proved first, beside an absent folder and inside of an empty one,
which may be a mount point: if anything is wrong, nothing has changed. Tables of an
older program are brought up to date. If it is killed inside of a folder, no
gateway starts there until it was repeated.

The trail goes on under another chain name. Its first record says, signed, what
the backup held and how far checkpoints outside reached: what came after it is
lost, and audit verify names that from then on. Erasures since the backup are
carried out again from the log beside the checkpoints. Without that log nothing
is restored, unless --without-erasure-log accepts that what was erased is there again.

Legal holds placed since the backup are missing, so nothing is purged or erased in
the restored store before an operator says "postern hold complete".

Lost with the records are opt-outs, consents, credentials and webhooks since the
backup: retention/backup/README.md says what to do about each before apps send.

Exits 1 if the folder is not empty, the passphrase is wrong, the backup is cut,
altered, of a newer version or signed by another key, or the log is missing.`,
		Example: "  postern backup restore\n  postern backup restore 20261122T100000Z-1a2b3c4d --keystore /media/safe/keystore.json --key NAME+HASH+KEY",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			cfg, place, err := p.backupPlace()
			if err != nil {
				return err
			}
			r := backup.Restore{
				From: place, Name: strings.Join(args, ""), Data: cfg.Data, Keystore: keystore, WithoutLog: without, Checkpoints: cfg.Checkpoints.Dir,
				Actor: "system", Now: p.now, Progress: p.backupProgress(),
				Open: func(path string) (*keyring.Keyring, error) { return boot.OpenCopy(c.Context(), cfg, path, p.now) },
			}
			if r.Against, err = p.outside(cfg, against); err != nil {
				return err
			}
			if r.Pinned, err = parseKeys(pinned); err != nil {
				return err
			}
			out, err := r.Do(c.Context())
			if err != nil {
				return another(err)
			}
			return p.result(out, func() error { return p.backupRestored(&out) })
		},
	}
	f := c.Flags()
	f.StringVar(&keystore, "keystore", "", "`FILE` with a copy of the keystore (default: the backup's own)")
	f.StringArrayVar(&against, "against", nil, "checkpoint `FILE` or folder kept outside, besides the configured one (may be repeated)")
	f.StringArrayVar(&pinned, "key", nil, "public `KEY` of checkpoints that has to have signed the manifest, name+hash+key (default: those of the keystore)")
	f.BoolVar(&without, "without-erasure-log", false, "restore without the log of erasures: what was erased since the backup is there again")
	return c
}

func (p *program) backupRestored(r *backup.Restored) error {
	errs := []error{
		p.backupChecked(&r.Checked),
		p.say("It is restored, %d files with it, and goes on as chain %s.", r.Files, r.Chain),
	}
	switch {
	case r.Erasures < 0:
		errs = append(errs, p.say("WITHOUT the log of erasures: what was erased since %s is there again, and that is on record.", r.Taken.Format(time.RFC3339)))
	case r.Erasures > 0:
		errs = append(errs, p.say("%d erasures since the backup were carried out again.", r.Erasures))
	}
	errs = append(errs, p.say("Legal holds placed since %s are MISSING: nothing is purged or erased before they are placed again and postern hold complete says so.", r.Taken.Format(time.RFC3339)))
	for _, l := range r.Known {
		errs = append(errs, p.say("LOST: records of chain %s up to number %d at least, as a checkpoint of %s says.", l.Chain, l.Size-1, micro(l.Time)))
	}
	if len(r.Known) == 0 {
		errs = append(errs, p.say("No checkpoint outside says that anything is lost; what came after the last one is not known."))
	}
	return errors.Join(errs...)
}
