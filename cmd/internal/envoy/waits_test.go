package envoy

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
)

// TestEnvoyWaitsWhenAsked: a gateway whose record takes longer than Envoy bears
// silence (5 s) asks for time, and the send is made once.
func TestEnvoyWaitsWhenAsked(t *testing.T) {
	t.Parallel()
	var up wire
	var slow atomic.Bool
	s := configured(t, rig.Options{Tap: up.tap, Fault: func(journal.Step) error {
		if slow.CompareAndSwap(true, false) {
			<-time.After(7 * time.Second)
		}
		return nil
	}})
	slow.Store(true)
	a := s.Cloud(t, `{"to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"Parcel late"}}`)
	if a.Status != http.StatusOK || slow.Load() {
		t.Errorf("%d %s, held up: %t", a.Status, a.Body, !slow.Load())
	}
	if sent := up.sends(t); len(sent) != 1 {
		t.Errorf("%d messages went up", len(sent))
	}
	up.admitted(t, s.Rig)
}
