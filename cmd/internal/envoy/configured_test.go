package envoy

import (
	"crypto/tls"
	"crypto/x509"
	pemfile "encoding/pem"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/crypto/certs"
)

// TestFilesGoRound: the bytes of files are not kept in Envoy, but come and go by
// the gateway's own listener, and arrive whole.
func TestFilesGoRound(t *testing.T) {
	s := configured(t, rig.Options{})
	token := "Authorization: Bearer " + s.OnPrem(t)
	file := "\xff\xd8\xff\xe0\x00\x10JFIF" + strings.Repeat("\x00\x01", 1<<20) + "\xff\xd9" // twice the limit of a body
	up := s.At(t, http.MethodPost, s.Env["POSTERN_URL"]+"/v1/media", file, token, "Content-Type: image/jpeg")
	if up.Status != http.StatusOK && up.Status != http.StatusCreated {
		t.Fatalf("upload: %d %s", up.Status, up.Body)
	}
	id := up.JSON(t)["media"].([]any)[0].(map[string]any)["id"].(string)
	for _, path := range []string{"/v1/media/" + id, "/v1//media/" + id + "/"} {
		if down := s.At(t, http.MethodGet, s.Env["POSTERN_URL"]+path, "", token); down.Status != http.StatusOK || down.Body != file {
			t.Errorf("%s: %d, %d bytes", path, down.Status, len(down.Body))
		}
	}
	if n := s.Envoy.Stats(t, `^cluster\.postern\.upstream_rq_total$`)["cluster.postern.upstream_rq_total"]; n != 3 {
		t.Errorf("%d requests went to the gateway's own listener, want 3", n)
	}
}

// TestChallengeByEnvoy: Meta's challenge is answered at Envoy's listener.
func TestChallengeByEnvoy(t *testing.T) {
	s := configured(t, rig.Options{})
	at := "https://" + s.Envoy.Address(t, "postern_webhook") + "/webhook/demo?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
	if a := s.At(t, http.MethodGet, at+s.Secret(t, "verify-token"), ""); a.Status != http.StatusOK || a.Body != "1158201444" {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := s.At(t, http.MethodGet, at+"guessed", ""); a.Status != http.StatusForbidden {
		t.Errorf("another token: %d", a.Status)
	}
}

// TestNothingIsSentTwice: an app can not talk Envoy into repeating a send.
func TestNothingIsSentTwice(t *testing.T) {
	var sent atomic.Int64
	s := configured(t, rig.Options{Watch: sends(func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			sent.Add(1)
			w.WriteHeader(http.StatusServiceUnavailable)
		})
	})})
	s.Cloud(t, `{"to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`,
		"X-Envoy-Retry-On: 5xx,reset", "X-Envoy-Max-Retries: 3", "X-Envoy-Hedge-On-Per-Try-Timeout: true", "X-Envoy-Upstream-Rq-Timeout-Ms: 1")
	if n := sent.Load(); n != 1 {
		t.Errorf("Meta was sent it %d times", n)
	}
}

// TestANewCertificateIsShownByEnvoy: one that was written over the old one, once
// the gateway takes it over.
func TestANewCertificateIsShownByEnvoy(t *testing.T) {
	s := configured(t, rig.Options{})
	authority, err := certs.NewAuthority("another", s.Clock.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	chain, key, err := authority.Issue(s.Clock.Now(), time.Hour, "localhost", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	s.Write(t, "certs/server.pem", string(chain))
	s.Write(t, "certs/server-key.pem", string(key))
	began := time.Now()
	s.Admin(t, "config.reload", admin.None{}, &admin.None{})
	block, _ := pemfile.Decode(chain)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the new certificate", func() bool {
		conn, err := (&tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}).DialContext(t.Context(), "tcp", s.Envoy.Address(t, "postern_app")) //nolint:gosec // it looks at what is shown
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close() //nolint:errcheck // nothing was sent
		return conn.(*tls.Conn).ConnectionState().PeerCertificates[0].Equal(leaf)
	})
	t.Logf("%s after it was asked for", time.Since(began))
}
