package boot

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

const maxFileBytes = 1 << 20

//go:embed example.yaml
var example []byte

// Example is a commented configuration. It loads once the files it names exist.
func Example() []byte { return bytes.Clone(example) }

// Load reads and judges one file. The error is Problems if the file was read
// but must not be used; then the configuration is nil.
func Load(path string) (*Config, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find configuration: %w", err)
	}
	source, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return judge(path, source, nil, nil)
}

// load judges a file's content.
func (r *reader) load(source []byte) (*Config, error) {
	root := r.parse(source)
	if root == nil {
		return nil, r.problems.sorted()
	}
	c := r.config(root)
	r.check(c)
	if len(r.problems) > 0 {
		return nil, r.problems.sorted()
	}
	sum := sha256.Sum256(source)
	c.Path, c.Source, c.Revision, c.places = r.file, source, hex.EncodeToString(sum[:]), r.nodes
	c.secrets, c.references = r.secrets, r.references
	return c, nil
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's own configuration
	if err != nil {
		return nil, fmt.Errorf("open configuration (name it with --config or POSTERN_CONFIG): %w", err)
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	source, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(source) > maxFileBytes {
		return nil, errors.New("read configuration: larger than 1 MiB, so it is some other file")
	}
	return source, nil
}

var yamlLine = regexp.MustCompile(`line (\d+)`)

// parse gives the file's one document. The parser's own words may quote the
// file, so only its line number is kept.
func (r *reader) parse(source []byte) *yaml.Node {
	dec := yaml.NewDecoder(bytes.NewReader(source))
	var doc, second yaml.Node
	err := dec.Decode(&doc)
	if errors.Is(err, io.EOF) {
		r.report(&yaml.Node{Line: 1, Column: 1}, "the file is empty", "start from: postern config example")
		return nil
	}
	if err == nil {
		if err = dec.Decode(&second); errors.Is(err, io.EOF) {
			return doc.Content[0]
		}
	}
	if err == nil {
		r.report(&second, "there is a second document", "keep one document a file")
		return nil
	}
	at := &yaml.Node{Line: 1, Column: 1}
	if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
		at.Line, _ = strconv.Atoi(m[1]) //nolint:errcheck // the pattern matched digits
	}
	r.report(at, "this is not YAML", "check indentation, quotes and colons at and above this line")
	return nil
}

func (r *reader) config(root *yaml.Node) *Config {
	s := r.section(root, "")
	defer s.done()
	if v := s.whole("version", 0, 1, 1); v == 0 && s.values["version"] == nil {
		s.missing("version", "write version: 1")
	}
	c := &Config{
		Data:         s.file("data", "data", "write the folder of the journal"),
		PublicURL:    s.required("public_url", "write the URL apps use, such as https://gateway.example.org"),
		OperatorKey:  s.secret("operator_key", false),
		UnknownAfter: s.duration("unknown_after", 15*time.Minute, time.Minute, 24*time.Hour),
	}
	c.Vault = r.vault(s.sub("vault"))
	c.ClickHouse = r.clickHouse(s.sub("clickhouse"))
	c.LogLevel = r.logLevel(s.sub("log"))
	c.PolicyDir = r.policyDir(s.sub("policy"))
	c.Keystore = r.keystore(s.sub("keystore"))
	c.Checkpoints = r.checkpoints(s.sub("checkpoints"))
	c.Listeners = r.listeners(s.sub("listeners"))
	c.Upstream = r.upstream(s.sub("upstream"))
	c.Delivery = r.delivery(s.sub("delivery"))
	c.Envoy = r.envoy(s.sub("envoy"))
	c.Limits = r.limits(s.sub("limits"))
	c.Reveal = r.reveal(s.sub("reveal"))
	c.Holds = r.holds(s.sub("holds"))
	c.Requests = r.requests(s.sub("requests"))
	c.Retention = r.retentionRuns(s.sub("retention"))
	c.Tenants = r.tenants(s)
	c.Backup = r.backup(s.sub("backup"))
	c.Media = r.media(s.sub("media"))
	c.Exports = r.exports(s)
	c.Region = s.text("region", "", writeRegion)
	c.Residency = r.residency(s.sub("residency"))
	return c
}

func (s *section) sub(key string) *section { return s.r.section(s.get(key), s.at(key)) }

func (r *reader) logLevel(s *section) string {
	defer s.done()
	return s.text("level", "info", "write debug, info, warn or error")
}

func (r *reader) policyDir(s *section) string {
	defer s.done()
	return s.file("dir", "", "write the folder of the policies, or leave it out for the built-in ones")
}

func (r *reader) checkpoints(s *section) Checkpoints {
	defer s.done()
	return Checkpoints{
		Dir:       s.file("dir", "checkpoints", "write a folder outside data"),
		Every:     s.duration("every", time.Minute, time.Second, 24*time.Hour),
		Witnesses: r.witnesses(s),
		Stamp:     r.stamp(s.sub("stamp")),
		Region:    s.text("region", "", writeRegion),
		S3:        r.s3(s.sub("s3"), false),
		S3Region:  s.text("s3_region", "", writeRegion),
	}
}

func (r *reader) listeners(s *section) Listeners {
	defer s.done()
	app, webhook := r.tlsListener(s.sub("app"), false), r.tlsListener(s.sub("webhook"), true)
	admin := s.sub("admin")
	defer admin.done()
	return Listeners{App: app, Webhook: webhook, Admin: admin.required("address", "write a loopback address, such as 127.0.0.1:8445")}
}

func (r *reader) upstream(s *section) Upstream {
	defer s.done()
	return Upstream{
		BaseURL:        s.text("base_url", "https://graph.facebook.com", "write a URL"),
		Version:        s.text("version", "v25.0", "write a Graph version, such as v25.0"),
		CA:             s.file("ca", "", "write a PEM file of roots, or leave it out"),
		CAOnly:         s.flag("ca_only"),
		Pins:           s.texts("pins", "write a list of sha256/BASE64"),
		MinTLS:         s.text("min_tls", "1.3", minTLSRemedy),
		Timeout:        s.duration("timeout", 30*time.Second, time.Second, 5*time.Minute),
		MaxConnections: s.whole("max_connections", 256, 1, 10000),
	}
}

func (r *reader) delivery(s *section) Delivery {
	defer s.done()
	return Delivery{
		AllowTargets: s.texts("allow_targets", "write a list of host:port"),
		CA:           s.file("ca", "", "write a PEM file of roots, or leave it out"),
		MinTLS:       s.text("min_tls", "1.2", minTLSRemedy),
		Connections:  s.whole("connections", 64, 1, 10000),
	}
}

func (r *reader) limits(s *section) Limits {
	defer s.done()
	return Limits{
		BodyBytes:       s.bytes("body_bytes", 1<<20, 1<<10),
		PerNumberRate:   s.rate("per_number_rate", 1000),
		PerAppRate:      s.rate("per_app_rate", 1000),
		PairRate:        s.rate("pair_rate", 1.0/6),
		PairBurst:       s.whole("pair_burst", 45, 1, 100000),
		Pairs:           s.whole("pairs", 1_000_000, 1000, 100_000_000),
		Management:      s.whole("management_per_hour", 4500, 0, 1_000_000),
		Queue:           s.whole("queue", 4096, 16, 1<<20),
		JournalMaxBytes: s.bytes("journal_max_bytes", 0, 0),
		MinFreeBytes:    s.bytes("min_free_bytes", 256<<20, 0),
		MediaMaxBytes:   s.bytes("media_max_bytes", 10<<30, 0),
	}
}
