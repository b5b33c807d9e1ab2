package boot

import (
	"crypto/tls"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"postern/audit/clickhouse"
	"postern/crypto/certs"
)

// ClickHouse is where the trail is shipped to. The zero value ships nothing.
type ClickHouse struct {
	Endpoints    []string      `json:"endpoints"` // host:port, tried in their order
	Protocol     string        `json:"protocol"`  // "http" or "native"
	TLS          bool          `json:"tls"`
	CA           string        `json:"ca"`   // PEM file of the only roots trusted; empty: the system's
	Cert         string        `json:"cert"` // with Key: our certificate, read at each connection
	Key          string        `json:"key"`
	Database     string        `json:"database"`
	User         string        `json:"user"`
	Password     Secret        `json:"password"`
	ReadUser     string        `json:"read_user"` // who asks the trail
	ReadPassword Secret        `json:"read_password"`
	Cluster      string        `json:"cluster"`
	Quorum       int           `json:"insert_quorum"`
	Compression  string        `json:"compression"` // of what is sent: "lz4", "zstd" or "none"
	BatchRows    int           `json:"batch_rows"`
	BatchWait    time.Duration `json:"batch_wait"`
	Timeout      time.Duration `json:"timeout"`
	BehindAfter  time.Duration `json:"behind_after"` // when a record that waits is an alarm
	Verify       time.Duration `json:"verify"`       // how often what is there is proved; 0: never by itself
	Region       string        `json:"region"`
}

// Enabled reports whether there is one.
func (c ClickHouse) Enabled() bool { return len(c.Endpoints) > 0 }

func (r *reader) clickHouse(s *section) ClickHouse {
	defer s.done()
	if s.node == nil {
		return ClickHouse{}
	}
	c := ClickHouse{
		Endpoints:   s.texts("endpoints", "write a list such as [clickhouse.example:8443]"),
		Protocol:    s.text("protocol", "http", "write http or native"),
		TLS:         s.truth("tls", true),
		CA:          s.file("ca", "", "write a PEM file of roots, or leave it out"),
		Cert:        s.file("cert", "", "write the PEM file of our certificate, or leave it out"),
		Key:         s.file("key", "", "write the PEM file of its key, or leave it out"),
		Database:    s.text("database", "postern", "write the name of the database"),
		User:        s.text("user", "default", "write the user who ships"),
		Password:    s.secret("password", false),
		ReadUser:    s.text("read_user", "", "write the user who asks, who may only read"),
		Cluster:     s.text("cluster", "", "write the cluster's name in remote_servers, or leave it out"),
		Quorum:      s.whole("insert_quorum", 0, 0, 64),
		Compression: s.text("compression", "lz4", "write lz4, zstd or none"),
		BatchRows:   s.whole("batch_rows", 50_000, 1000, 200_000),
		BatchWait:   s.duration("batch_wait", time.Second, time.Millisecond, time.Minute),
		Timeout:     s.duration("timeout", time.Minute, time.Second, time.Hour),
		BehindAfter: s.duration("behind_after", 5*time.Minute, time.Second, 7*24*time.Hour),
		Verify:      s.duration("verify", 24*time.Hour, 0, 30*24*time.Hour),
		Region:      s.text("region", "", writeRegion),
	}
	c.ReadPassword = s.secret("read_password", false)
	if n := s.values["endpoints"]; n == nil || n.Tag == "!!null" || n.Tag == "!!seq" && len(n.Content) == 0 { // else it was reported
		s.missing("endpoints", "write a list such as [clickhouse.example:8443]")
	}
	return c
}

var databasePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

