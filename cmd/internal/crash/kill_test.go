package crash

import (
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"postern/audit/journal"
)

// restartGoal is how long a restart may take. Only make crash, which has the
// machine for itself, holds restarts against it.
const restartGoal = 2 * time.Second

// slowest is the part of restarts that other work on the machine may delay.
const slowest = 0.05

func number(t testing.TB, name string, fallback uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.ParseUint(text, 10, 63)
	check(t, err)
	return n
}

// late reports whether half of the time that the run was given is over: a slow
// machine then kills less often than it was asked to.
func late(t *testing.T, began time.Time) bool {
	end, limited := t.Deadline()
	return limited && time.Until(end) < time.Since(began)
}

// TestKill kills the gateway under load, again and again.
func TestKill(t *testing.T) {
	began := time.Now()
	rounds, seed := number(t, "ROUNDS", 200), number(t, "SEED", uint64(time.Now().UnixNano()))
	t.Logf("%d rounds, SEED=%d", rounds, seed)
	k := newKiller(t, newWorld(t, seed), seed)
	for n := range rounds {
		if late(t, began) {
			t.Logf("the time was enough for %d rounds", n)
			break
		}
		if k.round(t, int(n)); t.Failed() {
			t.FailNow()
		}
		if (n+1)%50 == 0 {
			if report := k.verify(t); report.ProvenTo.Size <= k.acc.trail.started {
				t.Fatalf("the checkpoints outside end at %d, before the last start at %d", report.ProvenTo.Size, k.acc.trail.started)
			}
		}
	}
	k.finish(t)
}

// killer is one run of kills.
type killer struct {
	w    *world
	load *load
	acc  *account
	rng  *rand.Rand

	ready, answered []time.Duration // of each restart
}

// newKiller takes a world whose gateway may run already.
func newKiller(t *testing.T, w *world, seed uint64) *killer {
	t.Helper()
	if w.gate == nil {
		w.serving(t)
	}
	k := &killer{w: w, load: newLoad(t, w), rng: rand.New(rand.NewPCG(seed, 1))}
	k.acc = newAccount(t, w, k.load.book)
	// Some answers of upstream get lost on their way, before or after it took the message.
	for _, when := range []string{"before", "after"} {
		w.control(t, http.MethodPost, "/_sim/faults", map[string]any{"path": "messages", "method": "POST", "action": "cut", "when": when, "probability": 0.01}, nil)
	}
	return k
}

// round is load, a kill, a restart, and the accounts.
func (k *killer) round(t *testing.T, n int) {
	t.Helper()
	workers, think := 8, 20*time.Millisecond
	if n%10 == 9 {
		workers, think = 24, 0 // as fast as it goes: many commits and sends under way
	}
	if n%7 == 3 { // an auditor reads meanwhile and stays
		auditor, err := journal.OpenReader(t.Context(), k.acc.trail.path)
		check(t, err)
		defer auditor.Close()
		_, err = auditor.Head(t.Context())
		check(t, err)
	}
	k.load.start(k.rng, workers, think)
	pause(time.Duration(k.rng.Int64N(int64(300 * time.Millisecond))))
	k.w.kill(t)
	k.load.finish()
	if n%10 == 4 {
		k.killStart(t)
	}
	k.restart(t)
	k.acc.settle(t)
	if len(k.acc.trail.left) > 0 {
		t.Errorf("round %d: %d admissions without outcome after the restart", n, len(k.acc.trail.left))
	}
}

// killStart kills a gateway that may still be starting.
func (k *killer) killStart(t *testing.T) {
	t.Helper()
	k.w.serve(t)
	pause(time.Duration(k.rng.Int64N(int64(400 * time.Millisecond))))
	k.w.kill(t)
}

// restart starts the gateway and measures until it says so and until the first
// message is answered.
func (k *killer) restart(t *testing.T) {
	t.Helper()
	k.w.serve(t)
	k.w.gate.awaitReady(t)
	first := k.load.newSend(k.rng, "cloud")
	k.load.ask(first)
	k.ready = append(k.ready, k.w.gate.took)
	k.answered = append(k.answered, time.Since(k.w.gate.began))
	k.repeat(t)
	k.reply(t)
}

// repeat asks again for a send with a key that was answered before the kill:
// the ledger compares the answers.
func (k *killer) repeat(t *testing.T) {
	t.Helper()
	book := k.load.book
	book.mu.Lock()
	recent := book.answered[max(0, len(book.answered)-200):]
	var keyed []*send
	for _, s := range recent {
		if s.key != "" {
			keyed = append(keyed, s)
		}
	}
	book.mu.Unlock()
	for range min(2, len(keyed)) {
		k.load.ask(keyed[k.rng.IntN(len(keyed))])
	}
}

// reply sends freely to the person who wrote last and was acknowledged: the
// open window must have outlived the kill as the record did.
func (k *killer) reply(t *testing.T) {
	t.Helper()
	k.acc.sim.look(t)
	for _, p := range slices.Backward(k.load.book.inbound) {
		if !k.acc.sim.delivered[p.id] {
			continue
		}
		for _, family := range []string{"cloud", "d360", "onprem"} {
			if k.load.phone(family) != p.phone {
				continue
			}
			s := &send{family: family, phone: p.phone, mark: k.load.book.mark()}
			k.load.book.begin(s)
			s.body = text(family, p.number, s.mark)
			k.load.ask(s)
		}
		return
	}
}

// figures logs how long restarts took, and in a run that was asked for by the
// number of its rounds fails when too many took too long.
func (k *killer) figures(t *testing.T) {
	t.Helper()
	slices.Sort(k.ready)
	slices.Sort(k.answered)
	at := func(d []time.Duration, q float64) time.Duration { return d[int(q*float64(len(d)-1))] }
	t.Logf("ready after %s (median), %s (95%%), %s (max)", at(k.ready, .5), at(k.ready, 1-slowest), at(k.ready, 1))
	t.Logf("first message answered after %s (median), %s (95%%), %s (max)", at(k.answered, .5), at(k.answered, 1-slowest), at(k.answered, 1))
	if d := at(k.ready, 1-slowest); d >= restartGoal && os.Getenv("ROUNDS") != "" {
		t.Errorf("restarts take %s, the goal is %s", d, restartGoal)
	}
}

// finish waits until everything that is owed has come, and closes the account.
func (k *killer) finish(t *testing.T) {
	t.Helper()
	k.w.control(t, http.MethodDelete, "/_sim/faults", nil, nil)
	for s := k.load.book.again(); s != nil; s = k.load.book.again() {
		k.load.ask(s)
	}
	k.acc.settleAll(t)
	k.w.gate.end(t, syscall.SIGTERM)
	k.w.sim.end(t, syscall.SIGTERM)
	k.acc.giveUp(t)
	k.acc.messageIDs(t)
	if report := k.verify(t); report.ProvenTo.Size != report.Records || report.Records != k.acc.trail.next {
		t.Errorf("%d records, proved complete up to %d", report.Records, report.ProvenTo.Size)
	}
	k.figures(t)
}
