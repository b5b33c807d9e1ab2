package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"runtime"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// conn is one connection to the file. One goroutine uses it at a time.
type conn struct {
	dc    driver.Conn
	stmts map[string]driver.Stmt // prepared once, by their text
	args  []driver.NamedValue    // reused by bind
}

// dsn names the file with the settings that every connection shares.
//
// The cache is small on purpose: a page split that changes the order of pages
// makes the commit look through all slots of the cache. With 8 MiB of pages of
// 1 KiB that took 110 us of processor time a message at 1,000 messages a
// second; what misses the cache is in the kernel's.
func dsn(path string, pageSize int, readOnly bool) string {
	q := url.Values{"_pragma": {
		"busy_timeout(2000)", "cache_size(-2048)", "secure_delete(ON)", "synchronous(FULL)",
		"wal_autocheckpoint(0)", "foreign_keys(OFF)", "trusted_schema(OFF)", "temp_store(MEMORY)",
	}, "_dqs": {"0"}, "_defensive": {"1"}}
	if readOnly {
		q.Set("mode", "ro")
		q.Del("_pragma")
		q["_pragma"] = []string{"busy_timeout(2000)", "cache_size(-4096)", "trusted_schema(OFF)", "temp_store(MEMORY)"}
	} else {
		q.Set("mode", "rw")
		q["_pragma"] = append(q["_pragma"], fmt.Sprintf("page_size(%d)", pageSize))
		q.Set("_journal_mode", "WAL")
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// dialWriter opens the writer's connection, see logFile.
func dialWriter(ctx context.Context, path string) (*conn, error) {
	if err := registerLogs(); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return dial(ctx, dsn(path, pageSize, false)+"&vfs="+logVFS)
}

func dial(ctx context.Context, name string) (*conn, error) {
	c, err := sqlite.NewConnector(name)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	dc, err := c.Connect(ctx)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return &conn{dc: dc, stmts: make(map[string]driver.Stmt)}, nil
}

func (c *conn) close() error {
	var errs []error
	for _, s := range c.stmts {
		errs = append(errs, s.Close())
	}
	c.stmts = nil
	return errors.Join(append(errs, c.dc.Close())...)
}

// prepare returns the statement of the text, compiled on first use.
func (c *conn) prepare(text string) (driver.Stmt, error) {
	if s, ok := c.stmts[text]; ok {
		return s, nil
	}
	s, err := c.dc.(driver.ConnPrepareContext).PrepareContext(context.Background(), text)
	if err != nil {
		return nil, err
	}
	c.stmts[text] = s
	return s, nil
}

func (c *conn) bind(values []any) []driver.NamedValue {
	for len(c.args) < len(values) {
		c.args = append(c.args, driver.NamedValue{Ordinal: len(c.args) + 1})
	}
	for i, v := range values {
		c.args[i].Value = v
	}
	return c.args[:len(values)]
}

// exec runs a prepared statement and returns how many rows it changed.
// Values are int64, string, []byte or nil, as the driver wants them.
func (c *conn) exec(text string, values ...any) (int64, error) {
	s, err := c.prepare(text)
	if err != nil {
		return 0, err
	}
	r, err := s.(driver.StmtExecContext).ExecContext(context.Background(), c.bind(values))
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// script runs statements that are used once.
func (c *conn) script(text string) error {
	_, err := c.dc.(driver.ExecerContext).ExecContext(context.Background(), text, nil)
	return err
}

// query calls fn for every row. The values of a row are reused by the next;
// strings and byte slices in it are not.
func (c *conn) query(text string, fn func(row []driver.Value) error, values ...any) error {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	return collect(context.Background(), s, c.bind(values), fn)
}

// courtesy is how many rows are read before others may run. Where there are few
// processors a long read keeps one from those that send, until Go takes it away
// after 10 ms.
const courtesy = 32

// collect runs a statement. The end of ctx interrupts it up to the first row.
func collect(ctx context.Context, s driver.Stmt, values []driver.NamedValue, fn func(row []driver.Value) error) (err error) {
	rows, err := s.(driver.StmtQueryContext).QueryContext(ctx, values)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	row := make([]driver.Value, len(rows.Columns()))
	for n := 1; ; n++ {
		if n%courtesy == 0 {
			runtime.Gosched()
		}
		if err := rows.Next(row); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if err := fn(row); err != nil {
			return err
		}
	}
}

// integer returns the first column of the first row, 0 if there is none.
func (c *conn) integer(text string, values ...any) (int64, error) {
	var n int64
	err := c.query(text, func(row []driver.Value) error {
		n, _ = row[0].(int64)
		return nil
	}, values...)
	return n, err
}

// code is SQLite's primary result code of an error, 0 if it is not SQLite's.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

const busyCode = sqlite3.SQLITE_BUSY

func isConstraint(err error) bool { return code(err) == sqlite3.SQLITE_CONSTRAINT }

func isDamage(err error) bool {
	return code(err) == sqlite3.SQLITE_CORRUPT || code(err) == sqlite3.SQLITE_NOTADB
}
