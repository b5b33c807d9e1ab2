package demo

import (
	"bytes"
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/crypto/certs"
)

const root = "../../.."

// step is one command of a document, or several lines of one, with what its
// answer must hold.
type step struct {
	lines []string
	want  []string
}

// text is a document as it is.
func text(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// steps are the commands of a document's sh blocks. A line that begins with
// "# ->" says what was printed since the one before. make is run by others.
func steps(text string) []step {
	var out []step
	next := step{}
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		want, expects := strings.CutPrefix(line, "# -> ")
		switch {
		case strings.HasPrefix(line, "```"):
			inside = line == "```sh"
		case !inside || strings.HasPrefix(line, "make "):
		case expects:
			next.want = append(next.want, want)
			out = append(out, next)
			next = step{}
		default:
			next.lines = append(next.lines, line)
		}
	}
	return append(out, next)
}

const mark = "=== step "

// follow runs the commands of a document in one shell and holds its answers.
func follow(t *testing.T, name, dir string, env ...string) {
	t.Helper()
	followText(t, name, text(t, name), dir, env...)
}

// followText is follow for a document whose addresses were replaced. What it
// started in the background ends with it.
func followText(t *testing.T, name, text, dir string, env ...string) {
	t.Helper()
	all := steps(text)
	var script strings.Builder
	script.WriteString("set -eo pipefail\ntrap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT\n")
	for i, s := range all {
		script.WriteString("echo '" + mark + strconv.Itoa(i) + "'\n" + strings.Join(s.lines, "\n") + "\n")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	shell := exec.CommandContext(ctx, "bash", "-c", script.String())
	shell.Dir, shell.Env = dir, append(os.Environ(), env...)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	shell.Cancel = func() error { return syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) }
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	}
	answers := regexp.MustCompile(mark+`\d+\n`).Split(string(out), -1)
	if len(all) < 2 {
		t.Errorf("%s holds no answers", name)
	}
	for i, s := range all {
		for _, want := range s.want {
			if i+1 >= len(answers) || !strings.Contains(answers[i+1], want) {
				t.Errorf("%s: want %q of\n%s\ngot\n%s", name, want, strings.Join(s.lines, "\n"), answers[min(i+1, len(answers)-1)])
			}
		}
	}
}

// checkout is a folder that looks like the repository with a demo in it.
func checkout(t *testing.T, bin, demo string) string {
	t.Helper()
	dir := t.TempDir()
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	links := map[string]string{"bin": bin, "demo": demo}
	for _, e := range entries {
		if name := e.Name(); links[name] == "" {
			if links[name], err = filepath.Abs(filepath.Join(root, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, target := range links {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestDocumentsDoWhatTheySay follows the README's tour and then those of the
// folders, in a demo that make run would have started.
func TestDocumentsDoWhatTheySay(t *testing.T) {
	bin := programs
	dir := filepath.Join(t.TempDir(), "demo")
	r := start(t, bin, dir, "")
	place := checkout(t, bin, dir)
	follow(t, "README.md", place)
	env := []string{"PATH=" + bin + ":" + os.Getenv("PATH")}
	for name, value := range r.env {
		if name != "PATH" && name != "_" && name != "PWD" && name != "SHLVL" && name != "" {
			env = append(env, name+"="+value)
		}
	}
	for _, name := range []string{"proxy/README.md", "policy/README.md", "audit/README.md", "audit/REVEAL.md", "audit/REDACT.md"} {
		follow(t, name, place, env...)
	}
}

// TestTakingIntoUse follows the guide from an empty folder up to the start.
func TestTakingIntoUse(t *testing.T) {
	bin := programs
	dir := t.TempDir()
	authority, err := certs.NewAuthority("guide", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(time.Now(), time.Hour, "gateway.example.org")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	follow(t, "cmd/postern/README.md", dir, "PATH="+bin+":"+os.Getenv("PATH"), "CERT="+dir+"/cert.pem", "KEY="+dir+"/key.pem",
		"META_TOKEN=EAAexample", "META_APP_SECRET=secret", "META_VERIFY_TOKEN=verify", "POSTERN_CONFIG=", "POSTERN_OPERATOR_KEY_FILE=")
}

// documents are all Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && (contains([]string{"node_modules", "testdata", "bin", "demo"}, e.Name()) || len(e.Name()) > 1 && e.Name()[0] == '.'):
			if path != "cmd/internal/demo" {
				return fs.SkipDir
			}
		case strings.HasSuffix(path, ".md"):
			names = append(names, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 10 {
		t.Fatalf("only %d documents", len(names))
	}
	return names
}

var pathLike = regexp.MustCompile("`((?:[A-Za-z0-9_.-]+/)*[A-Za-z0-9_-]+\\.(?:md|yaml|rego|json|csv|go)|(?:[A-Za-z0-9_.-]+/)+)`")

// TestDocumentsNameFilesThatExist: a file that a document names is there, seen
// from the document's folder or from the top.
func TestDocumentsNameFilesThatExist(t *testing.T) {
	known := []string{"postern.yaml", "settings.yaml", "retention.yaml", "retention.json", "journal.db", "keystore.json", "people.csv", "consents.csv", "data/", "demo/", "bin/", "secrets/", "certs/", "checkpoints/", "data/keystore.json"}
	for _, doc := range documents(t) {
		raw, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pathLike.FindAllSubmatch(raw, -1) {
			name := string(m[1])
			if bytes.Contains(m[1], []byte("...")) || contains(known, name) || exists(filepath.Dir(doc), name) || exists(".", name) {
				continue
			}
			t.Errorf("%s names %s, which is not there", doc, name)
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func exists(from, name string) bool {
	_, err := fs.Stat(os.DirFS(root), filepath.ToSlash(filepath.Clean(filepath.Join(from, name))))
	return err == nil
}

// TestSimulatorGuide starts the simulator as its document says, on free ports,
// and asks it everything that the document asks.
func TestSimulatorGuide(t *testing.T) {
	bin := programs
	port, release, err := ClaimPorts()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	hook := httptest.NewServer(&hooks{signed: map[string][]string{}})
	defer hook.Close()
	raw, err := os.ReadFile(filepath.Join(root, "cmd/metasim/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer("127.0.0.1:8400", "127.0.0.1:"+strconv.Itoa(port), "http://127.0.0.1:9000", hook.URL,
		"go build -o metasim ./cmd/metasim", "cp "+bin+"/metasim .").Replace(string(raw))
	blocks := regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(blocks) < 4 {
		t.Fatalf("%d blocks of commands", len(blocks))
	}
	sim := exec.Command("bash", "-c", blocks[0][1])
	sim.Dir, sim.SysProcAttr = t.TempDir(), &syscall.SysProcAttr{Setpgid: true}
	out := &printed{}
	sim.Stdout, sim.Stderr = out, out
	if err := sim.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Kill(-sim.Process.Pid, syscall.SIGTERM); err != nil {
			t.Error(err)
		}
		sim.Wait()
	}()
	awaitPrinted(t, "metasim to listen", 20*time.Second, out, func() bool { return strings.Contains(out.String(), `"listening"`) })
	script := "set -eo pipefail\n"
	for _, b := range blocks[1:] {
		script += b[1]
	}
	answers, err := exec.Command("bash", "-c", strings.ReplaceAll(script, "curl ", "curl -sS ")).CombinedOutput()
	if err != nil || strings.Contains(string(answers), `"error":`) || !strings.Contains(string(answers), `"messages":[{"id":"wamid.`) || !strings.Contains(string(answers), `"accepted":[{`) {
		t.Errorf("%v\n%s", err, answers)
	}
}
