package hook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// maxAnswer bounds how much of an answer is kept, in bytes.
const maxAnswer = 512

// try posts once, and plans the next attempt when the answer was not 200.
func (s *Sender) try(ctx context.Context, j *job, sh *shard) {
	if j.body == nil {
		j.body = Envelope(j.updates, s.cfg.Now())
	}
	j.attempt++
	d := s.post(ctx, j)
	d.Attempt = j.attempt
	if ctx.Err() != nil {
		return
	}
	switch {
	case d.Status == http.StatusOK:
		d.Outcome = Delivered
	case j.attempt >= s.cfg.Attempts:
		d.Outcome = GivenUp
	default:
		s.cfg.Record(describe(j, d))
		time.AfterFunc(s.delay(j.attempt), func() { sh.push(j) })
		return
	}
	s.finish(j, d)
}

// delay doubles after each attempt up to the limit.
func (s *Sender) delay(attempt int) time.Duration {
	d := s.cfg.RetryBase
	for range attempt - 1 {
		if d *= 2; d >= s.cfg.RetryMax {
			break
		}
	}
	return min(d, s.cfg.RetryMax)
}

func (s *Sender) finish(j *job, d Delivery) {
	d = describe(j, d)
	s.cfg.Record(d)
	s.pending.Add(-int64(len(j.updates)))
	for _, done := range j.done {
		done(d)
	}
}

func describe(j *job, d Delivery) Delivery {
	d.Field, d.Body = j.updates[0].Field, j.body
	for _, u := range j.updates {
		d.Serials = append(d.Serials, u.Serial)
		if u.ID != "" {
			d.IDs = append(d.IDs, u.ID)
		}
	}
	return d
}

func (s *Sender) post(ctx context.Context, j *job) Delivery {
	start := s.cfg.Now()
	d := Delivery{Time: start}
	d.Status, d.Answer, d.Error = s.exchange(ctx, j)
	d.LatencyUS = s.cfg.Now().Sub(start).Microseconds()
	return d
}

func (s *Sender) exchange(ctx context.Context, j *job) (status int, answer, failure string) {
	target, proof := s.cfg.Endpoint(j.updates[0], j.body)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(j.body))
	if err != nil {
		return 0, "", "the webhook address is not valid"
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "facebookexternalua")
	maps.Copy(req.Header, proof)
	res, err := s.cfg.Client.Do(req)
	if err != nil {
		return 0, "", cause(err)
	}
	defer func() { _ = res.Body.Close() }()
	head, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // the status is the answer
	if res.StatusCode == http.StatusOK {
		return res.StatusCode, "", ""
	}
	return res.StatusCode, string(bytes.ToValidUTF8(head, []byte("?"))), ""
}

// cause leaves the address out of an error of the HTTP client.
func cause(err error) string {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		return wrapped.Err.Error()
	}
	return err.Error()
}
