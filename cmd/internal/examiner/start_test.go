package examiner

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// page reads a page of the admin listener.
func page(t *testing.T, r *rig.Rig, path string) string {
	t.Helper()
	return r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+path, "").Body
}

func awaitTrail(t *testing.T, r *rig.Rig, word string) {
	t.Helper()
	rig.Await(t, "readyz to say of the trail: "+word, func() bool {
		return strings.Contains(page(t, r, "/readyz"), `"trail":"`+word+`"`)
	})
}

// copyStore copies the store of a rig that has stopped.
func copyStore(t *testing.T, r *rig.Rig, to string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.Dir, "data", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

const secretWord = "Zitronenfalter"

// TestStartChecksTheTrail starts a gateway on a sound store, on one in which a
// byte of a recorded body was changed, and on an old copy of it.
func TestStartChecksTheTrail(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	awaitTrail(t, r, "ok")
	if a := r.Cloud(t, text(r.Env["DEMO_CONSENTED"], secretWord)); a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	r.Stop()
	old := filepath.Join(t.TempDir(), "journal.db")
	copyStore(t, r, old)

	changed := rig.Start(t, rig.Options{Keep: changeBody(t, r)})
	awaitTrail(t, changed, "disagrees")
	for _, want := range []string{`postern_alarms_total{alarm="trail"} 1`, "postern_trail_findings 1"} {
		if !strings.Contains(page(t, changed, "/metrics"), want) {
			t.Errorf("metrics lack %s", want)
		}
	}
	if log := changed.Log.String(); !strings.Contains(log, "part body") || strings.Contains(log, secretWord[1:]) {
		t.Errorf("the log does not name the part, or holds its text:\n%s", log)
	}
	if a := changed.Cloud(t, text(changed.Env["DEMO_CONSENTED"], "Still here")); a.Status != http.StatusOK {
		t.Errorf("a damaged record of the past stops messages: %d %s", a.Status, a.Body)
	}
	rows := changed.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = 'trail_disagrees'")
	if rows[0][0] != "1" {
		t.Errorf("%s records of the finding", rows[0][0])
	}
	changed.Stop()

	raw, err := os.ReadFile(old)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(r.Dir, "data", "journal.db"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	restored := rig.Start(t, rig.Options{Keep: r.Dir})
	if !strings.Contains(restored.Log.String(), "the end of the trail is not") {
		t.Error("an old copy in place of the store was not noticed before the start")
	}
	awaitTrail(t, restored, "disagrees")
}

// changeBody changes one byte of a recorded body in the store of a rig that
// has stopped, and returns its folder.
func changeBody(t *testing.T, r *rig.Rig) string {
	t.Helper()
	path := filepath.Join(r.Dir, "data", "journal.db")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(raw, []byte(secretWord)) != 1 {
		t.Fatal("the recorded body is not there once")
	}
	raw[bytes.Index(raw, []byte(secretWord))] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	return r.Dir
}
