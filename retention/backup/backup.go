// Package backup copies a running store elsewhere, sealed, and brings it back.
//
// A backup is a copy of the journal as of one moment, the wrapped data keys of
// the same moment apart from it, a copy of the keystore where a passphrase or
// Vault protects it, and the files that no earlier backup has. Each of the first
// two is sealed under a key of its own, which lies beside it, wrapped by the
// keystore: removing that key ends the copy, even where the place keeps the
// object. The data keys end early ([Policy]): what was erased in the store can
// then be read from no backup any more.
//
// # How it fails
//
// The manifest is written last and signed: what has none is no backup, and the
// next run takes it away. Nothing is called a backup that was not written whole;
// nothing is restored of which one byte disagrees; a restoration changes nothing
// until all of it is there. README.md has the format and what a restoration loses.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/crypto/keyring"
)

// Policy says how long backups are kept.
type Policy struct {
	Days    int // a backup is removed when it is older
	KeyDays int // its wrapped data keys are; at most Days
	Last    int // at most so many backups are kept; 0 has no limit
}

// Reach says by when an erasure has reached every backup.
type Reach struct {
	Sealed time.Time `json:"sealed"` // what was sealed for the person cannot be opened from any
	Whole  time.Time `json:"whole"`  // none is left that holds what was erased, redacted text and indexes included
}

// Reach is when what was erased at a moment is gone from backups, at the latest
// but for one run of the schedule. It does not count what Object Lock keeps:
// that cannot be opened either.
func (p Policy) Reach(erasedAt time.Time) Reach {
	day := func(n int) time.Time { return erasedAt.AddDate(0, 0, n) }
	return Reach{Sealed: day(p.KeyDays), Whole: day(p.Days)}
}

// Media are the files beside the journal; blob.Store is one.
type Media = *blob.Store

// Config is what a Service needs.
type Config struct {
	To      blob.Bucket
	Policy  Policy
	Journal *journal.Journal
	Keys    *keyring.Keyring
	Log     *Log
	Media   Media  // nil: there are none
	Temp    string // folder for the copy while it is made; it is emptied
	Signer  func() (audit.Signer, error)
	Now     func() time.Time
	// Hook makes a step fail, in tests. Nil does nothing.
	Hook func(step string) error
}

// Service makes backups of an open store, one at a time.
type Service struct {
	cfg Config
	one sync.Mutex // held over a backup, and over taking old ones away

	mu     sync.Mutex // guards status
	status Status
	under  sync.WaitGroup // what Start began
}

// Status says what a service does and did.
type Status struct {
	Running bool      `json:"running"`
	Step    string    `json:"step,omitempty"` // what Done counts are bytes
	Done    int64     `json:"done"`
	Total   int64     `json:"total"` // 0: not known
	Began   time.Time `json:"began,omitzero"`
	Made    *Manifest `json:"made,omitempty"`   // the last one that this process made
	Pruned  *Pruned   `json:"pruned,omitempty"` // what went after it
	Failed  string    `json:"failed,omitempty"` // why the last one was not made
}

// New makes a service. Nothing is read or written yet.
func New(cfg Config) *Service { return &Service{cfg: cfg} }

// Status may be asked for at any time.
func (s *Service) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

func (s *Service) set(change func(*Status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.status)
}

// Errors of asking for a backup.
var (
	// ErrRunning: a backup is being made.
	ErrRunning = errors.New("a backup is being made")
	// ErrClock: nobody knows what is over.
	ErrClock = errors.New("the clock can not be believed about what is over")
)

// Start makes a backup, and takes old ones away after it where prune is true,
// while the caller goes on; see Status. The end of ctx ends it, Wait waits for it.
func (s *Service) Start(ctx context.Context, actor string, prune bool) error {
	running := false
	s.set(func(st *Status) {
		if running = st.Running; !running {
			*st = Status{Running: true, Began: s.cfg.Now(), Made: st.Made}
		}
	})
	if running {
		return ErrRunning
	}
	s.under.Go(func() {
		m, err := s.Create(ctx, actor)
		var gone Pruned
		if err == nil && prune {
			gone, err = s.Prune(ctx)
		}
		s.set(func(st *Status) {
			st.Running, st.Pruned = false, &gone
			if m != nil {
				st.Made = m
			}
			if err != nil {
				st.Failed = err.Error()
			}
		})
	})
	return nil
}

// Wait returns once nothing that Start began is under way.
func (s *Service) Wait() { s.under.Wait() }

func (s *Service) begin(step string, total int64) error {
	s.set(func(st *Status) { st.Step, st.Done, st.Total = step, 0, total })
	if s.cfg.Hook != nil {
		return s.cfg.Hook(step)
	}
	return nil
}

// sent hears of bytes on their way.
func (s *Service) sent(n int) { s.set(func(st *Status) { st.Done += int64(n) }) }

// record says in the trail what is done about a backup.
func (s *Service) record(ctx context.Context, actor, result string, detail any) error {
	raw, err := json.Marshal(detail)
	if err != nil {
		return fmt.Errorf("describe the backup: %w", err)
	}
	now := s.cfg.Now()
	err = s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: actor, Type: "backup", Result: result,
		Parts: []audit.Part{audit.NewPart(audit.PartDetail, raw)},
	}}})
	if err != nil {
		return fmt.Errorf("record the backup: %w", err)
	}
	return nil
}

// verifiers are the checkpoint keys that ever signed.
func verifiers(keys *keyring.Keyring) ([]audit.Verifier, error) {
	var out []audit.Verifier
	for _, k := range keys.CheckpointKeys() {
		if k.State == keyring.Next {
			continue
		}
		v, err := audit.NewVerifier(k.Name, k.Key)
		if err != nil {
			return nil, fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
		out = append(out, v)
	}
	if len(out) == 0 {
		return nil, errors.New("the keystore holds no checkpoint key")
	}
	return out, nil
}
