package upstream

import (
	"context"
	"net/http"
	"net/url"
)

// PostForm sends fields as a form to path below the versioned base: some edges
// of Meta's API take no JSON.
func (c *Client) PostForm(ctx context.Context, who Credential, path string, fields url.Values) Answer {
	return c.do(ctx, http.MethodPost, who, path, "application/x-www-form-urlencoded", []byte(fields.Encode()))
}
