package admin_test

import (
	"encoding/json"
	"errors"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

// FuzzDo: whatever body an operation is asked with, it answers with JSON or
// refuses with a code, and never takes the blame itself.
func FuzzDo(f *testing.F) {
	seeds := map[string]string{
		"app.add": `{"app":"old","user":"a","password":"12345678"}`, "app.list": `{}`, "app.revoke": `{"app":"old","user":"a"}`,
		"config.reload": `{}`, "consent.add": `{"number":"+4915112345678","category":"marketing","source":"web_form","at":"2026-01-01T00:00:00Z"}`,
		"consent.revoke": `{"number":"4915112345678","category":"all"}`, "consent.show": `{"number":"4915112345678"}`,
		"deliveries.list": `{"app":"","dead":true,"after":0,"limit":10}`, "deliveries.replay": `{"app":"shop"}`,
		"facts.import": `{"format":"csv","data":"fact,number,category,source,time\nconsent,4915112345679,utility,web_form,2026-01-01\n"}`,
		"record.show":  `{"id":"00000000000000000000000000000000"}`, "subject.find": `{"user_id":"US.1"}`, "subject.show": `{"subject":"00"}`,
		"record.reveal": `{"id":"00000000000000000000000000000000","parts":["original"],"reason":"CASE-1"}`, "record.sealed": `{"id":"00"}`,
		"token.find":     `{"token":"tok_PHONE_v1_aaaaaaaaaaaaaaaa"}`,
		"reveal.approve": `{"request":"00000000000000000000000000000000"}`, "reveal.requests": `{}`,
		"flows.check": `{"number":"1"}`, "flows.upload": `{"number":"1"}`,
		"trail.read": `{"what":"sql","rows":1,"store":"clickhouse","failed":"refused","asked":"SELECT 1"}`, "operator.add": `{"name":"ben","role":"read"}`, "operator.list": `{}`, "operator.revoke": `{"name":"ben"}`,
	}
	names := slices.Sorted(maps.Keys(seeds))
	for i, name := range names {
		f.Add(uint8(i), []byte(seeds[name]))
	}
	direct, boss := fuzzed(f)
	eve := fuzzedOperator(f, direct, boss, `{"name":"eve","role":"reveal"}`)
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		name := names[int(which)%len(names)]
		key := boss
		if strings.Contains(name, "reveal") || name == "record.sealed" {
			key = eve
		}
		out, err := direct.Do(t.Context(), key, name, body)
		var refused *admin.Error
		switch {
		case err == nil && !json.Valid(out):
			t.Fatalf("%s answers no JSON: %q", name, out)
		case err != nil && !errors.As(err, &refused):
			t.Fatalf("%s: %v has no code", name, err)
		case err != nil && refused.Code == admin.Internal:
			t.Fatalf("%s breaks: %v", name, err)
		case err != nil && strings.Contains(err.Error(), "15112345678"):
			t.Fatalf("%s repeats a number", name)
		}
	})
}

// fuzzed is a store with one operator.
func fuzzed(f *testing.F) (*admin.Direct, string) {
	f.Helper()
	dir := f.TempDir()
	config := &boot.Config{
		Data: filepath.Join(dir, "data"), Checkpoints: boot.Checkpoints{Dir: filepath.Join(dir, "checkpoints")},
		PublicURL: "https://127.0.0.1:8443", Limits: boot.Limits{Queue: 64}, Reveal: boot.Reveal{Expires: time.Hour, PerHour: 10},
		Tenants: []boot.Tenant{{Name: tenant, LegalEntity: "Example Ltd", Apps: []boot.App{
			{Name: "shop", Dialect: "cloud", Numbers: []string{"1"}}, {Name: "old", Dialect: "onprem", Numbers: []string{"3"}},
		}, Numbers: []boot.Number{{ID: "1"}, {ID: "3"}}}},
	}
	direct, err := admin.Open(f.Context(), config, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = direct.Close() })
	return direct, fuzzedOperator(f, direct, "", `{"name":"boss","role":"approve"}`)
}

func fuzzedOperator(f *testing.F, direct *admin.Direct, key, in string) string {
	f.Helper()
	raw, err := direct.Do(f.Context(), key, "operator.add", []byte(in))
	if err != nil {
		f.Fatal(err)
	}
	var made admin.OperatorKey
	if err := json.Unmarshal(raw, &made); err != nil {
		f.Fatal(err)
	}
	return made.Key
}
