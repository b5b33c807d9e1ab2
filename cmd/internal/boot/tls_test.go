package boot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

const someCA = "    # client_ca: certs/app-clients-ca.pem # the only roots of apps' certificates\n"

func TestTLSOfTheExample(t *testing.T) {
	c, err := boot.Load(folder(t, same))
	if err != nil {
		t.Fatal(err)
	}
	l := c.Listeners.App.TLS(time.Now)
	if l.TLS12 || l.ClientCA != "" || l.Optional || c.Upstream.TLS().TLS12 || c.Upstream.TLS().Only || !c.Delivery.TLS().TLS12 {
		t.Errorf("listener %+v, upstream %+v, delivery %+v", l, c.Upstream.TLS(), c.Delivery.TLS())
	}
}

// TestTLSAsWritten takes the comments away from all the example says of TLS.
func TestTLSAsWritten(t *testing.T) {
	c, err := boot.Load(folder(t, func(text string) string {
		for _, key := range []string{"min_tls:", "client_ca:", "client_cert:", "client_names:", "ca: certs/upstream-ca.pem", "ca_only:", "identify: key"} {
			if !strings.Contains(text, "# "+key) {
				t.Fatalf("the example has no %q", key)
			}
			text = strings.ReplaceAll(text, "# "+key, key)
		}
		text = strings.Replace(text, "identify: key", "identify: both", 1)
		text = strings.Replace(text, "client_cert: required", "client_cert: optional", 1)
		return strings.Replace(text, "  # pins: [sha256/BASE64]", "  pins: ['sha256/"+strings.Repeat("A", 43)+"=']", 1)
	}))
	if err != nil {
		t.Fatal(err)
	}
	app, webhook, up := c.Listeners.App.TLS(time.Now), c.Listeners.Webhook.TLS(time.Now), c.Upstream.TLS()
	if !app.TLS12 || !app.Optional || !strings.HasSuffix(app.ClientCA, "/certs/app-clients-ca.pem") || len(app.ClientNames) != 0 {
		t.Errorf("app listener: %+v", app)
	}
	if webhook.Optional || !slices.Equal(webhook.ClientNames, []string{"client.webhooks.fbclientcerts.com"}) {
		t.Errorf("webhook listener: %+v", webhook)
	}
	if !up.TLS12 || !up.Only || len(up.Pins) != 1 || c.Delivery.TLS().TLS12 {
		t.Errorf("upstream %+v, delivery %+v", up, c.Delivery.TLS())
	}
	if _, a, _ := c.App("shop"); a.Identify != "both" || !slices.Equal(a.ClientNames, []string{"shop.apps.example.org"}) {
		t.Errorf("app %q by %v", a.Identify, a.ClientNames)
	}
}

// TestMetaIsNamed: with roots and no name the one that Meta publishes is asked for.
func TestMetaIsNamed(t *testing.T) {
	c, err := boot.Load(folder(t, replace("    # client_ca: certs/meta-outbound-ca.pem", "    client_ca: certs/meta-outbound-ca.pem")))
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Listeners.Webhook.TLS(time.Now); got.Optional || !slices.Equal(got.ClientNames, []string{"client.webhooks.fbclientcerts.com"}) {
		t.Errorf("%+v", got)
	}
}

func TestTLSProblems(t *testing.T) {
	const names, identify = "        # client_names: [shop.apps.example.org]", "        # identify: key"
	for name, tc := range map[string]struct {
		edit func(string) string
		says string
	}{
		"old version":           {replace(`    # min_tls: "1.2" # for`, `    min_tls: "1.1" # for`), "listeners.app.min_tls is no version"},
		"upstream's version":    {replace("  # ca_only: true", `  min_tls: "1.0"`), "upstream.min_tls is no version"},
		"delivery's version":    {replace(`  # min_tls: "1.3"`, `  min_tls: "2"`), "delivery.min_tls is no version"},
		"cert word":             {replace(someCA, "    client_ca: x\n    client_cert: maybe\n"), "neither required nor optional"},
		"cert without roots":    {replace(someCA, "    client_cert: required\n"), "listeners.app.client_cert means nothing without client_ca"},
		"names without roots":   {replace("    # client_names: [client", "    client_names: [client"), "listeners.webhook.client_names means nothing without client_ca"},
		"names of the app edge": {replace(someCA, "    client_ca: x\n    client_names: [a]\n"), "listeners.app.client_names is not a known key"},
		"only nobody":           {replace("  # ca_only: true", "  ca_only: true"), "upstream.ca_only would trust nobody"},
		"only a word":           {replace("  # ca_only: true", "  ca_only: yes please"), "upstream.ca_only has the wrong type"},
		"pin":                   {replace("  # pins: [sha256/BASE64]", "  pins: [sha256/BASE64]"), "upstream.pins[0] is no pin"},
		"app without roots":     {replace(names, "        client_names: [a.example]"), "client_names means nothing without listeners.app.client_ca"},
		"way":                   {replace(identify, "        identify: guess"), "is not a way to know an app"},
		"certificate, no name":  {replace(identify, "        identify: certificate"), "identify needs client_names"},
		"a name with a space": {func(s string) string {
			return replace(names, "        client_names: ['a b']")(replace(someCA, "    client_ca: x\n")(s))
		}, "is no name in a certificate"},
		"a name twice": {func(s string) string {
			return replace(names, "        client_names: [a.example, A.example]")(replace(someCA, "    client_ca: x\n")(s))
		}, "this client name is already used"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := boot.Load(folder(t, tc.edit))
			if err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("says %v, want %q", err, tc.says)
			}
		})
	}
}
