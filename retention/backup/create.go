package backup

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/disk"
	"postern/audit/journal"
)

// Steps of a backup, as Progress names them.
const (
	stepCopy     = "copy"
	stepMedia    = "media"
	stepJournal  = "journal"
	stepKeys     = "keys"
	stepManifest = "manifest"
)

// checker is a place that can say beforehand what is wrong with it.
type checker interface {
	Check(ctx context.Context) error
}

// retainer is one that may keep whatever is put there, keys too: no erasure
// would reach backups by its date.
type retainer interface {
	Retains(ctx context.Context) bool
}

func (s *Service) checkPlace(ctx context.Context) error {
	if c, ok := s.cfg.To.(checker); ok {
		if err := c.Check(ctx); err != nil {
			return fmt.Errorf("check the place of backups: %w", err)
		}
	}
	if r, ok := s.cfg.To.(retainer); ok && r.Retains(ctx) {
		return fmt.Errorf("check the place of backups: %w", blob.ErrKeeps)
	}
	return nil
}

// Create makes a backup while the store is used. That it begins is on record
// before anything leaves, how it ended afterwards.
func (s *Service) Create(ctx context.Context, actor string) (*Manifest, error) {
	s.one.Lock()
	defer s.one.Unlock()
	if err := s.checkPlace(ctx); err != nil {
		return nil, err
	}
	taken := s.cfg.Now().UTC().Truncate(time.Millisecond)
	id := audit.NewID(taken)
	at := newPlace(s.cfg.Keys.ID(), id, taken)
	if err := s.record(ctx, actor, "begun", map[string]string{"name": at.name}); err != nil {
		return nil, err
	}
	m, err := s.make(ctx, at, id, taken)
	late := context.WithoutCancel(ctx)
	if err != nil {
		err = fmt.Errorf("make the backup: %w", err)
		return nil, errors.Join(err, s.record(late, actor, "failed", map[string]string{"name": at.name}))
	}
	return m, s.record(late, actor, "made", map[string]any{
		"name": at.name, "records": m.Records, "bytes": m.Journal.Bytes + m.DataKeys.Bytes, "files": m.Files, "ends": m.Ends, "key_ends": m.KeyEnds,
	})
}

// giveUpWithin is how long taking a failed backup away may hold up its end.
const giveUpWithin = 10 * time.Second

// giveUp takes away what a failed backup wrote: the next try may need its room.
// What stays goes with the next run, as after a crash.
func (s *Service) giveUp(ctx context.Context, at place) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveUpWithin)
	defer cancel()
	_ = s.remove(ctx, &Pruned{}, at.parts()...) //nolint:errcheck // what stays goes later
}

func (s *Service) make(ctx context.Context, at place, id audit.ID, taken time.Time) (m *Manifest, err error) {
	if err := takeAway(ctx, s.cfg.Temp); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.cfg.Temp, 0o700); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, takeAway(ctx, s.cfg.Temp)) }()
	m = &Manifest{
		Version: 1, Name: at.name, ID: id, Store: at.store, Taken: taken,
		Ends: taken.AddDate(0, 0, s.cfg.Policy.Days), KeyEnds: taken.AddDate(0, 0, s.cfg.Policy.KeyDays),
		Erasures: s.cfg.Log.Mark(), // before the copy: what is erased meanwhile is carried out again
	}
	for _, step := range []func(context.Context, place, *Manifest) error{s.copyStore, s.sendMedia, s.sendStore, s.sendKeystore} {
		if err := step(ctx, at, m); err != nil {
			s.giveUp(ctx, at)
			return nil, err
		}
	}
	// A manifest may be there though its sending failed: then the parts are needed.
	if err := s.sendManifest(ctx, at, m); err != nil {
		return nil, err
	}
	return m, nil
}

// takeAway is Sweep beside sends: what is long goes in pieces.
func takeAway(ctx context.Context, temp string) error {
	held, err := os.ReadDir(temp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take away a copy: %w", err)
	}
	for _, e := range held {
		if err := disk.Remove(ctx, filepath.Join(temp, e.Name())); err != nil {
			return fmt.Errorf("take away a copy: %w", err)
		}
	}
	return Sweep(temp)
}

// Sweep takes away what a crash left of a copy. While it is there, erasures do
// not reach it: it is called before the store is used.
func Sweep(temp string) error {
	if err := os.RemoveAll(temp); err != nil {
		return fmt.Errorf("take away an unfinished copy: %w", err)
	}
	return nil
}

func (s *Service) copyPath() string { return filepath.Join(s.cfg.Temp, "journal.db") }
func (s *Service) keysPath() string { return filepath.Join(s.cfg.Temp, "keys") }

