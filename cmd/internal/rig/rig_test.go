package rig

import (
	"net/http"
	"testing"
)

// TestStart sends and receives one message: what every other test stands on.
func TestStart(t *testing.T) {
	r := Start(t, Options{})
	a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
	if a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	r.Hooks.With(t, `"delivered"`)
	rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'admission' AND effect = 'allow'")
	if rows[0][0] != "1" {
		t.Errorf("admissions on record: %s", rows[0][0])
	}
	r.Stop()
	again := Start(t, Options{Keep: r.Dir})
	if rows := again.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'admission'"); rows[0][0] != "1" {
		t.Errorf("a second rig in the same folder has %s admissions", rows[0][0])
	}
}
