package clickhouse

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says where ClickHouse is and how it is spoken to. Endpoints and
// Database are required; zero elsewhere takes the default.
type Config struct {
	Endpoints   []string // host:port, tried in their order
	Native      bool     // the native protocol; false: HTTP
	TLS         *tls.Config
	Database    string
	Chain       string                // of the trail that Search answers for
	User        string                // "": default
	Password    func() string         // nil: none; asked at each connection
	Cluster     string                // name in the server's remote_servers; "": one server
	Quorum      int                   // replicas that must have an insert; 0: the server's setting
	Compression string                // of what is sent: "lz4", "zstd", or "" for none
	Timeout     time.Duration         // of one statement; 1 min
	Settings    map[string]any        // sent with each statement
	Now         func() time.Time      // required
	OnError     func(what error)      // hears what no caller waits for; may be nil
	Pause       func(d time.Duration) // waits between tries in tests; nil waits

	asks bool // names without a database mean Database's
}

// options are the driver's. The driver logs nothing: what it would log may be data.
func (c Config) options(password string) *clickhouse.Options {
	o := &clickhouse.Options{
		Protocol: clickhouse.HTTP, TLS: c.TLS, Addr: c.Endpoints, Logger: slog.New(slog.DiscardHandler),
		Auth:        clickhouse.Auth{Username: c.User, Password: password},
		DialTimeout: min(c.Timeout, 10*time.Second), ReadTimeout: c.Timeout, MaxOpenConns: 4, MaxIdleConns: 2,
		Settings: clickhouse.Settings(c.Settings),
	}
	if c.asks {
		o.Auth.Database = c.Database
	}
	if c.Native {
		o.Protocol = clickhouse.Native
	}
	switch c.Compression {
	case "lz4":
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	case "zstd":
		o.Compression = &clickhouse.Compression{Method: clickhouse.CompressionZSTD, Level: 1}
	}
	return o
}

// password is as it is now.
func (c Config) password() string {
	if c.Password == nil {
		return ""
	}
	return c.Password()
}

// connect opens the driver's pool; nothing is asked of the server yet.
func (c Config) connect(password string) (driver.Conn, error) {
	if len(c.Endpoints) == 0 || c.Database == "" || c.Now == nil {
		return nil, errors.New("open ClickHouse: endpoints, database and clock are required")
	}
	conn, err := clickhouse.Open(c.options(password))
	if err != nil {
		return nil, fmt.Errorf("open ClickHouse: %w", refused(err))
	}
	return conn, nil
}
