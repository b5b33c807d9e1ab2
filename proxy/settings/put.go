package settings

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
)

// value is one thing that an app sets, on its way into the journal.
type value struct {
	name   string
	of     any
	detail map[string][]string // names that the record tells
	adopt  func()              // called with mu held once it is durable
}

func (s *Store) webhook(app string, w Webhook) value {
	return value{name: keyWebhook, of: w, adopt: func() { s.webhooks[app] = w }}
}

func (s *Store) forAccount(app string, w Webhook) value {
	return value{name: keyAccount, of: w, adopt: func() { s.accounts[app] = w }}
}

func (s *Store) trusted(app, pem string) value {
	return value{name: keyAuthorities, of: pem, adopt: func() { s.authorities[app] = pem }}
}

func (s *Store) provided(app string, list []dialect.Provider) value {
	return value{name: keyProviders, of: list, adopt: func() { s.providers[app] = slices.Clone(list) }}
}

func (s *Store) applied(app string, set Application) value {
	v := value{name: keyApplication, of: set.Values, adopt: func() { s.application[app] = maps.Clone(set.Values) }}
	for name, list := range map[string][]string{"dropped": set.Dropped, "without_effect": set.Idle} {
		if len(list) > 0 {
			if v.detail == nil {
				v.detail = map[string][]string{}
			}
			v.detail[name] = list
		}
	}
	return v
}

// put commits values in one step.
func (s *Store) put(ctx context.Context, tenant, app string, values ...value) error {
	var b journal.Batch
	if err := s.add(&b, tenant, app, values...); err != nil {
		return err
	}
	return s.cfg.Journal.Append(ctx, b)
}

// add puts values into a batch, each sealed and with its record. Memory changes
// once the batch is durable.
func (s *Store) add(b *journal.Batch, tenant, app string, values ...value) error {
	now := s.cfg.Now()
	for _, v := range values {
		plain, err := json.Marshal(v.of)
		if err != nil {
			return fmt.Errorf("encode app settings: %w", err)
		}
		key := app + "/" + v.name
		sealed, err := s.cfg.Keys.SealSecret(boundTo(Scope, key), plain)
		clear(plain)
		if err != nil {
			return fmt.Errorf("seal app settings: %w", err)
		}
		rec := audit.Record{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(),
			Tenant: tenant, App: app, Actor: "app:" + app, Type: v.name,
		}
		if v.detail != nil {
			detail, err := json.Marshal(v.detail)
			if err != nil {
				return fmt.Errorf("encode names of settings: %w", err)
			}
			rec.Parts = []audit.Part{audit.NewPart(audit.PartDetail, detail)}
		}
		b.Records = append(b.Records, rec)
		b.Settings = append(b.Settings, journal.Setting{Scope: Scope, Key: key, Value: sealed, Time: now.UnixMicro()})
	}
	b.OnCommit(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, v := range values {
			v.adopt()
		}
	})
	return nil
}
