package envoy

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	pemfile "encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestPinsHoldAtBothEdges: nothing goes to a server whose key is not pinned. Envoy
// looks at the server's own key alone, so that a pinned authority lets nothing by
// there.
func TestPinsHoldAtBothEdges(t *testing.T) {
	for name, c := range map[string]struct {
		pinned         []string // names of certificates
		direct, behind bool     // whether a send goes up
	}{
		"the server":                   {[]string{"server"}, true, true},
		"the server and the authority": {[]string{"ca", "server"}, true, true},
		"the authority":                {[]string{"ca"}, true, false},
		"another":                      {[]string{""}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			var up seen
			s := configured(t, rig.Options{Keep: dir, Watch: up.watch, Config: func(text string) string {
				return strings.Replace(text, "upstream: {", `upstream: {pins: ["`+strings.Join(pins(t, dir, c.pinned), `", "`)+`"], `, 1)
			}})
			s.sends(t, s.Direct, &up, c.direct)
			s.sends(t, s.Env["POSTERN_URL"], &up, c.behind)
		})
	}
}

// sends tells whether a send at an edge goes up. One that does not is no unknown.
func (s *site) sends(t *testing.T, at string, up *seen, want bool) {
	t.Helper()
	before, _ := up.all()
	a := s.At(t, http.MethodPost, at+"/v25.0/"+s.Env["POSTERN_PHONE_ID"]+"/messages",
		`{"messaging_product":"whatsapp","to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`, "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"])
	after, _ := up.all()
	if got := len(after) > len(before); got != want || (a.Status == http.StatusOK) != want {
		t.Errorf("at %s: sent %v, %d %s", at, got, a.Status, a.Body)
	}
	result := "not_sent"
	if want {
		result = "accepted"
	}
	rig.Await(t, result, func() bool {
		rows := s.SQL(t, "SELECT result FROM audit WHERE kind = 'settle' ORDER BY seq DESC LIMIT 1")
		return len(rows) == 1 && rows[0][0] == result
	})
}

// pins are those of the demo's certificates; "" is nobody's.
func pins(t *testing.T, dir string, names []string) []string {
	t.Helper()
	var out []string
	for _, name := range names {
		key := []byte("nobody's")
		if name != "" {
			raw, err := os.ReadFile(filepath.Join(dir, "certs", name+".pem"))
			if err != nil {
				t.Fatal(err)
			}
			block, _ := pemfile.Decode(raw)
			cert, err := x509.ParseCertificate(block.Bytes)
			if err != nil {
				t.Fatal(err)
			}
			key = cert.RawSubjectPublicKeyInfo
		}
		sum := sha256.Sum256(key)
		out = append(out, "sha256/"+base64.StdEncoding.EncodeToString(sum[:]))
	}
	return out
}
