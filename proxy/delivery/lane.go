package delivery

import (
	"sync"
	"time"
)

// lane delivers to one app. run owns the order; send runs in parallel up to
// Config.Lanes.
type lane struct {
	d    *Dispatcher
	app  string
	wake chan struct{}

	once   sync.Once
	closed chan struct{}

	mu     sync.Mutex
	queue  *queue
	unread bool  // the journal may hold events that are not in memory
	after  int64 // journal sequence up to which it was read
	flying int
}

func (l *lane) push(it *item) {
	l.mu.Lock()
	if l.queue.size >= l.d.cfg.Memory || l.unread {
		// The journal holds it; reading it back later keeps the order.
		l.unread = true
	} else {
		l.queue.add(it)
		l.after = max(l.after, it.row.Seq)
	}
	l.mu.Unlock()
	l.rouse()
}

// behind makes the lane read the journal from the start again.
func (l *lane) behind() {
	l.mu.Lock()
	l.unread, l.after = true, 0
	l.mu.Unlock()
	l.rouse()
}

func (l *lane) rouse() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *lane) stop() { l.once.Do(func() { close(l.closed) }) }

func (l *lane) run() {
	var sends sync.WaitGroup
	defer sends.Wait()
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		l.refill()
		it, wait := l.take()
		if it != nil {
			sends.Go(func() { l.deliver(it) })
			continue
		}
		timer.Reset(wait)
		select {
		case <-l.wake:
		case <-timer.C:
		case <-l.closed:
			return
		}
	}
}

// take returns the next due event if a place is free.
func (l *lane) take() (*item, time.Duration) {
	select {
	case <-l.closed:
		return nil, time.Hour
	default:
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.flying >= l.d.cfg.Lanes {
		return nil, time.Hour
	}
	it, wait := l.queue.next(l.d.cfg.Now())
	if it != nil {
		l.flying++
		return it, 0
	}
	if wait == 0 || wait > time.Hour {
		wait = time.Hour
	}
	if l.unread {
		wait = min(wait, time.Second)
	}
	return nil, wait
}

// refill reads the journal when memory has room and something may wait there.
func (l *lane) refill() {
	l.mu.Lock()
	due := l.unread && l.queue.size < l.d.cfg.Memory/2
	after, room := l.after, l.d.cfg.Memory-l.queue.size
	l.mu.Unlock()
	if !due {
		return
	}
	rows, err := l.d.cfg.Journal.PendingAfter(l.d.ctx, after, room)
	if err != nil {
		l.d.cfg.OnError(err)
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		if row.App == l.app {
			l.queue.add(&item{row: row})
		}
		l.after = max(l.after, row.Seq)
	}
	if len(rows) < room {
		l.unread = false
	}
}

func (l *lane) deliver(it *item) {
	done := l.d.attempt(it)
	l.mu.Lock()
	l.flying--
	if done {
		l.queue.done(it)
	} else {
		l.queue.again(it, l.d.cfg.Now(), l.d.cfg.Hold)
	}
	l.mu.Unlock()
	l.rouse()
}
