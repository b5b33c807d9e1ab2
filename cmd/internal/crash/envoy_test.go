package crash

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/demo"
	"postern/cmd/internal/envoytest"
)

// What an Envoy says in the gateway's place: whether a send may have left, or
// surely has not.
var (
	sayUnknown = []byte("the gateway stopped answering while the request was under way")
	sayNotSent = []byte("the gateway does not answer; nothing was sent")
)

// errByEnvoy is an answer that the gateway did not give: its record tells what
// became of the send.
var errByEnvoy = errors.New("Envoy answered in the gateway's place") //nolint:staticcheck // a name

func ofEnvoy(answer []byte) bool {
	return bytes.Contains(answer, sayUnknown) || bytes.Contains(answer, sayNotSent)
}

// byEnvoy keeps what it said. The caller holds the lock.
func (l *ledger) byEnvoy(s *send, answer []byte) {
	l.alone++
	if s.key != "" || !bytes.Contains(answer, sayNotSent) {
		return
	}
	if l.notSent == nil {
		l.notSent = map[string]bool{}
	}
	l.notSent[s.mark] = true
}

func (l *ledger) heardOfEnvoy() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.alone
}

// fronted is a world whose apps call a real Envoy at an address that stays.
type fronted struct {
	*killer
	envoy  *envoytest.Envoy
	config []byte
}

func newFronted(t *testing.T, seed uint64) *fronted {
	t.Helper()
	envoytest.Program(t)
	sockets, err := os.MkdirTemp("", "crash") // short enough for a socket
	check(t, err)
	t.Cleanup(func() { check(t, os.RemoveAll(sockets)) })
	w := newWorld(t, seed, func(s *demo.Site) { s.Front, s.Sockets = true, sockets })
	f := &fronted{}
	f.config, err = w.site.Bootstrap()
	check(t, err)
	w.serving(t)
	f.stand(t)
	f.killer = newKiller(t, w, seed)
	return f
}

// stand starts an Envoy and waits until it takes calls.
func (f *fronted) stand(t *testing.T) {
	t.Helper()
	f.envoy = envoytest.Start(t, f.config)
	f.envoy.Address(t, "postern_app")
	f.envoy.Address(t, "postern_webhook")
}

// TestKillBehindEnvoy kills and stops the gateway, and ends the Envoy before it,
// under load. The accounts are those of a gateway without an Envoy, and of what
// was said not to be sent nothing arrived.
func TestKillBehindEnvoy(t *testing.T) {
	t.Parallel()
	seed := number(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("SEED=%d", seed)
	f := newFronted(t, seed)
	for n := range 8 {
		if f.round(t, n); t.Failed() {
			t.FailNow()
		}
	}
	f.hang(t)
	for _, end := range []func(testing.TB){f.envoy.Kill, func(t testing.TB) { f.envoy.Stop(t) }} {
		f.another(t, end)
	}
	f.finish(t)
	for mark := range f.load.book.notSent {
		if f.acc.sim.byMark[mark] != nil {
			t.Errorf("%s arrived, and it was said that nothing was sent", mark)
		}
	}
}

// hang stops the process for as long as Envoy bears it. What it had under way it
// ends afterwards, and nobody hears of it.
func (f *fronted) hang(t *testing.T) {
	t.Helper()
	was := f.load.book.heardOfEnvoy()
	f.load.start(f.rng, 8, 20*time.Millisecond)
	pause(time.Duration(f.rng.Int64N(int64(300 * time.Millisecond))))
	check(t, f.w.gate.cmd.Process.Signal(syscall.SIGSTOP))
	await(t, "Envoy to give the gateway up", func() bool { return f.load.book.heardOfEnvoy() > was })
	check(t, f.w.gate.cmd.Process.Signal(syscall.SIGCONT))
	f.load.finish()
	f.answers(t)
	f.acc.settle(t)
}

// another ends Envoy under load and starts one at the same address.
func (f *fronted) another(t *testing.T, end func(testing.TB)) {
	t.Helper()
	f.load.start(f.rng, 8, 20*time.Millisecond)
	pause(time.Duration(f.rng.Int64N(int64(300 * time.Millisecond))))
	end(t)
	f.load.finish()
	f.stand(t)
	f.answers(t)
	f.acc.settle(t)
}

// answers waits until a send goes through again.
func (f *fronted) answers(t *testing.T) {
	t.Helper()
	await(t, "a send to go through", func() bool {
		s := f.load.newSend(f.rng, "cloud")
		f.load.ask(s)
		return s.status != 0
	})
}
