package envoy

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
)

// TestARepeatedSendIsSeen: an Envoy that was told to repeat sends has two messages
// leave for one admission. Meta's statuses show it.
func TestARepeatedSendIsSeen(t *testing.T) {
	t.Parallel()
	var arrived atomic.Int64
	s := frontproxy(t, rig.Options{Watch: sends(func(simulator http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if arrived.Add(1) > 1 {
				simulator.ServeHTTP(w, r)
				return
			}
			simulator.ServeHTTP(httptest.NewRecorder(), r) // it was taken, and who asked does not hear so
			w.WriteHeader(http.StatusServiceUnavailable)
		})
	})}, line("timeout: 60s", `timeout: 60s, retry_policy: {retry_on: "5xx", num_retries: 1}`))
	if a := s.text(t); a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	if n := arrived.Load(); n != 2 {
		t.Fatalf("%d sends arrived, want 2", n)
	}
	rig.Await(t, "the alarm", func() bool { return strings.Contains(s.Log.String(), `"unmatched_send"`) })
	s.settled(t, "accepted")
}
