// Package sim simulates Meta's WhatsApp Cloud API for staging and tests: it
// takes sends and refuses them as Meta does, posts signed webhooks, and has a
// control API under /_sim/ for faults, inbound messages and the truth about
// what it took.
//
// It fails closed where a test could be fooled: without tokens nobody is let
// in, and with a state folder nothing is answered before it is written. What
// is accepted is listed; what is not listed was not accepted.
package sim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/state"
	"postern/cmd/metasim/internal/template"
)

// Number is a business phone number.
type Number struct {
	ID      string // phone number id, digits
	Display string // in digits or written with +, blanks and hyphens
	Account string // id of its WhatsApp business account, digits
	Name    string // verified name; "Test Number" when empty

	digits string
}

// Config says what is simulated. Numbers and Tokens are needed; everything
// else has a default.
type Config struct {
	Numbers     []Number
	Tokens      []string // bearer tokens that are let in
	AppSecret   string   // signs webhooks; checks appsecret_proof
	VerifyToken string   // sent with hub.challenge
	D360        D360     // 360dialog's face of the same numbers; none when empty
	PublicURL   string   // base of media links; from the request when empty
	Seed        uint64   // every choice repeats under the same seed
	StateDir    string   // survives a kill; in memory only when empty
	Fsync       bool     // survives a power loss too

	WebhookClient *http.Client  // posts webhooks; ten seconds, no redirects when nil
	RetryBase     time.Duration // delay before a webhook's second attempt, 1 s when zero
	RetryMax      time.Duration // 5 min when zero
	RetryAttempts int           // 8 when zero

	AcceptedCap int // accepted messages kept in memory, 100,000 when zero
	WebhooksCap int // webhook attempts kept in memory, 20,000 when zero

	Settings *Settings // DefaultSettings when nil
	Log      zerolog.Logger
	Now      func() time.Time // time.Now when nil
}

// Server is the simulator, an http.Handler for both APIs.
type Server struct {
	cfg      Config
	numbers  roster
	accounts map[string]bool
	tokens   map[string]bool
	control  http.Handler
	sender   *hook.Sender
	log      *state.Log
	catalog  *template.Catalogue
	faults   faults
	blobs    blobs
	settings atomic.Pointer[Settings]
	planned  atomic.Int64 // updates waiting for their time
	traces   atomic.Uint64
	closing  atomic.Pointer[gate]

	mu          sync.Mutex // guards what follows
	counter     int64      // last number used for an id
	serial      int64      // last number of an update
	accepted    ring[Accepted]
	webhooks    ring[hook.Delivery]
	people      map[string]*person   // by user id
	byNumber    map[string]*person   // by number without plus
	windows     map[string]time.Time // last message of a person to a number
	stopped     map[string]bool      // user ids that stopped marketing
	media       map[string]media
	profiles    map[string]profile // by phone number id
	encryption  map[string]encryptionState
	flowKeys    map[string]string     // public keys as PEM by phone number id
	flowFiles   map[string]storedFile // by the end of their address
	flowFileIDs []string              // the oldest first
	sessions    []*uploadSession      // the oldest first

	d360 d360State

	registrations map[string]registration // by phone number id
	managed       map[string]managed      // as above
	unsubscribed  map[string]bool         // accounts without webhooks
	overrides     map[string]string       // addresses of accounts' webhooks
	waiting       map[int64]hook.Update   // while reading the state: updates without outcome
}

