package hook

import (
	"context"
	"hash/maphash"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Outcomes of an attempt that is the last one.
const (
	Delivered = "delivered" // answered 200
	GivenUp   = "given_up"  // no 200 within the allowed attempts
	Dropped   = "dropped"   // never tried: too many updates were waiting
)

// Delivery is one attempt to post a webhook.
type Delivery struct {
	Seq       int64          `json:"seq"`
	Time      time.Time      `json:"time"`
	Field     string         `json:"field"`             // of the first update
	IDs       []string       `json:"ids"`               // messages the updates are about
	Serials   []int64        `json:"serials"`           // updates in the body
	Attempt   int            `json:"attempt"`           // 1 for the first
	Status    int            `json:"status"`            // HTTP status, 0 without an answer
	Error     string         `json:"error,omitempty"`   // why there was no answer
	Answer    string         `json:"answer,omitempty"`  // first bytes of an answer other than 200
	LatencyUS int64          `json:"latency_us"`        // microseconds until the answer
	Outcome   string         `json:"outcome,omitempty"` // empty while more attempts follow
	Body      jsontext.Value `json:"body,omitempty"`    // exactly what was posted
}

// Config says how webhooks are posted. All fields but Workers, Limit and
// Attempts are needed.
type Config struct {
	// Endpoint is asked before each attempt: where a body goes, by its first
	// update, and the headers that prove whose it is.
	Endpoint  func(first Update, body []byte) (url string, proof http.Header)
	Client    *http.Client
	Now       func() time.Time
	Record    func(Delivery) // told of every attempt, from many goroutines
	RetryBase time.Duration  // delay before the second attempt, doubled after each
	RetryMax  time.Duration
	Attempts  int // 8 when zero
	Workers   int // 32 when zero; one worker keeps the order of a message's updates
	Limit     int // updates that may wait, 1,000,000 when zero
}

// Sender posts updates in the background until it is closed. What waits at
// Close is not posted.
type Sender struct {
	cfg     Config
	cancel  context.CancelFunc // ends workers and posts under way
	workers sync.WaitGroup
	seed    maphash.Seed
	shards  []*shard
	batch   atomic.Int64 // most updates in a POST
	linger  atomic.Int64 // nanoseconds to wait for more
	pending atomic.Int64 // updates without outcome
}

// New starts the workers.
func New(cfg Config) *Sender {
	cfg.Attempts = orDefault(cfg.Attempts, 8)
	cfg.Workers = orDefault(cfg.Workers, 32)
	cfg.Limit = orDefault(cfg.Limit, 1_000_000)
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sender{cfg: cfg, cancel: cancel, seed: maphash.MakeSeed()}
	s.batch.Store(1)
	for range cfg.Workers {
		sh := &shard{wake: make(chan struct{}, 1)}
		s.shards = append(s.shards, sh)
		s.workers.Go(func() { s.work(ctx, sh) })
	}
	return s
}

func orDefault(n, fallback int) int {
	if n == 0 {
		return fallback
	}
	return n
}

// Batch sets how many updates may share a POST and how long one waits for
// company. More than one sends everything through a single worker.
func (s *Sender) Batch(most int, linger time.Duration) {
	s.batch.Store(int64(max(most, 1)))
	s.linger.Store(int64(linger))
}

// Enqueue posts the update as soon as a worker is free; done, which may be
// nil, is told of the last attempt.
func (s *Sender) Enqueue(u Update, done func(Delivery)) {
	s.EnqueueAll([]Update{u}, done)
}

// EnqueueAll posts the updates together in one body.
func (s *Sender) EnqueueAll(updates []Update, done func(Delivery)) {
	j := &job{updates: updates}
	if done != nil {
		j.done = append(j.done, done)
	}
	if s.pending.Add(int64(len(updates))) > int64(s.cfg.Limit) {
		s.finish(j, Delivery{Outcome: Dropped})
		return
	}
	s.shard(updates[0].ID).push(j)
}

// Pending returns how many updates have no outcome yet.
func (s *Sender) Pending() int64 { return s.pending.Load() }

// Close stops the workers and waits for them.
func (s *Sender) Close() {
	s.cancel()
	s.workers.Wait()
}

func (s *Sender) shard(id string) *shard {
	if s.batch.Load() > 1 {
		return s.shards[0]
	}
	return s.shards[maphash.String(s.seed, id)%uint64(len(s.shards))]
}
