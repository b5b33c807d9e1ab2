package gateway

import (
	"context"
	"sync"
	"time"

	"postern/audit/export"
)

// exportQuiet is how long a receiver may be away before the alarm.
const exportQuiet = 5 * time.Minute

// exportAlarm raises one alarm for each time that a receiver is lost.
type exportAlarm struct {
	gateway *Gateway
	since   int64        // of the trouble that was told
	state   export.State // what was told of it
}

// fault is called by one export's goroutine.
func (a *exportAlarm) fault(s export.Status) {
	late := a.gateway.now().Unix()-s.Since >= int64(exportQuiet/time.Second)
	told := a.since == s.Since && a.state == s.State
	if told || s.State != export.Refused && !late {
		return
	}
	a.since, a.state = s.Since, s.State
	a.gateway.metrics.Alarm("export")
	a.gateway.log.Error().Str("export", s.Name).Str("state", string(s.State)).Uint64("next", s.Next).Str("fault", s.Fault).Msg("export does not get through")
}

// exportBehind is the word for an export that falls behind, for readyz.
const exportBehind = "behind"

// exportLag remembers how far behind each export was when it was looked at.
type exportLag struct {
	mu sync.Mutex
	by map[string]lagging // by name
}

// lagging is one export at one look.
type lagging struct {
	age    int64         // of the oldest record that waits, seconds
	at     time.Duration // of the look, monotonic
	behind bool
}

// look judges an export whose records may wait that long, and reports whether it
// is behind now and was not. One that catches up faster than time goes by, as a
// new one does and one that is replayed, is not; one that was stays so until it
// has caught up.
func (l *exportLag) look(s export.Status, late, now time.Duration) (begun bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	last, known := l.by[s.Name]
	gains := !known || time.Duration(last.age-s.Age)*time.Second > now-last.at
	next := lagging{age: s.Age, at: now, behind: s.Age > int64(late/time.Second) && (last.behind || !gains)}
	if l.by == nil {
		l.by = map[string]lagging{}
	}
	l.by[s.Name] = next
	return next.behind && !last.behind
}

func (l *exportLag) behind(name string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.by[name].behind
}

// watchExports raises an alarm for each export that falls behind, with faults or
// without one.
func (g *Gateway) watchExports(context.Context) {
	for _, s := range g.exportStatus() {
		if g.exportLag.look(s, g.exportConfig(s.Name).Late(), g.elapsed()) {
			g.metrics.Alarm("export_behind")
			g.log.Warn().Str("export", s.Name).Uint64("next", s.Next).Uint64("records", s.Waiting).Int64("seconds", s.Age).Msg("export falls behind the trail: a purge waits for it")
		}
	}
}

// exportStates is for readyz: by name how each export stands. None of it keeps
// messages from passing.
func (g *Gateway) exportStates() map[string]string {
	out := map[string]string{}
	for _, s := range g.exportStatus() {
		if out[s.Name] = string(s.State); s.State == export.Idle && g.exportLag.behind(s.Name) {
			out[s.Name] = exportBehind
		}
	}
	return out
}
