package proofs

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/rig"
)

// TestWitness: checkpoints carry the witness's signature, and one that is away
// holds nothing up.
func TestWitness(t *testing.T) {
	t.Parallel()
	var witness *audit.Witness // set once the chain's name is known
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if witness == nil {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		witness.ServeHTTP(w, r)
	}))
	defer server.Close()
	r := rig.Start(t, rig.Options{})
	fetch(t, r, send(t, r), cloud(r))
	chain := r.SQL(t, "SELECT chain FROM audit WHERE seq = 0")[0][0]
	r.Stop()
	k := keys(t, r)
	var err error
	logs := map[string][]audit.Verifier{chain: {verifier(t, k, 0)}}
	if witness, err = audit.OpenWitness(t.TempDir(), "witness.example/w1", logs, time.Now); err != nil {
		t.Fatal(err)
	}
	key, err := audit.ParseWitness(witness.Key())
	if err != nil {
		t.Fatal(err)
	}
	gone := httptest.NewServer(nil)
	gone.Close()
	named := func(text string) string {
		return strings.Replace(text, "every: 5s}", `every: 5s, witnesses: ["`+server.URL+" "+witness.Key()+`", "`+gone.URL+" "+witness.Key()+`"]}`, 1)
	}
	r = rig.Start(t, rig.Options{Keep: r.Dir, Config: named})
	for range 2 { // the second one needs a proof of growth
		receipt := fetch(t, r, send(t, r), cloud(r))
		if _, err := audit.OpenCheckpoint([]byte(receipt.Checkpoint), key); err != nil {
			t.Errorf("not cosigned: %v", err)
		}
		if got := receipt.Verify(verifier(t, k, 0)); !got.OK() {
			t.Error(got.Findings)
		}
	}
	other, err := audit.OpenWitness(t.TempDir(), "witness.example/other", logs, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := audit.ParseWitness(other.Key())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		quorum int
		ok     bool
	}{{1, true}, {2, false}, {0, false}} {
		report := verifyWith(t, r, audit.VerifyOptions{Verifiers: []audit.Verifier{verifier(t, k, 0)}, Witnesses: []audit.Verifier{key, stranger}, Quorum: tt.quorum})
		w := report.Witnesses
		if report.OK() != tt.ok || w[0].Checkpoints < 2 || w[1].Checkpoints != 0 || (report.WitnessedTo.Size > 0) != tt.ok {
			t.Errorf("quorum %d: %+v, witnessed to %d, %v", tt.quorum, w, report.WitnessedTo.Size, report.Findings)
		}
	}
	if !strings.Contains(r.Log.String(), "it can not be reached") {
		t.Error("nobody heard of the witness that is away")
	}
}
