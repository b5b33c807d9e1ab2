package facts_test

import (
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"postern/policy/facts"
)

// crowd is a state of many people with a consent, a window and, some of them,
// an opt-out.
func crowd(tb testing.TB, n int) *facts.State {
	tb.Helper()
	s := facts.New()
	for i := range n {
		p := person(i)
		rows := []facts.Row{facts.ConsentGiven(p, "marketing", web, base, time.Time{}), facts.WindowOpened(p, number, base)}
		if i%10 == 0 {
			rows = append(rows, facts.OptOut(p, facts.ScopeAll, "word", base))
		}
		for _, r := range rows {
			if err := s.Apply(r); err != nil {
				tb.Fatal(err)
			}
		}
	}
	return s
}

func person(i int) facts.Person {
	var id facts.Subject
	binary.BigEndian.PutUint64(id[:], uint64(i)*0x9E3779B97F4A7C15) //nolint:gosec // only spreads the ids
	binary.BigEndian.PutUint64(id[8:], uint64(i))                   //nolint:gosec // not negative
	return facts.Person{Tenant: "bank", Subject: id}
}

func TestHundredThousandPeopleFitInto16MB(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	s := crowd(t, 100_000)
	runtime.GC()
	runtime.ReadMemStats(&after)
	used := float64(after.HeapAlloc-before.HeapAlloc) / (1 << 20)
	t.Logf("100,000 people: %.1f MB", used)
	if used > 16 {
		t.Errorf("100,000 people take %.1f MB, more than 16", used)
	}
	runtime.KeepAlive(s)
}

func BenchmarkLookup(b *testing.B) {
	s := crowd(b, 100_000)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i += 7919
		ask(s, person(i%100_000))
	}
}

func BenchmarkPlaceOf(b *testing.B) {
	for b.Loop() {
		facts.PlaceOf("14155550100")
	}
}
