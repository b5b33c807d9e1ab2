package boot_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

// taken are the settings that a reload takes over; the gateway's tests show
// each. Whatever is not here needs a restart and must be named so.
var taken = []string{
	"policy_dir", "operator_key", "checkpoints.every", "checkpoints.witnesses", "checkpoints.stamp.url", "checkpoints.stamp.ca", "checkpoints.stamp.every",
	"delivery.allow_targets",
	"limits.per_number_rate", "limits.per_app_rate", "limits.pair_rate", "limits.pair_burst", "limits.pairs", "limits.management_per_hour", "tenants",
	"reveal.second_person", "reveal.expires", "reveal.per_hour",
	"checkpoints.s3.access_key", "checkpoints.s3.secret_key", "checkpoints.s3.session_token", "checkpoints.s3_region",
	"backup.s3.access_key", "backup.s3.secret_key", "backup.s3.session_token",
	"media.s3.access_key", "media.s3.secret_key", "media.s3.session_token", "media.region",
	"holds.second_person", "holds.expires",
	"requests.deadline", "requests.warn",
	"retention.at", "retention.cold", "retention.region",
	"retention.cold_s3.endpoint", "retention.cold_s3.bucket", "retention.cold_s3.prefix", "retention.cold_s3.region", "retention.cold_s3.path_style",
	"retention.cold_s3.access_key", "retention.cold_s3.secret_key", "retention.cold_s3.session_token", "retention.cold_s3.ca", "retention.cold_s3.lock",
	"retention.cold_s3.lock_days",
	"envoy.xds.app", "envoy.xds.webhook", "envoy.xds.trusted_hops", "envoy.xds.roots", "envoy.xds.sidecar.address", "envoy.xds.sidecar.names", "envoy.xds.sidecar.others",
	"envoy.xds.reach.gateway", "envoy.xds.reach.ext_proc", "envoy.xds.reach.xds", "envoy.xds.reach.name", "envoy.xds.reach.cert", "envoy.xds.reach.key", "envoy.xds.reach.ca",
	"region", "checkpoints.region", "clickhouse.region", "clickhouse.password", "clickhouse.read_password", "residency.stores",
}

// derived are no settings of their own.
var derived = []string{"path", "revision", "-"}

// TestEverySettingIsTakenOverOrNeedsARestart changes each setting by itself: a
// reload must not say that it took over what it did not.
func TestEverySettingIsTakenOverOrNeedsARestart(t *testing.T) {
	running, err := boot.Load(folder(t, same))
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range settings(reflect.TypeFor[boot.Config](), "", nil) {
		wanted := *running
		if !change(reflect.ValueOf(&wanted).Elem()) {
			t.Fatalf("%s: alter knows no other value of its type", name)
		}
		restart := len(boot.RestartNeeded(running, &wanted)) > 0
		if restart == slices.Contains(taken, name) {
			t.Errorf("%s: restart needed: %v", name, restart)
		}
	}
	both := *running
	both.Listeners.Admin, both.LogLevel = "127.0.0.1:9", "debug"
	if names := boot.RestartNeeded(running, &both); !slices.Equal(names, []string{"log.level", "listeners.admin.address"}) {
		t.Errorf("two that need a restart: %v", names)
	}
	if names := boot.RestartNeeded(running, running); len(names) > 0 {
		t.Errorf("nothing changed, and yet: %v", names)
	}
}

func TestCountriesNeedARestart(t *testing.T) {
	running, err := boot.Load(folder(t, same))
	if err != nil {
		t.Fatal(err)
	}
	wanted := *running
	wanted.Tenants = slices.Clone(running.Tenants)
	wanted.Tenants[0].Countries = append(slices.Clone(wanted.Tenants[0].Countries), "NL")
	if names := boot.RestartNeeded(running, &wanted); len(names) != 1 || !strings.Contains(names[0], "countries") {
		t.Errorf("another country: %v", names)
	}
}

// settings gives for each setting's path a way to change it.
func settings(t reflect.Type, prefix string, index []int) map[string]func(reflect.Value) bool {
	out := map[string]func(reflect.Value) bool{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("json")
		if !f.IsExported() || slices.Contains(derived, name) {
			continue
		}
		at := append(slices.Clone(index), i)
		if f.Type.Kind() == reflect.Struct && f.Type != reflect.TypeFor[boot.Secret]() {
			for n, change := range settings(f.Type, prefix+name+".", at) {
				out[n] = change
			}
			continue
		}
		out[prefix+name] = func(v reflect.Value) bool { return alter(v.FieldByIndex(at)) }
	}
	return out
}

// alter makes a value another one, if it knows the type.
func alter(v reflect.Value) bool {
	switch v.Interface().(type) {
	case string, boot.Passphrase:
		v.SetString(v.String() + "x")
	case int, int64, time.Duration:
		v.SetInt(v.Int() + 1)
	case float64:
		v.SetFloat(v.Float() + 1)
	case bool:
		v.SetBool(!v.Bool())
	case []string:
		v.Set(reflect.ValueOf([]string{"127.0.0.1:1"}))
	case boot.Secret:
		v.Set(reflect.ValueOf(boot.NewSecret("another")))
	case []boot.Witness:
		v.Set(reflect.ValueOf([]boot.Witness{{URL: "https://another"}}))
	case []boot.Export:
		v.Set(reflect.ValueOf([]boot.Export{{Name: "another"}}))
	case []boot.Tenant:
		v.Set(reflect.AppendSlice(v, reflect.ValueOf([]boot.Tenant{{Name: "another"}})))
	default:
		return false
	}
	return true
}
