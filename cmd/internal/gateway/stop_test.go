package gateway_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestStopsInOrder: who is being served is served to the end, nobody new is,
// and the last checkpoint covers the record of the stop.
func TestStopsInOrder(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	r := rig.Start(t, rig.Options{
		Config: swapped(t, "timeout: 10s", "timeout: 60s"),
		Watch: func(simulator http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				if strings.HasSuffix(q.URL.Path, "/messages") {
					close(arrived) // there is one send
					<-release
				}
				simulator.ServeHTTP(w, q)
			})
		},
	})
	answer := make(chan rig.Reply, 1)
	go func() { answer <- send(t, r) }()
	<-arrived
	stopped := make(chan struct{})
	go func() { r.Stop(); close(stopped) }()
	rig.Await(t, "a closed door", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(r.Env["POSTERN_URL"], "https://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	select {
	case <-stopped:
		t.Error("stopped while a send was under way")
	default:
	}
	close(release)
	wantStatus(t, <-answer, http.StatusOK)
	<-stopped

	rows := r.SQL(t, "SELECT kind, type, result FROM audit ORDER BY seq DESC")
	if rows[0][0] != "life" || rows[0][1] != "stop" {
		t.Errorf("the last record is %v", rows[0])
	}
	settled := 0
	for _, row := range rows {
		if row[0] == "settle" && row[2] == "accepted" {
			settled++
		}
	}
	if settled != 1 {
		t.Errorf("%d sends settled before the end", settled)
	}
	if signed := stored(t, r, "SELECT max(size) - (SELECT count(*) FROM records) FROM checkpoints"); signed != "0" {
		t.Errorf("the last checkpoint is %s records away from the end", signed)
	}
}
