package limit

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

// standing is a limiter whose clock stands where the test puts it.
func standing(r Rates) (*Limiter, *time.Time) {
	now := time.Unix(1_764_000_000, 0)
	return New(Config{Rates: r, Now: func() time.Time { return now }}), &now
}

func somebody(i uint64) (person [16]byte) {
	binary.BigEndian.PutUint64(person[:], i+1)
	return person
}

func TestMemoryIsBounded(t *testing.T) {
	const bound = 10_000
	l, _ := standing(Rates{Pair: 1, PairBurst: 1, Pairs: bound})
	for i := range uint64(4 * bound) {
		l.Take(Message{Number: "1", Person: somebody(i)})
		if n := l.pairs.len(); n > bound {
			t.Fatalf("%d pairs in memory after %d, want at most %d", n, i+1, bound)
		}
	}
	for i := range uint64(bound / 2) {
		if v := l.Take(Message{Number: "1", Person: somebody(4*bound - 1 - i)}); v.Scope != Pair {
			t.Fatalf("the pair %d before the last was forgotten", i)
		}
	}
	for i := range uint32(maxGuessers + 10) {
		l.Guess(netip.AddrPortFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, i))), 1).String())
		if len(l.guesses) > maxGuessers {
			t.Fatalf("%d sources in memory", len(l.guesses))
		}
	}
	for i := range uint64(2 * maxHolds) {
		l.Answered(Message{Number: "1", Person: somebody(i)}, Answer{Began: l.began, Code: CodePair})
		if len(l.holds) > maxHolds {
			t.Fatalf("%d refusals in memory", len(l.holds))
		}
	}
}

// TestFloodOfPairs: what one number's flood cannot push out is what another
// number uses, and what a refused send was about.
func TestFloodOfPairs(t *testing.T) {
	l, _ := standing(Rates{PerNumber: 80, Pair: 0.01, PairBurst: 1, Pairs: 100})
	quiet := Message{App: "b", Number: "2", Person: somebody(0)}
	if v := l.Take(quiet); v.Scope != None {
		t.Fatal(v)
	}
	for i := range uint64(10_000) { // all but a second's worth is refused
		l.Take(Message{App: "a", Number: "1", Person: somebody(i)})
	}
	if v := l.Take(quiet); v.Scope != Pair {
		t.Errorf("a flood of refused sends made another pair forgotten: %+v", v)
	}
}

// TestNothingLostWhilePairsAreFew: a generation goes only once all in it are
// full again.
func TestNothingLostWhilePairsAreFew(t *testing.T) {
	l, now := standing(Rates{Pair: 0.1, PairBurst: 4})
	m := Message{Number: "1", Person: somebody(0)}
	for range 4 {
		l.Take(m)
	}
	for i := range uint64(40) {
		*now = now.Add(time.Second)
		l.Take(Message{Number: "1", Person: somebody(i + 1)})
		want := None
		if i < 9 {
			want = Pair
		}
		if v := l.Take(m); i%10 != 9 && v.Scope != Pair || i < 9 && v.Scope != want {
			t.Fatalf("after %d seconds: %+v", i+1, v)
		}
	}
	if n := l.pairs.len(); n > 41 {
		t.Errorf("%d pairs", n)
	}
	*now = now.Add(time.Hour)
	for i := range uint64(2) {
		l.Take(Message{Number: "1", Person: somebody(100 + i)})
		*now = now.Add(time.Hour)
	}
	if n := l.pairs.len(); n > 2 {
		t.Errorf("%d pairs an hour later", n)
	}
}

// TestClockSetBack: nothing is shut for longer than one message takes.
func TestClockSetBack(t *testing.T) {
	l, now := standing(Rates{PerNumber: 10, PerApp: 10, Pair: 1, PairBurst: 3})
	m := Message{Tenant: "t", App: "a", Number: "1", Person: somebody(0)}
	for range 3 {
		l.Take(m)
	}
	l.Answered(m, Answer{Began: *now, Code: CodeRestricted})
	*now = now.Add(-24 * time.Hour)
	if v := l.Take(m); v.Wait > time.Second {
		t.Errorf("%+v after the clock was set back", v)
	}
	*now = now.Add(time.Second)
	if v := l.Take(m); v.Scope != None {
		t.Errorf("%+v a second later", v)
	}
}
