package vaulted

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/vault"
)

// pki is engine with a role that signs, and lets the gateway's policy use it.
func (v *server) pki(t *testing.T) string {
	t.Helper()
	root := v.engine(t)
	v.role(t, map[string]any{})
	v.policy(t, rules(t, "postern.hcl")+rules(t, "postern-pki.hcl"))
	return root
}

// engine mounts one with a root, and an intermediate that signs. It gives the
// root, PEM.
func (v *server) engine(t *testing.T) string {
	t.Helper()
	ec := func(more map[string]any) map[string]any { more["key_type"], more["key_bits"] = "ec", 256; return more }
	v.do(t, "POST", "sys/mounts/root", map[string]any{"type": "pki"})
	v.do(t, "POST", "sys/mounts/pki", map[string]any{"type": "pki"})
	root := v.do(t, "POST", "root/root/generate/internal", ec(map[string]any{"common_name": "test root", "ttl": "700h"}))["data"].(map[string]any)["certificate"].(string)
	csr := v.do(t, "POST", "pki/intermediate/generate/internal", ec(map[string]any{"common_name": "test intermediate"}))["data"].(map[string]any)["csr"]
	signed := v.do(t, "POST", "root/root/sign-intermediate", map[string]any{"csr": csr, "common_name": "test intermediate", "ttl": "600h"})["data"].(map[string]any)["certificate"]
	v.do(t, "POST", "pki/intermediate/set-signed", map[string]any{"certificate": signed})
	return root
}

// role is the one that signs, with what a test changes of it.
func (v *server) role(t *testing.T, change map[string]any) {
	t.Helper()
	all := map[string]any{
		"allowed_domains": "gate.example,localhost", "allow_bare_domains": true, "allow_ip_sans": true, "key_type": "ec", "key_bits": 256,
		"max_ttl": "240h", "client_flag": false,
	}
	for name, value := range change {
		all[name] = value
	}
	v.do(t, "POST", "pki/roles/postern-team", all)
}

const files = "cert: certs/server.pem, key: certs/server-key.pem"

// issuing is a gateway both of whose listeners show what Vault issued.
func issuing(t *testing.T) *gate {
	t.Helper()
	v := start(t)
	root := v.pki(t)
	return gatewayOf(t, v, v.Address, func(dir, text string) string {
		return issue(t, dir, text, root, "names: [gate.example, localhost, 127.0.0.1], ttl: 24h")
	})
}

// issue puts pki in place of both listeners' files, and lets everybody of the
// rig trust the root.
func issue(t *testing.T, dir, text, root, pki string) string {
	t.Helper()
	ca := filepath.Join(dir, "certs", "ca.pem")
	known, err := os.ReadFile(ca)
	check(t, err)
	check(t, os.WriteFile(ca, append(known, root...), 0o600))
	if n := strings.Count(text, files); n != 2 {
		t.Fatalf("the configuration names files %d times", n)
	}
	return strings.ReplaceAll(text, files, "pki: {role: postern-team, "+pki+"}")
}

// leaf is what a listener shows a new client.
func (g *gate) leaf(t *testing.T, url string) *x509.Certificate {
	t.Helper()
	conn, err := tls.Dial("tcp", strings.TrimPrefix(url, "https://"), &tls.Config{RootCAs: g.roots(t), ServerName: "gate.example"})
	check(t, err)
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0]
}