func (r *reader) checkClickHouse(c ClickHouse) {
	if !c.Enabled() {
		return
	}
	for i, address := range c.Endpoints {
		at := fmt.Sprintf("clickhouse.endpoints[%d]", i)
		host, _, ok := hostPort(address, 1)
		r.expect(ok && host != "", at, "is not host:port", "write an address such as clickhouse.example:8443")
		r.expect(!ok || c.TLS || isLoopback(host), at, "is not on this machine, and tls is false", "leave tls out; without it only a server on loopback is spoken to")
	}
	r.expect(slices.Contains([]string{"http", "native"}, c.Protocol), "clickhouse.protocol", "is no protocol", "write http or native")
	r.expect(slices.Contains([]string{"lz4", "zstd", "none"}, c.Compression), "clickhouse.compression", "is not known", "write lz4, zstd or none")
	r.expect(databasePattern.MatchString(c.Database), "clickhouse.database", "is no name of a database", "use letters, digits and _")
	r.expect(c.Quorum == 0 || c.Cluster != "", "clickhouse.insert_quorum", "means nothing without a cluster", "write cluster, or leave it out")
	r.expect((c.Cert == "") == (c.Key == ""), "clickhouse.cert", "and key belong together", "write both, or neither")
	for _, e := range []struct{ at, file string }{{"clickhouse.ca", c.CA}, {"clickhouse.cert", c.Cert}} {
		r.expect(e.file == "" || c.TLS, e.at, "means nothing without tls", "leave it out, or leave tls: false out")
	}
	r.expect(!c.ReadPassword.IsSet() || c.ReadUser != "", "clickhouse.read_password", "is nobody's", "write read_user")
}

// opened is what of it a running program holds open: all but label and passwords.
func (c ClickHouse) opened() ClickHouse {
	c.Region, c.Password, c.ReadPassword = "", Secret{}, Secret{}
	return c
}

// Open prepares the way to it; it may be away.
func (c ClickHouse) Open(now func() time.Time) (*clickhouse.Store, error) {
	return c.OpenToShip(now, func() ClickHouse { return c })
}

// OpenToShip is Open for who goes on for long: the password is that of current,
// the section as it is now, at each connection.
func (c ClickHouse) OpenToShip(now func() time.Time, current func() ClickHouse) (*clickhouse.Store, error) {
	cfg, err := c.client(now)
	if err != nil {
		return nil, err
	}
	cfg.Password = func() string { return current().Password.Value() }
	return clickhouse.Open(cfg)
}

// OpenToAsk prepares the way for questions about the trail of that chain, as the
// user who may only read.
func (c ClickHouse) OpenToAsk(chain string, now func() time.Time) (*clickhouse.Store, error) {
	switch {
	case !c.Enabled():
		return nil, errors.New("the configuration names no ClickHouse: add a section clickhouse (postern config example shows one)")
	case c.ReadUser == "" || c.ReadUser == c.User:
		return nil, errors.New("clickhouse: who asks is a user who may only read: name one with read_user (postern clickhouse access prints what that user needs)")
	}
	c.User, c.Password = c.ReadUser, c.ReadPassword
	cfg, err := c.client(now)
	if err != nil {
		return nil, err
	}
	cfg.Chain = chain
	return clickhouse.OpenToAsk(cfg)
}

func (c ClickHouse) client(now func() time.Time) (clickhouse.Config, error) {
	cfg := clickhouse.Config{
		Endpoints: c.Endpoints, Native: c.Protocol == "native", Database: c.Database, User: c.User, Password: c.Password.Value,
		Cluster: c.Cluster, Quorum: c.Quorum, Compression: strings.TrimSuffix(c.Compression, "none"), Timeout: c.Timeout, Now: now,
	}
	if c.TLS {
		conf, err := c.clientTLS()
		if err != nil {
			return cfg, fmt.Errorf("clickhouse: %w", err)
		}
		cfg.TLS = conf
	}
	return cfg, nil
}

// clientTLS trusts the roots of ca alone where there is one, and shows our
// certificate as it is in its file at each connection.
func (c ClickHouse) clientTLS() (*tls.Config, error) {
	conf, err := certs.Client(certs.ClientConfig{CA: c.CA, Only: c.CA != "", TLS12: true})
	if err != nil || c.Cert == "" {
		return conf, err
	}
	load := func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(c.Cert, c.Key)
		return &pair, err
	}
	if _, err := load(nil); err != nil {
		return nil, fmt.Errorf("our certificate: %w", err)
	}
	conf.GetClientCertificate = load
	return conf, nil
}
