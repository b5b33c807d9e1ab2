package crash

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
)

// settleAll waits until upstream has nothing left to say and the apps have
// heard everything, then settles the account.
func (a *account) settleAll(t testing.TB) {
	t.Helper()
	await(t, "upstream to have posted all webhooks", func() bool {
		a.sim.look(t)
		return a.sim.pending == 0
	})
	await(t, "the apps to have heard everything", func() bool { return a.owed(t) == "" })
	a.settle(t)
	for _, p := range a.book.inbound {
		if a.trail.inbound[a.hash(t, p.id)] != 1 {
			a.trail.fault("an inbound message is not on record")
		}
	}
	for id := range a.sim.byID {
		if a.trail.statuses[id.String()+" delivered"] != 1 {
			a.trail.fault("message %s was delivered, and no status is on record", id)
		}
	}
	a.report(t)
}

// owed names an event that no app has heard of yet.
func (a *account) owed(t testing.TB) string {
	t.Helper()
	for _, p := range a.book.inbound {
		if a.w.hooks.text(p.mark) == 0 {
			return "a message of a person"
		}
	}
	families := map[string]string{}
	for _, s := range a.book.sends {
		families[s.mark] = s.family
	}
	for id, m := range a.sim.byID {
		own := m.WAMID
		if families[m.mark] != "cloud" {
			own = dialect.OpaqueID(id)
		}
		if a.w.hooks.status(own, "delivered") == 0 {
			return "a status"
		}
	}
	return ""
}

// giveUp lets two minutes pass on the gateway's clock: what nobody heard of
// again is called failed, and the app hears that; what was delivered is not.
func (a *account) giveUp(t *testing.T) {
	t.Helper()
	r := rig.Start(t, rig.Options{Keep: a.w.dir})
	r.Clock.Forward(2 * time.Minute)
	for left := a.unsettled(t); left > 0; {
		before := left
		await(t, "unknown sends to be settled", func() bool {
			left = a.unsettled(t)
			return left < before
		})
	}
	var owed []string // ids of sends that the apps shall hear failed
	for id, adm := range a.trail.admissions {
		if !adm.expired || adm.read {
			continue
		}
		if a.sim.byID[id] != nil {
			a.trail.fault("message %s is called failed, and upstream took it", id)
		}
		owed = append(owed, dialect.OpaqueID(id))
	}
	await(t, "the apps to hear of failed sends", func() bool {
		heard := failures(r.Hooks.All())
		return !slices.ContainsFunc(owed, func(id string) bool { return !heard[id] })
	})
	r.Stop()
	a.trail.read(t)
	t.Logf("%d sends of apps, %d messages of people; upstream took %d; %d recoveries, %d sends called failed, %d records",
		len(a.book.sends), len(a.book.inbound), len(a.sim.byID), a.trail.recoveries, len(owed), a.trail.next)
	a.report(t)
}

// failures are the app's ids of the sends it was told have failed.
func failures(hooks []rig.Hook) map[string]bool {
	out := map[string]bool{}
	for _, h := range hooks {
		var all any
		if json.Unmarshal(h.Body, &all) != nil {
			continue
		}
		walk(all, func(o map[string]any) {
			if s, ok := statusOf(o); ok && s.state == "failed" {
				out[s.id] = true
			}
		})
	}
	return out
}

// unsettled counts admissions whose outcome is unknown and neither a status
// nor the end of their time has come.
func (a *account) unsettled(t testing.TB) int {
	t.Helper()
	a.trail.read(t)
	out := 0
	for id, adm := range a.trail.admissions {
		if adm.settled == "unknown" && !adm.expired && !a.trail.heard[id] {
			out++
		}
	}
	return out
}

// messageIDs checks that every message upstream took is found by its id.
func (a *account) messageIDs(t testing.TB) {
	t.Helper()
	cfg, err := boot.Load(a.w.env["POSTERN_CONFIG"])
	check(t, err)
	store, err := boot.OpenStore(t.Context(), cfg, boot.StoreConfig{Now: time.Now})
	check(t, err)
	for id, m := range a.sim.byID {
		row, err := store.Journal.MessageByAdmission(t.Context(), id)
		if err != nil || string(row.Hash[:]) != a.hash(t, m.WAMID) {
			a.trail.fault("the id of message %s maps to nothing: %v", id, err)
		}
	}
	check(t, store.Close())
	a.report(t)
}

// verify proves the whole trail, against every checkpoint kept outside so far.
func (k *killer) verify(t testing.TB) audit.Report {
	t.Helper()
	against, err := audit.ReadCheckpoints(k.w.env["POSTERN_CHECKPOINTS"])
	check(t, err)
	reader, err := journal.OpenReader(t.Context(), k.acc.trail.path)
	check(t, err)
	defer reader.Close()
	var keys []audit.Verifier
	for _, key := range k.acc.keys.CheckpointKeys() {
		v, err := audit.NewVerifier(key.Name, key.Key)
		check(t, err)
		keys = append(keys, v)
	}
	report, err := audit.Verify(context.WithoutCancel(t.Context()), reader, audit.VerifyOptions{Verifiers: keys, Against: against})
	check(t, err)
	if !report.OK() || report.Outside != uint64(len(against)) {
		found, _ := json.Marshal(report)
		t.Fatalf("%d checkpoints were kept outside; verification says: %s", len(against), found)
	}
	return report
}

// tail is the end of a log.
func tail(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	check(t, err)
	return string(raw[max(0, len(raw)-4000):])
}
