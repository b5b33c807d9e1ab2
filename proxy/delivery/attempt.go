package delivery

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/settings"
)

// Growth and bound of the flat dialects' delay where the app sets none.
const (
	flatStep = 3 * time.Second
	flatMost = 15 * time.Minute
)

// delay is the time to the next attempt. On-Premises and 360dialog v1 grow by a
// step a try up to a bound (whatsapp.md 1.10, 1.12); the Cloud forms double from
// two seconds up to an hour.
func delay(d dialect.Dialect, attempts int, p Pace) time.Duration {
	if d.Flat() {
		return min(time.Duration(attempts)*cmp.Or(p.Step, flatStep), cmp.Or(p.Most, flatMost))
	}
	return min(time.Second<<min(attempts, 12), time.Hour)
}

// Life is how long an event is tried before it is a dead letter.
func Life(d dialect.Dialect) time.Duration {
	if d.Flat() {
		return 24 * time.Hour
	}
	return 7 * 24 * time.Hour
}

// attempt delivers once and tells the outcome.
func (d *Dispatcher) attempt(client *http.Client, it *item) journal.Outcome {
	began := d.cfg.Now()
	code, err := d.post(client, it)
	now := d.cfg.Now()
	it.row.Attempts++
	it.row.LastCode = code
	out := journal.Outcome{ID: it.row.ID, App: it.row.App, Attempts: it.row.Attempts, LastCode: code}
	switch {
	case err == nil && code == http.StatusOK:
		out.State = journal.DeliveryDone
		d.cfg.Latency(it.row.App, now.Sub(time.UnixMicro(it.row.Created)))
	case now.UnixMicro() >= it.row.NotAfter:
		out.State = journal.DeliveryDead
	default:
		out.State = journal.DeliveryPending
		next := now.Add(delay(dialect.Dialect(it.row.Dialect), it.row.Attempts, d.cfg.Pace(it.row.App))).UnixMicro()
		it.row.NextAt = min(next, it.row.NotAfter)
		out.NextAt = it.row.NextAt
	}
	d.cfg.Result(it.row.App, out.State, code, max(now.Sub(began), 0))
	return out
}

// record writes the outcome with the next commit and calls durable then; an
// outcome that is lost in a crash only means that the event is delivered once
// more. Where the journal refuses it, the end of an event stays known in memory
// (nothing is delivered twice while this process lives) and a try that failed
// counts for nothing.
func (d *Dispatcher) record(it *item, out journal.Outcome, now time.Time, durable func()) {
	b := journal.Batch{Outcomes: []journal.Outcome{out}, Lazy: true, Committed: durable}
	if out.State != journal.DeliveryPending {
		b.Records = []audit.Record{ended(it.row, out, now)}
	}
	err := d.cfg.Journal.Append(d.ctx, b)
	if err == nil {
		return
	}
	if durable != nil && out.State == journal.DeliveryPending {
		durable()
	}
	d.cfg.OnError(fmt.Errorf("record delivery: %w", err))
}

// ended is the record of a delivery that is over.
func ended(row journal.Delivery, out journal.Outcome, now time.Time) audit.Record {
	result := "delivered"
	if out.State == journal.DeliveryDead {
		result = "dead"
	}
	return audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindDelivery, Time: now.UnixMicro(), Ref: row.ID,
		Tenant: row.Tenant, App: row.App, Number: row.Number, Actor: "system", Subject: row.Subject,
		Direction: "inbound", Dialect: row.Dialect, Result: result, Code: out.LastCode,
	}
}

// post sends the event once. The code is 0 when there was no answer.
func (d *Dispatcher) post(client *http.Client, it *item) (int64, error) {
	hook, ok := d.cfg.Settings.Webhook(it.row.App)
	if !ok {
		return 0, errNoTarget
	}
	if d.cfg.Serves != nil && !d.cfg.Serves() {
		return 0, errNoSecret
	}
	if it.body == nil {
		body, err := d.open(it.row)
		if err != nil {
			return 0, err
		}
		it.body = body
	}
	ctx, cancel := context.WithTimeout(d.ctx, 30*time.Second)
	defer cancel()
	req, err := newRequest(ctx, hook, it)
	if err != nil {
		return 0, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, errUnreachable
	}
	defer resp.Body.Close() //nolint:errcheck // the answer's body is of no interest
	if _, err := io.CopyN(io.Discard, resp.Body, 64<<10); err != nil && !errors.Is(err, io.EOF) {
		return int64(resp.StatusCode), errUnreachable
	}
	return int64(resp.StatusCode), nil
}

func (d *Dispatcher) open(row journal.Delivery) ([]byte, error) {
	sealer, err := d.cfg.Keys.Opener(d.ctx, row.Subject, Class, row.Month)
	if err != nil {
		return nil, fmt.Errorf("key of delivery: %w", err)
	}
	body, err := sealer.Unseal(row.ID[:], row.Body)
	if err != nil {
		return nil, fmt.Errorf("open delivery: %w", err)
	}
	return body, nil
}

func newRequest(ctx context.Context, hook settings.Webhook, it *item) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(it.body))
	if err != nil {
		return nil, errNoTarget
	}
	for name, value := range hook.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "postern")
	if !dialect.Dialect(it.row.Dialect).Flat() && hook.Secret != nil {
		return req, signed(req, hook, it.body)
	}
	return req, nil
}

// signed adds the signatures. Without a secret nothing is sent.
func signed(req *http.Request, hook settings.Webhook, body []byte) error {
	secret := hook.Secret()
	if len(secret) == 0 {
		return errNoSecret
	}
	req.Header.Set("X-Hub-Signature-256", "sha256="+sign(secret, body))
	if hook.Previous == nil {
		return nil
	}
	if previous := hook.Previous(); len(previous) > 0 {
		req.Header.Set("X-Postern-Signature-256-Previous", "sha256="+sign(previous, body))
	}
	return nil
}

// sign is Meta's webhook signature: lower-case hex HMAC-SHA256 over the exact
// body (whatsapp.md 3.8).
func sign(secret, body []byte) string {
	m := hmac.New(sha256.New, secret)
	m.Write(body) //nolint:errcheck // hash.Hash never returns an error
	return hex.EncodeToString(m.Sum(nil))
}
