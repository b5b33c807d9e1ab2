package crash

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// account holds the three sides against each other: what the apps were told,
// what the simulator took, what the trail says.
type account struct {
	w        *world
	book     *ledger
	trail    *trail
	sim      *witness
	keys     *keyring.Keyring // of the gateway, to know its keyed hashes
	answered int              // of the ledger's, looked at so far
}

func newAccount(t testing.TB, w *world, book *ledger) *account {
	t.Helper()
	cfg, err := boot.Load(w.env["POSTERN_CONFIG"])
	check(t, err)
	keys, err := boot.OpenKeys(cfg, time.Now)
	check(t, err)
	t.Cleanup(keys.Close)
	return &account{w: w, book: book, trail: newTrail(w), sim: newWitness(w), keys: keys}
}

// settle looks at everything that is new. It is called while no app sends.
func (a *account) settle(t testing.TB) {
	t.Helper()
	a.sim.look(t) // before the trail: what it took was recorded before
	a.trail.read(t)
	for _, s := range a.sim.fresh {
		if adm, ok := a.trail.allowed(s.admission); !ok || adm.mark != s.mark {
			a.trail.fault("the simulator took message %d, and no admission allowed it", s.Seq)
		}
	}
	if len(a.sim.reads) > a.trail.reads {
		a.trail.fault("%d messages were marked as read, and %d were admitted", len(a.sim.reads), a.trail.reads)
	}
	for _, id := range a.trail.accepted {
		if a.sim.byID[id] == nil {
			a.trail.fault("admission %s is recorded as accepted, and the simulator lacks it", id)
		}
	}
	a.trail.accepted = nil
	a.settleWebhooks(t)
	a.settleSends()
	a.sim.forget()
	a.report(t)
}

// settleWebhooks: what was answered 200 is on record.
func (a *account) settleWebhooks(t testing.TB) {
	t.Helper()
	for _, id := range a.sim.inbound {
		if a.trail.inbound[a.hash(t, id)] != 1 {
			a.trail.fault("an inbound message was acknowledged and is not on record")
		}
	}
	for _, s := range a.sim.statuses {
		if a.trail.statuses[s.admission+" "+s.state] != 1 {
			a.trail.fault("status %s of %s was acknowledged and is not on record", s.state, s.admission)
		}
	}
}

// settleSends: what an app was told is on record and as true as it was said.
func (a *account) settleSends() {
	a.book.mu.Lock()
	defer a.book.mu.Unlock()
	a.trail.faults = append(a.trail.faults, a.book.complain...)
	a.book.complain = nil
	for ; a.answered < len(a.book.answered); a.answered++ {
		a.acknowledged(a.book.answered[a.answered])
	}
}

func (a *account) acknowledged(s *send) {
	if s.status != http.StatusOK && s.status != http.StatusCreated {
		return
	}
	id, ok := a.admissionOf(s)
	if adm, allowed := a.trail.allowed(id); !ok || !allowed || adm.mark != s.mark {
		a.trail.fault("a %s send was acknowledged, and its id belongs to no admission of it", s.family)
	}
}

// admissionOf is the admission that the app's message id stands for.
func (a *account) admissionOf(s *send) (audit.ID, bool) {
	if s.family != "cloud" {
		id, inbound, ok := dialect.ParseOpaqueID(s.id)
		return id, ok && !inbound
	}
	if m := a.sim.byWAMID[s.id]; m != nil {
		return m.admission, true
	}
	return audit.ID{}, false
}

// hash is the gateway's keyed hash of a message id.
func (a *account) hash(t testing.TB, id string) string {
	t.Helper()
	_, sum, err := a.keys.MAC(keyring.Original, []byte("message-id"), []byte(id))
	check(t, err)
	return string(sum[:16])
}

// report fails the test with everything that did not add up.
func (a *account) report(t testing.TB) {
	t.Helper()
	if faults := append(a.trail.faults, a.sim.faults...); len(faults) > 0 {
		t.Fatalf("it does not add up:\n%s\nthe gateway's log:\n%s", strings.Join(faults[:min(20, len(faults))], "\n"), tail(t, filepath.Join(a.w.dir, "log", "postern.log")))
	}
}
