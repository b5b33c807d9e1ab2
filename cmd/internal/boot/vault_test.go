package boot_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

const vaultSection = `
vault:
  address: https://127.0.0.1:8200
  token_file: secrets/vault-token
`

// withVault writes references into the example and a section for them.
func withVault(section string) func(string) string {
	return func(s string) string {
		for _, key := range []string{"token: file:secrets/meta-token", "app_secret: file:secrets/app-secret", "secret: file:secrets/shop-webhook"} {
			name, _, _ := strings.Cut(key, ":")
			s = strings.Replace(s, " "+key, " "+name+": \"vault:team/shop#"+name+"\"", 1)
		}
		return s + section
	}
}

func TestReferencesToVault(t *testing.T) {
	c, err := boot.Load(folder(t, withVault(vaultSection)))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]boot.Reference{
		"tenants[0].token":                  {Path: "team/shop", Field: "token", Purpose: boot.Send},
		"tenants[0].app_secret":             {Path: "team/shop", Field: "app_secret", Purpose: boot.Receive},
		"tenants[0].apps[0].webhook.secret": {Path: "team/shop", Field: "secret", Purpose: boot.Deliver},
	}
	for place, ref := range want {
		if got := c.References()[place]; got != ref {
			t.Errorf("%s: %+v, want %+v", place, got, ref)
		}
	}
	if token := c.Tenants[0].Token; !token.IsSet() || token.Value() != "" {
		t.Error("a reference that was not read is not set, or has a value")
	}
	full, err := c.WithSecrets(func(r boot.Reference) (string, string, error) { return "now-" + r.Field, "was-" + r.Field, nil })
	if err != nil {
		t.Fatal(err)
	}
	tenant := full.Tenants[0]
	for got, want := range map[string]string{
		tenant.Token.Value(): "now-token", tenant.AppSecret.Value(): "now-app_secret", tenant.AppSecretPrevious.Value(): "was-app_secret",
		tenant.Apps[0].Webhook.Secret.Value(): "now-secret", tenant.Apps[0].Webhook.SecretPrevious.Value(): "was-secret",
	} {
		if got != want {
			t.Errorf("value %q, want %q", got, want)
		}
	}
	if full.Revision != c.Revision || len(boot.RestartNeeded(c, full)) > 0 {
		t.Error("values changed what the file says")
	}
}

// TestFilesAreNotReadAgain: a version of Vault must not bring an unfinished
// edit of a file into force.
func TestFilesAreNotReadAgain(t *testing.T) {
	path := folder(t, withVault(vaultSection))
	c, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	was := c.Tenants[0].VerifyToken.Value()
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secrets", "verify-token"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	full, err := c.WithSecrets(func(boot.Reference) (string, string, error) { return "x", "", nil })
	if err != nil {
		t.Fatal(err)
	}
	if got := full.Tenants[0].VerifyToken.Value(); got != was || was == "" {
		t.Error("a secret's file was read again")
	}
}

func TestVaultProblems(t *testing.T) {
	for _, tc := range []struct {
		name, says string
		change     func(string) string
	}{
		{"no section", "there is no section vault", withVault("")},
		{"two logins", "has 2 logins", withVault(vaultSection + "  kubernetes: {role: postern}\n")},
		{"no login", "has 0 logins", withVault("\nvault: {address: \"https://127.0.0.1:8200\"}\n")},
		{"plain", "vault.address is not an https URL", withVault("\nvault: {address: \"http://vault.example.org\", token_file: t}\n")},
		{"mount", "vault.kv is not a mount", withVault(vaultSection + "  kv: /secret/\n")},
		{"no secret id", "vault.approle.secret_id_file is missing", withVault("\nvault: {address: \"https://127.0.0.1:8200\", approle: {role_id: r}}\n")},
		{"no field", "is no reference to Vault", func(s string) string {
			return strings.Replace(s, "file:secrets/meta-token", "vault:team/shop", 1) + vaultSection
		}},
		{"climbing path", "is no reference to Vault", func(s string) string {
			return strings.Replace(s, "file:secrets/meta-token", "\"vault:team/../shop#token\"", 1) + vaultSection
		}},
		{"operator key", "is read by commands", func(s string) string {
			return s + "operator_key: \"vault:team/shop#key\"\n" + vaultSection
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := boot.Load(folder(t, tc.change))
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("does not say %q: %v", tc.says, err)
			}
		})
	}
}

// TestUnreadableReferenceIsNamed gives the place, and changes nothing.
func TestUnreadableReferenceIsNamed(t *testing.T) {
	c, err := boot.Load(folder(t, withVault(vaultSection)))
	if err != nil {
		t.Fatal(err)
	}
	full, err := c.WithSecrets(func(boot.Reference) (string, string, error) { return "", "", errors.New("sealed") })
	var problems boot.Problems
	if full != nil || !errors.As(err, &problems) || len(problems) != 3 || problems[0].Line < 2 {
		t.Errorf("configuration %v, error %v", full, err)
	}
}
