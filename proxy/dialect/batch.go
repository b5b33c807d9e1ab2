package dialect

import (
	"net/url"
	"strings"
)

// Manifold refuses a request of the Cloud API whose query makes it another one or
// several: Graph takes a batch, many ids and another method there. What a caller
// believes to have asked for must not be answered with something else.
func Manifold(method string, query url.Values) *Problem {
	switch {
	case query.Has("batch"), query.Has("ids"):
		return &Problem{Kind: Unsupported, Details: noBatch}
	case query.Has("method") && !strings.EqualFold(query.Get("method"), method):
		return &Problem{Kind: Unsupported, Details: "Another method in the query is not followed. Make the call with its own."}
	}
	return nil
}
