package edge

import (
	"net/http"
	"net/url"
	"strings"
)

func checkTarget(r *http.Request, loose func(string) bool) Fault {
	path, query, _ := strings.Cut(r.RequestURI, "?")
	if !plain(path) {
		return FaultPath
	}
	if canonical := squeeze(path); canonical != path {
		if loose == nil || !loose(canonical) {
			return FaultPath
		}
		r.URL.Path, r.URL.RawPath = canonical, ""
	}
	return checkQuery(query)
}

func checkQuery(query string) Fault {
	if query == "" {
		return ""
	}
	if strings.ContainsAny(query, ";#") {
		return FaultQuery
	}
	values, err := url.ParseQuery(query)
	if err != nil {
		return FaultQuery
	}
	for name, v := range values {
		if len(v) > 1 && name != "fields" {
			return FaultQuery
		}
	}
	return ""
}

// plain reports whether a path holds only unreserved characters and slashes,
// but for the colon of an upload session's id, and no dot segments; "%" is not among them, so escapes never arrive.
func plain(path string) bool {
	for i := range len(path) {
		c := path[i]
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("/-._~", c) >= 0 {
			continue
		}
		if c == ':' && strings.HasSuffix(path[:i], "/upload") {
			continue // ids of upload sessions (Graph API) begin so
		}
		return false
	}
	for segment := range strings.SplitSeq(path, "/") {
		if segment == "." || segment == ".." {
			return false
		}
	}
	return true
}

// squeeze removes empty segments and a trailing slash.
func squeeze(path string) string {
	if path == "/" || !strings.Contains(path, "//") && !strings.HasSuffix(path, "/") {
		return path
	}
	out := make([]byte, 0, len(path))
	for i := range len(path) {
		if path[i] == '/' && len(out) > 0 && out[len(out)-1] == '/' {
			continue
		}
		out = append(out, path[i])
	}
	if len(out) > 1 && out[len(out)-1] == '/' {
		out = out[:len(out)-1]
	}
	return string(out)
}
