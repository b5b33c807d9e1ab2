package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"postern/audit"
)

// TestLogFileLikeSQLites does the same at random on a connection with SQLite's
// own log file and on one with ours: transactions kept and dropped, too large
// for the cache and read again before they end, copied and started over in between.
// After each step a connection that came by itself reads the same of both.
func TestLogFileLikeSQLites(t *testing.T) {
	const steps = 200
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	var writers, readers [2]*conn
	for i, open := range []func(path string) (*conn, error){
		func(path string) (*conn, error) { return dial(ctx, dsn(path, pageSize, false)) },
		func(path string) (*conn, error) { return dialWriter(ctx, path) },
	} {
		path := filepath.Join(t.TempDir(), fileName)
		write(t, path, nil)
		writers[i] = dialled(t, func() (*conn, error) { return open(path) })
		readers[i] = dialled(t, func() (*conn, error) { return dial(ctx, dsn(path, pageSize, false)) })
	}
	both := func(text string, values ...any) {
		t.Helper()
		for i, c := range writers {
			if _, err := c.exec(text, values...); err != nil {
				t.Fatalf("connection %d: %s: %v", i, text, err)
			}
		}
	}
	both("CREATE TABLE t (id INTEGER PRIMARY KEY, content BLOB) STRICT")
	both("PRAGMA cache_size = 20") // many a transaction does not fit
	for step := range steps {
		both("BEGIN IMMEDIATE")
		for range random.IntN(40) {
			id, size := int64(random.IntN(500)), int64(random.IntN(3000))
			switch random.IntN(4) {
			case 0:
				both("DELETE FROM t WHERE id = ?", id)
			default:
				both("INSERT INTO t VALUES (?1, zeroblob(?2)) ON CONFLICT DO UPDATE SET content = CAST(?3 AS BLOB)", id, size, fmt.Sprint(step))
			}
		}
		if a, b := contents(t, writers[0]), contents(t, writers[1]); a != b {
			t.Fatalf("step %d, not committed yet: %s with SQLite's, %s with ours", step, a, b)
		}
		both([]string{"COMMIT", "COMMIT", "COMMIT", "ROLLBACK"}[random.IntN(4)])
		for i, c := range []*conn{readers[random.IntN(2)], writers[0], writers[1]} {
			if mode := []string{"PASSIVE", "RESTART", "TRUNCATE", ""}[random.IntN(4)]; mode != "" && random.IntN(10) == 0 {
				if _, _, err := c.checkpoint(mode); err != nil {
					t.Fatalf("step %d, connection %d: copy log: %v", step, i, err)
				}
			}
		}
		if a, b := contents(t, readers[0]), contents(t, readers[1]); a != b {
			t.Fatalf("step %d: %s with SQLite's, %s with ours", step, a, b)
		}
	}
	for _, c := range readers {
		if err := c.query("PRAGMA integrity_check", func(row []driver.Value) error {
			if asString(row[0]) != "ok" {
				return errors.New(asString(row[0]))
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
}

func dialled(t *testing.T, open func() (*conn, error)) *conn {
	t.Helper()
	c, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func contents(t *testing.T, c *conn) (out string) {
	t.Helper()
	err := c.query("SELECT count(*), total(id * length(hex(content))), coalesce(max(content), '') FROM t", func(row []driver.Value) error {
		out = fmt.Sprint(row[0], row[1], len(asBytes(row[2])))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestLogUnwritable takes the permission to write away under a transaction: who
// waits hears that nothing is recorded, and nothing is.
func TestLogUnwritable(t *testing.T) {
	cfg := config(t.TempDir())
	var j *Journal
	spoil := false // the writer's
	cfg.Hook = func(s Step) error {
		if s != StepCommit || !spoil {
			return nil
		}
		spoil = false
		return readOnly(writersLog(t, j.path))
	}
	j = open(t, cfg)
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	if err := j.alone(context.Background(), func() error { spoil = true; return nil }); err != nil {
		t.Fatal(err)
	}
	lost := []audit.Record{admission(cfg.Now(), audit.NewSubjectID())}
	if err := j.Append(context.Background(), Batch{Records: lost}); !errors.Is(err, ErrDown) {
		t.Errorf("answered %v, want %v", err, ErrDown)
	}
	await(t, "recovery", func() bool { return j.Err() == nil })
	appendOne(t, j, admission(cfg.Now(), audit.NewSubjectID()))
	if stored(t, j, lost[0].ID) {
		t.Error("what was refused is stored")
	}
	if n := checkChain(t, j); n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

// readOnly opens a log again in its own place, for reading.
func readOnly(f *logFile) error {
	again, err := os.Open(libc.GoString(f.FzPath))
	if err != nil {
		return err
	}
	defer again.Close() //nolint:errcheck // its copy stays
	return unix.Dup3(int(again.Fd()), int(f.Fh), unix.O_CLOEXEC)
}

// writersLog is the open log of the writer of a file.
func writersLog(t *testing.T, path string) *logFile {
	t.Helper()
	logFiles.Lock()
	defer logFiles.Unlock()
	for address := range logFiles.open {
		if f := at[logFile](address); libc.GoString(f.FzPath) == path+"-wal" {
			return f
		}
	}
	t.Error("the writer's log is not ours")
	return nil
}

// TestPending writes in pieces: what follows the rest waits for it, and no byte
// changes its place.
func TestPending(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // of the test alone
	p, f := &pending{}, &logFile{}
	f.Fh = int32(file.Fd()) //nolint:gosec // small
	for _, s := range []struct {
		offset int64
		piece  string
		there  string // in the file, then
	}{
		{0, "abc", ""}, {3, "def", ""}, {6, "ghi", ""},
		{3, "DEF", "abcdefghi"}, // not where the rest ends
		{6, "G", "abcdefghi"},
		{12, "x", "abcDEFGhi"},
		{13, strings.Repeat("y", gathered), "abcDEFGhi\x00\x00\x00x"}, // too much to wait
	} {
		if rc := p.write(f, []byte(s.piece), s.offset); rc != sqlite3.SQLITE_OK {
			t.Fatalf("write at %d: code %d", s.offset, rc)
		}
		if got := string(read(t, file.Name())); got != s.there {
			t.Errorf("after %d bytes at %d the file holds %q, want %q", len(s.piece), s.offset, got, s.there)
		}
	}
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK || fileSize(file.Name()) != 13+gathered {
		t.Errorf("written out: code %d, %d bytes", rc, fileSize(file.Name()))
	}
}

// TestPendingFull has no room: SQLite hears so, and nothing is tried again.
func TestPendingFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close() //nolint:errcheck // nothing was written
	p, f := &pending{synced: true}, &logFile{}
	f.Fh = int32(full.Fd()) //nolint:gosec // small
	if rc := p.write(f, []byte("abc"), 0); rc != sqlite3.SQLITE_OK {
		t.Fatalf("write: code %d", rc)
	}
	if rc := p.sync(nil, 0, f, 0); rc != sqlite3.SQLITE_FULL {
		t.Errorf("without room: code %d, want %d", rc, sqlite3.SQLITE_FULL)
	}
	if rc := p.flush(f); rc != sqlite3.SQLITE_OK {
		t.Errorf("tried again: code %d", rc)
	}
}

// TestPendingUnsynced: where the kernel can not bring a file to the disk, as a
// pipe, SQLite hears so and commits nothing.
func TestPendingUnsynced(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() //nolint:errcheck // of the test alone
	defer w.Close() //nolint:errcheck // of the test alone
	p, f := &pending{synced: true}, &logFile{}
	f.Fh = int32(w.Fd()) //nolint:gosec // small
	if rc := p.sync(nil, 0, f, 0); rc != sqlite3.SQLITE_IOERR_FSYNC {
		t.Errorf("not on the disk: code %d, want %d", rc, sqlite3.SQLITE_IOERR_FSYNC)
	}
}
