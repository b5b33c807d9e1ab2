package envoy

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
)

// seen keeps the sends that reach the simulator.
type seen struct {
	mu   sync.Mutex
	sent []*http.Request
	body []string
}

func (s *seen) watch(simulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(err)
			}
			s.mu.Lock()
			s.sent, s.body = append(s.sent, r.Clone(r.Context())), append(s.body, string(raw))
			s.mu.Unlock()
			r.Body = io.NopCloser(strings.NewReader(string(raw)))
		}
		simulator.ServeHTTP(w, r)
	})
}

func (s *seen) all() ([]*http.Request, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent, s.body
}

// TestNothingOfTheAppGoesUp: Meta's host sees the gateway's own request, with
// Meta's token and the bytes that policy saw, and none of the app's headers.
func TestNothingOfTheAppGoesUp(t *testing.T) {
	t.Parallel()
	var up seen
	s := frontproxy(t, rig.Options{Watch: up.watch})
	key := s.Env["POSTERN_CLOUD_TOKEN"]
	a := s.Do(t, http.MethodPost, "/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages?appsecret_time=0&unused=1",
		`{ "type":"text", "messaging_product":"whatsapp","to":"+`+s.Env["DEMO_CONSENTED"]+`","text":{"body":"On its way"}, "biz_opaque_callback_data":"mine"}`,
		"Authorization: Bearer "+key, "Cookie: a=b", "X-Forwarded-For: 192.0.2.1", "X-Envoy-Retry-On: 5xx", "X-Envoy-Max-Retries: 3",
		"X-Postern-Anything: 1", "Accept-Encoding: gzip", "User-Agent: app/1.0", "Referer: https://app.example")
	if a.Status != http.StatusOK {
		t.Fatalf("%d %s", a.Status, a.Body)
	}
	sent, bodies := up.all()
	if len(sent) != 1 {
		t.Fatalf("%d sends arrived", len(sent))
	}
	r := sent[0]
	want := map[string]string{
		"Authorization": "Bearer " + s.Secret(t, "meta-token"), "Content-Type": "application/json", "User-Agent": "postern",
	}
	for name, values := range r.Header {
		expected, ours := want[name]
		if name != "Content-Length" && (!ours || len(values) != 1 || values[0] != expected) {
			t.Errorf("%s goes up", name)
		}
	}
	if host := strings.TrimPrefix(s.Env["METASIM_GRAPH_URL"], "https://"); r.Host != host || r.URL.RawQuery != "" || len(r.TransferEncoding) > 0 || len(r.Trailer) > 0 {
		t.Errorf("host %s, query %q, encoding %v", r.Host, r.URL.RawQuery, r.TransferEncoding)
	}
	if strings.Contains(bodies[0], "mine") || strings.Contains(bodies[0], " :") || !strings.Contains(bodies[0], `"biz_opaque_callback_data"`) {
		t.Error("the body is not what the gateway makes of it")
	}
}
