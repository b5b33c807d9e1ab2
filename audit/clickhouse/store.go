// Package clickhouse keeps the trail in ClickHouse, beside the journal: its
// schema, how records get there, how erasures follow and how what is there is
// proved. It is the only importer of ClickHouse's client.
//
// The journal stays the truth. Records are identified by (chain, seq) and each
// is there exactly once: after a crash, or where the outcome of an insert is
// not known, the server is asked what it has before anything is sent again.
// Sealed parts never leave the journal.
//
// It fails closed and apart: what is not confirmed is not passed, a schema
// that is newer or was changed is refused, and nothing here holds up a send.
// Errors carry ClickHouse's code, never its words: those may quote data.
package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// ErrRefused is wrapped by what the server answered with an error of its own.
var ErrRefused = errors.New("ClickHouse refused")

// Refusal is an error of the server's, by its number only.
type Refusal struct{ Code int32 }

func (r Refusal) Error() string { return fmt.Sprintf("code %d%s", r.Code, hint(r.Code)) }

// Unwrap makes it an ErrRefused.
func (Refusal) Unwrap() error { return ErrRefused }

// hint says what to do about the codes that an operator meets.
func hint(code int32) string {
	switch code {
	case 60, 81:
		return ": a table or the database is missing; run postern clickhouse migrate"
	case 159, 160:
		return ": it took too long"
	case 192, 193, 194, 516:
		return ": user or password is wrong; check user and password of the section clickhouse, read_user and read_password for questions"
	case 241:
		return ": out of memory"
	case 242, 999, 225:
		return ": the table is read-only or Keeper is away"
	case 243:
		return ": not enough space on its disk"
	case 252:
		return ": too many parts; merges are behind"
	case 285, 286, 289, 319:
		return ": too few replicas confirmed"
	case 497:
		return ": the user may not do this; see the grants in audit/clickhouse/README.md"
	}
	return ""
}

// refused maps an error of the driver's: the server's words may quote data, so
// their number alone is kept.
func refused(err error) error {
	var e *clickhouse.Exception
	var h *clickhouse.HTTPError
	var away *url.Error
	var dial *net.OpError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &e):
		return fmt.Errorf("%w: %w", ErrRefused, Refusal{Code: e.Code})
	case errors.As(err, &h):
		return fmt.Errorf("%w: HTTP status %d and no word of ClickHouse's; check clickhouse.endpoints, protocol and tls: something else answers there, or a proxy before it", ErrRefused, h.StatusCode)
	case errors.As(err, &away): // it quotes the whole address, with user and settings
		return unreached(away.Err)
	case errors.As(err, &dial):
		return unreached(dial)
	}
	return err
}

func unreached(err error) error {
	return fmt.Errorf("ClickHouse cannot be reached: %w; check that it runs, and clickhouse.endpoints, tls, ca and cert", err)
}

// Store is one trail's place in ClickHouse. Safe for concurrent use.
type Store struct {
	cfg  Config
	long uint64 // records from which on a search is dealt out, see parts

	mu       sync.Mutex // guards what follows
	conn     driver.Conn
	password string // of conn
}

// Open prepares the way to ClickHouse. Nothing is asked of it yet: it may be away.
func Open(cfg Config) (*Store, error) {
	if cfg.Timeout <= 0 {
		cfg.Timeout = time.Minute
	}
	password := cfg.password()
	conn, err := cfg.connect(password)
	if err != nil {
		return nil, err
	}
	return &Store{cfg: cfg, long: longTrail, conn: conn, password: password}, nil
}

// Close ends its connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.Close()
}

// reopen connects anew.
func (s *Store) reopen() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.renew()
}

// renew connects with the password as it is now. The caller holds mu.
func (s *Store) renew() error {
	password := s.cfg.password()
	conn, err := s.cfg.connect(password)
	if err != nil {
		return err
	}
	old := s.conn
	s.conn, s.password = conn, password
	return old.Close()
}

// connection is one with the password as it is now. Where there can be none,
// the one before goes on, and the server judges its password.
func (s *Store) connection() driver.Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.password != s.cfg.password() {
		_ = s.renew() // see above
	}
	return s.conn
}

// ask is a context for one statement: its settings, its parameters and the
// time it may take.
type ask struct {
	settings map[string]any
	params   map[string]string
	id       string
	columns  []clickhouse.ColumnNameAndType
}

// undated ends with its context and does not say when: of a context that does the
// driver makes a limit of time for the server, five seconds longer, in place of
// the one that is set.
type undated struct{ context.Context }

// Deadline implements context.Context.
func (undated) Deadline() (time.Time, bool) { return time.Time{}, false }

func (s *Store) context(ctx context.Context, a ask) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout)
	if a.settings["max_execution_time"] != nil {
		ctx = undated{ctx}
	}
	settings := clickhouse.Settings{}
	for k, v := range a.settings {
		settings[k] = v
	}
	opts := []clickhouse.QueryOption{clickhouse.WithSettings(settings)}
	if a.params != nil {
		opts = append(opts, clickhouse.WithParameters(a.params))
	}
	if a.id != "" {
		opts = append(opts, clickhouse.WithQueryID(a.id))
	}
	if a.columns != nil {
		opts = append(opts, clickhouse.WithColumnNamesAndTypes(a.columns))
	}
	return clickhouse.Context(ctx, opts...), cancel
}

func (s *Store) exec(ctx context.Context, what, text string, a ask) error {
	ctx, cancel := s.context(ctx, a)
	defer cancel()
	if err := s.connection().Exec(ctx, text); err != nil {
		return fmt.Errorf("%s: %w", what, refused(err))
	}
	return nil
}

// query calls fn for each row; fn scans it.
func (s *Store) query(ctx context.Context, what, text string, a ask, fn func(scan func(...any) error) error) error {
	ctx, cancel := s.context(ctx, a)
	defer cancel()
	rows, err := s.connection().Query(ctx, text)
	if err != nil {
		return fmt.Errorf("%s: %w", what, refused(err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	for rows.Next() {
		if err := fn(rows.Scan); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, refused(err))
	}
	return nil
}

// one scans the single row of a query.
func (s *Store) one(ctx context.Context, what, text string, a ask, dest ...any) error {
	return s.query(ctx, what, text, a, func(scan func(...any) error) error { return scan(dest...) })
}

// table is the full name of a table or view.
func (s *Store) table(name string) string { return quote(s.cfg.Database) + "." + quote(name) }

// local is the table that holds the rows on each server, which ALTER speaks to.
func (s *Store) local(name string) string {
	if s.cfg.Cluster != "" {
		name += "_local"
	}
	return s.table(name)
}

func (s *Store) onCluster() string {
	if s.cfg.Cluster == "" {
		return ""
	}
	return " ON CLUSTER " + quote(s.cfg.Cluster)
}

// system is a table of system of every replica.
func (s *Store) system(name string) string {
	if s.cfg.Cluster == "" {
		return "system." + name
	}
	return "clusterAllReplicas(" + text(s.cfg.Cluster) + ", system." + name + ")"
}
