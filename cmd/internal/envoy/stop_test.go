package envoy

import (
	"net/http"
	"testing"

	"postern/cmd/internal/rig"
)

// TestStopLetsSendsEnd: a gateway that stops answers what Envoy asked it already,
// and nothing new.
func TestStopLetsSendsEnd(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	s := frontproxy(t, rig.Options{
		Config: line("timeout: 10s", "timeout: 60s"),
		Watch: sends(func(simulator http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(arrived) // there is one send
				<-release
				simulator.ServeHTTP(w, r)
			})
		}),
	})
	answer := make(chan rig.Reply, 1)
	go func() { answer <- s.text(t) }()
	<-arrived
	stopped := make(chan struct{})
	go func() { s.Stop(); close(stopped) }()
	rig.Await(t, "a closed door", func() bool {
		return s.Do(t, http.MethodGet, "/v25.0/"+s.Env["POSTERN_PHONE_ID"], "").Status == http.StatusServiceUnavailable
	})
	select {
	case <-stopped:
		t.Error("stopped while a send was under way")
	default:
	}
	close(release)
	if a := <-answer; a.Status != http.StatusOK {
		t.Errorf("the send under way: %d %s", a.Status, a.Body)
	}
	<-stopped
	s.settled(t, "accepted")
}
