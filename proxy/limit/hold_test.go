package limit_test

import (
	"testing"
	"time"

	"postern/proxy/limit"
)

var somebody = limit.Message{Tenant: "bank", App: "a", Number: "1", Person: [16]byte{1}}

// other messages of the same account: to somebody else, from another number.
func others(m limit.Message) (person, number limit.Message) {
	person, number = m, m
	person.Person = [16]byte{2}
	number.Number = "2"
	return person, number
}

// say has upstream answer a message that leaves now.
func say(l *limit.Limiter, c *clock, code int, retry time.Duration) (limit.Held, bool) {
	return l.Answered(somebody, limit.Answer{Began: c.now, Code: code, Retry: retry})
}

// TestHoldsOff walks each code: what it holds off, for how long, that it grows,
// and that an answer ends it.
func TestHoldsOff(t *testing.T) {
	for _, c := range []struct {
		code          int
		scope         limit.Scope
		first, second time.Duration
		most          time.Duration
	}{
		{limit.CodeThroughput, limit.Number, time.Second, 2 * time.Second, time.Minute},
		{limit.CodePair, limit.Pair, time.Second, 4 * time.Second, 256 * time.Second},
		{limit.CodeAccount, limit.Account, 10 * time.Second, 20 * time.Second, 15 * time.Minute},
		{limit.CodeApp, limit.Account, time.Minute, 2 * time.Minute, time.Hour},
		{limit.CodeMaintenance, limit.Number, 5 * time.Second, 10 * time.Second, time.Minute},
		{limit.CodeRestricted, limit.Number, time.Minute, 2 * time.Minute, 15 * time.Minute},
		{limit.CodeLocked, limit.Number, time.Minute, 2 * time.Minute, 15 * time.Minute},
	} {
		l, clock := newLimiter(limit.Rates{})
		held, fresh := say(l, clock, c.code, 0)
		if want := (limit.Verdict{Scope: c.scope, Wait: c.first, Code: c.code}); !fresh || held.Code != c.code || l.Take(somebody) != want {
			t.Fatalf("%d: %+v after %+v", c.code, l.Take(somebody), held)
		}
		person, number := others(somebody)
		if got := l.Take(person).Scope == limit.None; got != (c.scope == limit.Pair) {
			t.Errorf("%d: another person goes: %t", c.code, got)
		}
		if got := l.Take(number).Scope == limit.None; got != (c.scope != limit.Account) {
			t.Errorf("%d: another number goes: %t", c.code, got)
		}
		if _, again := say(l, clock, c.code, 0); again {
			t.Errorf("%d: the answer to a message under way counted again", c.code)
		}
		for i, want := range []time.Duration{c.second, 0, 0, 0, 0, 0, 0, 0} {
			clock.now = clock.now.Add(l.Take(somebody).Wait)
			if v := l.Take(somebody); v.Scope != limit.None {
				t.Fatalf("%d: %+v after its time", c.code, v)
			}
			if _, again := say(l, clock, c.code, 0); again {
				t.Errorf("%d: told anew when a probe was refused", c.code)
			}
			if v := l.Take(somebody); i == 0 && v.Wait != want || v.Wait > c.most {
				t.Errorf("%d: then %+v, want %s", c.code, v, c.second)
			}
		}
		if v := l.Take(somebody); v.Wait != c.most {
			t.Errorf("%d: in the end %+v, want %s", c.code, v, c.most)
		}
	}
}

// TestProbe: after its time one message goes alone; the answer to it decides.
func TestProbe(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	say(l, clock, limit.CodeRestricted, 0)
	clock.now = clock.now.Add(time.Minute)
	person, _ := others(somebody)
	if v := l.Take(somebody); v.Scope != limit.None {
		t.Fatalf("no probe: %+v", v)
	}
	if v := l.Take(person); v.Code != limit.CodeRestricted || v.Wait != 10*time.Second {
		t.Errorf("a second one beside the probe: %+v", v)
	}
	l.Answered(somebody, limit.Answer{Began: clock.now, Lost: true})
	if v := l.Take(somebody); v.Scope != limit.None {
		t.Errorf("the answer to the probe was lost, and then %+v", v)
	}
	clock.now = clock.now.Add(10 * time.Second)
	if v := l.Take(person); v.Scope != limit.None {
		t.Errorf("the probe got no answer, and then %+v", v)
	}
	if n := len(l.Held()); n != 1 {
		t.Errorf("%d held", n)
	}
	say(l, clock, 131026, 0) // any other answer shows that the number may send
	for range 3 {
		if v := l.Take(person); v.Scope != limit.None {
			t.Errorf("after the answer %+v", v)
		}
	}
	if n := len(l.Held()); n != 0 {
		t.Errorf("%d held after the answer", n)
	}
}

// TestUnderWay: the answers to what left before a refusal was known end nothing.
func TestUnderWay(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	before := clock.now
	clock.now = clock.now.Add(time.Second)
	say(l, clock, limit.CodeRestricted, 0)
	l.Answered(somebody, limit.Answer{Began: before})
	l.Answered(somebody, limit.Answer{Began: before, Code: limit.CodeThroughput})
	if v := l.Take(somebody); v.Code != limit.CodeRestricted {
		t.Errorf("%+v", v)
	}
	l2, clock := newLimiter(limit.Rates{})
	say(l2, clock, limit.CodeThroughput, 0)
	if _, fresh := say(l2, clock, limit.CodeRestricted, 0); !fresh || l2.Take(somebody).Code != limit.CodeRestricted {
		t.Error("a restriction did not take the place of a rate")
	}
}

