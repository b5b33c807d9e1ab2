package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
)

// Rotation is one purpose rotated again and again under load, beside a quiet
// phase of the same length right before it. Medians over rounds.
type Rotation struct {
	Purpose  keyring.Purpose `json:"purpose"`
	Rotated  float64         `json:"rotated"` // times a round
	Moved    float64         `json:"moved"`   // rows in the last rotation of a round
	Sent     float64         `json:"sent"`    // in all rounds, while it was rotated
	Failed   float64         `json:"failed"`  // in all rounds
	QuietP99 float64         `json:"quiet_p99_ms"`
	P99      float64         `json:"p99_ms"`
	Ratio    float64         `json:"p99_ratio"`
}

const (
	rotationRate = 1000 // messages a second
	oneRotation  = time.Second
)

func everyPurpose() []keyring.Purpose {
	return []keyring.Purpose{
		keyring.KEK, keyring.Index, keyring.Original, keyring.Suppression, keyring.App, keyring.Checkpoint, keyring.Webhook, keyring.Secret,
	}
}

// rotations rotates each purpose under load, at most once a second: the next
// rotation begins when all that the last one left to do is done.
func (b *bench) rotations(ctx context.Context) ([]Rotation, error) {
	if err := b.upstream.useStub(ctx, true); err != nil {
		return nil, err
	}
	purposes := everyPurpose()
	out, rounds := make([]Rotation, len(purposes)), make([][]Rotation, len(purposes))
	for round := range b.options.Rounds {
		for i, p := range purposes {
			b.say(fmt.Sprintf("round %d of %d: %s is rotated", round+1, b.options.Rounds, p))
			r, err := b.rotation(ctx, p)
			if err != nil {
				return nil, err
			}
			rounds[i] = append(rounds[i], r)
		}
	}
	for i, p := range purposes {
		out[i] = summary(p, rounds[i])
	}
	return out, nil
}

func (b *bench) rotation(ctx context.Context, p keyring.Purpose) (Rotation, error) {
	r := Rotation{Purpose: p}
	s := scenario{partRotate, rotationRate, 256}
	quiet := send(ctx, b.postern, s, b.options.Duration)
	var failed error
	busy := b.while(ctx, s, b.options.Duration, func(ctx context.Context) { failed = b.again(ctx, &r) })
	if err := errors.Join(failed, ctx.Err()); err != nil {
		return r, err
	}
	for _, of := range []load.Result{quiet, busy} {
		if of.First != nil {
			b.say(fmt.Sprintf("%s: %d failed, the first with: %v", p, of.Failed, of.First))
		}
	}
	p99 := func(of load.Result) float64 { return load.Milliseconds(load.Quantile(of.Latencies, 0.99)) }
	r.QuietP99, r.P99 = p99(quiet), p99(busy)
	r.Sent, r.Failed = float64(len(busy.Latencies)+busy.Failed), float64(busy.Failed+quiet.Failed)
	r.Ratio = r.P99 / max(r.QuietP99, 1e-9)
	return r, nil
}

// while sends during act, whose context ends with the load's time; what act
// does then is finished before while returns.
func (b *bench) while(ctx context.Context, s scenario, d time.Duration, act func(context.Context)) load.Result {
	timed, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	var acting sync.WaitGroup
	acting.Go(func() { act(timed) })
	result := send(ctx, b.postern, s, d)
	acting.Wait()
	return result
}

// again rotates until ctx ends. A rotation that began is seen to its end.
func (b *bench) again(ctx context.Context, r *Rotation) error {
	for ctx.Err() == nil {
		begin := time.Now()
		moved, err := b.gateway.rotate(context.WithoutCancel(ctx), r.Purpose)
		if err != nil {
			return err
		}
		r.Rotated, r.Moved = r.Rotated+1, float64(moved)
		select {
		case <-ctx.Done():
		case <-time.After(time.Until(begin.Add(oneRotation))):
		}
	}
	return nil
}

// rotate rotates one purpose of the running gateway and waits until nothing of
// it moves any more; moved are the rows that did.
func (g *gateway) rotate(ctx context.Context, p keyring.Purpose) (moved int, err error) {
	c := g.client()
	if _, err := ask[admin.KeyRotated](ctx, c, g.operator, "keys.rotate", admin.KeyRotate{Purpose: p}); err != nil {
		return 0, err
	}
	if p == keyring.KEK {
		if _, err := ask[[]rotation.Work](ctx, c, g.operator, "keys.rewrap", admin.None{}); err != nil {
			return 0, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		work, err := ask[[]rotation.Work](ctx, c, g.operator, "keys.status", admin.None{})
		if err != nil {
			return 0, err
		}
		over := true
		for _, w := range work {
			over = over && w.State == "done"
			if w.Purpose == p {
				moved = w.Moved
			}
		}
		if over {
			return moved, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("what the rotation of %s left to do did not end: %w", p, ctx.Err())
		}
	}
}

func summary(p keyring.Purpose, rounds []Rotation) Rotation {
	out := Rotation{Purpose: p}
	of := func(field func(Rotation) float64) float64 {
		values := make([]float64, len(rounds))
		for i, r := range rounds {
			values[i] = field(r)
		}
		return load.Median(values)
	}
	for _, r := range rounds {
		out.Sent, out.Failed = out.Sent+r.Sent, out.Failed+r.Failed
	}
	out.Rotated, out.Moved = of(func(r Rotation) float64 { return r.Rotated }), of(func(r Rotation) float64 { return r.Moved })
	out.QuietP99, out.P99 = of(func(r Rotation) float64 { return r.QuietP99 }), of(func(r Rotation) float64 { return r.P99 })
	out.Ratio = of(func(r Rotation) float64 { return r.Ratio })
	return out
}

func (r *Report) printRotations(p *page) {
	p.line("\nrotations at 1,000 messages/s, at most one a second, each beside a quiet phase; medians over rounds")
	rows := [][]string{{"", "a round", "rows moved", "messages", "failed", "quiet p99 ms", "p99 ms", "ratio"}}
	for _, k := range r.Rotations {
		rows = append(rows, []string{
			string(k.Purpose), num(k.Rotated), num(k.Moved), num(k.Sent), num(k.Failed), num(k.QuietP99), num(k.P99), num(k.Ratio),
		})
	}
	p.table(rows)
}
