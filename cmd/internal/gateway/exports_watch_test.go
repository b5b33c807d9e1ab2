package gateway

import (
	"testing"
	"time"

	"postern/audit/export"
)

// TestAnExportThatCatchesUpIsNotBehind: a new one and one that is replayed begin
// far back; one that gains less than time goes by is behind, until it is not late.
func TestAnExportThatCatchesUpIsNotBehind(t *testing.T) {
	t.Parallel()
	var l exportLag
	now := time.Hour
	for i, c := range []struct {
		age   int64 // seconds, a minute later each time
		begun bool
		is    bool
	}{
		{age: 90000}, {age: 60000}, {age: 59970, begun: true, is: true}, // half a minute in a minute
		{age: 59990, is: true}, {age: 30000, is: true}, {age: 301, is: true}, {age: 300}, {age: 0},
		{age: 400, begun: true, is: true}, {age: 200}, {age: 50000, begun: true, is: true},
	} {
		begun := l.look(export.Status{Name: "soc", Age: c.age}, 5*time.Minute, now)
		if begun != c.begun || l.behind("soc") != c.is {
			t.Errorf("look %d: begun %t, behind %t", i, begun, l.behind("soc"))
		}
		now += time.Minute
	}
	if l.behind("another") {
		t.Error("one that nobody looked at is behind")
	}
}
