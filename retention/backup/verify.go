package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
)

// Source is a backup to be read.
type Source struct {
	From blob.Bucket
	Name string // "": the newest; then there has to be one store only
	Keys *keyring.Keyring
	Temp string // folder for the opened copy; it is emptied
	// Against are checkpoints kept outside.
	Against  []audit.OutsideCheckpoint
	Pinned   []audit.Verifier // keys that the caller trusts; none: those of Keys
	Progress func(step string, done, total int64)
	Free     func(dir string) (int64, error) // bytes that a folder's disk can take; nil looks
}

// Checked is what reading a backup back showed.
type Checked struct {
	Manifest
	Proved   audit.Reach  `json:"proved"`    // by checkpoints outside
	Findings int          `json:"findings"`  // 0: nothing disagrees
	KeysRead int64        `json:"keys_read"` // wrapped data keys; 0 once they ended
	KeysGone bool         `json:"keys_gone"` // they ended: what was sealed cannot be opened
	Report   audit.Report `json:"-"`
}

// find looks a backup up by its name.
func find(ctx context.Context, from blob.Bucket, name string, keys ...audit.Verifier) (Listed, error) {
	all, err := List(ctx, from, keys...)
	if err != nil {
		return Listed{}, err
	}
	var found []Listed
	stores := map[string]bool{}
	for _, l := range all {
		if stores[l.Store] = true; name == "" || l.Name == name {
			found = append(found, l)
		}
	}
	switch {
	case len(all) == 0:
		return Listed{}, fmt.Errorf("%w: the place holds none; make one with postern backup create", ErrNone)
	case len(found) == 0:
		return Listed{}, fmt.Errorf("%w: postern backup list names those that are there", ErrNone)
	case name == "" && len(stores) > 1:
		return Listed{}, errors.New("backups of several stores are there: name one, see postern backup list")
	}
	return found[len(found)-1], nil
}

// Verify reads a backup back: every object against the manifest, the manifest
// against the checkpoint keys, files by name and size (they are sealed by
// themselves), and the trail in it as audit verify does.
// An error wraps ErrAltered where the backup is at fault.
func Verify(ctx context.Context, src Source) (Checked, error) {
	at, err := find(ctx, src.From, src.Name)
	if err != nil {
		return Checked{}, err
	}
	if err := takeAway(ctx, src.Temp); err != nil { // of one that was killed
		return Checked{}, err
	}
	if err := os.Mkdir(src.Temp, 0o700); err != nil {
		return Checked{}, fmt.Errorf("make a folder for the copy: %w", err)
	}
	out, err := src.open(ctx, place{at.Store, at.Name})
	if err == nil {
		err = src.checkFiles(ctx, &out.Manifest)
	}
	return out, errors.Join(err, takeAway(ctx, src.Temp))
}

func (src *Source) path(name string) string { return filepath.Join(src.Temp, name) }

// open brings the parts of a backup into the folder and proves them.
func (src *Source) open(ctx context.Context, at place) (out Checked, err error) {
	known, err := verifiers(src.Keys)
	if err != nil {
		return out, err
	}
	if len(src.Pinned) > 0 {
		known = src.Pinned
	}
	note, err := get(ctx, src.From, at.manifest())
	if err != nil {
		return out, err
	}
	m, err := openManifest(note, at, known)
	if err != nil {
		return out, err
	}
	out.Manifest = *m
	if err := journal.CheckSchema(int64(m.Schema)); err != nil {
		return out, fmt.Errorf("read the backup: %w", err)
	}
	if err := src.room(m.Journal.Bytes + m.DataKeys.Bytes); err != nil {
		return out, err
	}
	if m.Keystore != nil {
		if err := readPart(ctx, src.From, at.part(partKeystore), *m.Keystore, func(r io.Reader) error { return drain(r) }); err != nil {
			return out, fmt.Errorf("part keystore: %w", err)
		}
	}
	if err := src.fetchJournal(ctx, at, m); err != nil {
		return out, fmt.Errorf("part journal: %w", err)
	}
	if err := src.fetchKeys(ctx, at, m, &out); err != nil {
		return out, fmt.Errorf("part data_keys: %w", err)
	}
	return out, src.prove(ctx, known, &out)
}

