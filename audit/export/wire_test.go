package export_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/audit/journal"
)

// TestUrgency: who watches is told by the receiver's own means what was refused
// and what went round the gate. The receivers hold each event against it.
func TestUrgency(t *testing.T) {
	t.Parallel()
	for _, r := range receivers() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			c.add(7*time.Second + 123456*time.Microsecond)
			j := openJournal(t, journalDir(t), c)
			sink, in := r.make(t, c)
			_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: sink, Now: c.now})
			var records []audit.Record
			for _, change := range []func(*audit.Record){
				func(*audit.Record) {},
				func(r *audit.Record) { r.Effect, r.Reasons = audit.EffectAllow, nil },
				func(r *audit.Record) { r.Kind, r.Effect, r.Reasons = audit.KindUnmatchedSend, "", nil },
				func(r *audit.Record) { r.Kind, r.Effect, r.Reasons = audit.KindUndecodable, "", nil },
			} {
				a := admission(c.now(), "Dear [NAME]")
				change(&a)
				records = append(records, a)
			}
			must(t, j.Append(t.Context(), journal.Batch{Records: records}))
			inOrder(t, in.AwaitSeq(3), 3)
		})
	}
}

// TestDatadogTakesOnlyFreshTimes: an event whose own time is too old for the
// intake comes all the same, under the time of its arrival.
func TestDatadogTakesOnlyFreshTimes(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	fill(t, j, c, 1)
	c.add(18 * time.Hour)
	fill(t, j, c, 1)
	s := exporttest.NewDatadog(t)
	_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now})
	got := s.AwaitSeq(1)
	inOrder(t, got, 1)
	if got[0].Stamped || !got[1].Stamped {
		t.Errorf("told their time: the old one %v, the fresh one %v", got[0].Stamped, got[1].Stamped)
	}
}

// TestLargeLogsKeepToTheIntake: together they are more than one request may have,
// and one is more than a log may have. The intake refuses either.
func TestLargeLogsKeepToTheIntake(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	var records []audit.Record
	for range 12 {
		records = append(records, admission(c.now(), strings.Repeat("a", 600<<10)))
	}
	records = append(records, admission(c.now(), strings.Repeat("b", 1_000_000)))
	for i := range records {
		must(t, j.Append(t.Context(), journal.Batch{Records: records[i : i+1]}))
	}
	s := exporttest.NewDatadog(t)
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now, Filter: export.Filter{Payload: true}})
	got := s.AwaitSeq(12)
	inOrder(t, got, 12)
	for _, e := range got {
		if whole := len(e.Body) > 0; whole != (e.Seq < 12) {
			t.Errorf("record %d has its body: %v", e.Seq, whole)
		}
	}
	await(t, "it is counted", func() bool { return x.Status().Shrunk == 1 })
}

// TestSyslogMessagesKeepToTheirLength, header and all, around the length at which
// an event loses its body.
func TestSyslogMessagesKeepToTheirLength(t *testing.T) {
	t.Parallel()
	const most = 2048
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSyslog(t, nil)
	s.Most = most
	var records []audit.Record
	for n := 500; n < most; n += 31 {
		records = append(records, admission(c.now(), strings.Repeat("x", n)))
	}
	must(t, j.Append(t.Context(), journal.Batch{Records: records}))
	_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: syslogTo(s, trusting(t, s.CA), most), Now: c.now, Filter: export.Filter{Payload: true}})
	last := uint64(len(records) - 1)
	got := s.AwaitSeq(last)
	inOrder(t, got, last)
	if got[0].Body == "" || got[last].Body != "" {
		t.Error("the lengths do not lie around the one at which a body is left out")
	}
}

// TestWhatIsNoCollectorGetsNothing: a proxy's page with status 200 is no receipt.
func TestWhatIsNoCollectorGetsNothing(t *testing.T) {
	t.Parallel()
	for _, said := range []string{"<html>Welcome</html>", `{"text":"Incorrect index","code":7}`} {
		c := newClock()
		j := openJournal(t, journalDir(t), c)
		s := exporttest.NewSplunk(t, false)
		var well atomic.Bool
		s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
			if well.Load() {
				return false
			}
			io.WriteString(w, said)
			return true
		})
		x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewSplunk(httpTo(s.Web), chain, "soc"), Now: c.now, Pause: hasty})
		fill(t, j, c, 2)
		await(t, "it is refused", func() bool { return x.Status().State == export.Refused })
		if got := x.Status(); got.Sent != 0 || got.Next != 0 {
			t.Errorf("%s: %+v", said, got)
		}
		well.Store(true)
		inOrder(t, s.AwaitSeq(1), 1)
	}
}

