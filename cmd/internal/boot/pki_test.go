package boot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

const files = "    cert: certs/app.pem\n    key: certs/app-key.pem\n"

// issued puts lines below listeners.app.pki in place of the files, with Vault.
func issued(pki string, more ...string) func(string) string {
	return func(text string) string {
		text = replace(files, "    pki: {"+pki+"}\n")(text)
		return text + "vault: {address: https://vault.example, token_file: t" + strings.Join(more, "") + "}\n"
	}
}

func TestIssuedListener(t *testing.T) {
	c, err := boot.Load(folder(t, issued("role: gate, names: [gate.example, 192.0.2.1, '2001:db8::1']")))
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listeners.App
	if l.PKI.Mount != "pki" || l.PKI.Role != "gate" || l.PKI.TTL != 72*time.Hour || l.Cert != "" || l.Key != "" {
		t.Errorf("%+v", l)
	}
	if names := l.TLS(time.Now).Names; !slices.Equal(names, []string{"gate.example", "192.0.2.1", "2001:db8::1"}) {
		t.Errorf("names %v", names)
	}
	other := *c
	other.Listeners.App.PKI.Names = []string{"elsewhere.example"}
	if got := boot.RestartNeeded(c, &other); !slices.Equal(got, []string{"listeners.app"}) {
		t.Errorf("a restart for %v", got)
	}
}

func TestIssuedListenerProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(string) string
		says string
	}{
		"no role":   {issued("names: [a.example]"), "listeners.app.pki.role is missing"},
		"no names":  {issued("role: gate"), "listeners.app.pki.names is missing"},
		"wildcard":  {issued("role: gate, names: ['*.example']"), "listeners.app.pki.names[0] is neither a host name nor an address"},
		"port":      {issued("role: gate, names: [ok.example, 'a.example:443']"), "names[1] is neither"},
		"mount":     {issued("mount: /pki/, role: gate, names: [a.example]"), "listeners.app.pki.mount is not a mount"},
		"role path": {issued("role: ../gate, names: [a.example]"), "listeners.app.pki.role is not a role"},
		"short":     {issued("role: gate, names: [a.example], ttl: 5m", ", poll: 26s"), "listeners.app.pki.ttl is too short for vault.poll"},
		"too short": {issued("role: gate, names: [a.example], ttl: 10s"), "is not a duration in range"},
		"unknown":   {issued("role: gate, names: [a.example], key: x"), "listeners.app.pki.key is not a known key"},
		"files beside": {func(s string) string {
			return strings.Replace(issued("role: gate, names: [a.example]")(s), "    pki:", files+"    pki:", 1)
		}, "listeners.app.pki stands beside cert or key"},
		"no Vault": {replace(files, "    pki: {role: gate, names: [a.example]}\n"), "listeners.app.pki names Vault, and there is no section vault"},
		"nothing":  {replace(files, ""), "listeners.app.cert is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := boot.Load(folder(t, tc.edit))
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("says %v, want %q", err, tc.says)
			}
		})
	}
}
