package limit_test

import (
	"fmt"
	"testing"
	"time"

	"postern/proxy/limit"
)

func TestGuess(t *testing.T) {
	l, clock := newLimiter(limit.Rates{})
	guesses := func(source func(int) string) (n int) {
		for i := range 100 {
			if l.Guess(source(i)) {
				n++
			}
		}
		return n
	}
	if n := guesses(func(i int) string { return fmt.Sprintf("192.0.2.1:%d", 1000+i) }); n != 10 {
		t.Errorf("%d guesses from one address, want 10", n)
	}
	if l.Guess("[::ffff:192.0.2.1]:1") {
		t.Error("the mapped form of the same address had guesses of its own")
	}
	if n := guesses(func(i int) string { return fmt.Sprintf("[2001:db8::%x]:1", i) }); n != 10 {
		t.Errorf("%d guesses from one /64, want 10", n)
	}
	if !l.Guess("192.0.2.2:1") || !l.Guess("[2001:db8:0:1::1]:1") {
		t.Error("other sources were refused")
	}
	if l.Guess("somewhere") || l.Guess("") {
		t.Error("a source without address was allowed")
	}
	clock.now = clock.now.Add(3 * time.Second)
	if !l.Guess("192.0.2.1:1") || l.Guess("192.0.2.1:1") {
		t.Error("want exactly one guess after three seconds")
	}
}
