package gateway

import (
	"context"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Meta is asked about what it holds of ours once a day, and after an answer that
// did not come sooner: Meta away is the upstream check's alarm.
const (
	askAgain = 24 * time.Hour
	askSoon  = 10 * time.Minute
)

// wellState is what is not told unless it follows something else.
const wellState = "ok"

// finding is the state of one thing that Meta holds of ours.
type finding struct {
	scope, key string // under which the state told last is kept
	alarm      string // also the record's type
	tenant     string
	number     string
	what       string // of the tenant or number, "" for the only thing
	state      string // wellState, or a word
	version    string // a new one is told again
	days       int    // left, where time decides
}

// told reads the states told last, by key.
func (g *Gateway) told(ctx context.Context, scope string) (map[string]string, error) {
	rows, err := g.store.Journal.Settings(ctx, scope)
	if err != nil {
		return nil, fmt.Errorf("look up what was told: %w", err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.Key] = string(r.Value)
	}
	return out, nil
}

// tell records a state that is new, and raises the alarm where it is not well:
// once for each change, restarts included.
func (g *Gateway) tell(ctx context.Context, told map[string]string, f finding) error {
	value := f.state + " " + f.version
	if f.state == wellState {
		value = wellState
	}
	if last := told[f.key]; last == value || last == "" && f.state == wellState {
		return nil
	}
	now := g.now()
	result := f.state
	if f.what != "" {
		result = f.what + " " + f.state
	}
	err := g.store.Journal.Append(ctx, journal.Batch{
		Records: []audit.Record{{
			Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "system",
			Tenant: f.tenant, Number: f.number, Type: f.alarm, Result: result, Code: int64(f.days),
		}},
		Settings: []journal.Setting{{Scope: f.scope, Key: f.key, Value: []byte(value), Time: now.UnixMicro()}},
	})
	if err != nil {
		return fmt.Errorf("record %s: %w", f.alarm, err) // told when it can be recorded
	}
	told[f.key] = value
	if f.state == wellState {
		g.log.Info().Str("tenant", f.tenant).Str("number", f.number).Str("state", result).Msg(f.alarm)
		return nil
	}
	g.metrics.Alarm(f.alarm)
	g.log.Warn().Str("tenant", f.tenant).Str("number", f.number).Str("state", result).Msg(f.alarm)
	return nil
}

// expiryWord is how close an expiry is, for readyz and records; the zero time is
// never.
func expiryWord(now, at time.Time) (word string, days int) {
	if at.IsZero() {
		return wellState, 0
	}
	days, ok := due(now, at)
	switch {
	case !ok:
		return wellState, 0
	case days < 0:
		return "expired", days
	}
	return fmt.Sprintf("expires_within_%d_days", days), days
}
