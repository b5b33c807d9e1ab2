package upstream

import (
	"context"
	"errors"
	"net/url"
)

// errAsked stands for a transport error whose text could hold the address, which
// holds the token.
var errAsked = errors.New("ask upstream about a token: no answer")

// Inspect asks what a token is worth and until when (Graph API, debug_token).
// The API takes it in the query alone; no error of the answer repeats it.
func (m *Meta) Inspect(ctx context.Context, token string) Answer {
	a := m.Get(ctx, token, "/debug_token?input_token="+url.QueryEscape(token))
	if a.Err != nil {
		a.Err = errAsked
	}
	return a
}