// copyStore copies the journal beside itself, and the data keys into a file.
func (s *Service) copyStore(ctx context.Context, _ place, m *Manifest) (err error) {
	if err := s.begin(stepCopy, 0); err != nil {
		return err
	}
	f, err := os.OpenFile(s.keysPath(), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(f, 1<<16)
	snap, err := s.cfg.Journal.Snapshot(ctx, s.copyPath(), func(k journal.DataKey) error { return writeKey(out, k) }, func(done, total int64) {
		s.set(func(st *Status) { st.Done, st.Total = done, total })
	})
	if err != nil {
		return err
	}
	m.Chain, m.Records, m.Schema, m.Checkpoint, m.DataKeys.Count = snap.Chain, snap.Size, snap.Schema, string(snap.Checkpoint), snap.Keys
	m.Leaf, m.Root = hex.EncodeToString(snap.Leaf[:]), hex.EncodeToString(snap.Root[:])
	return out.Flush()
}

// writeKey writes the subject and, each behind its length, class, month and
// wrapped key.
func writeKey(w io.Writer, k journal.DataKey) error {
	row := slices.Clone(k.Subject[:])
	for _, v := range [][]byte{[]byte(k.Class), []byte(k.Month), k.Wrapped} {
		row = append(binary.AppendUvarint(row, uint64(len(v))), v...)
	}
	_, err := w.Write(row)
	return err
}

// readKeys is the inverse, until the end.
func readKeys(r io.Reader, fn func(journal.DataKey) error) error {
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		var k journal.DataKey
		if _, err := io.ReadFull(in, k.Subject[:]); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var fields [3][]byte
		for i := range fields {
			n, err := binary.ReadUvarint(in)
			if err != nil || n > 4096 {
				return errors.Join(fmt.Errorf("%w: a data key cannot be read", ErrAltered), err)
			}
			fields[i] = make([]byte, n)
			if _, err := io.ReadFull(in, fields[i]); err != nil {
				return err
			}
		}
		k.Class, k.Month, k.Wrapped = string(fields[0]), string(fields[1]), fields[2]
		if err := fn(k); err != nil {
			return err
		}
	}
}

// sendMedia stores the files that the place does not have yet, sealed as they
// are, and the list of all.
func (s *Service) sendMedia(ctx context.Context, at place, m *Manifest) (err error) {
	if err := s.begin(stepMedia, 0); err != nil {
		return err
	}
	list, err := os.OpenFile(filepath.Join(s.cfg.Temp, "media"), os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, list.Close()) }()
	out := bufio.NewWriter(list)
	if s.cfg.Media != nil {
		if m.Files, err = s.sendFiles(ctx, at, out); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	m.Media, err = s.putFile(ctx, at.part(partMedia), list)
	return err
}

// sendFiles sends what the place does not have, and lists all.
func (s *Service) sendFiles(ctx context.Context, at place, list io.Writer) (n int64, err error) {
	there, err := filesAt(ctx, s.cfg.To, at.store)
	if err != nil {
		return 0, err
	}
	for o, err := range s.cfg.Media.Objects(ctx) {
		if err == nil && there[o.Name.String()] != o.Size {
			err = s.sendFile(ctx, at, o)
		}
		if errors.Is(err, blob.ErrNotFound) {
			continue // it went meanwhile
		}
		if err == nil {
			_, err = fmt.Fprintf(list, "%s %d\n", o.Name, o.Size)
		}
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// filesAt are the files that a place has of a store, with their sizes. An empty
// one is asked for again each time.
func filesAt(ctx context.Context, from blob.Bucket, store string) (map[string]int64, error) {
	out := map[string]int64{}
	prefix := place{store: store}.file("")
	for o, err := range from.List(ctx, prefix) {
		if err != nil {
			return nil, err
		}
		out[o.Key[len(prefix):]] = o.Size
	}
	return out, nil
}

func (s *Service) sendFile(ctx context.Context, at place, o blob.Object) (err error) {
	r, size, err := s.cfg.Media.Open(ctx, o.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return s.cfg.To.Put(ctx, blob.Written{Key: at.file(o.Name.String()), Size: size, Content: newHashing(r, s.sent)})
}

func (s *Service) sendStore(ctx context.Context, at place, m *Manifest) error {
	info, err := os.Stat(s.copyPath())
	if err == nil {
		err = s.begin(stepJournal, info.Size())
	}
	if err != nil {
		return err
	}
	if m.Journal, err = s.seal(ctx, at, m.ID, partJournal, classJournal, s.copyPath(), m.Taken, false); err != nil {
		return err
	}
	if info, err = os.Stat(s.keysPath()); err == nil {
		err = s.begin(stepKeys, info.Size())
	}
	if err != nil {
		return err
	}
	count := m.DataKeys.Count
	m.DataKeys, err = s.seal(ctx, at, m.ID, partDataKeys, classKeys, s.keysPath(), m.Taken, true)
	m.DataKeys.Count = count
	return err
}

// sendKeystore stores a copy of the keystore, where it is of no use without its
// passphrase or Vault. It is taken behind the journal, which would refuse an
// older one.
func (s *Service) sendKeystore(ctx context.Context, at place, m *Manifest) error {
	if !s.cfg.Keys.Protected() && len(s.cfg.Keys.Wrappings()) == 0 {
		return nil
	}
	path := filepath.Join(s.cfg.Temp, "keystore.json")
	if err := s.cfg.Keys.Backup(path); err != nil {
		return err
	}
	raw, err := os.ReadFile(path) //nolint:gosec // a file of ours
	if err != nil {
		return err
	}
	part, err := s.put(ctx, at.part(partKeystore), raw, false)
	m.Keystore = &part
	return err
}

func (s *Service) sendManifest(ctx context.Context, at place, m *Manifest) error {
	if err := s.begin(stepManifest, 0); err != nil {
		return err
	}
	signer, err := s.cfg.Signer()
	if err != nil {
		return err
	}
	note, err := m.sign(signer)
	if err != nil {
		return err
	}
	_, err = s.put(ctx, at.manifest(), note, false)
	return err
}
