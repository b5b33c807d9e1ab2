package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/rig"
)

const envoyDeploy = "../../deploy/envoy"

// outpost is a gateway deployed as a part of deploy/envoy/README.md says.
type outpost struct {
	*rig.Rig
	curl  string // folder of curl's own configuration
	envoy *envoytest.Envoy
	user  *syscall.SysProcAttr // whose commands are run; nil for the test's
}

// deployEnvoy starts a gateway with a section of deploy/envoy in its
// configuration; "" is none.
func deployEnvoy(t *testing.T, section string, change ...func(*rig.Options)) *outpost {
	t.Helper()
	envoytest.Program(t)
	run, err := os.MkdirTemp("", "envoy") // short enough for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(run) })
	own := strings.NewReplacer("/run/postern", run, "socket_group: envoy", fmt.Sprintf("socket_group: %q", strconv.Itoa(os.Getgid())),
		"0.0.0.0:443", "127.0.0.1:0", "127.0.0.1:15001", "127.0.0.1:0")
	o := rig.Options{}
	if section != "" {
		o.Config = func(text string) string { return text + own.Replace(envoyFile(t, section)) }
	}
	for _, c := range change {
		c(&o)
	}
	p := &outpost{Rig: rig.Start(t, o), curl: t.TempDir()}
	for name, value := range p.Env {
		if strings.HasPrefix(name, "POSTERN_") {
			t.Setenv(name, value)
		}
	}
	write(t, filepath.Join(p.Dir, "send.sh"), []byte(envoyFile(t, "send.sh")))
	return p
}

// write writes a file that may be run.
func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o700)); err != nil { //nolint:gosec // a program
		t.Fatal(err)
	}
}

func envoyFile(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(envoyDeploy, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// steps are the commands under a heading of the README, one a line.
func steps(t *testing.T, heading string) []string { t.Helper(); return fenced(t, heading, "sh") }

// yamlOf is the one line of configuration under a heading.
func yamlOf(t *testing.T, heading string) string { t.Helper(); return fenced(t, heading, "yaml")[0] }

// fenced are the lines of a language under a heading.
func fenced(t *testing.T, heading, language string) []string {
	t.Helper()
	_, part, found := strings.Cut(envoyFile(t, "README.md"), "\n## "+heading+"\n")
	part, _, _ = strings.Cut(part, "\n## ")
	var out []string
	inside := false
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```"+language
		case inside:
			out = append(out, line)
		}
	}
	if !found || len(out) == 0 {
		t.Fatalf("README.md has no lines of %s under %q", language, heading)
	}
	return out
}

// hosts tells curl where names lead: pairs of name and address.
func (p *outpost) hosts(t *testing.T, pairs ...string) {
	t.Helper()
	text := "noproxy = \"*\"\nmax-time = 60\n"
	for i := 0; i < len(pairs); i += 2 {
		host, port, err := net.SplitHostPort(pairs[i+1])
		if err != nil {
			host, port = pairs[i+1], "443"
		}
		text += fmt.Sprintf("connect-to = \"%s:443:%s:%s\"\n", pairs[i], host, port)
	}
	if err := os.WriteFile(filepath.Join(p.curl, ".curlrc"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs one command of the README as who reads it would, in the gateway's
// folder. The certificate of tests is for localhost.
func (p *outpost) run(t *testing.T, line string) {
	t.Helper()
	if out, err := p.try(t, line); err != nil {
		t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

func (p *outpost) try(t *testing.T, line string) (string, error) {
	t.Helper()
	if words := strings.Fields(line); words[0] == "postern" {
		return p.postern(t, words[1:])
	}
	own := strings.NewReplacer("gateway.example.org", "localhost", "webhook.example.org", "localhost")
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-euc", "cd "+p.Dir+"; "+own.Replace(line)) //nolint:gosec // the README's
	cmd.SysProcAttr = p.user
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "CURL_HOME=" + p.curl,
		"KEY=" + p.Env["POSTERN_CLOUD_TOKEN"], "PHONE=" + p.Env["POSTERN_PHONE_ID"], "TO=+" + p.Env["DEMO_CONSENTED"],
		"D360_KEY=" + p.Env["POSTERN_D360_V2_KEY"], "D360_V1_KEY=" + p.Env["POSTERN_D360_V1_KEY"],
	}
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// postern runs the program, whose output may go to a file.
func (p *outpost) postern(t *testing.T, words []string) (string, error) {
	t.Helper()
	into := ""
	if i := slices.Index(words, ">"); i >= 0 {
		words, into = words[:i], words[i+1]
	}
	code, stdout, stderr := command(words...)
	if code != exitOK {
		return stdout, fmt.Errorf("exit %d: %s", code, stderr)
	}
	if into != "" {
		p.Write(t, into, stdout)
	}
	return stdout, nil
}

// walk runs commands of the README. Where they start Envoy, names lead to the
// listener from there on.
func (p *outpost) walk(t *testing.T, lines []string, listener string, names ...string) {
	t.Helper()
	for _, line := range lines {
		if file, ok := strings.CutPrefix(line, "envoy --config-path "); ok {
			config, err := os.ReadFile(filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			p.envoy = envoytest.Start(t, config)
			var pairs []string
			for _, name := range names {
				pairs = append(pairs, name, p.envoy.Address(t, listener))
			}
			p.hosts(t, pairs...)
			continue
		}
		p.run(t, line)
	}
}

// sent waits until so many sends are on record as taken by Meta.
func (p *outpost) sent(t *testing.T, n int) {
	t.Helper()
	rig.Await(t, "the outcomes of sends", func() bool {
		return p.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle' AND result = 'accepted'")[0][0] == strconv.Itoa(n)
	})
}

// passed waits until an Envoy's listener has answered so many well.
func (p *outpost) passed(t *testing.T, listener string, n uint64) {
	t.Helper()
	stat := "http." + listener + ".downstream_rq_2xx"
	rig.Await(t, "requests through Envoy", func() bool { return p.envoy.Stats(t, `^http\.`+listener+`\.downstream_rq_2xx$`)[stat] == n })
}

func TestDeployWithoutEnvoy(t *testing.T) {
	p := deployEnvoy(t, "")
	p.hosts(t, "localhost", strings.TrimPrefix(p.Env["POSTERN_URL"], "https://"))
	p.walk(t, steps(t, "Without Envoy"), "")
	p.sent(t, 1)
}

// TestDeployFrontProxy: the app notices nothing.
func TestDeployFrontProxy(t *testing.T) {
	p := deployEnvoy(t, "front.yaml")
	if before, after := steps(t, "Without Envoy"), steps(t, "Front proxy"); before[0] != after[2] {
		t.Errorf("the app is told %q without Envoy, and %q with it", before[0], after[2])
	}
	p.walk(t, steps(t, "Front proxy"), "postern_app", "localhost")
	p.sent(t, 1)
	p.passed(t, "postern_app", 1)
}
