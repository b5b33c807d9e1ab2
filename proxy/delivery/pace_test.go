package delivery_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
)

// TestAppSetsDelays: an old client's own growth and bound of the delay hold, and
// mean nothing to the Cloud form.
func TestAppSetsDelays(t *testing.T) {
	for d, delays := range map[dialect.Dialect][]time.Duration{
		dialect.OnPrem: {10 * time.Second, 20 * time.Second, 25 * time.Second, 25 * time.Second},
		dialect.Cloud:  {2 * time.Second, 4 * time.Second},
	} {
		t.Run(string(d), func(t *testing.T) {
			a := newApp(t, always(http.StatusInternalServerError))
			o := newOffice(t, a, func(c *delivery.Config) {
				c.Pace = func(string) delivery.Pace { return delivery.Pace{Step: 10 * time.Second, Most: 25 * time.Second} }
			})
			id := o.emit(event{"bank", audit.NewSubjectID(), d, "x"})[0]
			for i, want := range delays {
				wait := time.UnixMicro(o.tried(id, i+1).NextAt).Sub(o.clock.Now())
				if wait != want {
					t.Fatalf("after attempt %d: next in %s, want %s", i+1, wait, want)
				}
				o.clock.advance(wait)
			}
		})
	}
}

// TestAppSetsParallel: no more webhooks are under way to an app than it takes,
// and other apps are not concerned.
func TestAppSetsParallel(t *testing.T) {
	stuck := make(chan struct{})
	a := newApp(t, func(path, _ string) int {
		if path == "/bank" {
			<-stuck
		}
		return http.StatusOK
	})
	free := sync.OnceFunc(func() { close(stuck) })
	t.Cleanup(free)
	o := newOffice(t, a, func(c *delivery.Config) {
		c.Pace = func(app string) delivery.Pace {
			return delivery.Pace{Parallel: map[string]int{"bank": 1}[app]} // of two connections
		}
	})
	for i := range 10 {
		o.emit(event{"bank", audit.NewSubjectID(), dialect.OnPrem, fmt.Sprint(i)}, event{"clinic", audit.NewSubjectID(), dialect.OnPrem, fmt.Sprint(i)})
	}
	o.await("the other app's events", func() bool { return len(a.bodies("/clinic")) == 10 })
	o.await("the first of the slow app's", func() bool { return len(a.bodies("/bank")) >= 1 })
	if n := len(a.bodies("/bank")); n != 1 {
		t.Errorf("%d are under way", n)
	}
	free()
	o.await("the rest", func() bool { return len(a.bodies("/bank")) == 10 })
}
