package export_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"postern/audit"
	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/audit/journal"
)

// receiver is one of the three with the sink that sends to it.
type receiver struct {
	name string
	make func(t *testing.T, c *clock) (export.Sink, *exporttest.Inbox)
}

func receivers() []receiver {
	return []receiver{
		{"splunk", func(t *testing.T, _ *clock) (export.Sink, *exporttest.Inbox) {
			s := exporttest.NewSplunk(t, false)
			return export.NewSplunk(httpTo(s.Web), chain, "soc"), s.Inbox
		}},
		{"splunk with acknowledgement", func(t *testing.T, _ *clock) (export.Sink, *exporttest.Inbox) {
			s := exporttest.NewSplunk(t, true)
			return export.NewSplunk(httpTo(s.Web), chain, "soc"), s.Inbox
		}},
		{"datadog", func(t *testing.T, c *clock) (export.Sink, *exporttest.Inbox) {
			s := exporttest.NewDatadog(t)
			return export.NewDatadog(httpTo(s.Web), c.now), s.Inbox
		}},
		{"syslog", func(t *testing.T, _ *clock) (export.Sink, *exporttest.Inbox) {
			s := exporttest.NewSyslog(t, nil)
			return syslogTo(s, trusting(t, s.CA), 8192), s.Inbox
		}},
	}
}

func trusting(t *testing.T, ca string) *tls.Config {
	t.Helper()
	pem, err := os.ReadFile(ca)
	must(t, err)
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		t.Fatal("no root")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func TestEveryRecordArrivesInOrder(t *testing.T) {
	t.Parallel()
	for _, r := range receivers() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			c := newClock()
			dir := journalDir(t)
			j := openJournal(t, dir, c)
			fill(t, j, c, 1200)
			sink, in := r.make(t, c)
			x, stop := start(t, export.Config{Name: "soc", Journal: j, Sink: sink, Now: c.now})
			in.AwaitSeq(1199)
			fill(t, j, c, 5)
			inOrder(t, in.AwaitSeq(1204), 1204)
			await(t, "nothing waits", func() bool { return x.Status().Waiting == 0 })
			if s := x.Status(); s.Sent != 1205 || s.State != export.Idle || s.Shrunk != 0 || s.Next != 1205 {
				t.Errorf("%+v", s)
			}
			stop()
			more := fill(t, j, c, 3) // while it does not run
			_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: sink, Now: c.now})
			inOrder(t, in.AwaitSeq(more[2]), more[2])
		})
	}
}

func TestAReceiverThatHangsHoldsItselfOnly(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	hung, well := exporttest.NewDatadog(t), exporttest.NewDatadog(t)
	release := make(chan struct{})
	hung.Answer(func(http.ResponseWriter, *http.Request) bool { <-release; return false })
	x, _ := start(t, export.Config{Name: "hung", Journal: j, Sink: export.NewDatadog(httpTo(hung.Web), c.now), Now: c.now})
	_, _ = start(t, export.Config{Name: "well", Journal: j, Sink: export.NewDatadog(httpTo(well.Web), c.now), Now: c.now})
	last := fill(t, j, c, 3000)[2999]
	inOrder(t, well.AwaitSeq(last), last)
	if s := x.Status(); s.Waiting == 0 || s.Sent != 0 {
		t.Errorf("%+v", s)
	}
	close(release)
	inOrder(t, hung.AwaitSeq(last), last)
}

func TestFaultsAreTriedAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSplunk(t, false)
	var n atomic.Int64
	s.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		switch n.Add(1) {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		case 2:
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		case 3:
			w.WriteHeader(http.StatusForbidden)
		case 4:
			panic(http.ErrAbortHandler)
		default:
			return false
		}
		return true
	})
	var states []export.State
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewSplunk(httpTo(s.Web), chain, "soc"), Now: c.now, Pause: hasty,
		OnFault: func(s export.Status) { states = append(states, s.State) }})
	fill(t, j, c, 10)
	inOrder(t, s.AwaitSeq(9), 9)
	await(t, "it is well", func() bool { return x.Status().State == export.Idle })
	if got := x.Status(); got.Faults != 4 || got.Fault != "" || got.Since != 0 {
		t.Errorf("%+v", got)
	}
	want := []export.State{export.Retrying, export.Retrying, export.Refused, export.Retrying}
	for i := range want {
		if states[i] != want[i] {
			t.Errorf("fault %d: %s", i, states[i])
		}
	}
}

