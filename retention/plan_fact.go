package retention

import (
	"context"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Kinds of facts: consents, given or taken back, and service windows, whose key is
// the number that was written to.
const (
	factConsent = "consent"
	factWindow  = "window"
)

// endedFacts calls fn for each fact that ended before a time.
func (s JournalSource) endedFacts(ctx context.Context, before int64, fn func(Item) error) error {
	if s.Ended == nil {
		return nil
	}
	return s.Journal.Reader().AgedFacts(ctx, before, func(a *journal.AgedFact) error {
		end, err := s.Ended(a.Fact)
		if err != nil {
			return fmt.Errorf("read a fact of kind %s: %w: verify the journal", a.Kind, err)
		}
		if end == 0 || end >= before {
			return nil
		}
		return fn(factItem(a, end))
	})
}

func factItem(a *journal.AgedFact, end int64) Item {
	f := a.Fact
	if f.Kind == factWindow {
		a.Number = f.Key // also where the record is gone
	}
	return Item{
		Store: StoreFacts, Row: f.Record, Begun: f.Time, Time: end, Class: audit.ClassConsent, Kind: audit.KindConsent,
		Tenant: f.Tenant, App: a.App, Number: a.Number, Subject: f.Subject, fact: &f,
	}
}

// start is when the clock began for an item. A consent that ended stays while
// another one of the person holds, whatever the clock: of several the youngest
// counts, and without it an older one would again.
func start(ctx context.Context, src Source, it Item, clock Clock, now time.Time) (int64, error) {
	if it.isConsent() && clock != ClockConsent {
		if end, err := src.Start(ctx, it, ClockConsent, now); err != nil || end == 0 {
			return 0, err
		}
	}
	if clock == ClockRecord {
		return it.Time, nil
	}
	return src.Start(ctx, it, clock, now)
}

func (it *Item) isConsent() bool { return it.fact != nil && it.fact.Kind == factConsent }

// needless leaves out consents of persons who gave another one since.
func (s *steps) needless(ctx context.Context, items []Item) ([]Item, error) {
	var out []Item
	for _, it := range items {
		if it.isConsent() {
			end, err := s.r.cfg.Source.Start(ctx, it, ClockConsent, s.r.cfg.Now())
			if err != nil {
				return nil, err
			}
			if s.keep(end == 0, keptByFact) {
				continue
			}
		}
		out = append(out, it)
	}
	return out, nil
}
