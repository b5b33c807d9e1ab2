package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
)

func openWitness(t *testing.T, dir string) *audit.Witness {
	t.Helper()
	_, v := testKey(t, 1)
	w, err := audit.OpenWitness(dir, "witness.example/w1", map[string][]audit.Verifier{testChain: {v}}, func() time.Time { return time.Unix(1763712000, 0) })
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func addCheckpoint(w *audit.Witness, old uint64, proof [][32]byte, msg []byte) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(audit.WitnessRequest(old, proof, msg))))
	return rec
}

func (m *trail) growth(t *testing.T, old uint64) [][32]byte {
	t.Helper()
	proof, err := audit.ProveConsistency(m.tiles().tile, m.tree.Size(), m.tree.Root(), old)
	if err != nil {
		t.Fatal(err)
	}
	return proof
}

func TestWitness(t *testing.T) {
	dir := t.TempDir()
	w := openWitness(t, dir)
	s, v := testKey(t, 1)
	m := newTrail(t, 10)
	first := m.checkpoint(t, s)
	a := addCheckpoint(w, 0, nil, first)
	if a.Code != http.StatusOK {
		t.Fatal(a.Code, a.Body)
	}
	key, err := audit.ParseWitness(w.Key())
	if err != nil {
		t.Fatal(err)
	}
	both := slices.Concat(first, a.Body.Bytes())
	for _, k := range []audit.Verifier{key, v} {
		if c, err := audit.OpenCheckpoint(both, k); err != nil || c.Size != 10 {
			t.Errorf("cosigned checkpoint under %s: %v", k.Name(), err)
		}
	}
	if _, err := audit.OpenCheckpoint(bytes.Replace(both, []byte("time 1"), []byte("time 2"), 1), key); !errors.Is(err, audit.ErrUnsigned) {
		t.Errorf("changed: %v", err)
	}

	w = openWitness(t, dir) // it forgets nothing when it starts again
	fork := newTrail(t, 9)
	fork.append(t, record(99))
	forked := fork.checkpoint(t, s)
	m.append(t, record(10))
	fork.append(t, record(11))
	next := m.checkpoint(t, s)
	stranger, _ := testKey(t, 2)
	foreign := newTrail(t, 0)
	foreign.chain = "postern.example/gw2"
	foreign.append(t, record(1))
	for _, tt := range []struct {
		name   string
		old    uint64
		proof  [][32]byte
		msg    []byte
		status int
	}{
		{"not where it stands", 0, nil, next, http.StatusConflict},
		{"fork of the same size", 10, nil, forked, http.StatusConflict},
		{"fork that grew", 10, fork.growth(t, 10), fork.checkpoint(t, s), http.StatusUnprocessableEntity},
		{"no proof", 10, nil, next, http.StatusUnprocessableEntity},
		{"other proof", 10, m.growth(t, 9), next, http.StatusUnprocessableEntity},
		{"unknown key", 10, m.growth(t, 10), m.checkpoint(t, stranger), http.StatusForbidden},
		{"unknown log", 0, nil, foreign.checkpoint(t, s), http.StatusNotFound},
		{"old beyond it", 12, nil, next, http.StatusBadRequest},
		{"no checkpoint", 10, nil, []byte(testChain + "\nx\n"), http.StatusForbidden},
		{"the same again", 10, nil, first, http.StatusOK},
		{"growth", 10, m.growth(t, 10), next, http.StatusOK},
	} {
		a := addCheckpoint(w, tt.old, tt.proof, tt.msg)
		if tt.name == "no checkpoint" {
			if a.Code < 400 {
				t.Errorf("%s: %d", tt.name, a.Code)
			}
			continue
		}
		if a.Code != tt.status || (a.Code == http.StatusOK) != strings.HasPrefix(a.Body.String(), "\u2014 witness.example/w1 ") {
			t.Errorf("%s: %d %q", tt.name, a.Code, a.Body)
		}
		if a.Code == http.StatusConflict && (a.Body.String() != "10\n" || a.Header().Get("Content-Type") != "text/x.tlog.size") {
			t.Errorf("%s: %q", tt.name, a.Body)
		}
	}
}

func TestWitnessWithoutMemory(t *testing.T) {
	dir := t.TempDir()
	openWitness(t, dir)
	if err := os.Remove(filepath.Join(dir, "witness.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := audit.OpenWitness(dir, "w", nil, time.Now); err == nil || !strings.Contains(err.Error(), "witness.json is missing") {
		t.Error(err)
	}
}

func TestWitnessKeeps(t *testing.T) {
	dir := t.TempDir()
	w := openWitness(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s, _ := testKey(t, 1)
	if a := addCheckpoint(w, 0, nil, newTrail(t, 3).checkpoint(t, s)); a.Code != http.StatusInternalServerError {
		t.Errorf("signed what it could not keep: %d", a.Code)
	}
}

// FuzzWitness: nothing but the log's own growing trees is signed.
func FuzzWitness(f *testing.F) {
	s, v := testKey(f, 1)
	m := newTrail(f, 3)
	note := m.checkpoint(f, s)
	f.Add(audit.WitnessRequest(0, nil, note))
	f.Add(audit.WitnessRequest(2, [][32]byte{{1}}, note))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, body []byte) {
		w, err := audit.OpenWitness(dir, "w", map[string][]audit.Verifier{testChain: {v}}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		rec := httptest.NewRecorder()
		w.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/add-checkpoint", bytes.NewReader(body)))
		text, _, _ := bytes.Cut(note, []byte("\n\n"))
		if rec.Code == http.StatusOK && !bytes.Contains(body, text) {
			t.Errorf("signed %q", body)
		}
	})
}

func TestParseWitnessRefuses(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
	good, err := audit.WitnessKey("w", key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.ParseWitness(good); err != nil {
		t.Error(err)
	}
	for _, text := range []string{"", "w", keyText(t, 1), good + "=", "v" + good[1:], strings.ToUpper(good)} {
		if _, err := audit.ParseWitness(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