// TestRetryAfterIsKept: a receiver that says for how long is left alone that long.
func TestRetryAfterIsKept(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewDatadog(t)
	var n atomic.Int64
	said := []string{"1800", "7200", "soon"}
	s.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		i := n.Add(1)
		if int(i) > len(said) {
			return false
		}
		w.Header().Set("Retry-After", said[i-1])
		w.WriteHeader(http.StatusTooManyRequests)
		return true
	})
	paused := make(chan time.Duration, len(said))
	pause := func(ctx context.Context, d time.Duration) error {
		paused <- d
		return hasty(ctx, d)
	}
	_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now, Pause: pause})
	fill(t, j, c, 1)
	inOrder(t, s.AwaitSeq(0), 0)
	for i, least := range []time.Duration{30 * time.Minute, time.Hour} {
		if d := <-paused; d < least || d > least+least/2 {
			t.Errorf("told %s s, it paused for %s", said[i], d)
		}
	}
	if d := <-paused; d >= 30*time.Minute {
		t.Errorf("told nothing of use, it paused for %s", d)
	}
}

// ordered notes what is put, in order, and loses the first manifest.
type ordered struct {
	export.Bucket
	keys []string
	lost bool
}

// Put implements export.Bucket.
func (o *ordered) Put(ctx context.Context, w blob.Written) error {
	o.keys = append(o.keys, w.Key[strings.IndexByte(w.Key, '-')+1:])
	if strings.HasSuffix(w.Key, ".manifest.json") && !o.lost {
		o.lost = true
		return errors.New("lost")
	}
	return o.Bucket.Put(ctx, w)
}

// TestTheManifestComesLast: a file with one is whole.
func TestTheManifestComesLast(t *testing.T) {
	t.Parallel()
	c, dir := newClock(), t.TempDir()
	j := openJournal(t, journalDir(t), c)
	fill(t, j, c, 3)
	c.add(time.Hour)
	folder, err := blob.OpenFolder(dir)
	must(t, err)
	to := &ordered{Bucket: folder}
	l, err := export.NewLines(to, "", time.Hour, export.Filter{})
	must(t, err)
	x, stop := start(t, export.Config{Name: "archive", Journal: j, Sink: l, Now: c.now, Pause: hasty})
	await(t, "it is written", func() bool { return x.Status().Next == 3 })
	stop()
	const file = "00000000000000000000"
	want := []string{file + ".jsonl.gz", file + ".manifest.json", file + ".jsonl.gz", file + ".manifest.json"}
	if !slices.Equal(to.keys, want) {
		t.Errorf("%v", to.keys)
	}
}

// TestTheEventBeforeIsNamedAfterAReplay: with a filter an event names the one
// before it, wherever the export begins anew, and however far back that one is.
func TestTheEventBeforeIsNamedAfterAReplay(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	var settles []uint64
	settle := func() {
		r := admission(c.now(), "")
		r.Kind, r.Effect, r.Reasons, r.Parts = audit.KindSettle, "", nil, nil
		records := []audit.Record{r}
		must(t, j.Append(t.Context(), journal.Batch{Records: records}))
		settles = append(settles, records[0].Seq)
	}
	settle()
	settle()
	fill(t, j, c, 4500) // more than is looked at in one go, and none of them leaves
	settle()
	settle()
	s := exporttest.NewDatadog(t)
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now, Filter: export.Filter{Kinds: []string{"settle"}}})
	for _, from := range []uint64{settles[2], settles[2] - 1, 3, settles[1], 0} {
		s.AwaitSeq(settles[3])
		await(t, "nothing waits", func() bool { return x.Status().Waiting == 0 })
		before := len(s.Events())
		must(t, x.Replay(t.Context(), from, "ann"))
		all := s.Await(func(all []exporttest.Event) bool { return len(all) > before && all[len(all)-1].Seq == settles[3] })
		first := all[before]
		i := slices.Index(settles, first.Seq)
		switch {
		case i < 0 || first.Seq < from:
			t.Fatalf("from %d on, record %d came first", from, first.Seq)
		case i == 0 && first.Previous != nil, i > 0 && (first.Previous == nil || *first.Previous != settles[i-1]):
			t.Errorf("from %d on, record %d names %v as the one before", from, first.Seq, first.Previous)
		}
	}
}
