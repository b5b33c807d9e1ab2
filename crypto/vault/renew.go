package vault

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/hashicorp/vault/api"
)

// Waits after a renewal that failed: doubled from the first to the last.
const (
	firstWait = time.Second
	lastWait  = 30 * time.Second
)

// Keep renews the token until ctx ends, each time between half and two thirds
// of its lease. A token that cannot be renewed, or whose renewals grow short
// because it nears its greatest age, is replaced by a new login. What fails is
// told to failed, which may be nil, and tried again.
func (c *Client) Keep(ctx context.Context, failed func(error)) {
	wait := time.Duration(0)
	for {
		t := c.held()
		pause := max(c.due(t), wait)
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		if c.held().value != t.value || t.lease == 0 {
			continue // a call logged in meanwhile, or there is nothing to renew
		}
		if err := c.renew(ctx, t); err != nil && ctx.Err() == nil {
			if failed != nil {
				failed(err)
			}
			wait = min(max(2*wait, firstWait), lastWait)
			continue
		}
		wait = 0
	}
}

// idle is how often a token without an end is looked at.
const idle = time.Minute

// due is how long to wait: the jitter keeps many gateways from coming at once.
func (c *Client) due(t token) time.Duration {
	if t.lease == 0 {
		return idle
	}
	part := t.lease/2 + rand.N(t.lease/6+1) //nolint:gosec // spreads load, keeps no secret
	return max(part-c.cfg.Now().Sub(t.at), 0)
}

// renew prolongs the token, or logs in anew where that is not enough.
func (c *Client) renew(ctx context.Context, t token) error {
	if !t.renewable {
		return c.login(ctx, t.value)
	}
	s, err := c.once(ctx, t.value, "renew token", func(ctx context.Context, a *api.Client) (*api.Secret, error) {
		return a.Auth().Token().RenewSelfWithContext(ctx, 0)
	})
	if err != nil || s == nil || s.Auth == nil {
		return c.login(ctx, t.value)
	}
	lease := time.Duration(s.Auth.LeaseDuration) * time.Second
	if lease < t.full/3 {
		return c.login(ctx, t.value)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.token.value == t.value {
		c.token.lease, c.token.renewable, c.token.at = lease, s.Auth.Renewable, c.cfg.Now()
	}
	return nil
}
