package extproc_test

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"postern/proxy/extproc"
)

// TestHopsAreNotShown: what proxies write, and clients may, is no header of the
// request that is judged, however it is spelled.
func TestHopsAreNotShown(t *testing.T) {
	_, open := start(t, func(c *extproc.Config) {
		c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, strings.Join(slices.Sorted(maps.Keys(r.Header)), " "))
		})
	})
	e := open()
	e.say(request("/x", true, "x-forwarded-for: 198.51.100.1", "X-Forwarded-Client-Cert: DNS=other", "x-forwarded-host: other", "x-envoy-retry-on: 5xx",
		"X-Envoy-External-Address: 198.51.100.1", "forwarded: for=198.51.100.1", "via: 1.1 other", "x-real-ip: 198.51.100.1", "x-request-id: 1", "x-own: kept"))
	if got := string(e.hear().GetImmediateResponse().GetBody()); got != "Authorization X-App X-Own" {
		t.Errorf("shown: %s", got)
	}
}
