package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"

	"postern/audit"
)

// Reader reads a journal's file without its lock, while a server writes it or
// on a copy. It is an audit.Source. Safe for concurrent use.
type Reader struct {
	path   string
	mapped bool // the file is mapped into memory while it is walked
	idle   chan *conn

	mu     sync.Mutex // guards closed
	closed bool
}

var _ audit.Source = (*Reader)(nil)

func newReaderOf(path string) *Reader {
	return &Reader{path: path, idle: make(chan *conn, idleReaders)}
}

// idleReaders is how many connections for reading stay open.
const idleReaders = 4

// OpenReader opens the journal at path, a folder or the file, for reading.
func OpenReader(ctx context.Context, path string) (*Reader, error) {
	file, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("resolve journal path: %w", err)
	}
	if st, err := os.Stat(file); err == nil && st.IsDir() {
		file = filepath.Join(file, fileName)
	}
	if _, err := os.Stat(file); err != nil {
		return nil, fmt.Errorf("%w: name its folder or file: %w", ErrMissing, err)
	}
	r := newReaderOf(file)
	// Mapped, verification takes a third less time. Not so in a gateway: what
	// is mapped counts as its memory, and a disk that fails breaks more.
	r.mapped = true
	if err := r.view(ctx, checkReadable); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func checkReadable(c *conn) error {
	id, err := c.integer("PRAGMA application_id")
	if err != nil {
		return fmt.Errorf("read application id: %w", err)
	}
	version, err := c.integer("PRAGMA user_version")
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	known, err := steps()
	switch {
	case err != nil:
		return err
	case id != applicationID:
		return fmt.Errorf("%w: another program made it; name the journal", ErrForeign)
	case version > int64(len(known)):
		return CheckSchema(version)
	case version < int64(len(known)):
		return fmt.Errorf("%w: its schema is %d, this program reads %d; start the server once to bring it up to date", ErrForeign, version, len(known))
	}
	return nil
}

// Close ends the reader. What still reads ends by itself.
func (r *Reader) Close() error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	return r.drain()
}

// drain closes the idle connections.
func (r *Reader) drain() error {
	var errs []error
	for {
		select {
		case c := <-r.idle:
			errs = append(errs, c.close())
		default:
			return errors.Join(errs...)
		}
	}
}

// view lends fn a connection. One that failed is not kept.
func (r *Reader) view(ctx context.Context, fn func(c *conn) error) error {
	var c *conn
	select {
	case c = <-r.idle:
	default:
		var err error
		if c, err = r.dial(ctx, r.mapped); err != nil {
			return damaged(err)
		}
	}
	err := r.guarded(c, fn)
	if errors.Is(err, errUnmapped) {
		return err // its locks are in no state to close it
	}
	if code(err) == 0 && r.keep(c) {
		return err
	}
	return damaged(errors.Join(err, c.close()))
}

// errUnmapped: a page of the mapped file could not be read.
var errUnmapped = fmt.Errorf("%w: it could not be read to its end (the disk failed, or the file was cut while it was read); copy it and read the copy", ErrDamaged)

// guarded runs fn. What the disk refuses to a mapped file comes as a fault of
// the processor, and the runtime would end the process.
func (r *Reader) guarded(c *conn, fn func(c *conn) error) (err error) {
	if !r.mapped {
		return fn(c)
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch p := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }:
			err = errUnmapped
		default:
			panic(p)
		}
	}()
	return fn(c)
}

func (r *Reader) keep(c *conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return false
	}
	select {
	case r.idle <- c:
		return true
	default:
		return false
	}
}

// dial opens the file; where nothing may be written beside it and there is no
// log, as a file that does not change.
func (r *Reader) dial(ctx context.Context, mapped bool) (*conn, error) {
	name := dsn(r.path, 0, true)
	if mapped {
		name += "&_pragma=mmap_size(1099511627776)"
	}
	c, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	if _, err = c.integer("PRAGMA user_version"); err == nil {
		return c, nil
	}
	err = errors.Join(err, c.close())
	if fileSize(r.path+logSuffix) > 0 || isDamage(err) {
		return nil, err
	}
	return dial(ctx, name+"&immutable=1")
}

// Head implements audit.Source.
func (r *Reader) Head(ctx context.Context) (audit.Head, error) {
	var h audit.Head
	err := r.view(ctx, func(c *conn) error {
		err := c.query("SELECT chain, (SELECT max(seq) FROM records) FROM state", func(row []driver.Value) error {
			h.Chain = asString(row[0])
			if row[1] != nil {
				h.Records = asUint(row[1]) + 1
			}
			return nil
		})
		if err != nil {
			return err
		}
		return c.query("SELECT note FROM checkpoints ORDER BY size", func(row []driver.Value) error {
			h.Checkpoints = append(h.Checkpoints, []byte(asString(row[0])))
			return nil
		})
	})
	if err != nil {
		return audit.Head{}, fmt.Errorf("read head: %w", err)
	}
	return h, nil
}

// Records implements audit.Source.
func (r *Reader) Records(ctx context.Context, from, until uint64, fn func(*audit.Record) error) error {
	return r.view(ctx, func(c *conn) error { return readRange(ctx, c, from, until, fn) })
}

func readRange(ctx context.Context, c *conn, from, until uint64, fn func(*audit.Record) error) error {
	d := newReader(c)
	n := 0
	err := c.query("SELECT "+recordColumns+" FROM records WHERE seq >= ? AND seq < ? ORDER BY seq", func(row []driver.Value) error {
		r, err := d.record(row)
		if err != nil {
			return err
		}
		if n++; n&0xff == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fn(r)
	}, int64(from), int64(min(until, 1<<62))) //nolint:gosec // far below 2^63
	if code(err) != 0 {
		return fmt.Errorf("read records: %w", err)
	}
	return err
}

// QuickCheck says what SQLite finds broken in the tables beside the records,
// whose every row Verify reads. It goes table by table, so that no moment of
// the store is held for long: an erasure waits for that. It belongs in the
// background.
func (r *Reader) QuickCheck(ctx context.Context) error {
	return r.view(ctx, func(c *conn) error {
		var tables []string
		err := c.query("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('records', 'sqlite_sequence')", func(row []driver.Value) error {
			tables = append(tables, asString(row[0]))
			return nil
		})
		for _, name := range tables {
			if err == nil {
				err = quickCheck(ctx, c, name)
			}
		}
		return err
	})
}

func quickCheck(ctx context.Context, c *conn, table string) error {
	s, err := c.prepare("PRAGMA quick_check(" + table + ")")
	if err != nil {
		return err
	}
	sound := false
	err = collect(ctx, s, nil, func(row []driver.Value) error {
		sound = asString(row[0]) == "ok"
		return nil
	})
	if err == nil && !sound {
		err = fmt.Errorf("%w: table %s; restore the newest backup, and keep the file for examination", ErrDamaged, table)
	}
	return err
}