// New reads the state, if there is any, and resumes the webhooks that were
// not delivered.
func New(cfg Config) (*Server, error) {
	cfg = withDefaults(cfg)
	s := &Server{
		cfg: cfg, accounts: make(map[string]bool), tokens: make(map[string]bool),
		catalog: template.NewCatalogue(), blobs: newBlobs(cfg.StateDir),
		accepted: ring[Accepted]{limit: cfg.AcceptedCap}, webhooks: ring[hook.Delivery]{limit: cfg.WebhooksCap},
	}
	s.faults.seed = cfg.Seed
	s.Reopen()
	s.forget()
	if err := s.enrol(); err != nil {
		return nil, err
	}
	if err := s.enrolD360(); err != nil {
		return nil, err
	}
	settings := cfg.Settings.clone()
	if settings.AppSecret == "" {
		settings.AppSecret = cfg.AppSecret
	}
	if err := settings.validate(); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	s.settings.Store(&settings)
	s.defaultTemplates()
	if err := s.restore(); err != nil {
		return nil, err
	}
	s.sender = hook.New(s.senderConfig())
	s.sender.Batch(settings.BatchMax, time.Duration(settings.LingerMS)*time.Millisecond)
	s.control = s.controlRoutes()
	s.resume()
	return s, nil
}

func withDefaults(cfg Config) Config {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Settings == nil {
		d := DefaultSettings()
		cfg.Settings = &d
	}
	if cfg.WebhookClient == nil {
		cfg.WebhookClient = WebhookClient(nil)
	}
	cfg.RetryBase = max(cfg.RetryBase, 0)
	if cfg.RetryBase == 0 {
		cfg.RetryBase = time.Second
	}
	if cfg.RetryMax == 0 {
		cfg.RetryMax = 5 * time.Minute
	}
	if cfg.AcceptedCap <= 0 {
		cfg.AcceptedCap = 100_000
	}
	if cfg.WebhooksCap <= 0 {
		cfg.WebhooksCap = 20_000
	}
	return cfg
}

// enrol checks numbers and tokens.
func (s *Server) enrol() error {
	if len(s.cfg.Numbers) == 0 || len(s.cfg.Tokens) == 0 {
		return errors.New("simulator needs at least one number and one token")
	}
	for _, token := range s.cfg.Tokens {
		if token == "" {
			return errors.New("a token is empty")
		}
		s.tokens[token] = true
	}
	for i, n := range s.cfg.Numbers {
		digits, _, ok := send.Digits(n.Display)
		if !ok || !isDigits(n.ID) || !isDigits(n.Account) {
			return fmt.Errorf("number %d: wants id:display:account, all in digits", i+1)
		}
		if s.numbers.of(n.ID).ID != "" {
			return fmt.Errorf("number %d: its id is given twice", i+1)
		}
		if n.Name == "" {
			n.Name = "Test Number"
		}
		n.digits = digits
		s.numbers.add(n)
		s.accounts[n.Account] = true
	}
	return nil
}

func (s *Server) senderConfig() hook.Config {
	return hook.Config{
		Endpoint: s.endpoint,
		Client:   s.cfg.WebhookClient, Now: s.cfg.Now, Record: s.recordDelivery,
		RetryBase: s.cfg.RetryBase, RetryMax: s.cfg.RetryMax, Attempts: s.cfg.RetryAttempts,
	}
}

// Release ends requests that hang or wait; it comes before a server drains.
func (s *Server) Release() {
	g := s.closing.Load()
	g.once.Do(func() { close(g.done) })
}

// Reopen takes a Release back, for a test that goes on with the simulator.
func (s *Server) Reopen() { s.closing.Store(&gate{done: make(chan struct{})}) }

// gate is shut once.
type gate struct {
	once sync.Once
	done chan struct{}
}

func (s *Server) ending() <-chan struct{} { return s.closing.Load().done }

// Close releases requests and ends webhooks. Webhooks that still wait are kept
// in the state folder and resumed by the next start. The HTTP server in front
// is stopped first.
func (s *Server) Close() error {
	s.Release()
	s.sender.Close()
	return s.log.Close()
}

// Idle waits until no webhook is planned or under way, or ctx ends.
func (s *Server) Idle(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for s.Pending() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Pending returns how many webhook updates have no outcome yet.
func (s *Server) Pending() int64 { return s.planned.Load() + s.sender.Pending() }
