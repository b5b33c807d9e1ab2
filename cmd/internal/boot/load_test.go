package boot_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

// folder holds the example and the files it names.
func folder(t *testing.T, edit func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "secrets"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"meta-token", "app-secret", "verify-token", "shop-webhook"} {
		write(t, filepath.Join(dir, "secrets", name), "s3cr3t-"+name+"\n", 0o600)
	}
	write(t, filepath.Join(dir, "secrets", "short"), "s3cr3t\n", 0o600)
	path := filepath.Join(dir, "postern.yaml")
	write(t, path, edit(string(boot.Example())), 0o600)
	return path
}

func write(t *testing.T, path, text string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
}

func same(s string) string { return s }

func replace(old, now string) func(string) string {
	return func(s string) string {
		if !strings.Contains(s, old) {
			panic("the example does not contain " + old)
		}
		return strings.Replace(s, old, now, 1)
	}
}

func TestExampleLoads(t *testing.T) {
	path := folder(t, same)
	c, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if c.Data != filepath.Join(filepath.Dir(path), "data") || c.UnknownAfter != 15*time.Minute || c.Limits.BodyBytes != 1<<20 {
		t.Errorf("data %q, unknown after %s, body %d", c.Data, c.UnknownAfter, c.Limits.BodyBytes)
	}
	tenant, app, ok := c.App("shop")
	if !ok || tenant.Name != "demo" || app.Webhook.Secret.Value() != "s3cr3t-shop-webhook" {
		t.Errorf("app shop: found %v, tenant %q", ok, tenant.Name)
	}
	if _, a, n, ok := c.Number("106540352242922"); !ok || a.Name != "shop" || n.Display != "+49 30 1234567" {
		t.Errorf("number: %v %q", ok, a.Name)
	}
	if len(c.Revision) != 64 {
		t.Errorf("revision %q", c.Revision)
	}
}

func TestSecretsNeverPrint(t *testing.T) {
	c, err := boot.Load(folder(t, same))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+"\n", c)
		fmt.Fprintf(&out, verb+"\n", *c)
		fmt.Fprintf(&out, verb+"\n", c.Tenants)
		fmt.Fprintf(&out, verb+"\n", c.Tenants[0].Token)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	out.Write(b)
	hex := fmt.Sprintf("%x", "s3cr3t")
	secret := []byte("s3cr3t")
	numbers := strings.Trim(fmt.Sprintf("%d", secret), "[]")
	for _, leak := range []string{"s3cr3t", hex, strings.ToUpper(hex), numbers} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("a secret was printed as %q", leak)
		}
	}
	if !strings.Contains(out.String(), "[secret]") {
		t.Error("nothing stands for the secrets")
	}
}

