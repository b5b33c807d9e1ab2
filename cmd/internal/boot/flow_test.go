package boot_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/flows"
)

// flowFolder is the example with flows at its number.
func flowFolder(t *testing.T, flow string) string {
	t.Helper()
	path := folder(t, replace(`display: "+49 30 1234567"}`, `display: "+49 30 1234567", flow: `+flow+`}`))
	for _, name := range []string{"current", "previous"} {
		k, err := flows.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.Private()
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(filepath.Dir(path), "secrets", name), string(text), 0o600)
	}
	return path
}

func TestFlowLoads(t *testing.T) {
	c, err := boot.Load(flowFolder(t, `{key: "file:secrets/current", key_previous: "file:secrets/previous", endpoint: {url: "https://shop.example.org/flow", secret: "file:secrets/shop-webhook"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _, n, _ := c.Number("106540352242922")
	if n.Flow == nil || len(n.Flow.Keys()) != 2 || n.Flow.Timeout != 9*time.Second || n.Flow.TokenRefusal != "encrypted" {
		t.Fatalf("%+v", n.Flow)
	}
	public, err := n.Flow.Keys()[0].Public()
	if err != nil || !n.Flow.Keys()[0].Matches(public) || n.Flow.Keys()[1].Matches(public) {
		t.Error("the two keys are not told apart")
	}
	if s := fmt.Sprintf("%+v", n.Flow.Key); s != "[secret]" {
		t.Errorf("the key prints as %q", s)
	}
	if m := n.Flow.Media; len(m.Hosts) != 3 || m.MaxBytes != 10<<20 || m.Form != "inline" {
		t.Errorf("media by default: %+v", m)
	}
	if app, err := n.Flow.App(); app != nil || err != nil {
		t.Errorf("an app without key has %v, %v", app, err)
	}
	if c, err = boot.Load(folder(t, same)); err != nil {
		t.Fatal(err)
	}
	if _, _, n, _ := c.Number("106540352242922"); n.Flow != nil {
		t.Error("a number without flows has some")
	}
}

// An app that decrypts by itself gets files as they came, unless it is said
// otherwise.
func TestFlowOfAnAppWithKey(t *testing.T) {
	for media, want := range map[string]string{"": "reference", ", media: {form: inline, hosts: [\"127.0.0.1:8400\", \"*.cdn.example\"]}": "inline"} {
		path := flowFolder(t, `{key: "file:secrets/current", endpoint: {url: "https://shop.example.org/flow", public_key: "file:secrets/app-key"}`+media+`}`)
		k, err := flows.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		public, err := k.Public()
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(filepath.Dir(path), "secrets", "app-key"), string(public), 0o600)
		c, err := boot.Load(path)
		if err != nil {
			t.Fatal(err)
		}
		_, _, n, _ := c.Number("106540352242922")
		if app, err := n.Flow.App(); app == nil || err != nil || n.Flow.Media.Form != want {
			t.Errorf("%q: %v, %v, %+v", media, app, err, n.Flow.Media)
		}
	}
}

func TestFlowKeysInTheKeystore(t *testing.T) {
	c, err := boot.Load(flowFolder(t, `{key: keystore, endpoint: {url: "https://shop.example.org/flow"}}`))
	if err != nil {
		t.Fatal(err)
	}
	_, _, n, _ := c.Number("106540352242922")
	if !n.Flow.Keystore || n.Flow.Key.IsSet() || len(n.Flow.Keys()) != 0 {
		t.Errorf("%+v", n.Flow)
	}
}

func TestFlowProblems(t *testing.T) {
	const endpoint = `endpoint: {url: "https://shop.example.org/flow"}`
	for flow, want := range map[string]string{
		`{` + endpoint + `}`: "numbers[0].flow.key is missing",
		`{key: "file:secrets/shop-webhook", ` + endpoint + `}`:                                                                "flow key is not one PEM block",
		`{key: "file:secrets/current"}`:                                                                                       "flow.endpoint.url is missing",
		`{key: "file:secrets/current", endpoint: {url: "http://shop.example.org/flow"}}`:                                      "flow.endpoint.url is plain http",
		`{key: "file:secrets/current", timeout: 10s, ` + endpoint + `}`:                                                       "flow.timeout is not a duration in range",
		`{key: "file:secrets/current", token_refusal: none, ` + endpoint + `}`:                                                "flow.token_refusal is not a form",
		`{key: "file:secrets/current", surprise: 1, ` + endpoint + `}`:                                                        "flow.surprise is not a known key",
		`{key: "-----BEGIN PRIVATE KEY-----", ` + endpoint + `}`:                                                              "a secret is written into the file",
		`{key: "file:secrets/current", media: {hosts: ["*"]}, ` + endpoint + `}`:                                              "flow.media.hosts[0] is not a host",
		`{key: "file:secrets/current", media: {hosts: ["*.com"]}, ` + endpoint + `}`:                                          "flow.media.hosts[0] is not a host",
		`{key: "file:secrets/current", media: {hosts: [a.example, "https://b.example"]}, ` + endpoint + `}`:                   "flow.media.hosts[1] is not a host",
		`{key: "file:secrets/current", media: {max_bytes: 65MiB}, ` + endpoint + `}`:                                          "flow.media.max_bytes is not a size in range",
		`{key: "file:secrets/current", media: {form: link}, ` + endpoint + `}`:                                                "flow.media.form is not a form",
		`{key: "file:secrets/current", endpoint: {url: "https://shop.example.org/flow", public_key: "file:secrets/current"}}`: "flow.endpoint.public_key: key of the app is no PEM block PUBLIC KEY",
		`{key: keystore, key_previous: "file:secrets/current", ` + endpoint + `}`:                                             "flow.key_previous has no place beside key: keystore",
		`{key: keystores, ` + endpoint + `}`:                                                                                  "a secret is written into the file",
		`text`:                                                                                                                "flow is not a mapping",
	} {
		if _, err := boot.Load(flowFolder(t, flow)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", flow, err)
		}
	}
}
