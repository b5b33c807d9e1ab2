package gateway

import (
	"testing"
	"time"

	"postern/audit/clickhouse"
	"postern/retention"
)

// TestAbsenceOfEveryKind: a certificate calls what went gone from ClickHouse only
// where no row, mutation, detached and replaced part is left of it, and says what is.
func TestAbsenceOfEveryKind(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 11, 22, 12, 8, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		left  clickhouse.Absence
		state string
		by    time.Time
	}{
		"":          {state: retention.StateGone},
		"rows":      {left: clickhouse.Absence{Rows: 1}, state: retention.StatePending},
		"mutations": {left: clickhouse.Absence{Mutations: []string{"records mutation_3.txt"}}, state: retention.StatePending},
		"detached":  {left: clickhouse.Absence{Detached: []string{"records 202611_1_1_0"}}, state: retention.StatePending},
		"replaced":  {left: clickhouse.Absence{Replaced: []clickhouse.OldPart{{Name: "202611_1_1_0"}}, Until: until}, state: retention.StatePending, by: until},
	} {
		got := absent(retention.Place{Name: "clickhouse", State: retention.StateGone, Facts: map[string]int64{}}, &c.left)
		if got.State != c.state || len(got.Facts) != 4 || name != "" && (got.Facts[name] != 1 || got.How == "") {
			t.Errorf("%q is left: %+v", name, got)
		}
		if by := time.UnixMicro(got.By); !c.by.IsZero() && !by.Equal(c.by) || c.by.IsZero() && got.By != 0 {
			t.Errorf("%q is left: gone by %v", name, by)
		}
	}
}

// TestRunsWaitAfterAJump: while a jump of the clock is fresh no run begins.
func TestRunsWaitAfterAJump(t *testing.T) {
	t.Parallel()
	g := &Gateway{}
	if err := g.trustClock(); err != nil {
		t.Errorf("a clock that did not jump: %v", err)
	}
	if g.distrust.Store(1); g.trustClock() == nil {
		t.Error("a clock that has just jumped is trusted")
	}
}
