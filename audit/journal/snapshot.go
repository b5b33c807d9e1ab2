package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"postern/audit"
	"postern/audit/disk"
)

// Snapshot is a copy of the store as it was at one moment.
type Snapshot struct {
	Chain       string
	Size        uint64
	Leaf        [32]byte // of the last record; zero if there is none
	Root        [32]byte // over all leaves
	Schema      int      // version of the tables
	Keys        int64    // data keys that were handed over
	Checkpoint  []byte   // newest signed note in it; nil if there is none
	Checkpoints uint64   // its size
}

// Snapshot copies the store as it is at the beginning into a new file at path,
// page by page, while others read and write: sends do not wait for it. Erasures
// do, until the copy is made, since a byte that it reads may still lie in the
// log; what they take is in the copy. The file has no data keys: each of these is
// given to keys, as of the same moment. progress, which may be nil, hears of
// copied bytes. After an error no file is left.
func (j *Journal) Snapshot(ctx context.Context, path string, keys func(DataKey) error, progress func(done, total int64)) (s Snapshot, err error) {
	if free, err := FreeBytes(filepath.Dir(path)); err != nil {
		return s, err
	} else if need := fileSize(j.path) + fileSize(j.path+logSuffix) + j.cfg.MinFree; free < need {
		return s, fmt.Errorf("copy the store: %w: a copy needs as much room beside the journal as it has itself (%d bytes are free)", ErrNoSpace, free)
	}
	done := make(chan error, 1)
	go func() { // its thread has a low priority until it ends
		giveWay()
		s, err = j.snapshot(ctx, path, keys, progress)
		done <- err
	}()
	if err := <-done; err != nil {
		err = fmt.Errorf("copy the store: %w", err)
		return Snapshot{}, errors.Join(err, removeFile(ctx, path), removeFile(ctx, path+logSuffix), removeFile(ctx, path+"-shm"))
	}
	return s, nil
}

const logSuffix = "-wal"

func removeFile(ctx context.Context, path string) error {
	if err := disk.Remove(ctx, path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (j *Journal) snapshot(ctx context.Context, path string, keys func(DataKey) error, progress func(done, total int64)) (s Snapshot, err error) {
	if err := j.copyFiles(ctx, path, progress); err != nil {
		return s, err
	}
	c, err := dial(ctx, snapshotDSN(path))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if s, err = describe(c); err != nil {
		return s, err
	}
	if err := c.script(oneFile); err != nil {
		return s, err
	}
	if s.Keys, err = handKeys(c, keys); err != nil {
		return s, err
	}
	_, err = c.exec("DELETE FROM data_keys")
	return s, err
}

// copyFiles copies log and file. While a reader holds this moment, nothing that
// is not in the log by now gets into the file, and the log is not begun anew but
// where all of it is in the file: file and log together are the store as of the
// last commit in the log, whatever is moved from one to the other meanwhile.
func (j *Journal) copyFiles(ctx context.Context, path string, progress func(done, total int64)) (err error) {
	c, err := dial(ctx, dsn(j.path, 0, true))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.close()) }() // lets go of the moment
	j.copying.Add(1)
	defer j.copying.Add(-1)
	if err := j.hold(ctx, c, path); err != nil {
		return err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	w, err := disk.NewWriter(to)
	if err != nil {
		return err
	}
	total, at := fileSize(j.path), int64(0)
	err = copyAll(ctx, w, j.disk, func(n int64) { // disk is never opened anew, see there
		if at += n; progress != nil {
			progress(at, max(total, at))
		}
	})
	return errors.Join(err, w.Close())
}

// hold begins the moment, and copies the log of it. What an erasure has recorded
// is overwritten by then.
func (j *Journal) hold(ctx context.Context, c *conn, path string) error {
	j.erasing.Lock()
	defer j.erasing.Unlock()
	if err := c.script("BEGIN"); err != nil {
		return err
	}
	if _, err := readHead(c); err != nil {
		return err
	}
	for {
		whole, err := duplicateLog(ctx, path+logSuffix, j.path+logSuffix)
		if err != nil || whole {
			return err
		}
	}
}

// logHeader is of the log as it is begun anew: it holds another salt each time.
const logHeader = 32

// duplicateLog reports whether the log was not begun anew meanwhile. A frame that was
// being written does not open the copy: its sum tells.
func duplicateLog(ctx context.Context, path, from string) (whole bool, err error) {
	log, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	var before, after [logHeader]byte
	if _, err := log.ReadAt(before[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	if err := errors.Join(copyAll(ctx, to, log, func(int64) {}), to.Close()); err != nil {
		return false, err
	}
	if _, err := log.ReadAt(after[:], 0); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return before == after, nil
}

// copyPiece is copied at a time. Larger ones keep one of the scheduler's
// processors from those who are answered meanwhile.
const copyPiece = 128 << 10

func copyAll(ctx context.Context, to io.Writer, from io.ReaderAt, copied func(n int64)) error {
	buf := make([]byte, copyPiece)
	for at := int64(0); ; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := from.ReadAt(buf, at)
		if _, bad := to.Write(buf[:n]); bad != nil {
			return bad
		}
		if at += int64(n); n > 0 {
			copied(int64(n))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// statements are those that made the tables, or the indexes and views.
func statements(c *conn, kinds ...string) (out []string, err error) {
	err = c.query("SELECT type, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid", func(row []driver.Value) error {
		for _, kind := range kinds {
			if asString(row[0]) == kind {
				out = append(out, asString(row[1]))
			}
		}
		return nil
	})
	return out, err
}

// oneFile makes one file of the two. Nothing is kept to undo what changes, and
// nothing is waited for: a copy does not outlive the process. It is said once
// the log has been read, which forgets what was said before: all that the kernel
// held of the copy went to the disk at once then, and sends stood still for 0.15 s.
const oneFile = "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF"

// snapshotDSN opens the copied files. Keys that go are overwritten.
func snapshotDSN(path string) string {
	q := url.Values{"mode": {"rw"}, "_pragma": {
		"cache_size(-8192)", "trusted_schema(OFF)", "temp_store(FILE)", "secure_delete(ON)",
	}, "_dqs": {"0"}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

func describe(c *conn) (Snapshot, error) {
	head, err := readHead(c)
	if err != nil {
		return Snapshot{}, err
	}
	s := Snapshot{Size: head.Size, Leaf: head.Leaf}
	tree, err := audit.LoadTree(head.Size, c.tile)
	if err != nil {
		return s, err
	}
	s.Root = tree.Root()
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return s, err
	}
	s.Schema = int(version)
	return s, c.query("SELECT chain, (SELECT note FROM checkpoints ORDER BY size DESC LIMIT 1), (SELECT max(size) FROM checkpoints) FROM state", func(row []driver.Value) error {
		s.Chain = asString(row[0])
		if row[1] != nil {
			s.Checkpoint, s.Checkpoints = []byte(asString(row[1])), asUint(row[2])
		}
		return nil
	})
}

func handKeys(c *conn, keys func(DataKey) error) (n int64, err error) {
	return n, c.query("SELECT subject, class, month, wrapped FROM data_keys", func(row []driver.Value) error {
		k := DataKey{Class: asString(row[1]), Month: asString(row[2]), Wrapped: asBytes(row[3])}
		copy(k.Subject[:], asBytes(row[0]))
		n++
		return keys(k)
	})
}
