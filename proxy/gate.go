// Package proxy holds the Gate: the only way a message gets in or out.
//
// Outbound, Admit decides and records; only the bytes of the Admission it
// returns may be sent, and only once. Settle records what became of it.
// Inbound, Receive records, changes facts and queues deliveries in one
// transaction, and only then may the webhook be answered 200.
//
// It fails closed outbound (no record, no decision, no facts: no send) and
// loses nothing inbound (what can not be read is kept sealed and alarmed).
package proxy

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/identity"
	"postern/proxy/media"
	"postern/proxy/message"
	"postern/proxy/person"
)

// Config is what a Gate stands on. All fields are needed except OnAlarm.
type Config struct {
	Journal   *journal.Journal
	Keys      *keyring.Keyring
	Policy    *policy.Engine
	Facts     *facts.State
	People    *person.Directory
	Scanner   *pii.Scanner // while no pack adds anything
	Countries []string     // of the tenants, for the scanner with what packs add
	Now       func() time.Time
	Log       zerolog.Logger
	Deliver   func([]delivery.Event)
	Observe   Observer
	Unknown   time.Duration // when an unknown send is called failed
	Accounts  func(number string) (Account, bool)
	Media     *media.Store
	// Apps are the accounts of the business account's apps, each app once: they
	// hear of what concerns no single number. Nil means that there are none.
	Apps func(tenant, waba string) []Account
	// Unlisted hears that a webhook named a template nobody knows, which is to
	// be read from upstream. Nil leaves it to the next time.
	Unlisted func()
	// AccountChanged hears that a webhook told of a change of a tenant's account
	// or numbers. Nil does nothing.
	AccountChanged func(tenant string)
	// Serves is whether the keystore's keys may be used now; nil: always. Without
	// it nothing is admitted.
	Serves func() bool
	// Keeps says what may be kept of the content of a retention class. Nil: what
	// the policy says.
	Keeps func(class string) Kept
}

// Account is what the configuration says of a business number.
type Account struct {
	Tenant    string
	WABA      string
	App       string
	Dialect   dialect.Dialect
	Countries []string // of the tenant: the prior for national number formats
	Display   string
	Adopted   int64 // since when the number's sends pass this gate, microseconds; 0 if not known
	// Settings are what an app of an old dialect has set about its webhooks. Nil
	// takes the dialect's defaults.
	Settings func(app string) dialect.Settings
}

// Observer counts what happens. Labels are fixed words, never content.
type Observer interface {
	Decision(kind, effect, reason string)
	Commit(d time.Duration) // how long something waited until what it leaves was durable
	Alarm(kind string)
}

// Gate admits, settles and receives. It is safe for concurrent use.
type Gate struct {
	cfg      Config
	recent   *recent
	inflight *inflight
	lexicon  lexicons
	scanners scanners
	echoes   echoes
	pieces   pieces
	unknown  unknowns
}

// New returns a Gate over its parts.
func New(cfg Config) *Gate {
	return &Gate{cfg: cfg, recent: newRecent(), inflight: newInflight()}
}

// Request asks to send one message.
type Request struct {
	Caller      identity.Identity
	Number      string // phone_number_id of the business
	Message     *message.Message
	Raw         []byte // the body as received
	Idempotency string // Idempotency-Key header, may be empty
}

// Admission is the permission to send its body once. The zero value permits
// nothing; only Admit makes one that does.
type Admission struct {
	ID      audit.ID
	Number  string
	Changed bool // what may leave differs in substance from what the app sent

	body     []byte // exactly what may leave
	to       message.Party
	input    string
	caller   identity.Identity
	subject  audit.SubjectID
	kind     audit.Kind
	msgType  string
	category string
	class    string   // of the data keys that seal what belongs to its record
	claim    *claim   // of an Idempotency-Key
	waits    *waiting // for files; nil once they have upstream's ids, or where there are none
	granted  bool
	taken    atomic.Bool
	settled  atomic.Bool
}

// Granted reports whether Admit gave the admission.
func (a *Admission) Granted() bool { return a != nil && a.granted }

// Take hands out the bytes to send. It does so once: a second caller gets none,
// and neither does the holder of an admission that Admit did not make, or of one
// whose Files are not placed.
func (a *Admission) Take() (body []byte, ok bool) {
	if !a.Granted() || a.waits != nil || !a.taken.CompareAndSwap(false, true) {
		return nil, false
	}
	return a.body, true
}

// Answer is what the app was or will be told.
type Answer struct {
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	Body   []byte            `json:"body"`
}

// again reports whether the app is told to try once more, or was told nothing.
func (a Answer) again() bool {
	return a.Status == 0 || a.Status == http.StatusTooManyRequests || a.Status >= http.StatusInternalServerError
}

// month is the month of data keys for what happens now.
func (g *Gate) month() string { return person.Month(g.cfg.Now()) }

func (g *Gate) alarm(kind string) {
	g.cfg.Log.Warn().Str("alarm", kind).Msg("alarm")
	g.cfg.Observe.Alarm(kind)
}

// append commits, detached from the client's going away: once a decision is
// made its record must not depend on who still listens.
func (g *Gate) append(ctx context.Context, b journal.Batch) error {
	began := g.cfg.Now()
	err := g.cfg.Journal.Append(context.WithoutCancel(ctx), b)
	if err == nil && !b.Lazy {
		g.cfg.Observe.Commit(g.cfg.Now().Sub(began))
	}
	return err
}
