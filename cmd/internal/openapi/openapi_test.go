//go:build schemathesis

package openapi

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

const top = "../../.."

// description is a run over one of them.
type description struct {
	name  string
	env   map[string]string // credentials, by the names in schemathesis.toml
	known known
	read  []string // sends that another run has tried in full
	flags []string
}

// run makes the requests of a description.
func (d *description) run(t *testing.T, r *rig.Rig) {
	t.Helper()
	url := r.Env["POSTERN_URL"]
	if d.name == "cloud" {
		url += "/v25.0"
	}
	args := append([]string{
		"--config-file", d.config(t), "run", filepath.Join("proxy", "dialect", "openapi", d.name+".yaml"),
		"--url", url, "--tls-verify", r.Env["POSTERN_CA"], "--no-color",
	}, d.flags...)
	program, err := filepath.Abs(filepath.Join(top, ".cache", "schemathesis", "bin", "schemathesis"))
	if err != nil {
		t.Fatal(err)
	}
	for flag, name := range map[string]string{"--max-examples": "EXAMPLES", "--seed": "SEED"} {
		if value := os.Getenv(name); value != "" {
			args = append(args, flag, value)
		}
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	cmd.Dir, cmd.Env = top, append(os.Environ(), "PYTHONHASHSEED=0", "PYTHONDONTWRITEBYTECODE=1")
	for _, name := range []string{"POSTERN_TOKEN", "POSTERN_KEY", "POSTERN_USER", "POSTERN_PASSWORD"} {
		cmd.Env = append(cmd.Env, name+"="+d.env[name])
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// config is schemathesis.toml with what is known here, and without the coverage
// of sends that are tried elsewhere.
func (d *description) config(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("schemathesis.toml")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw) + d.known.toml()
	for _, name := range d.read {
		text += "\n[[operations]]\ninclude-name = \"" + name + "\"\nphases = { coverage = { enabled = false } }\n"
	}
	path := filepath.Join(t.TempDir(), "schemathesis.toml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// unlimited keeps limits of rates and slow machines out of the answers.
func unlimited(text string) string {
	return strings.NewReplacer("limits: {", "limits: {pair_rate: 0, management_per_hour: 0, ", "timeout: 10s", "timeout: 60s").Replace(text)
}

// nowhere knows no name: webhooks that are set to what was made up go nowhere.
func nowhere() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no names are looked up")
	}}
}

// TestDescriptions holds every answer against the descriptions. What ends the
// credential or the number that all requests stand on comes last.
func TestDescriptions(t *testing.T) {
	r := rig.Start(t, rig.Options{Config: unlimited, Resolver: nowhere()})
	token := login(t, r)
	auth := map[string]string{
		"d360v2": "D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"], "d360v1": "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"],
		"cloud": "Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"], "onprem": "Authorization: Bearer " + token,
	}
	v1, v2 := map[string]string{"POSTERN_KEY": r.Env["POSTERN_D360_V1_KEY"]}, map[string]string{"POSTERN_KEY": r.Env["POSTERN_D360_V2_KEY"]}
	cloud := map[string]string{"POSTERN_TOKEN": r.Env["POSTERN_CLOUD_TOKEN"]}
	onprem := map[string]string{"POSTERN_TOKEN": token, "POSTERN_USER": r.Env["POSTERN_ONPREM_USER"], "POSTERN_PASSWORD": r.Env["POSTERN_ONPREM_PASSWORD"]}
	to := []string{r.Env["DEMO_CONSENTED"]}
	for _, d := range []description{
		{
			name: "d360v2", env: v2, read: []string{"POST /messages", "PUT /messages", "POST /marketing_messages"},
			known: known{"path.node": {upload(t, r, "/media", auth["d360v2"])}, "path.name": {"parcel_photo"}, "body.to": to},
		},
		{name: "d360v1", env: v1, read: []string{"POST /v1/messages"}, known: known{"path.id": {oldUpload(t, r, auth["d360v1"])}, "path.name": {"appointment"}, "body.to": to}},
		{
			name: "cloud", env: cloud, read: []string{"PUT /{number}/messages", "POST /{number}/marketing_messages"}, known: things(t, r, auth["cloud"]),
			flags: []string{"--exclude-path", "/{number}/deregister", "--exclude-path", "/{waba}/subscribed_apps"}, // which asks addresses that come with it
		},
		{
			name: "onprem", env: onprem, known: known{"path.id": {oldUpload(t, r, auth["onprem"])}, "body.to": to, "path.wa_id": to},
			flags: []string{"--exclude-path-regex", "^/v1/users/log(in|out)$"},
		},
		{name: "cloud", env: cloud, flags: []string{"--include-path", "/{number}/deregister"}},
		{name: "onprem", env: onprem, flags: []string{"--include-path-regex", "^/v1/users/log(in|out)$"}},
	} {
		t.Run(d.name, func(t *testing.T) { d.run(t, r) })
	}
}

// login is a token of the On-Premises user.
func login(t *testing.T, r *rig.Rig) string {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(r.Env["POSTERN_ONPREM_USER"] + ":" + r.Env["POSTERN_ONPREM_PASSWORD"]))
	a := r.Do(t, "POST", "/v1/users/login", "", "Authorization: Basic "+basic)
	var in struct {
		Users []struct{ Token string }
	}
	if err := json.Unmarshal([]byte(a.Body), &in); err != nil || len(in.Users) != 1 {
		t.Fatalf("login: %d %v", a.Status, err)
	}
	return in.Users[0].Token
}
