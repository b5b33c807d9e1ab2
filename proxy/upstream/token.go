package upstream

import (
	"context"
	"errors"
	"net/url"
)

// errAsked stands for a transport error whose text could hold the address, which
// holds the token.
var errAsked = errors.New("ask upstream about a token: no answer")

// Inspect asks what a token is worth and until when (Graph API, debug_token);
// 360dialog has no such call.
// The API takes it in the query alone; no error of the answer repeats it.
func (c *Client) Inspect(ctx context.Context, who Credential) Answer {
	a := c.Get(ctx, who, "/debug_token?input_token="+url.QueryEscape(who.Token))
	if a.Err != nil {
		a.Err = errAsked
	}
	return a
}
