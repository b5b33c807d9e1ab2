package export

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

const (
	chunk    = 1000 // records read at once
	lookBack = 2000 // records read at once in search of the last event
)

// gather collects the next batch and says with which record it ends. It waits
// while there is none. A batch of a period ends with the period.
func (x *Export) gather(ctx context.Context) (batch []Event, next uint64, err error) {
	takes, next, size := x.cfg.Sink.Takes(), x.follower.Cursor(), 0
	previous := x.shape.previous
	var until time.Time // end of the period
	for {
		records, err := x.read(ctx, next, min(chunk, takes.Events), until)
		if err != nil {
			return nil, 0, err
		}
		for i := range records {
			r := &records[i]
			if len(batch) > 0 && (size >= takes.Bytes || len(batch) >= takes.Events || !until.IsZero() && !time.UnixMicro(timeOf(r)).Before(until)) {
				return batch, next, nil
			}
			if e, ok := x.shape.event(r); ok {
				if len(batch) > 0 && size+len(e.JSON) > takes.Bytes {
					x.shape.previous = previous // it is made again as the first of the next batch
					return batch, next, nil
				}
				batch, size, previous = append(batch, e), size+len(e.JSON), x.shape.previous
				if len(batch) == 1 && takes.Period > 0 {
					until = e.Time.Truncate(takes.Period).Add(takes.Period)
				}
			}
			next = r.Seq + 1
		}
		if takes.Period == 0 || len(batch) == 0 || len(records) == 0 {
			return batch, next, nil
		}
	}
}

// read gives records from one on. With an end of a period it gives none once
// that is over, by the clock, or by as much time as was left when it began.
func (x *Export) read(ctx context.Context, from uint64, most int, until time.Time) ([]audit.Record, error) {
	if until.IsZero() {
		return x.follower.NextFrom(ctx, from, most, x.cfg.Wait)
	}
	inner, cancel := context.WithTimeout(ctx, min(max(0, until.Sub(x.cfg.Now())), x.cfg.Sink.Takes().Period))
	defer cancel()
	records, err := x.follower.NextFrom(inner, from, most, x.cfg.Wait)
	if err != nil && inner.Err() != nil && ctx.Err() == nil {
		return nil, nil
	}
	return records, err
}

// deliver hands a batch to the receiver, and does not come back before it has
// it, or ctx ends. One that it does not take is halved, to find the event; the
// event itself then goes without its fields.
func (x *Export) deliver(ctx context.Context, batch []Event) error {
	if len(batch) == 0 {
		return nil
	}
	for tries, bare := 0, false; ; tries++ {
		shrunk, err := x.try(ctx, batch, bare)
		if err == nil {
			x.succeeded(len(batch), shrunk)
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		c, after := classOf(err)
		if c == rejected && len(batch) > 1 {
			return x.deliverHalves(ctx, batch)
		}
		x.failed(err)
		if c == rejected && !bare {
			bare = true
			continue
		}
		if err := x.cfg.Pause(ctx, backoff(tries, c, after)); err != nil {
			return err
		}
	}
}

// try sends a batch once, in a form that the receiver can take.
func (x *Export) try(ctx context.Context, batch []Event, bare bool) (shrunk int, err error) {
	fitting, shrunk, err := fit(batch, x.cfg.Sink.Takes().Event)
	if err != nil {
		return 0, err
	}
	if bare {
		fitting, shrunk = []Event{batch[0].least()}, 1
	}
	return shrunk, x.cfg.Sink.Send(ctx, fitting)
}

func (x *Export) deliverHalves(ctx context.Context, batch []Event) error {
	half := len(batch) / 2
	if err := x.deliver(ctx, batch[:half]); err != nil {
		return err
	}
	last := batch[half-1].Seq
	if err := x.commit(ctx, last+1, int64(last)); err != nil { //nolint:gosec // far below 2^63
		return err
	}
	return x.deliver(ctx, batch[half:])
}

// fit makes every event small enough for the receiver.
func fit(batch []Event, most int) (out []Event, shrunk int, err error) {
	out = make([]Event, len(batch))
	for i, e := range batch {
		small, cut, err := e.shrink(most)
		if err != nil {
			return nil, 0, &Fault{class: refused, what: err.Error()}
		}
		if out[i] = small; cut {
			shrunk++
		}
	}
	return out, shrunk, nil
}

// scopeExport keeps, by export, the last event where a filter leaves records
// out, so that the next one can name it.
const scopeExport = "export"

// place is where the stream of events stands at a cursor.
type place struct {
	Next     uint64 `json:"next"`
	Previous int64  `json:"previous"` // -1: none yet
}

// commit moves the cursor. That it is not durable yet may repeat events after a
// crash and is no reason to stop.
func (x *Export) commit(ctx context.Context, next uint64, previous int64) error {
	if next <= x.follower.Cursor() {
		return nil
	}
	if err := x.follower.Commit(ctx, next); err != nil {
		return err
	}
	if !x.cfg.Filter.narrows() {
		return nil
	}
	value, err := json.Marshal(place{Next: next, Previous: previous})
	if err != nil {
		return fmt.Errorf("note place of export: %w", err)
	}
	return x.cfg.Journal.Append(ctx, journal.Batch{Lazy: true, Settings: []journal.Setting{
		{Scope: scopeExport, Key: x.cfg.Name, Value: value, Time: x.cfg.Now().UnixMicro()},
	}})
}

// recall finds the last event before the cursor: as noted, else by looking back
// over the records for one that the filter takes.
func (x *Export) recall(ctx context.Context) error {
	next := x.follower.Cursor()
	x.shape.previous = -1
	if !x.cfg.Filter.narrows() || next == 0 {
		return nil
	}
	noted, err := x.noted(ctx)
	if err != nil {
		return err
	}
	if noted.Next == next {
		x.shape.previous = noted.Previous
		return nil
	}
	for until := next; until > 0 && x.shape.previous < 0; {
		from := until - min(until, lookBack)
		if err := x.lastWithin(ctx, from, until); err != nil {
			return err
		}
		until = from
	}
	return nil
}

func (x *Export) noted(ctx context.Context) (place, error) {
	rows, err := x.cfg.Journal.Settings(ctx, scopeExport)
	if err != nil {
		return place{}, fmt.Errorf("read place of export: %w", err)
	}
	for _, row := range rows {
		var p place
		if row.Key == x.cfg.Name && json.Unmarshal(row.Value, &p) == nil {
			return p, nil
		}
	}
	return place{}, nil
}

var errPassed = errors.New("passed")

func (x *Export) lastWithin(ctx context.Context, from, until uint64) error {
	err := x.cfg.Journal.Records(ctx, from, func(r *audit.Record) error {
		if r.Seq >= until {
			return errPassed
		}
		if x.cfg.Filter.passes(r) {
			x.shape.previous = int64(r.Seq) //nolint:gosec // far below 2^63
		}
		return ctx.Err()
	})
	if err != nil && !errors.Is(err, errPassed) {
		return fmt.Errorf("look for the last event: %w", err)
	}
	return nil
}
