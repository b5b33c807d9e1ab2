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
	if c, err = boot.Load(folder(t, same)); err != nil {
		t.Fatal(err)
	}
	if _, _, n, _ := c.Number("106540352242922"); n.Flow != nil {
		t.Error("a number without flows has some")
	}
}

func TestFlowProblems(t *testing.T) {
	const endpoint = `endpoint: {url: "https://shop.example.org/flow"}`
	for flow, want := range map[string]string{
		`{` + endpoint + `}`: "numbers[0].flow.key is missing",
		`{key: "file:secrets/shop-webhook", ` + endpoint + `}`:                           "flow key is not one PEM block",
		`{key: "file:secrets/current"}`:                                                  "flow.endpoint.url is missing",
		`{key: "file:secrets/current", endpoint: {url: "http://shop.example.org/flow"}}`: "flow.endpoint.url is plain http",
		`{key: "file:secrets/current", timeout: 10s, ` + endpoint + `}`:                  "flow.timeout is not a duration in range",
		`{key: "file:secrets/current", token_refusal: none, ` + endpoint + `}`:           "flow.token_refusal is not a form",
		`{key: "file:secrets/current", surprise: 1, ` + endpoint + `}`:                   "flow.surprise is not a known key",
		`{key: "-----BEGIN PRIVATE KEY-----", ` + endpoint + `}`:                         "a secret is written into the file",
		`text`: "flow is not a mapping",
	} {
		if _, err := boot.Load(flowFolder(t, flow)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", flow, err)
		}
	}
}
