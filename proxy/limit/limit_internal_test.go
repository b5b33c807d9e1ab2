package limit

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

func TestMemoryIsBounded(t *testing.T) {
	l := New(Config{Pair: 1, PairBurst: 1, Now: func() time.Time { return time.Unix(0, 0) }})
	var person [16]byte
	for i := range uint64(4 * maxPairs) {
		binary.BigEndian.PutUint64(person[:], i)
		l.Take("app", "number", person)
		if n := len(l.young) + len(l.old); n > maxPairs {
			t.Fatalf("%d pairs in memory after %d, want at most %d", n, i+1, maxPairs)
		}
	}
	if scope, _ := l.Take("app", "number", person); scope != Pair {
		t.Error("the youngest pair was forgotten")
	}
	for i := range uint32(maxPairs + 10) {
		l.Guess(netip.AddrPortFrom(netip.AddrFrom4([4]byte(binary.BigEndian.AppendUint32(nil, i))), 1).String())
		if len(l.guesses) > maxPairs {
			t.Fatalf("%d sources in memory", len(l.guesses))
		}
	}
}
