package rig

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the gateway's clock: the real one, moved forward by a test. Moving
// it does not look like a jump of the wall clock, since both readings move.
type Clock struct{ ahead atomic.Int64 }

// Now is the time on this clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Forward moves the clock.
func (c *Clock) Forward(d time.Duration) { c.ahead.Add(int64(d)) }

// Log collects what the gateway logs.
type Log struct {
	mu  sync.Mutex
	all bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.Write(p)
}

// String is everything logged so far.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all.String()
}
