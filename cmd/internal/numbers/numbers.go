// Package numbers is what operators can learn of a business number and do with
// it as a whole: how it stands at Meta and here, and its move from one account
// to another.
//
// It asks Meta with the tenant's token each time and keeps nothing of the
// answers. Where Meta does not answer it says so and guesses nothing.
package numbers

import (
	"context"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy"
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

	Gate  *proxy.Gate
	Alarm func(kind string)
	Log   zerolog.Logger

	Storage     func(ctx context.Context, tenant, number string) (policy.Residency, error)
	D360Webhook func(ctx context.Context, in admin.WebhookAsked, actor string) (admin.NumberWebhook, error)

	FlowKey          func(ctx context.Context, number string) (admin.FlowKey, error)
	UploadFlowKey    func(ctx context.Context, number, actor string) (admin.FlowKey, error)
	Encryption       func(ctx context.Context, number string) (admin.Encryption, error)
	EnableEncryption func(ctx context.Context, number, actor string) (admin.Encryption, error)
	Restricted       func(number string) bool                                // Meta refused a message for what the number did, and took none since
	Registered       func(number string)                                     // hears of a registration
	Refresh          func(ctx context.Context, tenant, account string) error // reads an account's templates
}

// Desk answers questions about numbers. It is safe for concurrent use.
type Desk struct {
	cfg Config

	moving sync.Mutex // one step of any move at a time
}

// New returns a Desk over its parts.
func New(cfg Config) *Desk { return &Desk{cfg: cfg} }

func refuse(code admin.Code, message string) error {
	return &admin.Error{Code: code, Message: message}
}
