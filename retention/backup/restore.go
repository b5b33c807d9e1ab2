package backup

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/retention"
)

// Restore says what is brought back, and where.
type Restore struct {
	From blob.Bucket
	Name string // "": the newest
	Data string // folder of the store; it is not there yet, or empty
	// Keystore is a copy of the keystore that the backup does not hold, "" for
	// its own. Open opens one.
	Keystore string
	Open     func(path string) (*keyring.Keyring, error)
	Pinned   []audit.Verifier // keys that have to have signed; none: those of the keystore
	// Checkpoints is the folder of checkpoints outside, with the log of erasures.
	Checkpoints string
	Against     []audit.OutsideCheckpoint
	// WithoutLog accepts that what was erased since the backup comes back.
	WithoutLog bool
	Actor      string
	Now        func() time.Time
	Progress   func(step string, done, total int64)
	Free       func(dir string) (int64, error) // see Source
}

// Restored says what came back and what did not.
type Restored struct {
	Checked
	Chain    string       `json:"new_chain"`
	Known    []audit.Lost `json:"known"`    // newest checkpoints of records that are lost
	Erasures int          `json:"replayed"` // carried out again; -1 without the log
	Files    int64        `json:"restored_files"`
}

// Do brings a backup back. Everything is made and proved in a folder of its own,
// beside an absent data folder and inside of an empty one, and put in its place at
// the end: after an error nothing has changed. What a crash leaves inside of a data
// folder keeps a gateway from it (CheckFinished) until this was repeated.
func (r Restore) Do(ctx context.Context) (out Restored, err error) {
	if err := vacant(r.Data); err != nil {
		return out, err
	}
	found, err := find(ctx, r.From, r.Name)
	if err != nil {
		return out, err
	}
	w, err := newWorkplace(r.Data)
	if err != nil {
		return out, err
	}
	if out, err = r.into(ctx, w.temp, place{found.Store, found.Name}); err == nil {
		err = w.settle()
	}
	if err != nil {
		return Restored{}, errors.Join(err, w.clear(), w.leave())
	}
	return out, w.leave()
}

func (r Restore) into(ctx context.Context, temp string, at place) (out Restored, err error) {
	keys, err := r.openKeys(ctx, temp, at)
	if err != nil {
		return out, err
	}
	defer keys.Close()
	src := Source{From: r.From, Keys: keys, Temp: temp, Against: r.Against, Pinned: r.Pinned, Progress: r.Progress, Free: r.Free}
	if out.Checked, err = src.open(ctx, at); err != nil {
		return out, err
	}
	known, err := r.lost(keys, &out.Checked)
	if err != nil {
		return out, err
	}
	erased, lost, err := r.erasures(keys, &out.Checked)
	if err != nil {
		return out, err
	}
	if out.Files, err = r.fetchFiles(ctx, &src, &out.Manifest); err != nil {
		return out, err
	}
	out.Known, out.Chain, out.Erasures = known, audit.RestoredChain(out.Manifest.Chain), len(erased)
	if r.WithoutLog && erased == nil {
		out.Erasures = -1
	}
	if err := journal.Complete(ctx, src.path("journal.db"), out.Chain, src.dataKeys(&out.Checked)); err != nil {
		return out, err
	}
	if err := removeMissing(src.path("keys")); err != nil {
		return out, err
	}
	return out, r.goOn(ctx, temp, keys, &out, erased, lost)
}

func removeMissing(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take away what was read: %w", err)
	}
	return nil
}

// openKeys puts the keystore into the folder, the backup's own or the one given.
func (r Restore) openKeys(ctx context.Context, temp string, at place) (*keyring.Keyring, error) {
	path := filepath.Join(temp, "keystore.json")
	raw, err := r.keystore(ctx, at)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		return nil, fmt.Errorf("write the keystore: %w", err)
	}
	keys, err := r.Open(path)
	if err != nil && r.Keystore != "" {
		return nil, fmt.Errorf("the keystore given, %s: %w", r.Keystore, err)
	}
	if err != nil {
		return nil, err
	}
	if keys.ID() != at.store {
		keys.Close()
		return nil, fmt.Errorf("the keystore given is of another store than the backup: name the one of store %s, as it lay in data or postern keys backup wrote it", at.store)
	}
	return keys, nil
}

func (r Restore) keystore(ctx context.Context, at place) ([]byte, error) {
	if r.Keystore != "" {
		raw, err := os.ReadFile(r.Keystore)
		if err != nil {
			return nil, fmt.Errorf("read the keystore: %w", err)
		}
		return raw, nil
	}
	raw, err := get(ctx, r.From, at.part(partKeystore))
	if errors.Is(err, blob.ErrNotFound) {
		return nil, errors.New("the backup holds no keystore, since no passphrase protected it: name a copy of it (--keystore)")
	}
	return raw, err
}

