package boot

import (
	"reflect"
	"slices"
)

// RestartNeeded names the settings that differ between two configurations and
// that a running program does not take over: what it holds open, and what
// decides how its parts were built. All others are taken over by a reload:
// tenants with their tokens, secrets, numbers, apps and webhooks, the policy
// folder, delivery.allow_targets, the rates under limits, reveal, holds, requests,
// retention, the labels of stores and their rule, checkpoints.every and
// checkpoints.witnesses.
func RestartNeeded(running, wanted *Config) []string {
	var names []string
	for _, e := range []struct {
		name string
		a, b any
	}{
		{"data", running.Data, wanted.Data},
		{"public_url", running.PublicURL, wanted.PublicURL},
		{"unknown_after", running.UnknownAfter, wanted.UnknownAfter},
		{"log.level", running.LogLevel, wanted.LogLevel},
		{"keystore", running.Keystore, wanted.Keystore},
		{"checkpoints.dir", running.Checkpoints.Dir, wanted.Checkpoints.Dir},
		{"checkpoints.s3 (but its secrets)", running.Checkpoints.S3.withoutSecrets(), wanted.Checkpoints.S3.withoutSecrets()},
		{"media.s3 (but its secrets)", running.Media.S3.withoutSecrets(), wanted.Media.S3.withoutSecrets()},
		{"backup (but its secrets)", running.Backup.withoutSecrets(), wanted.Backup.withoutSecrets()},
		{"listeners.app", running.Listeners.App, wanted.Listeners.App},
		{"listeners.webhook", running.Listeners.Webhook, wanted.Listeners.Webhook},
		{"listeners.admin.address", running.Listeners.Admin, wanted.Listeners.Admin},
		{"envoy.ext_proc", running.Envoy.ExtProc, wanted.Envoy.ExtProc},
		{"envoy.xds (but addresses and names)", running.Envoy.XDS.opened(), wanted.Envoy.XDS.opened()},
		{"upstream", running.Upstream, wanted.Upstream},
		{"vault", running.Vault, wanted.Vault},
		{"clickhouse (but its passwords)", running.ClickHouse.opened(), wanted.ClickHouse.opened()},
		{"delivery.ca", running.Delivery.CA, wanted.Delivery.CA},
		{"delivery.min_tls", running.Delivery.MinTLS, wanted.Delivery.MinTLS},
		{"delivery.connections", running.Delivery.Connections, wanted.Delivery.Connections},
		{"limits.body_bytes", running.Limits.BodyBytes, wanted.Limits.BodyBytes},
		{"limits.queue", running.Limits.Queue, wanted.Limits.Queue},
		{"limits.journal_max_bytes", running.Limits.JournalMaxBytes, wanted.Limits.JournalMaxBytes},
		{"limits.min_free_bytes", running.Limits.MinFreeBytes, wanted.Limits.MinFreeBytes},
		{"limits.media_max_bytes", running.Limits.MediaMaxBytes, wanted.Limits.MediaMaxBytes},
		{"exports", withoutSecrets(running.Exports), withoutSecrets(wanted.Exports)},
	} {
		if !reflect.DeepEqual(e.a, e.b) {
			names = append(names, e.name)
		}
	}
	if !slices.Equal(running.Countries(), wanted.Countries()) {
		names = append(names, "countries of all tenants together")
	}
	return names
}

// Countries are those of all tenants, each once, in order.
func (c *Config) Countries() []string {
	var out []string
	for _, t := range c.Tenants {
		out = append(out, t.Countries...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
