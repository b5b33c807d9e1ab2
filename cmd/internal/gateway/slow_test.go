package gateway_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// median is how many deliveries one median is taken over.
const median = 64

// crowd lets as many people as a median needs write to a number, each once:
// one person's events wait for each other.
func crowd(t *testing.T, r *rig.Rig, number string) {
	t.Helper()
	inbound := func() string { return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'inbound'")[0][0] }
	var before int
	if _, err := fmt.Sscan(inbound(), &before); err != nil {
		t.Fatal(err)
	}
	for i := range median {
		_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
			PhoneID: number, From: fmt.Sprint(491713920100 + i),
			Message: map[string]any{"type": "text", "text": map[string]string{"body": "hello"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rig.Await(t, "their records", func() bool { return inbound() == fmt.Sprint(before+median) })
}

func metric(t *testing.T, r *rig.Rig, line string) bool {
	t.Helper()
	return strings.Contains(r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, line+"\n")
}

// TestSlowApp: an app that takes its events more than 250 ms after Meta posted
// them, at the median, raises the alarm; a quick one beside it does not.
func TestSlowApp(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	r.Clock.Stop()
	crowd(t, r, r.Env["POSTERN_D360_PHONE_ID"])
	rig.Await(t, "quick deliveries", func() bool { return metric(t, r, `postern_delivery_seconds_count{app="d360-demo"} 64`) })
	release := r.Hooks.Hold()
	defer release()
	crowd(t, r, r.Env["POSTERN_PHONE_ID"])
	rig.Await(t, "a backlog that shows what waits", func() bool { return metric(t, r, `postern_delivery_backlog{app="cloud-demo"} 64`) })
	r.Clock.Forward(time.Second)
	release()
	rig.Await(t, "the alarm", func() bool {
		r.Clock.Forward(time.Second) // an attempt that was held for too long comes again
		return metric(t, r, `postern_alarms_total{alarm="delivery_slow"} 1`)
	})
	rig.Await(t, "the slow app's name", func() bool { return metric(t, r, `postern_delivery_slow{app="cloud-demo"} 1`) })
	if metric(t, r, `postern_delivery_slow{app="d360-demo"} 1`) {
		t.Error("the wrong app is called slow")
	}
	crowd(t, r, r.Env["POSTERN_PHONE_ID"])
	rig.Await(t, "that it is quick again", func() bool { return metric(t, r, `postern_delivery_slow{app="cloud-demo"} 0`) })
	rig.Await(t, "a backlog that shrinks", func() bool { return metric(t, r, `postern_delivery_backlog{app="cloud-demo"} 0`) })
}
