package boot_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// atD360 makes the example's tenant one of 360dialog's.
func atD360(s string) string {
	for _, meta := range []string{
		"    token: file:secrets/meta-token # Meta system user token\n", "    app_secret: file:secrets/app-secret # checks Meta's signatures\n",
		"    verify_token: file:secrets/verify-token # answers hub.challenge\n",
	} {
		s = replace(meta, "")(s)
	}
	s = replace(`{id: "106540352242922", display`, `{id: "106540352242922", d360_key: file:secrets/meta-token, display`)(s)
	return replace("    numbers:\n", "    upstream: d360\n    d360: {webhook_secret: file:secrets/app-secret}\n    numbers:\n")(s)
}

func TestD360Tenant(t *testing.T) {
	c, err := boot.Load(folder(t, atD360))
	if err != nil {
		t.Fatal(err)
	}
	tenant := c.Tenants[0]
	if !tenant.ByD360() || tenant.D360.BaseURL != "https://waba-v2.360dialog.io" || tenant.D360.WebhookHeader != "X-Postern-Webhook" ||
		tenant.D360.WebhookSecret.Value() != "s3cr3t-app-secret" || tenant.Numbers[0].D360Key.Value() != "s3cr3t-meta-token" {
		t.Errorf("%+v", tenant.D360)
	}
	c, err = boot.Load(folder(t, same))
	if err != nil || c.Tenants[0].ByD360() {
		t.Errorf("without upstream it is Meta: %v", err)
	}
}

// TestD360Secrets: key and secrets may be in Vault, each for its purpose, and
// the secrets that webhooks carry overlap.
func TestD360Secrets(t *testing.T) {
	path := folder(t, func(s string) string {
		s = replace("d360_key: file:secrets/meta-token", `d360_key: "vault:desk#key"`)(atD360(s))
		return replace("webhook_secret: file:secrets/app-secret", `webhook_secret: "vault:desk#hook"`)(s) + "\nvault: {address: \"https://vault.example.org\", token_file: t}\n"
	})
	c, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	refs := c.References()
	if refs["tenants[0].numbers[0].d360_key"].Purpose != boot.Send || refs["tenants[0].d360.webhook_secret"].Purpose != boot.Receive {
		t.Errorf("purposes: %v", refs)
	}
	c, err = c.WithSecrets(func(r boot.Reference) (string, string, error) { return "now-" + r.Field, "was-" + r.Field, nil })
	if err != nil {
		t.Fatal(err)
	}
	d := c.Tenants[0].D360
	if c.Tenants[0].Numbers[0].D360Key.Value() != "now-key" || d.WebhookSecret.Value() != "now-hook" || d.WebhookSecretPrevious.Value() != "was-hook" {
		t.Error("other secrets than Vault gave")
	}
}

func TestD360Problems(t *testing.T) {
	after := func(change func(string) string) func(string) string {
		return func(s string) string { return change(atD360(s)) }
	}
	for name, tc := range map[string]struct {
		edit func(string) string
		says string
	}{
		"no such upstream":     {replace("    numbers:\n", "    upstream: twilio\n    numbers:\n"), "upstream is neither meta nor d360"},
		"key without contract": {replace(`"106540352242922", display`, `"106540352242922", d360_key: file:secrets/meta-token, display`), "d360_key is for tenants of 360dialog"},
		"contract without it":  {replace("    numbers:\n", "    d360: {webhook_secret: file:secrets/app-secret}\n    numbers:\n"), "d360 is for tenants of 360dialog"},
		"Meta's token beside":  {after(replace("    upstream: d360\n", "    upstream: d360\n    token: file:secrets/meta-token\n")), "token is Meta's"},
		"a number without key": {after(replace(", d360_key: file:secrets/meta-token", "")), "numbers[0].d360_key is missing"},
		"webhooks unproven":    {after(replace("{webhook_secret: file:secrets/app-secret}", "{}")), "d360 says not how webhooks are told from forged ones"},
		"plain http":           {after(replace("{webhook_secret", `{base_url: "http://waba-v2.360dialog.io", webhook_secret`)), "d360.base_url is not an https URL"},
		"header":               {after(replace("{webhook_secret", `{webhook_header: "a b", webhook_secret`)), "d360.webhook_header is no name of a header"},
		"unknown key":          {after(replace("{webhook_secret", `{webhook: x, webhook_secret`)), "d360.webhook is not a known key"},
		"flow":                 {after(replace(", d360_key", `, flow: {key: keystore, endpoint: {url: "https://flows.example.org/x", secret: file:secrets/app-secret}}, d360_key`)), "flow can not be served"},
		"encryption":           {after(replace(", d360_key", `, encryption: {key: file:secrets/app-secret}, d360_key`)), "encryption is not offered by 360dialog"},
	} {
		path := folder(t, tc.edit)
		_, err := boot.Load(path)
		var problems boot.Problems
		if !errors.As(err, &problems) || !strings.Contains(err.Error(), tc.says) || problems[0].File != path {
			t.Errorf("%s (%s): %v", name, filepath.Base(path), err)
		}
	}
}