// room refuses what the disk cannot take, before anything is fetched.
func (src *Source) room(need int64) error {
	look := src.Free
	if look == nil {
		look = journal.FreeBytes
	}
	free, err := look(src.Temp)
	if err == nil && free < need {
		err = fmt.Errorf("open the backup: %w: it takes %d bytes in %s, %d are free", journal.ErrNoSpace, need, filepath.Dir(src.Temp), free)
	}
	return err
}

func drain(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	return err
}

func (src *Source) fetchJournal(ctx context.Context, at place, m *Manifest) error {
	err := unseal(ctx, src.From, src.Keys, at, m, partJournal, classJournal, m.Journal, func(r io.Reader) error {
		return src.write(src.path("journal.db"), stepJournal, r, m.Journal.Bytes)
	})
	if errors.Is(err, blob.ErrNotFound) {
		return fmt.Errorf("%w: its key is gone, as at the end of a backup, and nobody can open it: name another, see postern backup list", blob.ErrNotFound)
	}
	return err
}

// fetchKeys writes the data keys down as they were. Past their end there are none.
func (src *Source) fetchKeys(ctx context.Context, at place, m *Manifest, out *Checked) error {
	err := unseal(ctx, src.From, src.Keys, at, m, partDataKeys, classKeys, m.DataKeys, func(r io.Reader) error {
		return src.write(src.path("keys"), stepKeys, r, m.DataKeys.Bytes)
	})
	if errors.Is(err, blob.ErrNotFound) {
		out.KeysGone = true
		return nil
	}
	if err != nil {
		return err
	}
	f, err := os.Open(src.path("keys"))
	if err != nil {
		return err
	}
	err = errors.Join(readKeys(f, func(journal.DataKey) error { out.KeysRead++; return nil }), f.Close())
	if err == nil && out.KeysRead != m.DataKeys.Count {
		err = fmt.Errorf("%w: it holds %d data keys, the manifest says %d", ErrAltered, out.KeysRead, m.DataKeys.Count)
	}
	return err
}

func (src *Source) write(path, step string, r io.Reader, total int64) (err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // in our folder
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	done := int64(0)
	_, err = io.Copy(f, newHashing(r, func(n int) {
		if done += int64(n); src.Progress != nil {
			src.Progress(step, done, total)
		}
	}))
	if err != nil {
		return err
	}
	return f.Sync()
}

// prove verifies the trail of the copy, and that it is the one of the manifest,
// whose root still has to be that of an older program's copy in the tables of
// this one. Checkpoints outside that reach further are of what the backup cannot hold.
func (src *Source) prove(ctx context.Context, known []audit.Verifier, out *Checked) (err error) {
	if err := journal.Renew(ctx, src.path("journal.db")); err != nil {
		return err
	}
	r, err := journal.OpenReader(ctx, src.path("journal.db"))
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	opt := audit.VerifyOptions{Chain: out.Chain, Verifiers: known}
	if opt.Successions, err = r.Successions(ctx); err != nil {
		return err
	}
	keys, err := audit.FollowKeys(known, opt.Successions)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAltered, err)
	}
	for _, o := range src.Against {
		if c, err := audit.OpenCheckpoint(o.Note, keys...); err == nil && c.Size <= out.Records && c.Origin == out.Chain {
			opt.Against = append(opt.Against, o)
		}
	}
	if src.Progress != nil {
		opt.Progress = func(done, total uint64) { src.Progress("verify", int64(done), int64(total)) } //nolint:gosec // far below 2^63
	}
	out.Report, err = audit.Verify(ctx, r, opt)
	if err != nil {
		return err
	}
	out.Proved, out.Findings = out.Report.ProvenTo, len(out.Report.Findings)
	switch {
	case !out.Report.OK():
		return fmt.Errorf("%w: its trail does not agree with itself: %s", ErrAltered, out.Report.Findings[0])
	case out.Report.Records != out.Records || hex.EncodeToString(out.Report.Root[:]) != out.Root:
		return fmt.Errorf("%w: its trail is not the one that the manifest names", ErrAltered)
	}
	return nil
}

// checkFiles holds the files of the place against the list.
func (src *Source) checkFiles(ctx context.Context, m *Manifest) error {
	want, err := listed(ctx, src.From, m)
	if err != nil {
		return fmt.Errorf("part media: %w", err)
	}
	have, err := filesAt(ctx, src.From, m.Store)
	if err != nil {
		return err
	}
	for name, size := range want {
		if have[name] != size {
			return fmt.Errorf("%w: a file is missing or has another size", ErrAltered)
		}
	}
	return nil
}
