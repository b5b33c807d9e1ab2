package vaulted

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// setup runs deploy/vault/setup.sh against this Vault as root and gives what it
// printed.
func (v *server) setup(t *testing.T, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", append([]string{filepath.Join(top, "deploy", "vault", "setup.sh")}, args...)...)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "VAULT_ADDR=" + v.Address, "VAULT_TOKEN=" + v.RootToken, "VAULT_CACERT=" + v.file("ca.pem")}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// prepare is setup that has to succeed.
func (v *server) prepare(t *testing.T, args ...string) string {
	t.Helper()
	out, err := v.setup(t, args...)
	if err != nil {
		t.Fatalf("setup.sh %v: %v\n%s", args, err, out)
	}
	return out
}

// TestSetup prepares an empty Vault twice with the script that is shipped. A
// gateway then logs in with what it gives and has its certificates signed.
func TestSetup(t *testing.T) {
	t.Parallel()
	v := bare(t)
	first := v.prepare(t, "team")
	root := v.engine(t)
	if again := v.prepare(t, "team", "--pki", "gate.example,127.0.0.1"); again != first {
		t.Errorf("it says something else the second time:\n%s\n%s", first, again)
	}
	if third := v.prepare(t, "team"); third != first {
		t.Errorf("it says something else the third time:\n%s\n%s", first, third)
	}
	key := v.do(t, "GET", "transit/keys/postern-team", nil)["data"].(map[string]any)
	if key["latest_version"] != 1.0 || key["exportable"] != false || key["deletion_allowed"] != false {
		t.Errorf("the transit key is %v", key)
	}
	waits(t, "the secrets engine", func() bool { // a new one sets itself up for a moment
		status, _ := v.ask(t, "POST", "secret/data/team/first", map[string]any{"data": map[string]string{"a": "b"}})
		return status == http.StatusOK
	})
	_, rest, _ := strings.Cut(first, "role_id: ")
	id, _, _ := strings.Cut(rest, "\n")
	v.write(t, "secret-id", v.prepare(t, "team", "--secret-id"))

	g := gatewayOf(t, v, v.Address, func(dir, text string) string {
		text = issue(t, dir, text, root, "names: [gate.example, 127.0.0.1]")
		login := "token_file: " + v.file("token")
		if !strings.Contains(text, login) {
			t.Fatal("the configuration has no login to replace")
		}
		return strings.Replace(text, login, "approle: {role_id: "+id+", secret_id_file: "+v.file("secret-id")+", wrapped: true}", 1)
	})
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	g.set(t, "app_secret", "another-app-secret")
	rig.Await(t, "the new app secret", func() bool { return g.posts(t, "another-app-secret") == http.StatusOK })
	if leaf := g.leaf(t, g.Env["POSTERN_URL"]); leaf.Issuer.CommonName != "test intermediate" {
		t.Errorf("the certificate is of %s", leaf.Issuer.CommonName)
	}
	if out, err := v.setup(t, "team", "--secret-id"); err != nil || strings.TrimSpace(out) == "" || strings.Contains(g.Log.String(), strings.TrimSpace(out)) {
		t.Errorf("another secret id: %v", err)
	}
}

// TestSetupRefuses says what is wrong and changes nothing.
func TestSetupRefuses(t *testing.T) {
	t.Parallel()
	v := bare(t)
	for name, tc := range map[string]struct {
		args []string
		says string
	}{
		"nothing":       {nil, "usage: setup.sh PREFIX"},
		"a path":        {[]string{"../team"}, "PREFIX is letters"},
		"unknown":       {[]string{"team", "--all"}, "usage: setup.sh PREFIX"},
		"names":         {[]string{"team", "--pki", `a"b`}, "NAMES are host names"},
		"no names":      {[]string{"team", "--pki"}, "usage: setup.sh PREFIX"},
		"no PKI engine": {[]string{"team", "--pki", "a.example"}, "no PKI engine"},
		"no role yet":   {[]string{"other", "--secret-id"}, "no wrapping token"},
	} {
		out, err := v.setup(t, tc.args...)
		if err == nil || !strings.Contains(out, tc.says) {
			t.Errorf("%s: %v, says %q", name, err, out)
		}
	}
	if status, _ := v.ask(t, "GET", "sys/policies/acl/postern-team", nil); status != http.StatusNotFound {
		t.Errorf("a refused run wrote a policy: %d", status)
	}
	v.RootToken = "no-such-token"
	if out, err := v.setup(t, "team"); err == nil || !strings.Contains(out, "may not read sys/mounts") || strings.Contains(out, v.RootToken) {
		t.Errorf("a wrong login: %v, says %q", err, out)
	}
}
