package conformance

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// furtherTemplates gives the account templates of every kind before the
// gateway first asks for the list, with the credential it then shows.
func furtherTemplates(t *testing.T) func(http.Handler) http.Handler {
	raw, err := os.ReadFile("testdata/templates.txt")
	fail(t, err)
	var once sync.Once
	return func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if path, _, _ := strings.Cut(r.URL.Path, "?"); strings.HasSuffix(path, "/message_templates") {
				once.Do(func() {
					for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
						create(t, simulator, path, r.Header.Get("Authorization"), line)
					}
				})
			}
			simulator.ServeHTTP(w, r)
		})
	}
}

func create(t *testing.T, simulator http.Handler, path, auth, body string) {
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("Authorization", auth)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	simulator.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		answer, _ := io.ReadAll(w.Body) //nolint:errcheck // a recorder's body
		t.Errorf("create template: %d %s: %s", w.Code, answer, body)
	}
}

func admission(t *testing.T, text string) (id [16]byte) {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(raw) != 16 {
		t.Fatalf("callback data %q is no admission id", text)
	}
	return [16]byte(raw)
}

func itoa(n int) string { return strconv.Itoa(n) }