func (g *gate) roots(t *testing.T) *x509.CertPool {
	t.Helper()
	raw, err := os.ReadFile(g.Env["POSTERN_CA"])
	check(t, err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(raw)
	return pool
}

func (g *gate) webhook() string {
	scheme, rest, _ := strings.Cut(g.Env["POSTERN_WEBHOOK_URL"], "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

func (g *gate) certificate(t *testing.T, name string) any {
	t.Helper()
	all, _ := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", "").JSON(t)["certificates"].(map[string]any)
	return all[name]
}

func (g *gate) metric(t *testing.T, line string) bool {
	t.Helper()
	return strings.Contains("\n"+g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, "\n"+line)
}

// steady asks again and again on connections of its own, kept and new, and
// counts what failed.
func (g *gate) steady(t *testing.T) (asked *atomic.Int64, end func() (failed int64)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	var failed atomic.Int64
	asked = &atomic.Int64{}
	url := g.Env["POSTERN_URL"] + "/v25.0/" + g.Env["POSTERN_PHONE_ID"]
	for i := range 4 {
		transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: g.roots(t)}, DisableKeepAlives: i%2 == 0, ForceAttemptHTTP2: i < 2}
		t.Cleanup(transport.CloseIdleConnections)
		c := &http.Client{Transport: transport}
		clients.Go(func() {
			for ctx.Err() == nil {
				req, err := http.NewRequestWithContext(context.WithoutCancel(ctx), http.MethodGet, url, nil)
				if err == nil {
					req.Header.Set("Authorization", "Bearer "+g.Env["POSTERN_CLOUD_TOKEN"])
					err = g.fine(c, req)
				}
				if err != nil {
					failed.Add(1)
					t.Error(err)
					return
				}
				asked.Add(1)
			}
		})
	}
	return asked, func() int64 { cancel(); clients.Wait(); return failed.Load() }
}

func (g *gate) fine(c *http.Client, req *http.Request) error {
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return err
}

// TestVaultIssuesCertificates: both listeners show what the role signed, it is
// on record, and is renewed in time under traffic without a dropped connection.
func TestVaultIssuesCertificates(t *testing.T) {
	t.Parallel()
	g := issuing(t)
	first, hook := g.leaf(t, g.Env["POSTERN_URL"]), g.leaf(t, g.webhook())
	if first.Equal(hook) {
		t.Error("both listeners share a certificate")
	}
	if left := time.Until(first.NotAfter); left > 24*time.Hour || first.Issuer.CommonName != "test intermediate" {
		t.Errorf("issued by %s for %s", first.Issuer.CommonName, left)
	}
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	if said := g.certificate(t, "app"); said != "ok" {
		t.Errorf("a fresh certificate of 24 hours is %v", said)
	}
	g.records(t, "life", "certificate_issued", "result LIKE 'app %' AND result LIKE '% serial "+first.SerialNumber.Text(16)+"'", "1")
	g.records(t, "life", "certificate_issued", "code = "+strconv.FormatInt(hook.NotAfter.Unix(), 10)+" AND result LIKE 'webhook %'", "1")

	asked, end := g.steady(t)
	rig.Await(t, "traffic", func() bool { return asked.Load() > 20 })
	g.Clock.Forward(15 * time.Hour)
	for _, url := range []string{g.Env["POSTERN_URL"], g.webhook()} {
		rig.Await(t, "a new certificate", func() bool { now := g.leaf(t, url); return !now.Equal(first) && !now.Equal(hook) })
	}
	before := asked.Load()
	rig.Await(t, "more traffic", func() bool { return asked.Load() > before+20 })
	if failed := end(); failed != 0 {
		t.Errorf("%d requests failed", failed)
	}
	g.records(t, "life", "certificate_issued", "1 = 1", "4")
	if second := g.leaf(t, g.Env["POSTERN_URL"]); !second.Equal(g.leaf(t, g.Env["POSTERN_URL"])) {
		t.Error("it is renewed again and again")
	}
}

// TestCertificateOutlivesVault: without Vault the present certificate goes on;
// it is told that it is not renewed, and mended by itself.
func TestCertificateOutlivesVault(t *testing.T) {
	t.Parallel()
	g := issuing(t)
	first := g.leaf(t, g.Env["POSTERN_URL"])
	g.vault.role(t, map[string]any{"allowed_domains": "elsewhere.example"})
	g.Clock.Forward(15 * time.Hour)
	g.awaits(t, "refused", "certify")
	g.awaits(t, "ok", all...)
	if !g.leaf(t, g.Env["POSTERN_URL"]).Equal(first) {
		t.Error("another certificate is shown")
	}
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	for _, line := range []string{`postern_alarms_total{alarm="certificate_renewal"} `, `postern_vault_serves{purpose="certify"} 1`} {
		if !g.metric(t, line) {
			t.Errorf("no metric %s", line)
		}
	}
	if g.metric(t, `postern_vault_trouble_since_seconds{purpose="certify"} 0`) {
		t.Error("the metric knows of no trouble")
	}
	g.records(t, "life", "vault_refused_certify", "1 = 1", "1")
	g.Clock.Forward(2 * time.Hour) // past two thirds
	rig.Await(t, "a warning", func() bool { return g.certificate(t, "app") == "expires_within_1_days" })
	g.records(t, "life", "certificate_expiry", "result = 'app'", "1")

	g.vault.role(t, map[string]any{})
	g.awaits(t, "ok", "certify")
	rig.Await(t, "a new certificate", func() bool { return !g.leaf(t, g.Env["POSTERN_URL"]).Equal(first) && g.certificate(t, "app") == "ok" })

	g.vault.seal(t)
	g.awaits(t, "away", "send")
	g.Clock.Forward(6 * time.Hour) // the new one had 7 hours left on this clock
	g.awaits(t, "away", "certify")
	g.vault.unseal(t)
	g.awaits(t, "ok", "send", "certify")
	g.vault.seal(t)
	g.Clock.Forward(2 * time.Hour)
	rig.Await(t, "the end", func() bool { return g.certificate(t, "app") == "expired" })
	g.awaits(t, "away", "certify")
	if ready := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", ""); ready.Status != http.StatusServiceUnavailable {
		t.Errorf("ready with an expired certificate: %d", ready.Status)
	}
}

