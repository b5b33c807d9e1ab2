// Package admin is what operators can do with a gateway: the same operations
// for a command that asks the running gateway over its loopback listener and
// for one that opened the store itself.
//
// Every operation is done by a named operator whose role allows it, and what
// changes something is recorded with that name. It fails closed: no key, an
// unknown key or too low a role does nothing.
package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/export"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/crypto/vault"
	"postern/policy/facts"
	"postern/policy/pii/pack"
	"postern/proxy/identity"
	"postern/proxy/media"
	"postern/proxy/person"
	"postern/retention"
	"postern/retention/backup"
)

// Service does the operations. It is safe for concurrent use.
type Service struct {
	cfg Config

	erasing   sync.Mutex            // held over an erasure, one at a time
	traces    map[audit.ID][][]byte // of erasures that no certificate says yet, by record; guarded by erasing
	revealing sync.Mutex            // held over what is read and written of requests to reveal
	holding   sync.Mutex            // held over what is read and changed of a legal hold
	redacting sync.Mutex            // held over what is read and changed of a redaction
	redacted  map[audit.ID][][]byte // of redactions under way, as traces; guarded by redacting

	maxAffected int // persons in an answer
}

// Config is what a Service stands on.
type Config struct {
	Now     func() time.Time
	Config  func() *boot.Config // the one in force
	Journal *journal.Journal
	Keys    *keyring.Keyring
	Apps    *identity.Directory
	People  *person.Directory
	Holds   *retention.Holds
	// Packs are the packs and lexicons in force.
	Packs func() (*pack.Set, error)
	// Retention is the retention policy in force.
	Retention func() retention.Policy
	Facts     *facts.State

	Rotation *rotation.Worker
	NoteKeys func(ctx context.Context) error // has the journal remember the keystore as it is

	// Transit is what is known of the transit key that wraps the keystore's keys;
	// nil where no gateway runs, a zero value where none does.
	Transit func() vault.TransitKey

	// Reload takes over the configuration file and the policy; nil where no
	// gateway runs. It records the change itself.
	Reload func(ctx context.Context, actor string) error

	// EnableEncryption exchanges the keys of a number with upstream, and
	// EncryptionStatus asks about them; nil where no gateway runs.
	EnableEncryption func(ctx context.Context, number, actor string) (Encryption, error)
	EncryptionStatus func(ctx context.Context, number string) (Encryption, error)

	// UploadFlowKey gives upstream the public key of a number's flows, and
	// CheckFlowKey asks for it; nil where no gateway runs.
	UploadFlowKey func(ctx context.Context, number, actor string) (FlowKey, error)
	CheckFlowKey  func(ctx context.Context, number string) (FlowKey, error)

	// NewFlowKey makes a key of a number's flows in the keystore, and
	// RetireFlowKey destroys the previous one; nil where no gateway runs.
	NewFlowKey    func(ctx context.Context, number, actor string) (FlowKeyMade, error)
	RetireFlowKey func(ctx context.Context, number, actor string) (FlowKeyMade, error)

	// NumberStatus says how a number stands at Meta and here, all of them for
	// none; nil where no gateway runs.
	NumberStatus func(ctx context.Context, number string) ([]NumberStatus, error)
	// NumberWebhook shows or sets a number's webhook at 360dialog.
	NumberWebhook func(ctx context.Context, in WebhookAsked, actor string) (NumberWebhook, error)
	// ShowResidency says where upstream keeps what numbers send and receive, and
	// SetResidency has it changed; nil where no gateway runs.
	ShowResidency func(ctx context.Context, number string) ([]Residency, error)
	SetResidency  func(ctx context.Context, in ResidencySet, actor string) (ResidencyChange, error)

	// MoveNumber plans a number's move to another account or goes on with it, and
	// AbortMove ends it; nil where no gateway runs.
	MoveNumber func(ctx context.Context, in NumberMove, actor string) (NumberMoved, error)
	AbortMove  func(ctx context.Context, in NumberAbort, actor string) (NumberMoved, error)

	// ExportStatus says how each export stands, and ReplayExport sends from a
	// record on again; nil where no gateway runs.
	ExportStatus func() []export.Status
	ReplayExport func(ctx context.Context, name string, from uint64, actor string) error

	// Backups makes backups; nil where the configuration names no place for them.
	// StartBackup begins one that goes on without the caller.
	Backups     *backup.Service
	StartBackup func(ctx context.Context, actor string, prune bool) error

	// Replayed hears of an app whose dead letters were set pending again; nil
	// where nobody delivers.
	Replayed func(app string)

	// Retain starts a retention run and does not wait for its end, and Retained
	// says how runs stand; nil where no gateway runs.
	Retain   func(actor string) error
	Retained func() RetentionState
	// TrustClock says why a run would not believe the clock now; nil where no
	// gateway runs.
	TrustClock func() error

	// Noticed hears that persons were told that their data goes; may be nil.
	Noticed func()

	// Media is the store of files.
	Media func() (*media.Store, error)

	// PurgeLost takes what ClickHouse has of records that this store lost when it
	// was restored; OverLost is a source of retention with those alone. Nil where no
	// gateway runs, or it ships nothing.
	PurgeLost func(ctx context.Context, actor, why string) (retention.LostTaken, error)
	OverLost  func(retention.Source) retention.Source

	// Certify looks whether a person who was erased is gone, and puts a certificate
	// of it on record.
	Certify func(ctx context.Context, e retention.SubjectErasure, also ...journal.Setting) (audit.ID, error)

	// CertifyRedaction does so of bodies that stricter packs treated.
	CertifyRedaction func(ctx context.Context, d retention.Redaction, also ...journal.Setting) (audit.ID, error)

	// Fault, for tests, may stop a redaction at a named point, as a crash would.
	Fault func(at string) error

	// Forgotten hears of people who are erased, to take them out of memory; nil
	// where nobody sends or delivers.
	Forgotten func([]audit.SubjectID)

	// Freed hears that a restriction was lifted: what waited may go. Nil where
	// nobody delivers.
	Freed func()

	// Revealed hears of what was done about opening something sealed, and of
	// the record that says who did it; zero where it was refused. step is
	// "requested", "approved", "shown" or "refused". May be nil.
	Revealed func(step string, record audit.ID)

	// Stranger hears of a request whose key was refused; nil where nobody asks
	// over the network. what is a fixed word.
	Stranger func(remote, what string)

	// Direct says that the caller holds the store itself, so that the first
	// operator may be added without a key.
	Direct bool
}