// Each case changes the example in one place and expects one problem there.
func TestOneProblem(t *testing.T) {
	const literal = "EAAGliteraltoken"
	cases := []struct{ name, old, now, at, says string }{
		{"unknown key", "unknown_after: 15m", "unknown_afer: 15m", "", "unknown_afer is not a known key; remove it, or write unknown_after"},
		{"wrong type", "timeout: 30s", "timeout: 30", "", "upstream.timeout has the wrong type"},
		{"list for text", "public_url: https://127.0.0.1:8443", "public_url: [a]", "", "public_url has the wrong type"},
		{"missing", "public_url: https://127.0.0.1:8443", "", "", "public_url is missing"},
		{"null required", "    waba_id: \"102290129340398\"", "    waba_id: ~", "", "waba_id is missing"},
		{"number without quotes", `"106540352242922", display`, `106540352242922, display`, "", "numbers[0].id has the wrong type"},
		{"zero dialled inside", "display: \"+49 30", "display: \"+49 030", "", "numbers[0].display has digits that are dialled only inside the country; leave out"},
		{"version", "version: 1\n", "version: 2\n", "", "version is out of range"},
		{"no version", "version: 1\n", "\n", "", "version is missing"},
		{"bad duration", "every: 60s", "every: soon", "", "checkpoints.every is not a duration"},
		{"duration too long", "unknown_after: 15m", "unknown_after: 999h", "", "unknown_after is not a duration in range"},
		{"size", "min_free_bytes: 256MiB", "min_free_bytes: 256MB", "", "limits.min_free_bytes is not a size"},
		{"rate", "per_number_rate: 1000", "per_number_rate: -1", "", "limits.per_number_rate is out of range"},
		{"rate is no number", "per_number_rate: 1000", "per_number_rate: .nan", "", "limits.per_number_rate is out of range"},
		{"twice", "data: ./data", "data: ./data\ndata: ./other", "", "data is written twice"},
		{"alias", "connections: 64", "connections: &x 64", "", "anchors, aliases and merge keys"},
		{"same address", "address: 127.0.0.1:8444", "address: 127.0.0.1:8443", "", "is the address of listeners.app.address too"},
		{"admin outside", "address: 127.0.0.1:8445", "address: 0.0.0.0:8445", "", "is not a loopback address"},
		{"no port", "address: 127.0.0.1:8444", "address: 127.0.0.1", "", "is not host:port"},
		{"plain upstream", "https://graph.facebook.com", "http://graph.facebook.com", "", "upstream.base_url is not an https URL"},
		{"graph version", "version: v25.0", "version: 25", "", "upstream.version has the wrong type"},
		{"range of targets", "allow_targets: []", "allow_targets: [\"127.0.0.0/8:80\"]", "", "allow_targets[0] is not one host:port"},
		{"target without port", "allow_targets: []", "allow_targets: [\"127.0.0.1\"]", "", "allow_targets[0] is not one host:port"},
		{"checkpoints in data", "dir: ./checkpoints", "dir: ./data/checkpoints", "", "checkpoints.dir lies inside data"},
		{"too many openings", "per_hour: 10", "per_hour: 1001", "", "reveal.per_hour is out of range"},
		{"an opening without end", "expires: 4h", "expires: 0s", "", "reveal.expires is not a duration in range"},
		{"a hold that waits for ever", "expires: 24h", "expires: 1000h", "", "holds.expires is not a duration in range"},
		{"no time to answer", "deadline_days: 28", "deadline_days: 0", "", "requests.deadline_days is out of range"},
		{"a run at no time", `at: "03:00"`, "at: noon", "", "retention.at is no time of day"},
		{"perhaps a second person", "second_person: false", "second_person: perhaps", "", "reveal.second_person has the wrong type"},
		{"level", "level: info", "level: loud", "", "log.level is not a level"},
		{"literal secret", "token: file:secrets/meta-token", "token: " + literal, "", "token: a secret is written into the file"},
		{"literal with colon", "token: file:secrets/meta-token", "token: \"" + literal + ":1\"", "", "token: a secret is written into the file"},
		{"secret's file", "file:secrets/meta-token", "file:secrets/none", "", "token: the secret's file does not exist"},
		{"secret's variable", "file:secrets/meta-token", "env:POSTERN_TEST_UNSET", "", "environment variable POSTERN_TEST_UNSET is not set"},
		{"country", "countries: [DE]", "countries: [Germany]", "", "countries[0] is not a country"},
		{"dialect", "dialect: cloud", "dialect: smoke", "", "dialect is not a dialect"},
		{"health", "dialect: cloud", "dialect: onprem\n        health: cluster", "", "apps[0].health is not a shape of health"},
		{"health of a cloud app", "dialect: cloud", "dialect: cloud\n        health: single", "", "apps[0].health is of the old APIs"},
		{"short monitor key", "dialect: cloud", "dialect: onprem\n        monitor_key: file:secrets/short", "", "apps[0].monitor_key is not as long"},
		{"monitor key of a cloud app", "dialect: cloud", "dialect: cloud\n        monitor_key: file:secrets/meta-token", "", "apps[0].monitor_key is of the On-Premises API"},
		{"unknown number", "numbers: [\"106540352242922\"]", "numbers: [\"1\"]", "", "numbers[0] is not a number of this tenant"},
		{"number listed twice", "numbers: [\"106540352242922\"]", "numbers: [\"106540352242922\", \"106540352242922\"]", "", "this number of an app is already used"},
		{"no numbers", "        numbers: [\"106540352242922\"]\n", "", "", "apps[0].numbers is missing"},
		{"id too large", `{id: "106540352242922"`, `{id: "9007199254740993"`, "", "numbers[0].id is not a phone_number_id"},
		{"plain webhook", "url: https://shop", "url: http://shop", "", "webhook.url is plain http"},
		{"webhook with user", "url: https://shop", "url: https://u:p@shop", "", "is not a URL an event can be posted to"},
		{"unsigned webhook", "          secret: file:secrets/shop-webhook", "", "", "webhook.secret is missing"},
		{"literal header", "          # headers: {X-Origin: postern, Authorization: \"file:secrets/shop-auth\"}", "          headers: {Authorization: " + literal + "}", "", "a secret is written into the file"},
		{"broken section", "log:\n  level: info", "log: info", "", "log is not a mapping"},
		{"tenants as mapping", "tenants:\n", "tenants: {}\nother:\n", "", "tenants is not a list"},
		{"empty app name", "name: shop", "name: \"\"", "", "apps[0].name is missing"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			path := folder(t, replace(tc.old, tc.now))
			_, err := boot.Load(path)
			var problems boot.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("error is %v", err)
			}
			if !strings.Contains(err.Error(), tc.says) {
				t.Errorf("does not say %q:\n%v", tc.says, err)
			}
			if strings.Contains(err.Error(), literal) {
				t.Error("the refused literal is repeated")
			}
			for _, p := range problems {
				if p.File != path || p.Line < 1 || p.Column < 1 || p.What == "" || p.Write == "" {
					t.Errorf("incomplete: %+v", p)
				}
			}
		})
	}
}

