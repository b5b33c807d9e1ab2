package gateway

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"postern/cmd/internal/admin"
	"postern/crypto/flows"
)

// scopeFlowKey holds, by number, the state of its flow key told last.
const scopeFlowKey = "flow-key"

// flowWatch is what is known of the public keys that Meta holds for flows.
type flowWatch struct {
	mu sync.Mutex
	by map[string]flowSaid // by number
}

// flowSaid is Meta's last answer about a number's key.
type flowSaid struct {
	state admin.FlowKeyState // "" before the first answer
	next  time.Duration      // when to ask again, monotonic
	with  string             // the configuration that was in force then
}

// notTold stands for Meta's first answer until it comes.
const notTold = "not_told"

func (s flowSaid) word() admin.FlowKeyState {
	if s.state == "" {
		return notTold
	}
	return s.state
}

// watchFlowKeys asks Meta which key it holds for each number with flows, when it
// is due or the configuration is another, and tells what changed.
func (g *Gateway) watchFlowKeys(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, 20*time.Second) // other tasks wait
	defer cancel()
	now := map[string]flowSaid{}
	for _, number := range g.flowNumbers() {
		now[number] = g.askFlowKey(asking, number)
	}
	g.flowWatch.keep(now)
	g.metrics.flowKeys(now)
	return g.tellFlowKeys(ctx, now)
}

func (w *flowWatch) keep(said map[string]flowSaid) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.by = maps.Clone(said) // the watch goes on reading its own
}

func (w *flowWatch) of(number string) flowSaid {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.by[number]
}

func (g *Gateway) flowNumbers() (out []string) {
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			if n.Flow != nil {
				out = append(out, n.ID)
			}
		}
	}
	return out
}

// askFlowKey gives Meta's answer, or the last one.
func (g *Gateway) askFlowKey(ctx context.Context, number string) flowSaid {
	last := g.flowWatch.of(number)
	_, f, err := g.flowKeys(number)
	if err != nil {
		return last
	}
	at, with := g.elapsed(), publicKeys(g.keysOf(number, f))
	if at < last.next && last.with == with {
		return last
	}
	last.next, last.with = at+askSoon, with
	if k, err := g.checkFlowKey(ctx, number); err == nil {
		last.state, last.next = k.State, at+askAgain
	}
	return last
}

// publicKeys tell one configuration of a number's keys from another.
func publicKeys(keys []*flows.Key) string {
	var out []byte
	for _, k := range keys {
		public, err := k.Public()
		if err != nil {
			continue
		}
		out = append(out, public...)
	}
	return string(out)
}

// lookAtFlowKey is checkFlowKey on an operator's behalf: what it shows is told
// at once, where the watch knows another state.
func (g *Gateway) lookAtFlowKey(ctx context.Context, number string) (admin.FlowKey, error) {
	k, err := g.checkFlowKey(ctx, number)
	if err != nil {
		return k, err
	}
	g.flowWatch.mu.Lock()
	stale := g.flowWatch.by[number].state != k.State
	if stale {
		delete(g.flowWatch.by, number)
	}
	g.flowWatch.mu.Unlock()
	if stale {
		g.hurry()
	}
	return k, nil
}

// flowKeyWord is a state as records and readyz have it: with a known key, valid
// at Meta, all is well.
func flowKeyWord(s admin.FlowKeyState) string {
	switch s {
	case admin.FlowKeyCurrent, admin.FlowKeyPrevious:
		return wellState
	}
	return string(s)
}

func (g *Gateway) tellFlowKeys(ctx context.Context, said map[string]flowSaid) error {
	told, err := g.told(ctx, scopeFlowKey)
	if err != nil {
		return err
	}
	var errs []error
	for number, s := range said {
		if s.state == "" {
			continue
		}
		tenant, _, err := g.flowKeys(number)
		if err != nil {
			continue // another configuration came meanwhile
		}
		f := finding{scope: scopeFlowKey, key: number, tenant: tenant, number: number, state: flowKeyWord(s.state)}
		f.alarm = "flow_key_upstream"
		errs = append(errs, g.tell(ctx, told, f))
	}
	return errors.Join(errs...)
}

// flowKeyStates is for readyz: by number what Meta holds.
func (g *Gateway) flowKeyStates() map[string]string {
	out := map[string]string{}
	for _, number := range g.flowNumbers() {
		out[number] = string(g.flowWatch.of(number).word())
	}
	return out
}
