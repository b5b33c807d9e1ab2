package journal

import (
	"testing"
	"time"

	"postern/audit"
)

// TestTraffic counts what passed a number within a part of the chain.
func TestTraffic(t *testing.T) {
	clk := newClock()
	cfg := config(t.TempDir())
	cfg.Now = clk.now
	j := open(t, cfg)
	at := func() int64 { clk.add(time.Second); return clk.now().UnixMicro() }
	hook := func(kind audit.Kind, ref audit.ID, result string) int64 {
		r := audit.Record{Version: audit.Version, ID: audit.NewID(clk.now()), Kind: kind, Time: at(), Ref: ref, Number: "106540352242922", Result: result}
		return appendOne(t, j, r).Time
	}
	send := func() (audit.ID, int64) {
		a := appendOne(t, j, admission(clk.now(), audit.NewSubjectID()))
		s := settle(clk.now(), &a, "accepted")
		s.Time = at()
		return a.ID, appendOne(t, j, s).Time
	}
	first, firstOut := send()
	told := hook(audit.KindStatus, first, "sent")
	hook(audit.KindStatus, first, "delivered")
	in := hook(audit.KindInbound, audit.ID{}, "received")
	_, lastOut := send()
	hook(audit.KindUnmatchedSend, audit.ID{}, "unmatched")
	last := hook(audit.KindUndecodable, audit.ID{}, "kept")
	change := settle(clk.now(), &audit.Record{Number: "106540352242922"}, "accepted")
	change.MessageID = nil // of a call that is no message
	appendOne(t, j, change)
	end := j.Head().Size
	for _, c := range []struct {
		name        string
		number      string
		from, until uint64
		want        Traffic
		unended     int64
	}{
		{"all", "106540352242922", 0, end, Traffic{FirstHook: told, LastHook: last, LastIn: in, FirstOut: firstOut, LastOut: lastOut, Unmatched: 1, Strays: 1}, 1},
		{"the beginning", "106540352242922", 0, 2, Traffic{FirstOut: firstOut, LastOut: firstOut}, 0},
		{"the end", "106540352242922", end - 1, end, Traffic{}, 0},
		{"another number", "1", 0, end, Traffic{}, 0},
	} {
		got, err := j.Traffic(t.Context(), c.number, c.from, c.until)
		if err != nil || got != c.want {
			t.Errorf("%s: %+v, want %+v (%v)", c.name, got, c.want, err)
		}
		if n, err := j.Unended(t.Context(), c.number, c.from, c.until); err != nil || n != c.unended {
			t.Errorf("%s: %d without end, want %d (%v)", c.name, n, c.unended, err)
		}
	}
}
