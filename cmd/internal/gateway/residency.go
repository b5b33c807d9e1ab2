package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/proxy"
)

// scopeResidency holds, by number, what was told last of where its messages
// rest. Where they do is a fact, so that a restart knows it.
const scopeResidency = "residency"

// Upstream is asked where it keeps the messages of each number so often, and
// sooner after no answer. Without one for unreadAfter that is told.
const (
	residencyAgain = 15 * time.Minute
	residencySoon  = time.Minute
	unreadAfter    = time.Hour
)

// unread is told of a number about which upstream gives no answer.
const unread = "unread"

// residencies is when upstream is to be asked about each number.
type residencies struct {
	mu sync.Mutex
	by map[string]residencyAsked // by number
}

// residencyAsked is the state of asking about a number; times are monotonic.
type residencyAsked struct {
	next    time.Duration
	asked   bool          // since the start
	failing time.Duration // since when there is no answer; 0 while there is
	change  uint64        // counts what may have changed it: an answer from before does not count
}

func (r *residencies) of(number string) residencyAsked {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.by[number]
}

func (r *residencies) put(number string, change func(*residencyAsked)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string]residencyAsked{}
	}
	asked := r.by[number]
	change(&asked)
	r.by[number] = asked
}

// numberChanged has upstream asked at once about a number whose messages may
// rest elsewhere from now on.
func (g *Gateway) numberChanged(number string) {
	g.residencies.put(number, func(r *residencyAsked) { r.next, r.change = 0, r.change+1 })
	g.hurry()
}

// watchResidency asks upstream about the numbers that are due, records what
// changed and tells where it is not as policy demands.
func (g *Gateway) watchResidency(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, 20*time.Second) // other tasks wait
	defer cancel()
	told, err := g.told(ctx, scopeResidency)
	if err != nil {
		return err
	}
	var errs []error
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			switch {
			case t.ByD360(): // its API does not say; what policy demands can not be met
				g.residencies.put(n.ID, func(r *residencyAsked) { r.asked = true })
			case asking.Err() == nil && g.elapsed() >= g.residencies.of(n.ID).next:
				errs = append(errs, g.readResidency(asking, t.Name, n.ID))
			}
			if g.residencies.of(n.ID).asked {
				errs = append(errs, g.tellResidency(ctx, told, t.Name, n.ID))
			}
		}
	}
	g.metrics.residency(g.residencyCounts())
	return errors.Join(errs...)
}

// readResidency asks upstream about one number. No answer is no error: what was
// known last stays, and it is asked again.
func (g *Gateway) readResidency(ctx context.Context, tenant, number string) error {
	before := g.residencies.of(number).change
	said, err := g.askStorage(ctx, tenant, number)
	at := g.elapsed()
	stale := false
	g.residencies.put(number, func(r *residencyAsked) {
		r.asked = true
		switch stale = r.change != before; {
		case stale:
		case err != nil:
			r.next = at + residencySoon
			if r.failing == 0 {
				r.failing = max(at, 1)
			}
		default:
			r.next, r.failing = at+residencyAgain, 0
		}
	})
	if err != nil || stale {
		return nil
	}
	return g.learnResidency(ctx, tenant, number, said)
}

// learnResidency records what upstream said, where it is new. Another place than
// one that was known before raises an alarm. Meta's default of a number of which
// nothing was known is kept in memory alone, unless policy demands something.
func (g *Gateway) learnResidency(ctx context.Context, tenant, number string, said policy.Residency) error {
	last, since := g.facts.Residency(tenant, number)
	if said == last {
		return nil
	}
	now := g.now()
	row := g.facts.NewResidency(tenant, number, said, now)
	if since.IsZero() && said.Kind == policy.ResidencyDefault && g.policy.Residency(tenant, number, said) == wellState {
		return g.facts.Apply(row) // nobody ever chose anything, and nobody asks for anything: no news
	}
	rec := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindEvent, Time: now.UnixMicro(), Tenant: tenant, Number: number,
		Actor: "meta", Type: "residency", Result: residencyWord(said),
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	proxy.AddFacts(&b, g.facts, rec.ID, row)
	if err := g.store.Journal.Append(context.WithoutCancel(ctx), b); err != nil {
		return fmt.Errorf("record residency: %w", err)
	}
	if last.Kind != policy.ResidencyUnknown {
		g.metrics.Alarm("residency_changed")
		g.log.Warn().Str("number", number).Str("from", residencyWord(last)).Str("to", residencyWord(said)).Msg("WhatsApp keeps the messages of a number elsewhere now")
	}
	return nil
}

// tellResidency tells of a number whose messages do not rest where policy
// demands, or of which nothing can be learnt.
func (g *Gateway) tellResidency(ctx context.Context, told map[string]string, tenant, number string) error {
	known, _ := g.facts.Residency(tenant, number)
	f := finding{scope: scopeResidency, key: number, tenant: tenant, number: number, state: g.policy.Residency(tenant, number, known), version: residencyWord(known)}
	f.alarm = "residency"
	if asked := g.residencies.of(number); f.state == wellState && asked.failing != 0 && g.elapsed()-asked.failing >= unreadAfter {
		f.state, f.version = unread, ""
	}
	return g.tell(ctx, told, f)
}

// residencyWord is for records, readyz and metrics: "local CH", "none".
func residencyWord(r policy.Residency) string {
	if r.Region == "" {
		return r.Kind
	}
	return r.Kind + " " + r.Region
}

func (g *Gateway) residencyCounts() map[policy.Residency]int {
	out := map[policy.Residency]int{}
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			known, _ := g.facts.Residency(t.Name, n.ID)
			out[known]++
		}
	}
	return out
}

// residencyStates is for readyz: by number where its messages rest, and whether
// policy is content with it.
func (g *Gateway) residencyStates() map[string]any {
	out := map[string]any{}
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			known, _ := g.facts.Residency(t.Name, n.ID)
			out[n.ID] = map[string]string{"storage": residencyWord(known), "policy": g.policy.Residency(t.Name, n.ID, known)}
		}
	}
	return out
}

// storeRegions is for readyz: where our own stores are, by their labels.
func (g *Gateway) storeRegions() map[string]string {
	out := map[string]string{}
	for _, s := range g.config.Load().Stores() {
		out[s.Name] = s.Region
	}
	return out
}
