package envoy

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestTrailersDoNotGoUp: what stands behind a body is seen by no policy, so that
// its request is refused, over both versions of HTTP. Were Envoy not to show
// trailers (SKIP), a request without any byte between head and trailers would
// pass by the gate, though without the app's headers.
func TestTrailersDoNotGoUp(t *testing.T) {
	t.Parallel()
	var up seen
	s := frontproxy(t, rig.Options{Watch: up.watch}, line("common_http_protocol_options", "http_protocol_options: {enable_trailers: true}\n                common_http_protocol_options"))
	body := `{"messaging_product":"whatsapp","to":"+` + s.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"On its way"}}`
	for _, version := range []int{1, 2} {
		for _, body := range []string{body, ""} {
			client := s.Client(t)
			client.Transport.(*http.Transport).ForceAttemptHTTP2 = version == 2
			req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, s.Env["POSTERN_URL"]+"/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages", io.NopCloser(strings.NewReader(body)))
			if err != nil {
				t.Fatal(err)
			}
			req.ContentLength = -1
			req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.Env["POSTERN_CLOUD_TOKEN"]}}
			req.Trailer = http.Header{"X-Late": {"1"}}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusBadRequest || resp.ProtoMajor != version {
				t.Errorf("HTTP/%d, %d bytes: %s over %s, %v", version, len(body), resp.Status, resp.Proto, err)
			}
		}
	}
	if sent, _ := up.all(); len(sent) > 0 {
		t.Errorf("%d requests went up: %v", len(sent), sent[0].Header)
	}
}
