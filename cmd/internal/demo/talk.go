package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"postern/cmd/internal/admin"
)

// patience bounds the wait for what follows by itself: webhooks, records. It
// allows for a machine that does much else.
const patience = 30 * time.Second

// talk is one conversation in a folder of its own.
type talk struct {
	*Site
	out    io.Writer
	client *http.Client
	admin  *admin.Client

	mu     sync.Mutex
	events []string // what the app's webhook got
	step   int
}

// Talk plays the scripted conversation against real programs in a temporary
// folder. The first step that does not do what it says ends it with an error.
//
// Where Envoy's program is named the apps' calls go through it.
func Talk(ctx context.Context, bin, envoy string, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "postern-demo-")
	if err != nil {
		return fmt.Errorf("make demo folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	port, release, err := ClaimPorts()
	if err != nil {
		return err
	}
	defer release()
	site, err := NewSite(dir, bin, port, "")
	if err != nil {
		return err
	}
	site.signed, site.Envoy = "1s", envoy // some steps wait for a checkpoint
	if err := site.findEnvoy(); err != nil {
		return err
	}
	t := &talk{Site: site, out: out, admin: admin.NewClient(site.admin())}
	if err := t.writeRules(); err != nil {
		return err
	}
	if err := t.Setup(ctx, time.Now()); err != nil {
		return err
	}
	if err := t.livePast(ctx, time.Now()); err != nil {
		return err
	}
	return t.play(ctx)
}

// Write takes what the receiver prints: one line an event.
func (t *talk) Write(line []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, string(line))
	return len(line), nil
}

func (t *talk) play(ctx context.Context) (err error) {
	children, stopReceiver, err := t.startAll(ctx, t)
	defer stopReceiver()
	defer func() {
		for i := len(children) - 1; i >= 0; i-- {
			err = errors.Join(err, children[i].stop())
		}
	}()
	if err != nil {
		return err
	}
	if t.client, err = t.trusting(); err != nil {
		return err
	}
	if t.Front {
		fmt.Fprintln(t.out, "Apps and Meta call Envoy, which the gateway configured and which asks it about each call.") //nolint:errcheck // only a print
	}
	if err := t.tell(ctx, t.scenes()); err != nil {
		return err
	}
	if err := t.tell(ctx, t.keyScenes()); err != nil {
		return err
	}
	if err := t.tell(ctx, t.keepingScenes()); err != nil {
		return err
	}
	if err := t.throughEnvoy(ctx); err != nil {
		return err
	}
	if err := children[1].stop(); err != nil {
		return err
	}
	if err := t.auditCopies(ctx); err != nil {
		return err
	}
	if err := t.tell(ctx, t.restoreScenes()); err != nil {
		return err
	}
	_, err = fmt.Fprintln(t.out, "Every step did what it says.")
	return err
}

// tell plays scenes up to the first that does not do what it says.
func (t *talk) tell(ctx context.Context, scenes []scene) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // ends what a scene left running
	for _, scene := range scenes {
		t.step++
		fmt.Fprintf(t.out, "%2d. %s\n", t.step, scene.says) //nolint:errcheck // only a print
		told, err := scene.do(ctx)
		if err != nil {
			return fmt.Errorf("step %d: %w", t.step, err)
		}
		fmt.Fprintf(t.out, "    -> %s\n", told) //nolint:errcheck // only a print
	}
	return nil
}

// roots is the demo's authority alone.
func (t *talk) roots() (*x509.CertPool, error) {
	pem, err := os.ReadFile(t.ca())
	if err != nil {
		return nil, fmt.Errorf("read demo authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	return roots, nil
}

func (t *talk) trusting() (*http.Client, error) {
	roots, err := t.roots()
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: patience, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	}}, nil
}

// answer is what came back of one call.
type answer struct {
	status int
	header http.Header
	body   string
}

// post posts JSON with headers as "Name: value".
func (t *talk) post(ctx context.Context, client *http.Client, url string, body any, headers ...string) (answer, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return answer{}, fmt.Errorf("encode request: %w", err)
	}
	return exchange(ctx, client, http.MethodPost, url, raw, append(headers, "Content-Type: application/json")...)
}

func exchange(ctx context.Context, client *http.Client, method, url string, body []byte, headers ...string) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return answer{}, fmt.Errorf("build request: %w", err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	read, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(read)}, err
}

// call posts JSON and returns status and body.
func (t *talk) call(ctx context.Context, url string, body any, headers ...string) (int, string, error) {
	a, err := t.post(ctx, t.client, url, body, headers...)
	return a.status, a.body, err
}

// messages is where the Cloud app sends.
func (t *talk) messages() string { return "https://" + t.app() + "/v25.0/" + cloudPhone + "/messages" }

func (t *talk) bearer() string { return "Authorization: Bearer " + t.Keys.Cloud }

func (t *talk) send(ctx context.Context, message map[string]any) (int, string, error) {
	message["messaging_product"] = "whatsapp"
	return t.call(ctx, t.messages(), message, t.bearer())
}

func textTo(to, body string) map[string]any {
	return map[string]any{"to": "+" + to, "type": "text", "text": map[string]string{"body": body}}
}

func templateTo(to, name string, parameters ...string) map[string]any {
	list := make([]map[string]string, len(parameters))
	for i, p := range parameters {
		list[i] = map[string]string{"type": "text", "text": p}
	}
	return map[string]any{"to": "+" + to, "type": "template", "template": map[string]any{
		"name": name, "language": map[string]string{"code": "en_US"},
		"components": []any{map[string]any{"type": "body", "parameters": list}},
	}}
}

// errNot says what did not happen.
func errNot(what, got string) error { return fmt.Errorf("expected %s, got %s", what, got) }

// refused expects a refusal with this reason, and returns its sentence.
func (t *talk) refused(ctx context.Context, message map[string]any, reason string) (string, error) {
	status, body, err := t.send(ctx, message)
	if err != nil {
		return "", err
	}
	var answer struct {
		Error struct {
			Code int `json:"code"`
			Data struct {
				Details string `json:"details"`
			} `json:"error_data"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil || !strings.Contains(answer.Error.Data.Details, "policy:"+reason) {
		return "", errNot("a refusal policy:"+reason, fmt.Sprintf("%d %s", status, body))
	}
	return fmt.Sprintf("refused, %d code %d: %s", status, answer.Error.Code, answer.Error.Data.Details), nil
}

func (t *talk) allowed(ctx context.Context, message map[string]any) (string, error) {
	status, body, err := t.send(ctx, message)
	if err != nil {
		return "", err
	}
	if status != http.StatusOK || !strings.Contains(body, "wamid.") {
		return "", errNot("200 with a message id", fmt.Sprintf("%d %s", status, body))
	}
	return "accepted", nil
}

// await looks until the condition holds.
func await(ctx context.Context, what string, holds func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := holds()
		if ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errNot(what, "nothing in time")
		}
	}
}

// webhook waits until an event that holds all words reached the app.
func (t *talk) webhookWith(ctx context.Context, words ...string) error {
	return await(ctx, "a webhook with "+strings.Join(words, " and "), func() (bool, error) {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, e := range t.events {
			all := true
			for _, w := range words {
				all = all && strings.Contains(e, w)
			}
			if all {
				return true, nil
			}
		}
		return false, nil
	})
}

// postern runs the command line as a person would.
func (t *talk) postern(ctx context.Context, args ...string) (string, int, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(t.Bin, "postern"), append([]string{"--config", t.config()}, args...)...) //nolint:gosec // our own program
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return out.String() + errs.String(), exit.ExitCode(), nil
	}
	return out.String(), 0, err
}
