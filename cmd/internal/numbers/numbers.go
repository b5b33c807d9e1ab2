// Package numbers is what operators can learn of a business number and do with
// it as a whole: how it stands at Meta and here, and its move from one account
// to another.
//
// It asks Meta with the tenant's token each time and keeps nothing of the
// answers. Where Meta does not answer it says so and guesses nothing.
package numbers

import (
	"context"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
	"postern/proxy/identity"
	"postern/proxy/settings"
	"postern/proxy/upstream"
)

// Config is what a Desk stands on.
type Config struct {
	Now      func() time.Time
	Config   func() *boot.Config // the one in force
	Token    func(tenant string) (upstream.Credential, error)
	Upstream *upstream.Client
	Journal  *journal.Journal
	Facts    *facts.State
	Apps     *identity.Directory
	Settings *settings.Store

	FlowKey    func(ctx context.Context, number string) (admin.FlowKey, error)
	Encryption func(ctx context.Context, number string) (admin.Encryption, error)
}

// Desk answers questions about numbers. It is safe for concurrent use.
type Desk struct {
	cfg Config
}

// New returns a Desk over its parts.
func New(cfg Config) *Desk { return &Desk{cfg: cfg} }

func refuse(code admin.Code, message string) error {
	return &admin.Error{Code: code, Message: message}
}
