package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// Limits of a call to S3. The client tries one that failed maxTries times in all.
const (
	connectWithin = 10 * time.Second
	idleWithin    = time.Minute
	maxTries      = 4
	joinPatience  = 10 // times as long may a server take to put parts together
)

// stalled is the error of a call that was given up since no byte moved.
type stalled struct{ after time.Duration }

func (s *stalled) Error() string { return fmt.Sprintf("no byte moved for %s", s.after) }

// patient gives a request up where no byte of it, or of its answer, moves for
// idle; the server may take twice as long until it begins to answer. A large
// object takes as long as it takes.
type patient struct {
	next http.RoundTripper
	idle time.Duration
}

func newPatient(cfg S3Config) *patient {
	p := &patient{idle: cfg.Idle, next: &http.Transport{
		DialContext:     (&net.Dialer{Timeout: connectWithin}).DialContext,
		TLSClientConfig: cfg.TLS, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute,
		TLSHandshakeTimeout: connectWithin, ExpectContinueTimeout: time.Second,
	}}
	if p.idle <= 0 {
		p.idle = idleWithin
	}
	return p
}

// RoundTrip implements http.RoundTripper.
func (p *patient) RoundTrip(req *http.Request) (*http.Response, error) {
	w := newWatch(req.Context(), p.idleOf(req))
	req = req.WithContext(w.ctx)
	if req.Body != nil && req.Body != http.NoBody {
		req.Body = &watchedUp{req.Body, w}
	}
	resp, err := p.next.RoundTrip(req)
	w.answer()
	if err != nil {
		err = w.fault(err)
		w.cancel(nil)
		return nil, err
	}
	resp.Body = &watchedDown{resp.Body, w}
	return resp, nil
}

// idleOf is longer where parts are put together: the server copies all of them
// before it answers, and some send nothing meanwhile.
func (p *patient) idleOf(req *http.Request) time.Duration {
	if req.Method == http.MethodPost && req.URL.Query().Has("uploadId") {
		return joinPatience * p.idle
	}
	return p.idle
}

// watch cancels a request that stands still.
type watch struct {
	ctx    context.Context //nolint:containedctx // of one request, as long as that lives
	cancel context.CancelCauseFunc
	idle   time.Duration

	mu       sync.Mutex // guards answered, and timer until then
	answered bool
	timer    *time.Timer
}

func newWatch(ctx context.Context, idle time.Duration) *watch {
	w := &watch{idle: idle}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
	w.timer = time.AfterFunc(2*idle, func() { w.cancel(&stalled{idle}) })
	return w
}

// sent hears that some of a request is on its way, or the last of it.
func (w *watch) sent(last bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.answered:
	case last:
		w.timer.Reset(2 * w.idle)
	default:
		w.timer.Reset(w.idle)
	}
}

// answer ends the time for the request.
func (w *watch) answer() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answered = true
	w.timer.Stop()
}

// fault is why a request ended.
func (w *watch) fault(err error) error {
	var s *stalled
	if errors.As(context.Cause(w.ctx), &s) {
		return s
	}
	return err
}

// watchedUp is what goes up: time runs while it is not read.
type watchedUp struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedUp) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.watch.sent(err != nil)
	return n, err
}

// watchedDown is what comes down: time runs while it is read.
type watchedDown struct {
	io.ReadCloser
	watch *watch
}

func (b *watchedDown) Read(p []byte) (int, error) {
	b.watch.timer.Reset(b.watch.idle)
	n, err := b.ReadCloser.Read(p)
	b.watch.timer.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.watch.fault(err)
	}
	return n, err
}

func (b *watchedDown) Close() error {
	b.watch.timer.Stop()
	err := b.ReadCloser.Close()
	b.watch.cancel(nil)
	return err
}