func TestPlaceOfProblem(t *testing.T) {
	path := folder(t, func(s string) string {
		return strings.Replace(s, "dialect: cloud", "dialect: smoke", 1)
	})
	source, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, _, _ := strings.Cut(string(source), "smoke")
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndex(before, "\n")
	_, err = boot.Load(path)
	want := fmt.Sprintf("%s:%d:%d: tenants[0].apps[0].dialect is not a dialect; write cloud, d360 or onprem", path, line, column)
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	path := folder(t, func(s string) string {
		s = replace("level: info", "level: loud")(s)
		s = replace("every: 60s", "every: soon")(s)
		s = replace("dialect: cloud", "dialect: smoke")(s)
		return s + "surprise: 1\n"
	})
	_, err := boot.Load(path)
	var problems boot.Problems
	if !errors.As(err, &problems) || len(problems) != 4 {
		t.Fatalf("want four problems, got:\n%v", err)
	}
	for i := 1; i < len(problems); i++ {
		if problems[i].Line < problems[i-1].Line {
			t.Error("problems are not in the file's order")
		}
	}
}

func TestNotYAML(t *testing.T) {
	for name, text := range map[string]string{
		"empty":      "",
		"comment":    "# nothing\n",
		"broken":     "version: 1\n  data: [\n",
		"list":       "- a\n",
		"two":        "version: 1\n---\nversion: 1\n",
		"plain text": "hello",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := boot.Load(folder(t, func(string) string { return text }))
			var problems boot.Problems
			if !errors.As(err, &problems) || len(problems) == 0 {
				t.Fatalf("got %v", err)
			}
		})
	}
}

func TestSecretFileMode(t *testing.T) {
	path := folder(t, same)
	if err := os.Chmod(filepath.Join(filepath.Dir(path), "secrets", "app-secret"), 0o640); err != nil {
		t.Fatal(err)
	}
	_, err := boot.Load(path)
	if err == nil || !strings.Contains(err.Error(), "mode 0640 and others can read it; chmod 600 it") {
		t.Errorf("got %v", err)
	}
}

func TestSecretFromEnvironmentAndReload(t *testing.T) {
	t.Setenv("POSTERN_TEST_TOKEN", "first")
	path := folder(t, replace("file:secrets/meta-token", "env:POSTERN_TEST_TOKEN"))
	before, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("POSTERN_TEST_TOKEN", "second")
	after, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if before.Tenants[0].Token.Value() != "first" || after.Tenants[0].Token.Value() != "second" {
		t.Error("a secret is read once per load")
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(string(boot.Example()))
	f.Add("version: 1\ntenants: [{apps: [{webhook: {headers: {a: b}}}]}]\n")
	f.Add("a: &a [*a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "c.yaml")
		write(t, path, text, 0o600)
		c, err := boot.Load(path)
		if (c == nil) == (err == nil) {
			t.Fatal("either a configuration or an error")
		}
	})
}

func TestProblemFoundLater(t *testing.T) {
	c, err := boot.Load(folder(t, same))
	if err != nil {
		t.Fatal(err)
	}
	p := c.Problem("listeners.app.cert", "it expired", "install a new one")
	line := strings.Split(string(c.Source), "\n")[p.Line-1]
	if !strings.Contains(line[p.Column-1:], "certs/app.pem") {
		t.Errorf("%s points at %q", p, line)
	}
	if p := (&boot.Config{}).Problem("data", "is full", "free space"); p.Line != 1 {
		t.Errorf("%s", p)
	}
}
