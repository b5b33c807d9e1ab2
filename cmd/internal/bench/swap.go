package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/bench/load"
)

// Swap is the certificate of the app listener replaced under load. Dropped are
// connections that broke or were closed by the gateway.
type Swap struct {
	Swaps     float64 `json:"swaps"`
	Sent      float64 `json:"sent"`
	Failed    float64 `json:"failed"`
	Dropped   float64 `json:"dropped"`
	Fresh     float64 `json:"fresh"`        // connections made for one message each
	FreshLost float64 `json:"fresh_failed"` // of them
	QuietP99  float64 `json:"quiet_p99_ms"`
	P99       float64 `json:"p99_ms"`
}

const (
	swapEvery  = 500 * time.Millisecond
	freshEvery = 10 * time.Millisecond
)

// swap replaces the pair again and again, while 1,000 messages a second come
// over open connections and others over new ones.
func (b *bench) swap(ctx context.Context, s site) (*Swap, error) {
	if err := b.upstream.useStub(ctx, true); err != nil {
		return nil, err
	}
	out, load1000 := &Swap{}, scenario{partSwap, rotationRate, 256}
	quiet := send(ctx, b.postern, load1000, b.options.Duration)
	dropped := b.postern.pool.Dropped()
	var failed error
	busy := b.while(ctx, load1000, b.options.Duration, func(ctx context.Context) {
		var others sync.WaitGroup
		others.Go(func() { out.fresh(ctx, b.postern) })
		failed = out.swaps(ctx, b.gateway, s)
		others.Wait()
	})
	if err := errors.Join(failed, ctx.Err()); err != nil {
		return nil, err
	}
	out.Sent, out.Failed = float64(len(busy.Latencies)+busy.Failed), float64(busy.Failed)
	out.Dropped = float64(b.postern.pool.Dropped() - dropped)
	out.QuietP99, out.P99 = load.Milliseconds(load.Quantile(quiet.Latencies, 0.99)), load.Milliseconds(load.Quantile(busy.Latencies, 0.99))
	return out, nil
}

// swaps puts the other pair in place and has it taken over, until ctx ends.
func (w *Swap) swaps(ctx context.Context, g *gateway, s site) error {
	c := g.client()
	for ctx.Err() == nil {
		if err := s.exchange(); err != nil {
			return err
		}
		if _, err := ask[admin.None](context.WithoutCancel(ctx), c, g.operator, "config.reload", admin.None{}); err != nil {
			return err
		}
		w.Swaps++
		select {
		case <-ctx.Done():
		case <-time.After(swapEvery):
		}
	}
	return nil
}

// exchange lets the server's pair and the spare one change places.
func (s site) exchange() error {
	for _, names := range [][2]string{{certFile, spareCertFile}, {keyFile, spareKeyFile}} {
		was, err := os.ReadFile(s.path(names[0]))
		if err != nil {
			return fmt.Errorf("read certificate: %w", err)
		}
		spare, err := os.ReadFile(s.path(names[1]))
		if err != nil {
			return fmt.Errorf("read certificate: %w", err)
		}
		if err := errors.Join(s.write(names[0], spare), s.write(names[1], was)); err != nil {
			return err
		}
	}
	return nil
}

// fresh sends one message over each of many new connections.
func (w *Swap) fresh(ctx context.Context, t *target) {
	tick := time.NewTicker(freshEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		one := &load.Pool{Address: t.pool.Address, TLS: t.pool.TLS}
		if err := one.Do(context.WithoutCancel(ctx), t.letters.whole); err != nil {
			w.FreshLost++
		}
		w.Fresh++
		if err := one.Close(); err != nil {
			w.FreshLost++
		}
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (w *Swap) print(p *page) {
	p.line("\ncertificate swaps: %.0f under %.0f messages, %.0f failed, %.0f connections dropped; %.0f new connections, %.0f failed; p99 %s ms, quiet %s ms",
		w.Swaps, w.Sent, w.Failed, w.Dropped, w.Fresh, w.FreshLost, num(w.P99), num(w.QuietP99))
}