// records waits until the trail holds so many of a kind.
func (g *gate) records(t *testing.T, kind, what, where, count string) {
	t.Helper()
	rig.Await(t, count+" records "+what+" where "+where, func() bool {
		return g.SQL(t, "SELECT count(*) FROM audit WHERE kind = '"+kind+"' AND type = '"+what+"' AND "+where)[0][0] == count
	})
}

// request is what a gateway has signed.
func request(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "gate.example"}, DNSNames: []string{"gate.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, key)
	check(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
}

// TestSigning holds the client and the policy to the one role.
func TestSigning(t *testing.T) {
	t.Parallel()
	v := start(t)
	v.pki(t)
	gate := v.issue(t, "token", "1h")
	c := open(t, v.config(vault.Login{TokenFile: v.file("token")}))
	_, err := c.Sign(t.Context(), vault.Authority{Mount: "pki", Role: "other", TTL: time.Hour}, request(t))
	wants(t, err, vault.ErrRefused, "pki/sign/other")
	_, err = c.Sign(t.Context(), vault.Authority{Mount: "pki", Role: "postern-team", TTL: time.Hour}, []byte("x"))
	if err == nil {
		t.Error("what is no request was signed")
	}
	chain, err := c.Sign(t.Context(), vault.Authority{Mount: "pki", Role: "postern-team", TTL: time.Hour}, request(t))
	check(t, err)
	var names []string
	for block, rest := pem.Decode(chain); block != nil; block, rest = pem.Decode(rest) {
		one, err := x509.ParseCertificate(block.Bytes)
		check(t, err)
		names = append(names, one.Subject.CommonName)
	}
	if got := strings.Join(names, ", "); got != "gate.example, test intermediate" {
		t.Errorf("the chain is %s", got)
	}
	for _, path := range []string{
		"POST pki/issue/postern-team", "POST pki/sign/other", "POST pki/sign-verbatim/postern-team", "POST pki/revoke", "POST pki/roles/postern-team",
		"GET pki/roles/postern-team", "DELETE pki/roles/postern-team", "POST pki/tidy", "POST pki/config/urls", "POST pki/root/generate/internal", "POST pki/intermediate/set-signed",
		"POST root/root/sign-intermediate",
	} {
		method, path, _ := strings.Cut(path, " ")
		if status, _ := v.ask(t, method, path, map[string]any{"common_name": "gate.example"}, "X-Vault-Token", gate); status != http.StatusForbidden {
			t.Errorf("%s %s: %d", method, path, status)
		}
	}
}
