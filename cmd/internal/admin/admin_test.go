package admin_test

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

const (
	stranger = "4915112345678"
	tenant   = "demo"
)

// gateway is a store opened directly, with a clock and the config.
type gateway struct {
	t      *testing.T
	direct *admin.Direct
	config *boot.Config
	mu     sync.Mutex
	now    time.Time
	step   time.Duration // that each look at the clock takes; 0: a millisecond
}

func (g *gateway) clock() time.Time {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.now = g.now.Add(cmp.Or(g.step, time.Millisecond))
	return g.now
}

func newGateway(t *testing.T) *gateway {
	t.Helper()
	dir := t.TempDir()
	g := &gateway{t: t, now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), config: &boot.Config{
		Data: filepath.Join(dir, "data"), PublicURL: "https://127.0.0.1:8443",
		Limits:      boot.Limits{Queue: 64, MinFreeBytes: 0},
		Checkpoints: boot.Checkpoints{Dir: filepath.Join(dir, "checkpoints")},
		Tenants: []boot.Tenant{{
			Name: tenant, LegalEntity: "Example Ltd", Numbers: []boot.Number{{ID: "1"}, {ID: "2"}, {ID: "3"}},
			Apps: []boot.App{
				{Name: "shop", Dialect: "cloud", Numbers: []string{"1"}},
				{Name: "desk", Dialect: "d360", Numbers: []string{"2"}},
				{Name: "old", Dialect: "onprem", Numbers: []string{"3"}},
			},
		}},
	}}
	g.open()
	return g
}

func (g *gateway) open() {
	g.t.Helper()
	d, err := admin.Open(g.t.Context(), g.config, g.clock)
	if err != nil {
		g.t.Fatal(err)
	}
	g.direct = d
	g.t.Cleanup(func() { _ = d.Close() })
}

func (g *gateway) reopen() {
	g.t.Helper()
	if err := g.direct.Close(); err != nil {
		g.t.Fatal(err)
	}
	g.open()
}

// keeps opens the store under another retention policy.
func (g *gateway) keeps(policy string) {
	g.t.Helper()
	g.config.PolicyDir = g.t.TempDir()
	if err := os.WriteFile(filepath.Join(g.config.PolicyDir, "retention.yaml"), []byte(policy), 0o600); err != nil {
		g.t.Fatal(err)
	}
	g.reopen()
}

// asker is a Service or a Client.
type asker interface {
	Do(ctx context.Context, key, name string, in []byte) ([]byte, error)
}

func ask[Out any](t *testing.T, a asker, key, name string, in any) (Out, error) {
	t.Helper()
	var out Out
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := a.Do(t.Context(), key, name, raw)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(answer, &out, json.RejectUnknownMembers(true)); err != nil {
		t.Fatalf("%s: answer: %v", name, err)
	}
	return out, nil
}

