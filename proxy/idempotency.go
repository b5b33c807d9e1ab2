package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
	"postern/proxy/person"
)

// claim is a request that holds an Idempotency-Key. Others with the same key
// wait until done is closed.
type claim struct {
	key     claimKey
	row     journal.Idempotency
	older   []journal.Idempotency // the row as retired versions of the key name it
	dialect dialect.Dialect
	input   string
	done    chan struct{}
}

// claimKey holds the client's key as it came: no rotation may come between two
// requests with the same one.
type claimKey struct{ app, number, key string }

type inflight struct {
	mu     sync.Mutex
	claims map[claimKey]*claim
}

func newInflight() *inflight { return &inflight{claims: map[claimKey]*claim{}} }

// enter takes the key, or returns the claim that holds it.
func (f *inflight) enter(c *claim) *claim {
	f.mu.Lock()
	defer f.mu.Unlock()
	if other := f.claims[c.key]; other != nil {
		return other
	}
	f.claims[c.key] = c
	return nil
}

func (f *inflight) leave(c *claim) {
	if c == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.claims[c.key] == c {
		delete(f.claims, c.key)
		close(c.done)
	}
}

// keepIdempotency is how long a key holds its answer.
const keepIdempotency = 24 * time.Hour

// maxIdempotencyKey bounds the header, in bytes.
const maxIdempotencyKey = 255

// claimKey resolves the Idempotency-Key of a request: a claim to go on with,
// the answer of an earlier request, or a problem.
func (g *Gate) claim(ctx context.Context, r Request) (*claim, *Answer, *dialect.Problem) {
	if r.Idempotency == "" {
		return nil, nil, nil
	}
	if len(r.Idempotency) > maxIdempotencyKey {
		return nil, nil, &dialect.Problem{Kind: dialect.Invalid, Param: "Idempotency-Key", Details: "Idempotency-Key is longer than 255 characters"}
	}
	c, err := g.newClaim(r)
	if err != nil {
		return nil, nil, &dialect.Problem{Kind: dialect.RecordingDown, Details: "the Idempotency-Key can not be recorded; try again"}
	}
	for {
		other := g.inflight.enter(c)
		if other == nil {
			break
		}
		select {
		case <-other.done:
		case <-ctx.Done():
			return nil, nil, &dialect.Problem{Kind: dialect.UnknownOutcome, Details: "an earlier request with this Idempotency-Key is still under way"}
		}
	}
	answer, problem := g.earlier(ctx, c)
	if answer != nil || problem != nil {
		g.inflight.leave(c)
		return nil, answer, problem
	}
	return c, nil, nil
}

func (g *Gate) newClaim(r Request) (*claim, error) {
	keys, err := g.cfg.Keys.MACs(keyring.Original, []byte("idempotency-key"), []byte(r.Caller.App), []byte(r.Number), []byte(r.Idempotency))
	if err != nil {
		return nil, fmt.Errorf("hash idempotency key: %w", err)
	}
	bodies, err := g.cfg.Keys.MACs(keyring.Original, []byte("idempotency-body"), r.Raw)
	if err != nil {
		return nil, fmt.Errorf("hash body: %w", err)
	}
	c := &claim{key: claimKey{r.Caller.App, r.Number, r.Idempotency}, done: make(chan struct{}), dialect: r.Caller.Dialect, input: r.Message.Input}
	for _, k := range keys {
		// A rotation between the two adds a version to the bodies and takes none.
		i := slices.IndexFunc(bodies, func(b keyring.VersionedMAC) bool { return b.Version == k.Version })
		if i < 0 {
			return nil, fmt.Errorf("hash body: %w", keyring.ErrNoKey)
		}
		c.older = append(c.older, journal.Idempotency{App: r.Caller.App, Number: r.Number, Key: k.Sum, Body: bodies[i].Sum})
	}
	c.row, c.older = c.older[0], c.older[1:]
	return c, nil
}