// New returns a Service over its parts.
func New(cfg Config) *Service {
	return &Service{cfg: cfg, traces: map[audit.ID][][]byte{}, redacted: map[audit.ID][][]byte{}, maxAffected: maxAffected}
}

// Error is a refusal that the caller may see: it holds no personal data.
type Error struct {
	Code    Code   `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }

// Code is the class of an Error.
type Code string

// Codes of errors.
const (
	Unauthenticated Code = "unauthenticated"
	Forbidden       Code = "forbidden"
	Invalid         Code = "invalid"
	NotFound        Code = "not_found"
	Conflict        Code = "conflict"
	Unavailable     Code = "unavailable"
	Internal        Code = "internal"
)

func refuse(code Code, format string, args ...any) error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Role is what an operator may do. RoleOperate and RoleApprove include those
// before them; RoleReveal includes RoleRead, and nobody else has what it gives.
// The zero value may do nothing.
type Role string

// Roles.
const (
	RoleRead    Role = "read"    // ask
	RoleOperate Role = "operate" // keep it running: apps, consents, deliveries, reload
	RoleApprove Role = "approve" // say who may do what
	RoleReveal  Role = "reveal"  // open what is kept sealed of a record
)

var roles = []Role{RoleRead, RoleOperate, RoleApprove}

// allows reports whether r may do what needs the other role.
func (r Role) allows(needed Role) bool {
	if r == RoleReveal {
		return needed == RoleReveal || needed == RoleRead
	}
	have, want := slices.Index(roles, r), slices.Index(roles, needed)
	return have >= 0 && want >= 0 && have >= want
}

// Actor is the operator on whose behalf something is done.
type Actor struct {
	Name string
	Role Role

	since int64 // when the operator was added, Unix seconds
}

// operation is one thing that can be asked for.
type operation struct {
	role  Role
	setup bool // may be done with direct access while there is no operator
	do    func(ctx context.Context, s *Service, a Actor, in []byte) (any, error)
	// hand is there instead of do where a body of any size follows the answer.
	hand func(ctx context.Context, s *Service, a Actor, in []byte) (any, handing, error)
}

// op makes an operation of a typed function.
func op[In, Out any](role Role, do func(*Service, context.Context, Actor, In) (Out, error)) operation {
	return operation{role: role, do: func(ctx context.Context, s *Service, a Actor, raw []byte) (any, error) {
		in, err := decode[In](raw)
		if err != nil {
			return nil, err
		}
		return do(s, ctx, a, in)
	}}
}

func decode[In any](raw []byte) (in In, err error) {
	if err := json.Unmarshal(raw, &in, json.RejectUnknownMembers(true)); err != nil {
		return in, refuse(Invalid, "the request's body does not fit this operation; use the command line of the same version")
	}
	return in, nil
}

func (o operation) duringSetup() operation {
	o.setup = true
	return o
}

// Do performs one operation for the operator with the key and returns its
// answer as JSON.
func (s *Service) Do(ctx context.Context, key, name string, in []byte) ([]byte, error) {
	o, actor, err := s.admit(ctx, key, name)
	if err != nil {
		return nil, err
	}
	return s.perform(ctx, o, actor, in)
}

// admit finds the operation and says on whose behalf it is done, if at all.
func (s *Service) admit(ctx context.Context, key, name string) (operation, Actor, error) {
	o, known := operations()[name]
	if !known {
		return operation{}, Actor{}, refuse(NotFound, "no operation %q; use the command line of the same version", name)
	}
	actor, err := s.authenticate(ctx, key, o)
	if err != nil {
		return operation{}, Actor{}, err
	}
	if !actor.Role.allows(o.role) {
		if o.role == RoleReveal {
			s.revealed("refused", audit.ID{})
		}
		return operation{}, Actor{}, refuse(Forbidden, "operator %s has role %s, this needs %s", actor.Name, actor.Role, o.role)
	}
	return o, actor, nil
}

func (s *Service) perform(ctx context.Context, o operation, actor Actor, in []byte) ([]byte, error) {
	if o.do == nil {
		return nil, refuse(Invalid, "a file follows this answer; use the command line of the same version")
	}
	out, err := o.do(ctx, s, actor, bytes.TrimSpace(in))
	if err != nil {
		return nil, classify(err)
	}
	return json.Marshal(out, json.Deterministic(true))
}

// classify gives errors of the parts below their code, in this one place.
func classify(err error) error {
	var known *Error
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, journal.ErrNotFound):
		return refuse(NotFound, "%v", err)
	case errors.Is(err, journal.ErrFull), errors.Is(err, journal.ErrDown), errors.Is(err, journal.ErrClosed):
		return refuse(Unavailable, "nothing was done: %v", err)
	}
	return refuse(Internal, "%v", err)
}