// TestWhatAReceiverDoesNotTake: the one event is found and goes without its
// fields, the others whole.
func TestWhatAReceiverDoesNotTake(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewDatadog(t)
	s.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		packed, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(packed))
		unpacked, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return false
		}
		if text, _ := io.ReadAll(unpacked); !bytes.Contains(text, []byte("poison")) {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		return true
	})
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now, Pause: hasty,
		Filter: export.Filter{Payload: true}})
	records := []audit.Record{admission(c.now(), "one"), admission(c.now(), "poison"), admission(c.now(), "three")}
	must(t, j.Append(t.Context(), journal.Batch{Records: records}))
	got := s.AwaitSeq(2)
	inOrder(t, got, 2)
	for _, e := range got {
		if bare := len(e.Omitted) > 0; bare != (e.Seq == 1) || e.Body == "poison" {
			t.Errorf("record %d: %v", e.Seq, e.Omitted)
		}
	}
	await(t, "it is counted", func() bool { return x.Status().Shrunk == 1 })
}

// TestAcknowledgementRefused: a collector that took the events and does not say
// more is no reason to take them for bad ones: they go again, whole.
func TestAcknowledgementRefused(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSplunk(t, true)
	var n atomic.Int64
	s.Answer(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "/ack") || n.Add(1) > 3 {
			return false
		}
		w.WriteHeader(http.StatusBadRequest)
		if n.Load() == 1 { // later it does not even say why
			io.WriteString(w, `{"text":"ACK is disabled","code":14}`)
		}
		return true
	})
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewSplunk(httpTo(s.Web), chain, "soc"), Now: c.now, Pause: hasty,
		Filter: export.Filter{Payload: true}})
	fill(t, j, c, 8)
	got := s.AwaitSeq(7)
	inOrder(t, got, 7)
	for _, e := range got {
		if e.Omitted != nil || e.Body == "" {
			t.Errorf("record %d came without %v", e.Seq, e.Omitted)
		}
	}
	await(t, "it is well", func() bool { return x.Status().State == export.Idle })
	if f := x.Status(); f.Faults != 3 || f.Shrunk != 0 {
		t.Errorf("%+v", f)
	}
}

func TestLargeEventsAreShrunk(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSyslog(t, nil)
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: syslogTo(s, trusting(t, s.CA), 2048), Now: c.now, Filter: export.Filter{Payload: true}})
	must(t, j.Append(t.Context(), journal.Batch{Records: []audit.Record{admission(c.now(), "short ö 👍"), admission(c.now(), strings.Repeat("ö", 4000))}}))
	got := s.AwaitSeq(1)
	if len(got) != 2 || got[0].Body != "short ö 👍" || got[0].Omitted != nil {
		t.Errorf("%+v", got[0])
	}
	if got[1].Body != "" || len(got[1].Omitted) != 1 || got[1].Omitted[0] != "body" || !strings.Contains(string(got[1].Raw), `"reasons":["no_window"]`) {
		t.Errorf("%s", got[1].Raw)
	}
	await(t, "it is counted", func() bool { return x.Status().Shrunk == 1 })
}

func TestACollectorThatIsCutOffGetsTheBatchAgain(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSyslog(t, nil)
	s.Cut(3)
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: syslogTo(s, trusting(t, s.CA), 8192), Now: c.now, Pause: hasty})
	fill(t, j, c, 1500)
	inOrder(t, s.AwaitSeq(1499), 1499)
	if got := x.Status(); got.Faults != 3 {
		t.Errorf("%+v", got)
	}
}

func TestACollectorAsksForACertificate(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewSyslog(t, func(conf *tls.Config) { conf.ClientAuth = tls.RequireAnyClientCert })
	x, stop := start(t, export.Config{Name: "soc", Journal: j, Sink: syslogTo(s, trusting(t, s.CA), 8192), Now: c.now, Pause: hasty})
	fill(t, j, c, 3)
	await(t, "it is refused", func() bool { return x.Status().State == export.Refused })
	if said := x.Status().Fault; len(s.Events()) > 0 || !strings.Contains(said, "client_cert") {
		t.Errorf("events came, or it says %s", said)
	}
	stop()
	conf := trusting(t, s.CA)
	conf.Certificates = s.Config.Certificates
	_, _ = start(t, export.Config{Name: "soc", Journal: j, Sink: syslogTo(s, conf, 8192), Now: c.now})
	inOrder(t, s.AwaitSeq(2), 2)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	c := newClock()
	j := openJournal(t, journalDir(t), c)
	s := exporttest.NewDatadog(t)
	x, _ := start(t, export.Config{Name: "soc", Journal: j, Sink: export.NewDatadog(httpTo(s.Web), c.now), Now: c.now})
	fill(t, j, c, 20)
	s.AwaitSeq(19)
	await(t, "nothing waits", func() bool { return x.Status().Waiting == 0 })
	if err := x.Replay(t.Context(), 21, "ann"); err == nil {
		t.Error("records may be left out")
	}
	must(t, x.Replay(t.Context(), 15, "ann"))
	all := s.AwaitSeq(20) // the record of the replay
	inOrder(t, all, 20)
	again := 0
	for _, e := range all {
		if e.Seq == 15 {
			again++
		}
	}
	if again != 2 {
		t.Errorf("record 15 came %d times", again)
	}
}