func TestRetryAfter(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	say(l, clock, limit.CodeThroughput, 17*time.Second)
	if v := l.Take(somebody); v.Wait != 17*time.Second {
		t.Errorf("%+v", v)
	}
	l, clock = newLimiter(limit.Rates{})
	say(l, clock, limit.CodeThroughput, 24*time.Hour)
	if v := l.Take(somebody); v.Wait != time.Hour {
		t.Errorf("%+v", v)
	}
}

// TestForgotten: a code that does not come again for as long as it held begins anew.
func TestForgotten(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	for range 3 {
		say(l, clock, limit.CodeThroughput, 0)
		if v := l.Take(somebody); v.Wait != time.Second {
			t.Errorf("%+v", v)
		}
		clock.now = clock.now.Add(2 * time.Second)
	}
}

// TestNoBurstAfter: a number that was too fast goes on at its pace.
func TestNoBurstAfter(t *testing.T) {
	l, clock := newLimiter(limit.Rates{PerNumber: 80})
	say(l, clock, limit.CodeThroughput, 0)
	clock.now = clock.now.Add(time.Second)
	if v := l.Take(somebody); v.Scope != limit.None {
		t.Fatal(v)
	}
	say(l, clock, 0, 0)
	if n, scope, _ := burst(l, "a", "1", [16]byte{}); n > 1 || scope != limit.Number {
		t.Errorf("%d at once", n)
	}
}

// TestChanged: a word of Meta's has the next message try.
func TestChanged(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	say(l, clock, limit.CodeLocked, 0)
	clock.now = clock.now.Add(time.Second)
	l.Changed([]string{"2"})
	if v := l.Take(somebody); v.Scope != limit.Number {
		t.Errorf("another number's change: %+v", v)
	}
	l.Changed([]string{"1"})
	if v := l.Take(somebody); v.Scope != limit.None {
		t.Errorf("%+v", v)
	}
	if v := l.Take(somebody); v.Code != limit.CodeLocked {
		t.Errorf("beside the probe: %+v", v)
	}
	say(l, clock, limit.CodeThroughput, 0)
	clock.now = clock.now.Add(100 * time.Millisecond)
	l.Changed([]string{"1"})
	if v := l.Take(somebody); v.Code != limit.CodeThroughput {
		t.Errorf("a rate is no restriction: %+v", v)
	}
}

// TestManagementHolds: messages and management calls have codes of their own.
func TestManagementHolds(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	manage := func(code int) { l.ManageAnswered("bank", limit.Answer{Began: clock.now, Code: code}) }
	for _, code := range []int{limit.CodeLocked, limit.CodeRestricted, limit.CodeThroughput} {
		manage(code) // a wrong PIN, and what is no matter of such calls
	}
	if l.Manage("bank", "a").Scope != limit.None || l.Take(somebody).Scope != limit.None {
		t.Error("a management call's code held messages off")
	}
	manage(limit.CodeManagement)
	if v := l.Manage("bank", "a"); v.Scope != limit.Management || v.Code != limit.CodeManagement || l.Take(somebody).Scope != limit.None {
		t.Errorf("%+v", v)
	}
	if v := l.Manage("clinic", "a"); v.Scope != limit.None {
		t.Errorf("another account: %+v", v)
	}
	for _, code := range []int{limit.CodeAccount, limit.CodeApp} {
		l, clock = newLimiter(limit.Rates{})
		manage(code)
		if v := l.Manage("bank", "a"); v.Code != code || l.Take(somebody).Scope != limit.None {
			t.Errorf("%d to a management call holds messages off, or not the calls: %+v", code, v)
		}
		say(l, clock, code, 0)
		if v := l.Take(somebody); v.Scope != limit.Account || l.Manage("bank", "a").Code != code {
			t.Errorf("%d to a message: %+v", code, v)
		}
	}
}

// TestToNobody: what is about a pair holds nothing off that goes to nobody.
func TestToNobody(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	mark := limit.Message{Tenant: "bank", App: "a", Number: "1"}
	l.Answered(mark, limit.Answer{Began: clock.now, Code: limit.CodePair})
	other := limit.Message{Tenant: "clinic", App: "b", Number: "2"}
	if v, w := l.Take(mark), l.Take(other); v.Scope != limit.None || w.Scope != limit.None {
		t.Errorf("%+v, and for another tenant %+v", v, w)
	}
}

// TestRestrictedLately: a number that nobody sends from because it is restricted
// does not stay so for ever.
func TestRestrictedLately(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	say(l, clock, limit.CodeRestricted, 0)
	for range 2 {
		if !l.Restricted("1") || l.Restricted("2") {
			t.Errorf("restricted: %t, another number: %t", l.Restricted("1"), l.Restricted("2"))
		}
		clock.now = clock.now.Add(time.Minute)
	}
	if l.Restricted("1") {
		t.Error("restricted as long as nobody tries")
	}
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		most  float64
		level limit.Level
		want  int
	}{{1000, limit.Standard, 80}, {1000, limit.High, 1000}, {1000, limit.Beside, 20}, {50, limit.High, 50}, {50, limit.Beside, 20}} {
		l, _ := newLimiter(limit.Rates{PerNumber: c.most})
		l.SetLevel("number", c.level)
		if n, _, _ := burst(l, "a", "number", [16]byte{}); n != c.want {
			t.Errorf("%d at once at level %d of at most %v, want %d", n, c.level, c.most, c.want)
		}
	}
}
