package crash

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serveOnce runs the command of demo.env to its end and expects it to refuse.
func (w *world) serveOnce(t *testing.T, words ...string) {
	t.Helper()
	c := exec.Command("/bin/sh", "-c", "exec "+w.env["POSTERN_SERVE_CMD"])
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	check(t, c.Start())
	late := time.AfterFunc(patience, func() { c.Process.Kill() })
	defer late.Stop()
	if err := c.Wait(); c.ProcessState.ExitCode() != 1 || out.Len() > 0 {
		t.Errorf("serve ended with %v and said %q; want exit code 1 and nothing", err, out.String())
	}
	for _, word := range words {
		if !strings.Contains(errs.String(), word) {
			t.Errorf("the reason lacks %q:\n%s", word, errs.String())
		}
	}
}

// serving starts the gateway and waits for it.
func (w *world) serving(t testing.TB) {
	t.Helper()
	w.serve(t)
	w.gate.awaitReady(t)
}

// TestTwoGateways starts a second gateway over the same data.
func TestTwoGateways(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.serving(t)
	l := newLoad(t, w)
	w.serveOnce(t, "journal is in use by another process", "stop the one that serves it")
	s := l.newSend(rand.New(rand.NewPCG(1, 1)), "cloud")
	l.ask(s)
	if s.status != http.StatusOK {
		t.Errorf("the first gateway answers %d %s", s.status, s.answer)
	}
	w.gate.end(t, syscall.SIGTERM)
	w.serving(t) // the lock went with the process
}

// TestRefusedFiles puts in the journal's place what the program must not
// touch, and expects a sentence that says what to do.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	w.serving(t)
	w.gate.end(t, syscall.SIGTERM)
	path := filepath.Join(w.dir, "data", "journal.db")
	whole, err := os.ReadFile(path)
	check(t, err)
	header := func(at int, value uint32) []byte {
		out := bytes.Clone(whole)
		binary.BigEndian.PutUint32(out[at:], value)
		return out
	}
	holes := bytes.Clone(whole)
	for at := 1024; at+1024 < len(holes); at += 2048 {
		copy(holes[at:], bytes.Repeat([]byte{0xa5}, 1024))
	}
	for _, c := range []struct {
		name  string
		file  []byte
		words []string
	}{
		{"no database", bytes.Repeat([]byte("log line\n"), 1000), []string{"damaged", "restore the newest backup"}},
		{"cut short", whole[:len(whole)/2], []string{"damaged", "restore the newest backup"}},
		{"overwritten pages", holes, []string{"damaged", "restore the newest backup"}},
		{"another program's", header(68, 0x12345678), []string{"not this journal", "name another path"}},
		{"a newer version's", header(60, 9999), []string{"newer version", "use the program that wrote it"}},
		{"gone", nil, []string{"journal is missing", "restore the newest backup"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			check(t, os.Remove(path))
			if c.file != nil {
				check(t, os.WriteFile(path, c.file, 0o600))
			}
			w.serveOnce(t, c.words...)
			if now, err := os.ReadFile(path); c.file != nil && (err != nil || !bytes.Equal(now, c.file)) {
				t.Errorf("the file was changed (%v)", err)
			}
			check(t, os.WriteFile(path, whole, 0o600))
		})
	}
	w.serving(t)
}

