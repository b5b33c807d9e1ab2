package vaulted

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
)

// door refuses everybody, as ClickHouse does, and remembers the passwords.
type door struct {
	mu    sync.Mutex
	shown map[string]bool
}

func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	password := r.Header.Get("X-ClickHouse-Key")
	if _, basic, ok := r.BasicAuth(); ok {
		password = basic
	}
	d.mu.Lock()
	d.shown[password] = true
	d.mu.Unlock()
	w.Header().Set("X-ClickHouse-Exception-Code", "516")
	w.WriteHeader(http.StatusForbidden)
}

func (d *door) saw(password string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.shown[password]
}

// TestClickHousePassword: the gateway shows ClickHouse the password that Vault
// has now, and a command reads that one alone.
func TestClickHousePassword(t *testing.T) {
	v, d := start(t), &door{shown: map[string]bool{}}
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	const first, second = "first-password-of-the-shipper", "second-password-of-the-shipper"
	v.put(t, "team/clickhouse", map[string]string{"value": first})
	g := gatewayOf(t, v, v.Address, func(_, text string) string {
		return text + fmt.Sprintf("clickhouse: {endpoints: [%q], tls: false, password: \"vault:team/clickhouse#value\"}\n", strings.TrimPrefix(server.URL, "http://"))
	})
	rig.Await(t, "the first password", func() bool { return d.saw(first) })
	if d.saw(second) || d.saw("") {
		t.Error("another password was shown before")
	}
	v.put(t, "team/clickhouse", map[string]string{"value": second})
	rig.Await(t, "the second password", func() bool { return d.saw(second) })

	loaded, err := boot.Load(g.Env["POSTERN_CONFIG"])
	check(t, err)
	cfg, err := boot.FromVault(t.Context(), loaded, "clickhouse", time.Now)
	check(t, err)
	if cfg.ClickHouse.Password.Value() != second {
		t.Error("a command reads another password")
	}
	if token := cfg.Tenants[0].Token; !token.IsSet() || token.Value() != "" {
		t.Error("a command reads what it has no need of")
	}
}
