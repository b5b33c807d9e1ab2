package proofs

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/proxy/message"
	"postern/proxy/person"
)

// TestEraseHalfway: a process that ended when the erasure was on record and a
// part of it done is followed by one that does the rest.
func TestEraseHalfway(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	wamid := hear(t, r, sim.Inbound{From: gone, UserID: goneID, Name: goneName}, goneWords)
	hear(t, r, sim.Inbound{From: stays}, stayWords)
	var who admin.Found
	r.Admin(t, "subject.find", admin.Who{Number: gone}, &who)
	r.Stop()
	held := holdings(t, r, who.Subject)
	begin(t, r)
	if len(found(t, r.Dir, held.bytes)) == 0 {
		t.Fatal("nothing is left to do")
	}

	r = rig.Start(t, rig.Options{Keep: r.Dir})
	if err := r.TryAdmin(t, "subject.show", admin.Who{Number: gone}, nil); err == nil {
		t.Error("found while being erased")
	}
	rig.Await(t, "the rest", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'request' AND type = 'erase' AND result = 'done'")[0][0] == "1"
	})
	for _, place := range found(t, r.Dir, append(forms(gone, goneID, goneName, goneWords, wamid), held.bytes...)) {
		t.Error(place)
	}
	if report := verifyWith(t, r, audit.VerifyOptions{Verifiers: []audit.Verifier{verifier(t, keys(t, r), 0)}}); !report.OK() || report.Erased == 0 {
		t.Error(report.Findings)
	}
	var known admin.Known
	r.Admin(t, "subject.show", admin.Who{Number: stays}, &known)
	if len(known.Records) == 0 {
		t.Error("the other person is gone")
	}
}

// begin puts an erasure on record and does the first step of it.
func begin(t *testing.T, r *rig.Rig) {
	t.Helper()
	ctx := t.Context()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	check(t, err)
	store, err := boot.OpenStore(ctx, cfg, boot.StoreConfig{Now: time.Now, OnError: func(err error) { t.Error(err) }})
	check(t, err)
	defer func() { check(t, store.Close()) }()
	people, err := person.Load(ctx, person.Config{
		Journal: store.Journal, Keys: store.Keys, Now: time.Now, Linked: func(string, audit.SubjectID, audit.SubjectID, bool) {},
	})
	check(t, err)
	tenant := cfg.Tenants[0].Name
	p, ok := people.Find(tenant, message.Party{Number: gone})
	if !ok {
		t.Fatal("the person is not known")
	}
	asked := audit.Record{
		Version: audit.Version, ID: audit.NewID(time.Now()), Kind: audit.KindRequest, Time: time.Now().UnixMicro(), Actor: "ann",
		Type: "erase", Result: "begun", Tenant: tenant, Subject: p.Subject,
	}
	f := person.Forgotten{Tenant: tenant, Record: asked.ID, Reason: "request", Actor: "ann"}
	f, err = people.Forget(ctx, p.Subject, f, journal.Batch{Records: []audit.Record{asked}})
	check(t, err)
	if _, ok := people.Find(tenant, message.Party{Number: gone}); ok || !people.Erased(p.Subject) {
		t.Error("still in use")
	}
	seqs, err := store.Journal.SeqsOf(ctx, f.Subjects[0])
	check(t, err)
	first := asked
	first.ID, first.Kind, first.Type, first.Result = audit.NewID(time.Now()), audit.KindErasure, "", ""
	check(t, store.Journal.Erase(ctx, journal.Erase{Record: first, Reason: "request", Parts: []string{audit.PartBody}, Seqs: seqs}))
}

// TestEraseUnderWay: a message that is under way when its person is erased is
// finished; its outcome is on record and its id nowhere.
func TestEraseUnderWay(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/messages") {
				close(arrived)
				<-release
			}
			next.ServeHTTP(w, req)
		})
	}})
	hear(t, r, sim.Inbound{From: gone, UserID: goneID, Name: goneName}, goneWords)
	answered := make(chan rig.Reply, 1)
	go func() { answered <- r.Cloud(t, writeTo(gone, "Quittenbaum"), "Idempotency-Key: once") }()
	<-arrived
	var out admin.Erasure
	err := r.TryAdmin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: gone}, Reason: "request", Confirm: "erase"}, &out)
	close(release)
	check(t, err)
	a := <-answered
	if a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	wamid, _ := a.JSON(t)["messages"].([]any)[0].(map[string]any)["id"].(string)
	id := a.Header.Get("X-Postern-Receipt")
	var rows [][]string
	rig.Await(t, "its statuses and outcome on record", func() bool {
		rows = r.SQL(t, "SELECT result FROM audit WHERE kind = 'settle' AND ref = '"+id+"'")
		return len(rows) > 0 && r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'status' AND ref = '"+id+"'")[0][0] != "0"
	})
	if len(rows) != 1 || rows[0][0] != "accepted" {
		t.Errorf("outcome: %v", rows)
	}
	r.Hooks.With(t, `"statuses"`, wamid) // the app hears what became of it
	if again := r.Cloud(t, writeTo(gone, "Quittenbaum"), "Idempotency-Key: once"); again.Status == http.StatusOK {
		t.Errorf("a repeat: %d %s", again.Status, again.Body)
	}
	if n := r.SQL(t, "SELECT count(*) FROM audit WHERE kind IN ('unmatched_send', 'undecodable')")[0][0]; n != "0" {
		t.Errorf("%s records that match nothing", n)
	}
	for _, place := range found(t, r.Dir, forms(gone, goneID, goneName, goneWords, "Quittenbaum", wamid)) {
		t.Error(place)
	}
	if n := r.SQL(t, "SELECT count(*) FROM audit WHERE subject = '"+out.Subject+"' AND kind = 'admission' AND body <> ''")[0][0]; n != "0" {
		t.Errorf("%s bodies of the person", n)
	}
}
