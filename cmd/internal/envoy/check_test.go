package envoy

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
	"postern/crypto/certs"
	"postern/proxy/xds/check"
	"postern/proxy/xds/check/checktest"
)

// certificates gives the file names that the check's samples and fixes hold
// files that are there: Envoy opens them when it validates.
func certificates(t *testing.T) func(config []byte) []byte {
	t.Helper()
	folder := t.TempDir()
	now := time.Now()
	authority, err := certs.NewAuthority("check", now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(now, time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"/etc/ssl/certs/ca-certificates.crt": authority.CertPEM(), "/etc/envoy/postern-ca.pem": authority.CertPEM(),
		"/etc/envoy/client.pem": cert, "/etc/envoy/client-key.pem": key, "/etc/envoy/app.pem": cert, "/etc/envoy/app-key.pem": key,
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(name)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(config []byte) []byte {
		for name := range files {
			config = bytes.ReplaceAll(config, []byte(name), []byte(filepath.Join(folder, filepath.Base(name))))
		}
		return config
	}
}

// TestEnvoyTakesWhatTheCheckIsTestedWith: the faults that the check finds are
// those of configurations that an Envoy would run, and so are its fixes.
func TestEnvoyTakesWhatTheCheckIsTestedWith(t *testing.T) {
	real := certificates(t)
	if err := envoytest.Validate(t, real(checktest.Clean())); err != nil {
		t.Fatal(err)
	}
	cases, err := checktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if c.Partial {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			if err := envoytest.Validate(t, real(c.Config)); err != nil {
				t.Errorf("with the fault: %v", err)
			}
			if mended := mend(t, c); mended != nil {
				if err := envoytest.Validate(t, real(mended)); err != nil {
					t.Errorf("with the fix: %v\n%s", err, mended)
				}
			}
		})
	}
}

// mend merges the fix of the case's finding, nil if words alone mend it.
func mend(t *testing.T, c checktest.Case) []byte {
	t.Helper()
	found, err := check.Config(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Rule == c.Rule && f.Path == c.Path && f.Fix != "" {
			mended, err := checktest.Merge(c.Config, f.Path, f.Fix)
			if err != nil {
				t.Fatal(err)
			}
			return mended
		}
	}
	return nil
}