// TestJournalFull lets the journal grow to its limit. Raising the limit and
// starting again goes on where it stopped.
func TestJournalFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	config := w.env["POSTERN_CONFIG"]
	roomy, err := os.ReadFile(config)
	check(t, err)
	check(t, os.WriteFile(config, bytes.Replace(roomy, []byte("limits: {"), []byte("limits: {journal_max_bytes: 1500KiB, "), 1), 0o600))
	w.serving(t)
	l := newLoad(t, w)
	acc := newAccount(t, w, l.book)
	full := func(s *send) bool {
		return s.status == http.StatusInternalServerError && strings.Contains(s.answer, `"code":131016`)
	}
	for n := 0; ; n++ {
		s := &send{family: "cloud", phone: l.phone("cloud"), mark: l.book.mark()}
		s.body = text("cloud", w.env["DEMO_CONSENTED"], strings.Repeat("filling up ", 300)+s.mark)
		l.book.begin(s)
		l.ask(s)
		if full(s) {
			break
		}
		if s.status != http.StatusOK || n > 1000 {
			t.Fatalf("send %d: %d %s", n, s.status, s.answer)
		}
	}
	l.book.complain = nil // that refusal is what was wanted
	await(t, "readyz to answer 503", func() bool {
		return w.status(t, w.env["POSTERN_ADMIN_URL"]+"/readyz") == http.StatusServiceUnavailable
	})
	l.write(rand.New(rand.NewPCG(1, 1)))
	await(t, "a webhook to be refused", func() bool {
		var all struct{ Webhooks []posted }
		w.control(t, http.MethodGet, "/_sim/webhooks", nil, &all)
		return len(all.Webhooks) > 0 && all.Webhooks[len(all.Webhooks)-1].Status == http.StatusServiceUnavailable
	})
	w.gate.end(t, syscall.SIGTERM)
	if said := tail(t, w.log("postern")); !strings.Contains(said, "free disk space or raise the journal's limit") {
		t.Errorf("the gateway's last words: %s", said)
	}

	check(t, os.WriteFile(config, roomy, 0o600))
	w.serving(t)
	l.ask(l.newSend(rand.New(rand.NewPCG(2, 2)), "cloud"))
	acc.settleAll(t)
}

// status asks a plain address.
func (w *world) status(t testing.TB, url string) int {
	t.Helper()
	resp, err := w.client.Get(url)
	check(t, err)
	check(t, resp.Body.Close())
	return resp.StatusCode
}

// TestStopUnderLoad asks the gateway to end while apps send and people write:
// what it took it finishes, and the last checkpoint covers it all.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	for n := range 3 {
		t.Run(fmt.Sprint(n), func(t *testing.T) { stopUnderLoad(t, uint64(n)) })
	}
}

func stopUnderLoad(t *testing.T, seed uint64) {
	t.Helper()
	w := newWorld(t, seed)
	w.serving(t)
	k := &killer{w: w, load: newLoad(t, w), rng: rand.New(rand.NewPCG(seed, 1))}
	k.acc = newAccount(t, w, k.load.book)
	// Some sends are under way for long when the end comes.
	w.control(t, http.MethodPost, "/_sim/faults", map[string]any{"path": "messages", "method": "POST", "action": "slow", "delay_ms": 1500, "every": 10}, nil)
	k.load.start(k.rng, 16, 5*time.Millisecond)
	pause(700 * time.Millisecond)
	w.gate.end(t, syscall.SIGTERM)
	k.load.finish()
	if code := w.gate.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d: %s", code, tail(t, w.log("postern")))
	}
	k.acc.settle(t)
	if open := len(k.acc.trail.open); open > 0 {
		t.Errorf("%d admissions have no outcome", open)
	}
	heard := map[string]bool{}
	for _, s := range k.load.book.answered {
		heard[s.mark] = true
	}
	for id, a := range k.acc.trail.admissions {
		if a.allowed && (a.settled != "accepted" || !a.read && !heard[a.mark]) {
			t.Errorf("admission %s is %q, and its app was answered: %v", id, a.settled, heard[a.mark])
		}
	}
	if report := k.verify(t); report.ProvenTo.Size != report.Records || report.Records != k.acc.trail.next {
		t.Errorf("%d records, proved complete up to %d", report.Records, report.ProvenTo.Size)
	}
	w.serving(t)
	k.acc.settleAll(t)
	if k.acc.trail.recoveries != 0 {
		t.Error("there was something to recover")
	}
}
