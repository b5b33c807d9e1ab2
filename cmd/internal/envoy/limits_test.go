package envoy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/proxy/dialect"
)

// TestBodiesAreLimitedOverBothProtocols: the largest body goes up, what is larger
// does not. Over HTTP/2 no limit of Envoy's own holds but that of its buffer
// filter.
func TestBodiesAreLimitedOverBothProtocols(t *testing.T) {
	t.Parallel()
	const limit = 1 << 20
	var up wire
	s := configured(t, rig.Options{Tap: up.tap, Config: patient})
	for version := 1; version <= 2; version++ {
		for size, taken := range map[int]bool{limit: true, limit + 1: false, limit + 65<<10: false, 5000 << 10: false} {
			text := fmt.Sprintf(`{"messaging_product":"whatsapp","to":"+%s","type":"text","text":{"body":"Parcel v%d"}}`, s.Env["DEMO_CONSENTED"], version)
			a := s.over(t, version, text+strings.Repeat(" ", size-len(text)))
			if taken && a.Status != http.StatusOK {
				t.Errorf("HTTP/%d, %d bytes: %d %s", version, size, a.Status, a.Body)
			}
			if !taken {
				reads(t, fmt.Sprintf("HTTP/%d, %d bytes", version, size), a, dialect.Cloud, dialect.TooLarge)
			}
		}
	}
	rig.Await(t, "the gateway's word for it in Envoy's log", func() bool {
		return strings.Contains(s.Envoy.AccessLog(t), `"details":"postern_denied"`)
	})
	up.admitted(t, s.Rig)
	if sent := up.sends(t); len(sent) != 2 {
		t.Errorf("%v went up", sent)
	}
}

// over posts a message over that version of HTTP.
func (s *site) over(t *testing.T, version int, body string) rig.Reply {
	t.Helper()
	client := s.Client(t)
	client.Transport.(*http.Transport).ForceAttemptHTTP2 = version == 2
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, s.Env["POSTERN_URL"]+"/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, "Authorization": {"Bearer " + s.Env["POSTERN_CLOUD_TOKEN"]}}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatalf("HTTP/%d: %v", version, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	raw, err := io.ReadAll(resp.Body)
	if err != nil || resp.ProtoMajor != version {
		t.Fatalf("over %s: %v", resp.Proto, err)
	}
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}
