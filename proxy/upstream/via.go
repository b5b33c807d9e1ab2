package upstream

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
)

// ErrElsewhere is what a way of Via gives that does not take a call: it touched
// nothing of it, and the call goes by the client's own connections.
var ErrElsewhere = errors.New("this call goes another way")

type viaKey struct{}

// passage is a way for one call.
type passage struct {
	way   http.RoundTripper
	taken atomic.Bool
}

// Via gives the first call of ctx to Meta's API another way than a connection of
// the client's own: that of a proxy which waits for it. Further calls, files and
// calls to 360dialog go as ever. Until the way reports a connection through
// net/http/httptrace (GotConn) an error of its means that nothing left.
func Via(ctx context.Context, way http.RoundTripper) context.Context {
	return context.WithValue(ctx, viaKey{}, &passage{way: way})
}

// by is the client that makes a call of ctx.
func (c *Client) by(ctx context.Context, usual *http.Client) *http.Client {
	p, ok := ctx.Value(viaKey{}).(*passage)
	if !ok || usual != c.meta || !p.taken.CompareAndSwap(false, true) {
		return usual
	}
	other := *usual
	other.Transport = forked{p.way, usual.Transport}
	return &other
}

// forked goes by one way, or by the usual where that does not take the call.
type forked struct{ way, usual http.RoundTripper }

func (f forked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := f.way.RoundTrip(req)
	if errors.Is(err, ErrElsewhere) {
		return f.usual.RoundTrip(req)
	}
	return resp, err
}
