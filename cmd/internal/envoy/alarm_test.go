package envoy

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

// TestARejectedCertificateIsAnAlarm: one that the gateway takes and Envoy does
// not. The alarm has Envoy's words, messages go on under the certificate before,
// and the next one ends it.
func TestARejectedCertificateIsAnAlarm(t *testing.T) {
	t.Parallel()
	s := configured(t, rig.Options{Config: patient})
	authority := certstest.NewCA(t, "Apps", s.Clock.Now())
	key, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader) // which Envoy has no use for
	if err != nil {
		t.Fatal(err)
	}
	good := s.Client(t)
	s.replace(t, authority, key)
	const rejected = `postern_envoy_rejected{kind="Secret",node="` + rig.Node + `"} 1`
	rig.Await(t, "an alarm with Envoy's words", func() bool {
		log := s.Log.String()
		return s.metric(t, rejected) && s.metric(t, `postern_alarms_total{alarm="envoy_rejected"} 1`) &&
			strings.Contains(log, "an Envoy rejects its configuration") && strings.Contains(log, "certificate chain")
	})
	if status := s.read(t, good, "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]); status != http.StatusOK {
		t.Errorf("meanwhile: %d", status)
	}
	s.replace(t, authority, nil)
	rig.Await(t, "the end of it", func() bool { return !s.metric(t, rejected) })
}

// replace has the gateway show another certificate. A nil key is one that
// everybody takes.
func (s *site) replace(t *testing.T, authority *certstest.CA, key crypto.Signer) {
	t.Helper()
	cert, secret := certstest.Files(t, authority.Server(t, key, nil))
	s.Write(t, "certs/server.pem", string(cert))
	s.Write(t, "certs/server-key.pem", string(secret))
	s.Admin(t, "config.reload", admin.None{}, &admin.None{})
}

// metric reports whether the gateway's counters have that line.
func (s *site) metric(t *testing.T, line string) bool {
	t.Helper()
	return strings.Contains(s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, line)
}
