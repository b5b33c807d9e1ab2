// Package stats counts what each On-Premises app sends, gets and asks since the
// start, under the names of the old client's monitoring.
//
// Every figure is of one app alone, and counted where it happens: messages as
// their records are committed, callbacks as they are answered, calls as they are
// served. What the gateway does not have, such as the old database or processes
// of a web server, has no figure. Counters live in memory; a restart begins at 0.
package stats

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/audit"
	"postern/proxy/dialect"
)

// Counters counts. It is safe for concurrent use, and holds its lock for no
// longer than a few additions: the journal's writer waits for it.
type Counters struct {
	now   func() time.Time
	began time.Time

	mu   sync.Mutex
	apps map[string]*counts
}

// counts are one app's.
type counts struct {
	n    map[series]int64
	open map[audit.ID]int64 // admitted messages without an outcome, since when in microseconds
}

// series is one sample of a metric; labels that it does not have are "".
type series struct{ name, first, second string }

// New counts from now on.
func New(now func() time.Time) *Counters {
	return &Counters{now: now, began: now(), apps: map[string]*counts{}}
}

// with runs f with the app's counts.
func (c *Counters) with(app string, f func(*counts)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.apps[app]
	if a == nil {
		a = &counts{n: map[series]int64{}, open: map[audit.ID]int64{}}
		c.apps[app] = a
	}
	f(a)
}

// Record counts a record that was committed.
func (c *Counters) Record(r *audit.Record) {
	if r.App == "" || r.Dialect != string(dialect.OnPrem) {
		return
	}
	switch r.Kind {
	case audit.KindAdmission:
		if r.Effect == audit.EffectAllow {
			c.with(r.App, func(a *counts) { a.n[series{outPersisted, "", ""}]++; a.open[r.ID] = r.Time })
		}
	case audit.KindSettle:
		c.with(r.App, func(a *counts) { a.settle(r) })
	case audit.KindStatus:
		c.with(r.App, func(a *counts) { a.n[series{outStatus, r.Result, ""}]++ })
	case audit.KindInbound:
		c.with(r.App, func(a *counts) { a.n[series{inServer, "", ""}]++; a.n[series{inPersisted, "", ""}]++ })
	default:
	}
}

// settle counts the outcome of a message. Those of other calls, and of messages
// admitted before the start, are none of an open one.
func (a *counts) settle(r *audit.Record) {
	since, ok := a.open[r.Ref]
	if !ok {
		return
	}
	delete(a.open, r.Ref)
	a.n[series{outSentCount, r.Result, ""}]++
	a.n[series{outSentSum, r.Result, ""}] += max(r.Time-since, 0) / 1000
}

// Request counts a call of the app: path is the row's of the routing table.
func (c *Counters) Request(app, method, path string, status int, d time.Duration) {
	result, name := "ok", method+strings.NewReplacer("/", "_", "{", "", "}", "").Replace(path)
	if status >= http.StatusBadRequest {
		result = strconv.Itoa(status)
	}
	c.with(app, func(a *counts) {
		a.n[series{endpointCount, name, result}]++
		a.n[series{endpointSum, name, result}] += d.Milliseconds()
		a.n[series{apiCount, strconv.Itoa(status), name}]++
		a.n[series{apiSum, strconv.Itoa(status), name}] += d.Milliseconds()
		switch name {
		case "POST_v1_media":
			a.n[series{mediaUploads, result, ""}]++
		case "GET_v1_media_id":
			a.n[series{mediaDownloads, result, ""}]++
		}
	})
}

// Callback counts one try to bring an event to the app's webhook. The code is
// its answer's, 0 without one.
func (c *Counters) Callback(app string, code int64, d time.Duration) {
	result := "success"
	if code != http.StatusOK {
		result = strconv.FormatInt(code, 10)
	}
	c.with(app, func(a *counts) {
		a.n[series{callbackCount, result, ""}]++
		a.n[series{callbackSum, result, ""}] += d.Milliseconds()
	})
}

// Waiting is what waits for an app now.
type Waiting struct {
	Queue     int   // events in memory
	Callbacks int64 // events in the journal
}

// App is what the app did and what waits for it: /v1/stats/app.
func (c *Counters) App(app string, w Waiting) []dialect.Metric {
	n, open := c.snapshot(app)
	n[series{callbackQueue, "", ""}] = int64(w.Queue)
	n[series{pendingCallbacks, "", ""}], n[series{pendingMessages, "", ""}] = w.Callbacks, open
	return gather(appMetrics, n, "")
}

// Database is what is kept and not done: /v1/stats/db.
func (c *Counters) Database(app string, w Waiting) []dialect.Metric {
	_, open := c.snapshot(app)
	return gather(databaseMetrics, map[series]int64{{dbCallbacks, "", ""}: w.Callbacks, {dbMessages, "", ""}: open}, "")
}

// Web is how the app's calls were answered: /metrics. node names the gateway.
func (c *Counters) Web(app, node string) []dialect.Metric {
	n, _ := c.snapshot(app)
	handled := int64(0)
	for s, v := range n {
		if s.name == apiCount {
			handled += v
		}
	}
	n[series{webHandled, "", ""}] = handled
	n[series{webUptime, "", ""}] = max(int64(c.now().Sub(c.began)/time.Second), 0)
	return gather(webMetrics, n, node)
}

func (c *Counters) snapshot(app string) (n map[series]int64, open int64) {
	c.with(app, func(a *counts) { n, open = maps.Clone(a.n), int64(len(a.open)) })
	return n, open
}

// gather puts values under their metrics, in the order of the labels.
func gather(all []metric, n map[series]int64, node string) []dialect.Metric {
	keys := slices.SortedFunc(maps.Keys(n), func(a, b series) int {
		return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.first, b.first), cmp.Compare(a.second, b.second))
	})
	out := make([]dialect.Metric, 0, len(all))
	for _, m := range all {
		one := dialect.Metric{Name: m.name, Help: m.help, Kind: m.kind, Samples: []dialect.Sample{}}
		for _, key := range keys {
			if key.name == m.name {
				one.Samples = append(one.Samples, dialect.Sample{Labels: m.labelled(key, node), Value: n[key]})
			}
		}
		if len(m.labels) == 0 && len(one.Samples) == 0 { // nothing happened yet
			one.Samples = []dialect.Sample{{Labels: m.labelled(series{}, node)}}
		}
		out = append(out, one)
	}
	return out
}