// lost are the newest checkpoints outside that reach beyond the backup.
func (r Restore) lost(keys *keyring.Keyring, c *Checked) ([]audit.Lost, error) {
	known, err := verifiers(keys)
	if err != nil {
		return nil, err
	}
	newest := map[string]audit.Lost{}
	for _, o := range r.Against {
		at, err := audit.OpenCheckpoint(o.Note, known...)
		if err != nil || !audit.SameStore(at.Origin, c.Manifest.Chain) || at.Size <= newest[at.Origin].Size || held(&c.Report, at) {
			continue
		}
		newest[at.Origin] = audit.Lost{Chain: at.Origin, Size: at.Size, Root: hex.EncodeToString(at.Root[:]), Time: at.Time}
	}
	out := []audit.Lost{}
	for _, l := range newest {
		out = append(out, l)
	}
	slices.SortFunc(out, func(a, b audit.Lost) int { return strings.Compare(a.Chain, b.Chain) })
	return out, nil
}

// held reports whether a checkpoint is of records that the backup has.
func held(r *audit.Report, at audit.Checkpoint) bool {
	if at.Origin == r.Chain {
		return at.Size <= r.Records
	}
	return slices.ContainsFunc(r.Restored, func(s audit.Restored) bool { return s.From == at.Origin && at.Size <= s.Size })
}

// erasures are those since the backup, nil without a log where that is accepted;
// lost is what of them was of records that the backup does not have.
func (r Restore) erasures(keys *keyring.Keyring, c *Checked) (here []Erased, lost []retention.LostErasure, err error) {
	known, err := verifiers(keys)
	if err != nil {
		return nil, nil, err
	}
	var until Mark
	for _, o := range r.Against {
		at, err := audit.OpenCheckpoint(o.Note, known...)
		if err == nil && audit.SameStore(at.Origin, c.Manifest.Chain) && at.Erasures.N >= until.N && at.Erasures.N > 0 {
			until = Mark{N: at.Erasures.N, Hash: hex.EncodeToString(at.Erasures.Hash[:])}
		}
	}
	list, err := since(r.Checkpoints, keys.ID(), c.Erasures, until)
	if err == nil {
		l := newLineage(c, list)
		lost = l.lost(list)
		here, err = l.within(list)
	}
	if errors.Is(err, ErrLog) {
		if r.WithoutLog {
			return nil, nil, nil
		}
		return nil, nil, fmt.Errorf("%w; nothing was restored: bring the log back, or accept with --without-erasure-log that what was erased since %s is there again", err, c.Taken.Format(time.RFC3339))
	}
	return here, lost, err
}

// dataKeys reads those that were brought back.
func (src *Source) dataKeys(c *Checked) iter.Seq2[journal.DataKey, error] {
	return func(yield func(journal.DataKey, error) bool) {
		if c.KeysGone {
			return
		}
		f, err := os.Open(src.path("keys"))
		if err != nil {
			yield(journal.DataKey{}, err)
			return
		}
		defer f.Close() //nolint:errcheck // it was only read
		enough := errors.New("enough")
		err = readKeys(f, func(k journal.DataKey) error {
			if !yield(k, nil) {
				return enough
			}
			return nil
		})
		if err != nil && !errors.Is(err, enough) {
			yield(journal.DataKey{}, err)
		}
	}
}

// fetchFiles brings the listed files back.
func (r Restore) fetchFiles(ctx context.Context, src *Source, m *Manifest) (int64, error) {
	want, err := listed(ctx, r.From, m)
	if err != nil {
		return 0, fmt.Errorf("part media: %w", err)
	}
	if len(want) == 0 {
		return 0, nil
	}
	need := int64(0)
	for _, size := range want {
		need += size
	}
	if err := src.room(need); err != nil {
		return 0, err
	}
	store, err := blob.Open(blob.Config{Dir: src.path("media")})
	if err != nil {
		return 0, err
	}
	at := place{m.Store, m.Name}
	done := int64(0)
	for name, size := range want {
		if err := fetchFile(ctx, r.From, at.file(name), store, name, size); err != nil {
			return 0, fmt.Errorf("file of the media: %w", err)
		}
		if done++; r.Progress != nil {
			r.Progress(stepMedia, done, int64(len(want)))
		}
	}
	return done, nil
}

func fetchFile(ctx context.Context, from blob.Bucket, key string, to *blob.Store, name string, size int64) (err error) {
	n, err := blob.ParseName(name)
	if err != nil {
		return err
	}
	in, got, err := from.Get(ctx, key)
	if errors.Is(err, blob.ErrNotFound) || err == nil && got != size {
		return errors.Join(fmt.Errorf("%w: it is missing or has another size", ErrAltered), closed(in))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	d, err := to.Create(n, size)
	if err != nil {
		return err
	}
	if _, err := io.Copy(d, in); err != nil {
		return errors.Join(err, d.Discard())
	}
	return errors.Join(d.Commit(ctx), d.Discard())
}

func closed(c io.Closer) error {
	if c == nil {
		return nil
	}
	return c.Close()
}