// earlier looks for what became of an earlier request with the key. A request
// that was admitted and has no answer went under in a crash: its outcome is
// unknown, and it is never sent a second time.
func (g *Gate) earlier(ctx context.Context, c *claim) (*Answer, *dialect.Problem) {
	row, err := g.cfg.Journal.IdempotencyGet(ctx, c.row.App, c.row.Number, c.row.Key)
	body := c.row.Body
	for _, o := range c.older {
		if !errors.Is(err, journal.ErrNotFound) {
			break
		}
		row, err = g.cfg.Journal.IdempotencyGet(ctx, o.App, o.Number, o.Key)
		body = o.Body
	}
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return nil, nil
	case err == nil && g.cfg.Now().UnixMicro()-row.Time > keepIdempotency.Microseconds():
		return nil, nil // over, and only not swept yet
	case err != nil:
		return nil, &dialect.Problem{Kind: dialect.RecordingDown, Details: "earlier requests can not be looked up; try again"}
	case row.Body != body:
		return nil, &dialect.Problem{Kind: dialect.IdempotencyReuse, Param: "Idempotency-Key", Details: "this Idempotency-Key was used with another body; use a new key for a new message"}
	case len(row.Answer) == 0:
		return UnknownAnswer(c.dialect, row.Admission, c.input), nil
	}
	answer, err := g.openAnswer(ctx, row)
	if err != nil {
		return UnknownAnswer(c.dialect, row.Admission, c.input), nil
	}
	return answer, nil
}

// UnknownAnswer is what an app is told when a message may have been sent: the
// old dialects always accepted asynchronously, so they get 201 and our id; the
// Cloud dialects get 131000, not transient. Either way nobody sends it again.
func UnknownAnswer(d dialect.Dialect, id audit.ID, input string) *Answer {
	if d.Flat() {
		status, body := dialect.EncodeSent(d, dialect.Sent{ID: dialect.OpaqueID(id), Input: input})
		return &Answer{Status: status, Body: body}
	}
	status, header, body := dialect.EncodeProblem(d, &dialect.Problem{
		Kind: dialect.UnknownOutcome, Details: "The message may have been sent. Do not send it again: a status webhook will tell.",
	})
	return &Answer{Status: status, Header: header, Body: body}
}

func (g *Gate) openAnswer(ctx context.Context, row journal.Idempotency) (*Answer, error) {
	sealer, err := g.cfg.People.Opener(ctx, row.Subject, audit.ClassMessages, row.Month)
	if err != nil {
		return nil, err
	}
	plain, err := sealer.Unseal(row.Key[:], row.Answer)
	if err != nil {
		return nil, fmt.Errorf("open earlier answer: %w", err)
	}
	var a Answer
	if err := json.Unmarshal(plain, &a); err != nil {
		return nil, fmt.Errorf("read earlier answer: %w", err)
	}
	return &a, nil
}

// free gives the key back. Whoever repeats the request is let through once, as
// if it were the first.
func (c *claim) free(b *journal.Batch) {
	row := c.row
	row.Free = true
	b.Idempotency = append(b.Idempotency, row)
}

// remember seals the answer into the claim's row.
func (g *Gate) remember(ctx context.Context, c *claim, subject audit.SubjectID, a Answer, b *journal.Batch) error {
	if c == nil {
		return nil
	}
	rows := &person.Rows{}
	sealer, err := g.cfg.People.Sealer(ctx, subject, audit.ClassMessages, c.row.Month, rows)
	if errors.Is(err, person.ErrErased) {
		return nil // the key stays without its answer: a repeat is not sent again
	}
	if err != nil {
		return err
	}
	plain, err := json.Marshal(a)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	row := c.row
	if row.Answer, err = sealer.Seal(row.Key[:], plain); err != nil {
		return fmt.Errorf("seal answer: %w", err)
	}
	b.Idempotency = append(b.Idempotency, row)
	rows.AddTo(b)
	return nil
}
