package proofs

import (
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
)

// keys opens the rig's keystore, as the keys' commands do.
func keys(t *testing.T, r *rig.Rig) *keyring.Keyring {
	t.Helper()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	k, err := boot.OpenKeys(cfg, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

// verifier is the public key of a version, by its place.
func verifier(t *testing.T, k *keyring.Keyring, i int) audit.Verifier {
	t.Helper()
	p := k.CheckpointKeys()[i]
	v, err := audit.NewVerifier(p.Name, p.Key)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func cloud(r *rig.Rig) string  { return "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"] }
func d360v1(r *rig.Rig) string { return "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"] }

func text(r *rig.Rig) string {
	return `{"to":"` + r.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"Your parcel is on its way."}}`
}

// send sends as the Cloud app and returns the receipt's id.
func send(t *testing.T, r *rig.Rig) string {
	t.Helper()
	a := r.Cloud(t, text(r))
	id := a.Header.Get("X-Postern-Receipt")
	if a.Status != http.StatusOK || len(id) != 32 {
		t.Fatalf("%d with receipt %q: %s", a.Status, id, a.Body)
	}
	return id
}

const receipts = "/postern/v1/receipts/"

// fetch lets a checkpoint come and returns the receipt.
func fetch(t *testing.T, r *rig.Rig, id, credential string) *audit.Receipt {
	t.Helper()
	var a rig.Reply
	rig.Await(t, "a checkpoint over the record", func() bool {
		a = r.Do(t, http.MethodGet, receipts+id, "", credential)
		if a.Status == http.StatusAccepted {
			r.Clock.Forward(2 * time.Minute)
		}
		return a.Status == http.StatusOK
	})
	receipt, err := audit.DecodeReceipt([]byte(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	id := send(t, r)

	if a := r.Do(t, http.MethodGet, receipts+id, "", cloud(r)); a.Status == http.StatusAccepted {
		if n, err := strconv.Atoi(a.Header.Get("Retry-After")); err != nil || n < 1 || n > 3600 {
			t.Errorf("Retry-After %q", a.Header.Get("Retry-After"))
		}
	}
	receipt := fetch(t, r, id, cloud(r))
	got := receipt.Verify(verifier(t, keys(t, r), 0))
	if !got.OK() || got.Record.ID.String() != id || got.Record.App == "" || got.Record.Effect != audit.EffectAllow || receipt.Revision == "" {
		t.Errorf("%v: %+v", got.Findings, receipt)
	}
	for _, secret := range []string{r.Env["DEMO_CONSENTED"], "parcel"} {
		if strings.Contains(receipt.Leaf+receipt.Checkpoint, secret) {
			t.Error("the receipt shows what it only has to prove")
		}
	}

	// The old dialects' apps have theirs, in the same way.
	a := r.Do(t, http.MethodPost, "/v1/messages", text(r), d360v1(r))
	old := a.Header.Get("X-Postern-Receipt")
	if a.Status != http.StatusCreated || old == "" || old == id {
		t.Fatalf("%d with receipt %q: %s", a.Status, old, a.Body)
	}
	if got := fetch(t, r, old, d360v1(r)).Verify(verifier(t, keys(t, r), 0)); !got.OK() || got.Record.Dialect != "d360v1" {
		t.Error(got.Findings)
	}

	var settled [][]string
	rig.Await(t, "the first one's outcome on record", func() bool {
		settled = r.SQL(t, "SELECT id FROM audit WHERE kind = 'settle' AND ref = '"+id+"'")
		return len(settled) == 1
	})
	for _, tt := range []struct {
		name, method, path string
		headers            []string
		status             int
	}{
		{"another app", http.MethodGet, receipts + id, []string{d360v1(r)}, http.StatusNotFound},
		{"the other way round", http.MethodGet, receipts + old, []string{cloud(r)}, http.StatusNotFound},
		{"nobody", http.MethodGet, receipts + id, nil, http.StatusUnauthorized},
		{"wrong key", http.MethodGet, receipts + id, []string{"Authorization: Bearer x"}, http.StatusUnauthorized},
		{"two credentials", http.MethodGet, receipts + id, []string{cloud(r), d360v1(r)}, http.StatusUnauthorized},
		{"token in the query", http.MethodGet, receipts + id + "?access_token=" + r.Env["POSTERN_CLOUD_TOKEN"], nil, http.StatusUnauthorized},
		{"unknown", http.MethodGet, receipts + strings.Repeat("ab", 16), []string{cloud(r)}, http.StatusNotFound},
		{"no id", http.MethodGet, receipts + "x", []string{cloud(r)}, http.StatusNotFound},
		{"a record of another kind", http.MethodGet, receipts + settled[0][0], []string{cloud(r)}, http.StatusNotFound},
		{"other path", http.MethodGet, "/postern/v2", []string{cloud(r)}, http.StatusNotFound},
		{"written to", http.MethodPost, receipts + id, []string{cloud(r)}, http.StatusMethodNotAllowed},
	} {
		if a := r.Do(t, tt.method, tt.path, "", tt.headers...); a.Status != tt.status || strings.Contains(a.Body, "leaf") {
			t.Errorf("%s: %d %s", tt.name, a.Status, a.Body)
		}
	}
}

// TestReceiptOfRepeat: a send that is repeated under its key has one receipt.
func TestReceiptOfRepeat(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	first := r.Cloud(t, text(r), "Idempotency-Key: one")
	again := r.Cloud(t, text(r), "Idempotency-Key: one")
	if id := first.Header.Get("X-Postern-Receipt"); id == "" || again.Header.Get("X-Postern-Receipt") != id {
		t.Errorf("receipts %q and %q", id, again.Header.Get("X-Postern-Receipt"))
	}
}

// TestKeyChain: after two rotations a receipt is checked with the first key
// alone, the trail too, and a statement that was changed leads nowhere.
func TestKeyChain(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	before := send(t, r)
	fetch(t, r, before, cloud(r))
	r.Stop()
	k := keys(t, r)
	for range 2 {
		if _, err := k.Rotate(keyring.Checkpoint); err != nil {
			t.Fatal(err)
		}
	}
	pinned, newest := verifier(t, k, 0), verifier(t, k, 2)

	r = rig.Start(t, rig.Options{Keep: r.Dir})
	id := send(t, r)
	receipt := fetch(t, r, id, cloud(r))
	if _, err := audit.OpenCheckpoint([]byte(receipt.Checkpoint), newest); err != nil || len(receipt.Keys) != 2 {
		t.Fatalf("not signed by the newest key: %v, %d statements", err, len(receipt.Keys))
	}
	for _, v := range []audit.Verifier{pinned, verifier(t, k, 1), newest} {
		if got := receipt.Verify(v); !got.OK() {
			t.Errorf("from key %08x: %v", v.KeyHash(), got.Findings)
		}
	}
	if got := fetch(t, r, before, cloud(r)).Verify(pinned); !got.OK() {
		t.Errorf("a receipt of before: %v", got.Findings)
	}
	broken := *receipt
	broken.Keys = []string{receipt.Keys[1]}
	if got := broken.Verify(pinned); got.OK() {
		t.Error("a chain with a gap leads to the newest key")
	}
	rows := r.SQL(t, "SELECT code, detail FROM audit WHERE kind = 'access' AND type = 'checkpoint_key' ORDER BY seq")
	if len(rows) != 2 || rows[0][0] != "2" || rows[1][0] != "3" || !strings.Contains(rows[0][1], "postern checkpoint key") {
		t.Errorf("statements on record: %v", rows)
	}
	r.Stop()
	if notes, err := filepath.Glob(filepath.Join(r.Dir, "checkpoints", "*")); err != nil || len(notes) == 0 {
		t.Errorf("no checkpoints outside: %v", err)
	}
}

// TestKeyDestroyedTooEarly: without a statement the new key is no less used,
// and somebody hears of it.
func TestKeyDestroyedTooEarly(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	r.Stop()
	k := keys(t, r)
	if _, err := k.Rotate(keyring.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.Checkpoint, 1); err != nil {
		t.Fatal(err)
	}
	r = rig.Start(t, rig.Options{Keep: r.Dir})
	receipt := fetch(t, r, send(t, r), cloud(r))
	if got := receipt.Verify(verifier(t, k, 1)); !got.OK() {
		t.Error(got.Findings)
	}
	if got := receipt.Verify(verifier(t, k, 0)); got.OK() {
		t.Error("the key that was destroyed leads to its successor")
	}
	if !strings.Contains(r.Log.String(), "no statement leads to this checkpoint key") {
		t.Error("nobody was told")
	}
}

// TestReceiptOfRefusal: what policy refused is on record, and the app can prove
// it; what no policy saw has no receipt.
func TestReceiptOfRefusal(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	stranger := strings.Replace(text(r), r.Env["DEMO_CONSENTED"], r.Env["DEMO_STRANGER"], 1)
	for name, a := range map[string]rig.Reply{
		"cloud": r.Cloud(t, stranger), "d360v1": r.Do(t, http.MethodPost, "/v1/messages", stranger, d360v1(r)),
	} {
		id, credential := a.Header.Get("X-Postern-Receipt"), cloud(r)
		if name == "d360v1" {
			credential = d360v1(r)
		}
		if a.Status < 400 || len(id) != 32 {
			t.Fatalf("%s: %d with receipt %q", name, a.Status, id)
		}
		got := fetch(t, r, id, credential).Verify(verifier(t, keys(t, r), 0))
		if !got.OK() || got.Record.Effect != audit.EffectDeny || len(got.Record.Reasons) == 0 {
			t.Errorf("%s: %v, %s %v", name, got.Findings, got.Record.Effect, got.Record.Reasons)
		}
	}
	id := r.Cloud(t, stranger).Header.Get("X-Postern-Receipt")
	if a := r.Do(t, http.MethodGet, receipts+id, "", d360v1(r)); a.Status != http.StatusNotFound {
		t.Errorf("another app reads it: %d", a.Status)
	}
	if a := r.Cloud(t, `{"to":"x"`); a.Header.Get("X-Postern-Receipt") != "" {
		t.Error("a receipt for what no policy saw")
	}
}
