package files

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

// TestIDsAfterRestart: the old API's ids lead to the same files, and messages may
// name them.
func TestIDsAfterRestart(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	id := upload(t, r, "application/pdf", pdf)
	r.Halt()
	r.Resume(t)
	if a := r.Do(t, "GET", "/v1/media/"+id, "", flat(r)); a.Status != http.StatusOK || a.Body != pdf {
		t.Errorf("%d %q", a.Status, a.Body)
	}
	a := r.Do(t, "POST", "/v1/messages", `{"to":"`+r.Env["DEMO_CONSENTED"]+`","type":"document","document":{"id":"`+id+`","filename":"a.pdf"}}`, flat(r))
	if a.Status != http.StatusCreated {
		t.Errorf("send: %d %s", a.Status, a.Body)
	}
	if a := r.Do(t, "DELETE", "/v1/media/"+id, "", flat(r)); a.Status != http.StatusOK {
		t.Errorf("delete: %d %s", a.Status, a.Body)
	}
	if a := r.Do(t, "GET", "/v1/media/"+id, "", flat(r)); a.Status != http.StatusNotFound {
		t.Errorf("after its deletion: %d %q", a.Status, a.Body)
	}
	rig.Await(t, "its content to go", func() bool {
		r.Clock.Forward(time.Minute)
		return len(stored(t, r)) == 0
	})
}

// TestFilesOfAClassThatKeepsNone: where the retention policy keeps no files, none
// lies here, and the app reads its own from upstream.
func TestFilesOfAClassThatKeepsNone(t *testing.T) {
	r := rig.Start(t, rig.Options{Policies: map[string]string{
		"settings.yaml": "version: 1\n", "retention.yaml": "classes: {media: {keep: nothing}}\n",
	}})
	id := upload(t, r, "application/pdf", pdf)
	if a := r.Do(t, "GET", "/v1/media/"+id, "", flat(r)); a.Status != http.StatusOK || a.Body != pdf || len(stored(t, r)) != 0 {
		t.Errorf("%d %q, %d files", a.Status, a.Body, len(stored(t, r)))
	}
}

// TestOrphans: content without a row goes once it is old, what has one stays.
func TestOrphans(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	id := upload(t, r, "application/pdf", pdf)
	orphan := filepath.Join("data", "media", strings.Repeat("0b", 16))
	r.Write(t, orphan, "whose is this")
	rig.Await(t, "the orphan to go", func() bool {
		r.Clock.Forward(10 * time.Minute)
		_, err := os.Stat(filepath.Join(r.Dir, orphan))
		return os.IsNotExist(err)
	})
	if a := r.Do(t, "GET", "/v1/media/"+id, "", flat(r)); a.Body != pdf || len(stored(t, r)) != 1 {
		t.Errorf("%d %q, %d files", a.Status, a.Body, len(stored(t, r)))
	}
}

// TestForeignHosts: upstream's token goes to upstream alone, wherever a node or an
// answer points.
func TestForeignHosts(t *testing.T) {
	var asked, redirected atomic.Int64
	var astray atomic.Bool
	foreign := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer foreign.Close()
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"settings.yaml": "version: 1\nretention: {keep_original: false}\n"},
		Watch: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				switch {
				case req.URL.Query().Has("mid"):
					redirected.Add(1)
					http.Redirect(w, req, foreign.URL+"/b", http.StatusFound)
				case astray.Load() && req.Method == http.MethodGet && req.URL.Query().Has("phone_number_id"):
					writeJSON(w, map[string]any{"messaging_product": "whatsapp", "id": "1", "mime_type": "application/pdf", "url": foreign.URL + "/a"})
				default:
					next.ServeHTTP(w, req)
				}
			})
		},
	})
	id := upload(t, r, "application/pdf", pdf)
	for _, wrong := range []bool{false, true} {
		astray.Store(wrong)
		if a := r.Do(t, "GET", "/v1/media/"+id, "", flat(r)); a.Status < http.StatusBadRequest || !strings.Contains(a.Body, `"errors"`) {
			t.Errorf("node astray %t: %d %s", wrong, a.Status, a.Body)
		}
	}
	if asked.Load() != 0 || redirected.Load() != 1 {
		t.Errorf("the foreign host was asked %d times, upstream's own %d times", asked.Load(), redirected.Load())
	}
}
