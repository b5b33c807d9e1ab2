package boot_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

// withClickHouse writes the example with a section beside it.
func withClickHouse(t *testing.T, section string) string {
	t.Helper()
	path := folder(t, same)
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(path)
	if err := os.WriteFile(filepath.Join(dir, "ch-password"), []byte("a password of its own"), 0o600); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(dir, "clickhouse.yaml")
	if err := os.WriteFile(path, append(raw, "\nclickhouse: {"+section+"}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestClickHouse(t *testing.T) {
	for section, want := range map[string]string{
		`endpoints: ["ch.example:8443"], password: file:ch-password, cluster: trail, insert_quorum: 2, protocol: native, compression: zstd`: "",
		`endpoints: ["127.0.0.1:8123"], tls: false`:                       "",
		`database: postern`:                                               "clickhouse.endpoints is missing",
		`endpoints: ["ch.example"]`:                                       "clickhouse.endpoints[0] is not host:port",
		`endpoints: ["ch.example:8123"], tls: false`:                      "clickhouse.endpoints[0] is not on this machine, and tls is false",
		`endpoints: ["ch.example:8443"], insert_quorum: 2`:                "clickhouse.insert_quorum means nothing without a cluster",
		`endpoints: ["ch.example:8443"], protocol: udp`:                   "clickhouse.protocol is no protocol",
		`endpoints: ["ch.example:8443"], compression: gzip`:               "clickhouse.compression is not known",
		`endpoints: ["ch.example:8443"], database: "a-b"`:                 "clickhouse.database is no name",
		`endpoints: ["ch.example:8443"], batch_rows: 10`:                  "clickhouse.batch_rows is out of range",
		`endpoints: ["ch.example:8443"], cert: cert.pem`:                  "clickhouse.cert and key belong together",
		`endpoints: ["127.0.0.1:8123"], tls: false, ca: ca.pem`:           "clickhouse.ca means nothing without tls",
		`endpoints: ["ch.example:8443"], read_password: file:ch-password`: "clickhouse.read_password is nobody's",
		`endpoints: ["ch.example:8443"], password: "vault:ch#password"`:   "clickhouse.password names Vault, and there is no section vault",
		`endpoints: ["ch.example:8443"], password: "in the clear"`:        "clickhouse.password",
		`endpoints: ["ch.example:8443"], pasword: file:ch-password`:       "clickhouse.pasword is not a known key",
	} {
		cfg, err := boot.Load(withClickHouse(t, section))
		switch {
		case want == "" && (err != nil || !cfg.ClickHouse.Enabled() || len(cfg.Stores()) != 3):
			t.Errorf("%s: %v", section, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", section, err, want)
		case want != "" && strings.Contains(err.Error(), "in the clear"):
			t.Errorf("the error repeats a secret: %v", err)
		}
	}
}

// TestClickHouseOpens: nothing is asked of the server, and files that cannot be
// used are refused.
func TestClickHouseOpens(t *testing.T) {
	cfg, err := boot.Load(withClickHouse(t, `endpoints: ["ch.example:8443"], password: file:ch-password`))
	if err != nil {
		t.Fatal(err)
	}
	s, err := cfg.ClickHouse.Open(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	other := cfg.ClickHouse
	other.Cert, other.Key = "none.pem", "none.pem"
	if _, err := other.Open(time.Now); err == nil {
		t.Error("a certificate that is not there was taken")
	}
	again, err := boot.Load(cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	if names := boot.RestartNeeded(cfg, again); len(names) > 0 {
		t.Errorf("the same configuration read again needs a restart for %v", names)
	}
}