func must[Out any](t *testing.T, a asker, key, name string, in any) Out {
	t.Helper()
	out, err := ask[Out](t, a, key, name, in)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func wantCode(t *testing.T, err error, code admin.Code) {
	t.Helper()
	var e *admin.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}

func (g *gateway) operator(name string, role admin.Role, key string) string {
	g.t.Helper()
	return must[admin.OperatorKey](g.t, g.direct, key, "operator.add", admin.OperatorAdd{Name: name, Role: role}).Key
}

func (g *gateway) records() []audit.Record { return recordsOf(g.t, g.direct) }

func recordsOf(t *testing.T, d *admin.Direct) []audit.Record {
	t.Helper()
	var out []audit.Record
	err := d.Journal().Records(t.Context(), 0, func(r *audit.Record) error {
		c := *r
		c.Parts = nil
		out = append(out, c)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFirstOperatorNeedsDirectAccess(t *testing.T) {
	g := newGateway(t)
	_, err := ask[[]admin.AppInfo](t, g.direct, "", "app.list", admin.None{})
	wantCode(t, err, admin.Unauthenticated)
	_, err = ask[admin.OperatorKey](t, g.direct, "", "operator.add", admin.OperatorAdd{Name: "ann", Role: admin.RoleRead})
	wantCode(t, err, admin.Invalid)
	key := g.operator("ann", admin.RoleApprove, "")
	_, err = ask[admin.OperatorKey](t, g.direct, "", "operator.add", admin.OperatorAdd{Name: "eve", Role: admin.RoleApprove})
	wantCode(t, err, admin.Unauthenticated)
	if len(must[[]admin.AppInfo](t, g.direct, key, "app.list", admin.None{})) != 3 {
		t.Error("the first operator cannot list apps")
	}
	r := g.records()
	if len(r) != 1 || r[0].Kind != audit.KindAccess || r[0].Actor != "setup" || r[0].Result != "ann" {
		t.Errorf("records %+v", r)
	}
}

func TestRolesLimitOperations(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("boss", admin.RoleApprove, "")
	keys := map[admin.Role]string{
		admin.RoleApprove: boss, admin.RoleOperate: g.operator("ops", admin.RoleOperate, boss), admin.RoleRead: g.operator("audit", admin.RoleRead, boss),
	}
	for name, least := range map[string]admin.Role{
		"app.list": admin.RoleRead, "operator.list": admin.RoleRead, "app.add": admin.RoleOperate,
		"consent.add": admin.RoleOperate, "operator.add": admin.RoleApprove, "operator.revoke": admin.RoleApprove,
	} {
		allowed := false
		for _, role := range []admin.Role{admin.RoleRead, admin.RoleOperate, admin.RoleApprove} {
			allowed = allowed || role == least
			_, err := g.direct.Do(t.Context(), keys[role], name, []byte("{}"))
			var e *admin.Error
			refused := errors.As(err, &e) && e.Code == admin.Forbidden
			if refused == allowed {
				t.Errorf("%s as %s: %v", name, role, err)
			}
		}
	}
	_, err := g.direct.Do(t.Context(), boss, "no.such", nil)
	wantCode(t, err, admin.NotFound)
	_, err = g.direct.Do(t.Context(), boss, "app.list", []byte(`{"surprise":1}`))
	wantCode(t, err, admin.Invalid)
}

func TestRevokedOperatorIsNobody(t *testing.T) {
	g := newGateway(t)
	boss := g.operator("boss", admin.RoleApprove, "")
	_, err := ask[admin.None](t, g.direct, boss, "operator.revoke", admin.Name{Name: "boss"})
	wantCode(t, err, admin.Conflict)
	ops := g.operator("ops", admin.RoleOperate, boss)
	g.reopen()
	must[admin.None](t, g.direct, boss, "operator.revoke", admin.Name{Name: "ops"})
	_, err = ask[[]admin.AppInfo](t, g.direct, ops, "app.list", admin.None{})
	wantCode(t, err, admin.Unauthenticated)
	_, err = ask[admin.None](t, g.direct, boss, "operator.revoke", admin.Name{Name: "ops"})
	wantCode(t, err, admin.NotFound)
}

func TestAppCredentials(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ops", admin.RoleApprove, "")
	for _, in := range []admin.AppAdd{
		{App: "none"}, {App: "shop", Version: "v1"}, {App: "desk"}, {App: "desk", Version: "v3"}, {App: "old"},
		{App: "old", User: "a b"}, {App: "old", User: "admin", Password: "short"}, {App: "shop", User: "admin"},
	} {
		if _, err := ask[admin.AppKey](t, g.direct, key, "app.add", in); err == nil {
			t.Errorf("%+v was taken", in)
		}
	}
	cloud := must[admin.AppKey](t, g.direct, key, "app.add", admin.AppAdd{App: "shop"})
	v1 := must[admin.AppKey](t, g.direct, key, "app.add", admin.AppAdd{App: "desk", Version: "v1"})
	user := must[admin.AppKey](t, g.direct, key, "app.add", admin.AppAdd{App: "old", User: "admin"})
	if cloud.Key == "" || v1.Dialect != "d360v1" || len(user.Password) < 8 {
		t.Errorf("cloud key %v, dialect %s, password of %d", cloud.Key != "", v1.Dialect, len(user.Password))
	}
	g.reopen()
	apps := must[[]admin.AppInfo](t, g.direct, key, "app.list", admin.None{})
	if len(apps[0].Keys) != 1 || apps[0].Keys[0].ID != cloud.ID || len(apps[2].Users) != 1 || apps[2].Users[0] != "admin" {
		t.Errorf("apps %+v", apps)
	}
	must[admin.None](t, g.direct, key, "app.revoke", admin.AppRevoke{ID: cloud.ID})
	if apps = must[[]admin.AppInfo](t, g.direct, key, "app.list", admin.None{}); len(apps[0].Keys) != 0 {
		t.Error("the key is still listed")
	}
	_, err := ask[admin.None](t, g.direct, key, "app.revoke", admin.AppRevoke{ID: cloud.ID})
	wantCode(t, err, admin.NotFound)
	g.storedNowhere(cloud.Key, v1.Key, user.Password, key)
}

// storedNowhere looks for values in every file of the store.
func (g *gateway) storedNowhere(values ...string) {
	g.t.Helper()
	err := filepath.WalkDir(g.config.Data, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		for _, v := range values {
			if strings.Contains(string(data), v) {
				g.t.Errorf("%s holds a value in the clear", filepath.Base(path))
			}
		}
		return err
	})
	if err != nil {
		g.t.Fatal(err)
	}
}

func TestReadingIsRecorded(t *testing.T) {
	g := newGateway(t)
	must[admin.None](t, g.direct, "", "trail.read", admin.TrailRead{What: "sql", Rows: 12})
	key := g.operator("ann", admin.RoleApprove, "")
	must[admin.None](t, g.direct, key, "trail.read", admin.TrailRead{What: "sql", Rows: 3, Subject: strings.Repeat("a", 32)})
	r := g.records()
	if r[0].Kind != audit.KindTrailRead || r[0].Result != "rows:12" || r[0].Actor != "setup" || r[2].Actor != "ann" || r[2].Subject.String() != strings.Repeat("a", 32) {
		t.Errorf("records %+v", r)
	}
	_, err := ask[admin.None](t, g.direct, key, "trail.read", admin.TrailRead{What: "SELECT 1", Rows: 1})
	wantCode(t, err, admin.Invalid)
}

func TestReplayOfDeadLetters(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	now := g.clock()
	ids := []audit.ID{audit.NewID(now), audit.NewID(now), audit.NewID(now)}
	var b journal.Batch
	for i, id := range ids {
		b.Deliveries = append(b.Deliveries, journal.Delivery{
			ID: id, Tenant: tenant, App: []string{"shop", "shop", "old"}[i], Dialect: "cloud", Month: "2026-03", Body: []byte("sealed"),
			State: journal.DeliveryDead, NotAfter: now.UnixMicro(), Created: now.UnixMicro(), Attempts: 9, LastCode: 503,
		})
	}
	if err := g.direct.Journal().Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	list := func(dead bool) []admin.Delivery {
		return must[[]admin.Delivery](t, g.direct, key, "deliveries.list", admin.Deliveries{App: "shop", Dead: dead, Limit: 10})
	}
	if d := list(true); len(d) != 2 || d[0].LastCode != 503 || d[0].ID != ids[0] {
		t.Fatalf("dead letters %+v", d)
	}
	if n := must[admin.Replayed](t, g.direct, key, "deliveries.replay", admin.Replay{App: "shop", ID: &ids[0]}).Count; n != 1 {
		t.Errorf("%d replayed", n)
	}
	_, err := ask[admin.Replayed](t, g.direct, key, "deliveries.replay", admin.Replay{App: "shop", ID: &ids[0]})
	wantCode(t, err, admin.Conflict)
	_, err = ask[admin.Replayed](t, g.direct, key, "deliveries.replay", admin.Replay{App: "shop", ID: &ids[2]})
	wantCode(t, err, admin.NotFound)
	if n := must[admin.Replayed](t, g.direct, key, "deliveries.replay", admin.Replay{App: "shop"}).Count; n != 1 {
		t.Errorf("%d replayed", n)
	}
	pending := list(false)
	if len(list(true)) != 0 || len(pending) != 2 || pending[0].NotAfter < now.Add(6*24*time.Hour).UnixMicro() {
		t.Errorf("pending %+v", pending)
	}
	last := g.records()[len(g.records())-1]
	if last.Kind != audit.KindDelivery || last.Result != "replayed" || last.Actor != "ann" || last.Ref != ids[1] {
		t.Errorf("record %+v", last)
	}
}

func TestStoreInUse(t *testing.T) {
	g := newGateway(t)
	_, err := admin.Open(t.Context(), g.config, g.clock)
	if !errors.Is(err, journal.ErrInUse) {
		t.Errorf("got %v", err)
	}
}

func TestHalfAStoreIsRefused(t *testing.T) {
	g := newGateway(t)
	if err := g.direct.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(g.config.KeystorePath()); err != nil {
		t.Fatal(err)
	}
	_, err := admin.Open(t.Context(), g.config, g.clock)
	if err == nil || !strings.Contains(err.Error(), "restore it from the backup") {
		t.Errorf("got %v", err)
	}
}
