package upstream

import (
	"context"
	"net/http"
	"net/url"
)

// PostForm sends fields as a form to path below the versioned base: some edges
// of Meta's API take no JSON.
func (m *Meta) PostForm(ctx context.Context, token, path string, fields url.Values) Answer {
	return m.do(ctx, http.MethodPost, token, path, "application/x-www-form-urlencoded", []byte(fields.Encode()))
}
