package rig

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"
)

// Clock is the gateway's clock: the real one, moved by a test.
type Clock struct {
	began       time.Time
	ahead, wall atomic.Int64
	stopped     atomic.Pointer[time.Time]
}

func newClock() *Clock { return &Clock{began: time.Now()} }

// Now is the time on this clock.
func (c *Clock) Now() time.Time { return c.real().Add(time.Duration(c.ahead.Load() + c.wall.Load())) }

// Elapsed is what a stopwatch shows, which no jump of the wall clock changes.
func (c *Clock) Elapsed() time.Duration {
	return c.real().Sub(c.began) + time.Duration(c.ahead.Load())
}

func (c *Clock) real() time.Time {
	if at := c.stopped.Load(); at != nil {
		return *at
	}
	return time.Now()
}

// Stop lets no time pass by itself any more: how busy the machine is cannot be
// measured then.
func (c *Clock) Stop() {
	now := time.Now()
	c.stopped.Store(&now)
}

// Forward lets time pass: what recurs comes when it is due.
func (c *Clock) Forward(d time.Duration) { c.ahead.Add(int64(d)) }

// Jump moves the wall clock alone, as somebody who sets it does.
func (c *Clock) Jump(d time.Duration) { c.wall.Add(int64(d)) }

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
