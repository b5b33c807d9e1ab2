package hostile_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/edge/edgetest"
)

// TestFlood: while strangers send as much as two cores take in, pipelined over
// kept connections, every good send is answered well, nothing is recorded one
// by one, and memory does not grow with the flood. How fast that goes is for a
// benchmark to say.
func TestFlood(t *testing.T) {
	r := rig.Start(t, rig.Options{Config: patient})
	all := doors(t, r)
	cloud, webhook := all[0], all[4]
	calm := goodSends(t, cloud, func(n int) bool { return n < 50 })
	heap, routines := heapInUse(), runtime.NumGoroutine()

	stop, began := make(chan struct{}), time.Now()
	var bad atomic.Int64
	var wg sync.WaitGroup
	for i, d := range []door{cloud, cloud, webhook} {
		site := edgetest.Site{Host: d.site.Host, Target: d.site.Target, Body: "{}", Headers: "Content-Type: application/json\r\n" + []string{
			"", "Authorization: Bearer EAAnobody\r\n", "X-Hub-Signature-256: sha256=" + strings.Repeat("0", 64) + "\r\n",
		}[i]}
		conn := d.dial(t, "http/1.1")
		wg.Go(func() { pour(t, conn, site, stop, &bad) })
	}
	busy := goodSends(t, cloud, func(n int) bool { return !t.Failed() && (n < 10 || bad.Load() < 5000) })
	close(stop)
	wg.Wait()
	rate := float64(bad.Load()) / time.Since(began).Seconds()
	t.Logf("%.0f bad requests/s; good sends: %s alone, %s meanwhile", rate, percentiles(calm), percentiles(busy))

	if grown := int64(heapInUse()) - int64(heap); grown > 32<<20 {
		t.Errorf("the heap grew by %d MB", grown>>20)
	}
	rig.Await(t, "the connections to end", func() bool { return runtime.NumGoroutine() <= routines+20 })
	sent, _ := r.Sim.Accepted(0, 100_000)
	if len(sent) != len(calm)+len(busy) {
		t.Errorf("%d sends left, want %d", len(sent), len(calm)+len(busy))
	}
	r.Stop()
	again := rig.Start(t, rig.Options{Keep: r.Dir})
	rows := again.SQL(t, "SELECT count(*), sum(code) FROM audit WHERE kind = 'unauth'")
	// One record a minute, one when it stops.
	if n := number(t, rows[0][0]); n < 1 || n > int(time.Since(began)/time.Minute)+2 || int64(number(t, rows[0][1])) != bad.Load() {
		t.Errorf("%s records say %s refused requests, want few and %d", rows[0][0], rows[0][1], bad.Load())
	}
}

// TestFloodOfAKnownApp: what an app with a valid key sends malformed is
// recorded one by one only up to a bound; the rest is in sums, none is lost.
func TestFloodOfAKnownApp(t *testing.T) {
	r := rig.Start(t, rig.Options{Config: patient})
	cloud := doors(t, r)[0]
	site := cloud.site
	site.Body = `{"messaging_product":"whatsapp","messaging_product":"whatsapp"}`
	stop, began := make(chan struct{}), time.Now()
	var bad atomic.Int64
	var wg sync.WaitGroup
	conn := cloud.dial(t, "http/1.1")
	wg.Go(func() { pour(t, conn, site, stop, &bad) })
	busy := goodSends(t, cloud, func(int) bool { return !t.Failed() && bad.Load() < 3000 })
	close(stop)
	wg.Wait()
	took := time.Since(began)
	r.Stop()
	t.Logf("%d malformed requests in %s; good sends: %s meanwhile", bad.Load(), took, percentiles(busy))
	again := rig.Start(t, rig.Options{Keep: r.Dir})
	rows := again.SQL(t, `SELECT sum(CASE WHEN reason = 'request_repeated' THEN 0 ELSE 1 END), sum(CASE WHEN reason = 'request_repeated' THEN code ELSE 0 END)
		FROM audit WHERE app = 'cloud-demo' AND reason LIKE 'request_%'`)
	alone, summed := number(t, rows[0][0]), number(t, rows[0][1])
	if alone < 1000 || alone > 1000+10*int(took/time.Second+2) || int64(alone+summed) != bad.Load() {
		t.Errorf("%d records of their own and %d in sums, of %d requests", alone, summed, bad.Load())
	}
}

// pour sends a refused request over and over, many at once, and counts the
// refusals.
func pour(t *testing.T, conn net.Conn, site edgetest.Site, stop <-chan struct{}, count *atomic.Int64) {
	const at = 64
	batch, in := []byte(strings.Repeat(site.Post(""), at)), bufio.NewReaderSize(conn, 64<<10)
	defer conn.Close()
	for {
		select {
		case <-stop:
			return
		default:
		}
		if _, err := conn.Write(batch); err != nil {
			t.Errorf("flood: %v", err)
			return
		}
		for range at {
			resp, err := http.ReadResponse(in, nil)
			if err != nil {
				t.Errorf("flood: %v", err)
				return
			}
			if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode/100 != 4 {
				t.Errorf("flood: %d, %v", resp.StatusCode, err)
				return
			}
			count.Add(1)
		}
	}
}

// goodSends sends one message after the other while more says so, and returns
// how long each took, in order.
func goodSends(t *testing.T, d door, more func(n int) bool) []time.Duration {
	t.Helper()
	conn := d.dial(t, "http/1.1")
	in := bufio.NewReader(conn)
	var took []time.Duration
	for n := 0; more(n); n++ {
		start := time.Now()
		if _, err := io.WriteString(conn, d.site.Post("")); err != nil {
			t.Fatal(err)
		}
		a, _, err := readAnswer(in, http.MethodPost)
		if err != nil || a.status != http.StatusOK {
			t.Fatalf("good send %d: %d %s, %v", n, a.status, a.body, err)
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	return took
}

func percentiles(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return "none"
	}
	at := func(p int) string { return sorted[len(sorted)*p/100].Round(10 * time.Microsecond).String() }
	return strconv.Itoa(len(sorted)) + " (p50 " + at(50) + ", p99 " + at(99) + ")"
}

func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
