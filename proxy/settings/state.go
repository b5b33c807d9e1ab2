package settings

import (
	"context"
	"errors"
	"maps"
	"slices"

	"postern/audit/journal"
	"postern/proxy/dialect"
)

var errState = errors.New("settings that are brought back are not such as an app can set")

// State is all that an On-Premises app set for itself. It holds secrets in the
// clear: it is kept nowhere as it is.
type State struct {
	Application map[string]string  `json:"application,omitempty"`
	Webhook     Webhook            `json:"webhook,omitzero"`
	Authorities string             `json:"authorities,omitempty"` // PEM
	Providers   []dialect.Provider `json:"providers,omitempty"`
}

// State gives what an app set for itself.
func (s *Store) State(app string) State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return State{
		Application: maps.Clone(s.application[app]), Webhook: s.webhooks[app],
		Authorities: s.authorities[app], Providers: slices.Clone(s.providers[app]),
	}
}

// Check says why a state can not be an app's, nil if it can: each part is held
// to what an app could set.
func (s *Store) Check(st State) error {
	if err := s.CheckWebhook(st.Webhook); err != nil {
		return err
	}
	if !(dialect.Settings{Values: st.Application}).Sound() {
		return errState
	}
	return dialect.CheckProviders(st.Providers)
}

// Restore puts a checked state in the place of what the app had set, as part of
// a batch.
func (s *Store) Restore(b *journal.Batch, tenant, app string, st State) error {
	return s.add(b, tenant, app,
		s.applied(app, Application{Values: st.Application}), s.webhook(app, st.Webhook), s.trusted(app, st.Authorities), s.provided(app, st.Providers))
}

// Providers are the hosts of files that the app has named, with credentials.
func (s *Store) Providers(app string) []dialect.Provider {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.providers[app])
}

// SetProviders replaces them.
func (s *Store) SetProviders(ctx context.Context, tenant, app string, list []dialect.Provider) error {
	if err := dialect.CheckProviders(list); err != nil {
		return err
	}
	return s.put(ctx, tenant, app, s.provided(app, list))
}
