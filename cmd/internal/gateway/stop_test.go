package gateway_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestStopsInOrder: who is being served is served to the end, nobody new is,
// and the last checkpoint covers the record of the stop.
func TestStopsInOrder(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	if _, err := r.Sim.AddFault(sim.Fault{Path: "messages", Action: sim.ActionSlow, DelayMS: 700}); err != nil {
		t.Fatal(err)
	}
	answer := make(chan rig.Reply, 1)
	go func() { answer <- send(t, r) }()
	rig.Await(t, "the send at upstream", func() bool { return r.Sim.Faults()[0].Matched == 1 })
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
