package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"postern/audit"
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

// snapshotStep bounds the records of one look at the store, so that erasures
// and the log never wait long for a copy; snapshotRest is what may be left for the last one.
const (
	snapshotStep = 4000
	snapshotRest = 4000
)

// Snapshot copies the store into a new file at path: records step by step while
// others are written, then, in one look, the rest and every other table. The
// file has neither indexes, which Complete makes, nor data keys: each of these
// is given to keys, as of the same moment. Sends do not wait for it; progress,
// which may be nil, hears of copied records. After an error no file is left.
func (j *Journal) Snapshot(ctx context.Context, path string, keys func(DataKey) error, progress func(done, total uint64)) (s Snapshot, err error) {
	if free, err := FreeBytes(filepath.Dir(path)); err != nil {
		return s, err
	} else if need := fileSize(j.path) + j.cfg.MinFree; free < need {
		return s, fmt.Errorf("copy the store: %w: a copy needs as much room beside the journal as it has itself (%d bytes are free)", ErrNoSpace, free)
	}
	done := make(chan error, 1)
	go func() { // its thread has a low priority until it ends
		giveWay()
		s, err = j.snapshot(ctx, path, keys, progress)
		done <- err
	}()
	if err := <-done; err != nil {
		return Snapshot{}, errors.Join(fmt.Errorf("copy the store: %w", err), removeFile(path))
	}
	return s, nil
}

func removeFile(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (j *Journal) snapshot(ctx context.Context, path string, keys func(DataKey) error, progress func(done, total uint64)) (s Snapshot, err error) {
	// What an erasure recorded earlier still overwrites is over once this is held.
	j.erasing.Lock()
	began := j.Head().Size
	j.erasing.Unlock()
	if err := j.emptyCopy(ctx, path); err != nil {
		return s, err
	}
	c, err := dial(ctx, dsn(j.path, 0, true))
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if err := attach(c, path); err != nil {
		return s, err
	}
	next, err := j.copyRecords(ctx, c, progress)
	if err != nil {
		return s, err
	}
	j.copying.Add(1)
	defer j.copying.Add(-1)
	return lastLook(ctx, c, began, next, keys)
}

// emptyCopy makes the file with the tables and nothing in them.
func (j *Journal) emptyCopy(ctx context.Context, path string) error {
	var tables []string
	var version int64
	err := j.reader.view(ctx, func(c *conn) (err error) {
		if version, err = c.integer("PRAGMA user_version"); err != nil {
			return err
		}
		tables, err = statements(c, "table")
		return err
	})
	if err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) //nolint:gosec // the caller names the file
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	c, err := dial(ctx, copyDSN(path))
	if err != nil {
		return err
	}
	script := strings.Join(tables, ";\n") + fmt.Sprintf(";\nPRAGMA application_id=%d; PRAGMA user_version=%d;", applicationID, version)
	return errors.Join(c.script(script), c.close())
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

// copyDSN names a copy while it is made: nobody reads it, and after a crash it
// is made anew.
func copyDSN(path string) string {
	q := url.Values{"mode": {"rw"}, "_pragma": {
		fmt.Sprintf("page_size(%d)", pageSize), "journal_mode(MEMORY)", "synchronous(OFF)", "cache_size(-8192)", "trusted_schema(OFF)", "temp_store(FILE)",
	}, "_dqs": {"0"}}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

func attach(c *conn, path string) error {
	u := url.URL{Scheme: "file", Path: path, RawQuery: "mode=rw"}
	if _, err := c.exec("ATTACH DATABASE ? AS copy", u.String()); err != nil {
		return err
	}
	return c.script("PRAGMA copy.journal_mode=MEMORY; PRAGMA copy.synchronous=OFF; PRAGMA copy.secure_delete=ON; PRAGMA copy.cache_size=-8192;")
}

const copyRange = "INSERT OR REPLACE INTO copy.records SELECT * FROM main.records WHERE seq >= ? AND seq < ?"

// copyRecords copies until little is left, and returns the first record that is.
func (j *Journal) copyRecords(ctx context.Context, c *conn, progress func(done, total uint64)) (next uint64, err error) {
	for {
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		size := j.Head().Size
		if progress != nil {
			progress(next, size)
		}
		if size-next <= snapshotRest {
			return next, nil
		}
		if _, err := c.exec(copyRange, int64(next), int64(next+snapshotStep)); err != nil { //nolint:gosec // far below 2^63
			return 0, err
		}
		next += snapshotStep
	}
}

// lastLook copies what is left within one transaction: all of the copy is then
// of this moment, since records change by erasures only, and what was erased
// since the copy began is copied again.
func lastLook(ctx context.Context, c *conn, began, next uint64, keys func(DataKey) error) (s Snapshot, err error) {
	if _, err := c.exec("BEGIN"); err != nil {
		return s, err
	}
	defer func() {
		if err != nil {
			_, undo := c.exec("ROLLBACK")
			err = errors.Join(err, undo)
		}
	}()
	head, err := readHead(c)
	if err != nil {
		return s, err
	}
	if _, err := c.exec(copyRange, int64(next), int64(head.Size)); err != nil { //nolint:gosec // far below 2^63
		return s, err
	}
	if err := copyErased(c, began, next); err != nil {
		return s, err
	}
	if err := copyTables(ctx, c); err != nil {
		return s, err
	}
	if s, err = describe(c, head); err != nil {
		return s, err
	}
	if s.Keys, err = handKeys(c, keys); err != nil {
		return s, err
	}
	_, err = c.exec("COMMIT")
	return s, err
}

func copyErased(c *conn, began, next uint64) error {
	var again []audit.SeqRange
	err := c.query("SELECT r.detail FROM records r JOIN contexts c ON c.id = r.context WHERE r.seq >= ? AND c.kind = ?", func(row []driver.Value) error {
		e, err := audit.DecodeErasure(unpackPart(audit.PartDetail, asBytes(row[0])).Body)
		again = append(again, e.Ranges...)
		return err
	}, int64(began), string(audit.KindErasure)) //nolint:gosec // far below 2^63
	for _, r := range again {
		if err == nil && r.First < next {
			_, err = c.exec(copyRange, int64(r.First), int64(min(r.Last+1, next))) //nolint:gosec // far below 2^63
		}
	}
	return err
}

func copyTables(ctx context.Context, c *conn) error {
	var tables []string
	err := c.query("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT IN ('records', 'data_keys') AND name NOT LIKE 'sqlite_%'", func(row []driver.Value) error {
		tables = append(tables, asString(row[0]))
		return nil
	})
	for _, name := range tables {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err == nil {
			err = c.script(fmt.Sprintf("INSERT INTO copy.%[1]s SELECT * FROM main.%[1]s", name))
		}
	}
	if err != nil {
		return err
	}
	return c.script("DELETE FROM copy.sqlite_sequence; INSERT INTO copy.sqlite_sequence SELECT * FROM main.sqlite_sequence")
}

func describe(c *conn, head Head) (Snapshot, error) {
	s := Snapshot{Size: head.Size, Leaf: head.Leaf}
	tree, err := audit.LoadTree(head.Size, c.tile)
	if err != nil {
		return s, err
	}
	s.Root = tree.Root()
	version, err := c.integer("PRAGMA main.user_version")
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
	return n, c.query("SELECT subject, class, month, wrapped FROM main.data_keys", func(row []driver.Value) error {
		k := DataKey{Class: asString(row[1]), Month: asString(row[2]), Wrapped: asBytes(row[3])}
		copy(k.Subject[:], asBytes(row[0]))
		n++
		return keys(k)
	})
}
