package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
)

// asProgram makes the test binary run as metasim.
const asProgram = "METASIM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

var number = []string{"--number", "106540000000001:+4915550100001:200000000000001", "--token", "t"}

// program is a metasim in a process of its own.
type program struct {
	cmd *exec.Cmd
	url string
}

func startProgram(t *testing.T, args ...string) *program {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, append(args, number...)...) //nolint:gosec,noctx // our own binary, killed by the test
	cmd.Env = append(os.Environ(), asProgram+"=1")
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // dead already when the test went well
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err != nil {
		t.Fatalf("no ready line: %v", err)
	}
	return &program{cmd: cmd, url: address(t, line)}
}

func address(t *testing.T, line []byte) string {
	t.Helper()
	var r ready
	if err := json.Unmarshal(line, &r); err != nil || r.Listening == "" || r.Seed == 0 {
		t.Fatalf("ready line %q: %v", line, err)
	}
	return r.Listening
}

// end kills the process with the signal and waits for it.
func (p *program) end(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := p.cmd.Wait(); err != nil && (signal != os.Kill || !errors.As(err, &exit)) {
		t.Fatalf("after %v: %v", signal, err)
	}
}

func fetch(t *testing.T, client *http.Client, method, target, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer t")
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const message = `{"messaging_product":"whatsapp","to":"+4915112345678","type":"text","text":{"body":"x"}}`

// TestKillKeepsTheTruth: what was answered before a kill -9 is listed after it.
func TestKillKeepsTheTruth(t *testing.T) {
	dir := t.TempDir()
	var ids []string
	for range 3 {
		p := startProgram(t, "--state", dir, "--quiet")
		for range 5 {
			var answer struct {
				Messages []struct {
					ID string `json:"id"`
				} `json:"messages"`
			}
			out := fetch(t, http.DefaultClient, "POST", p.url+"/v24.0/106540000000001/messages", message)
			if err := json.Unmarshal([]byte(out), &answer); err != nil || len(answer.Messages) != 1 {
				t.Fatalf("send: %s %v", out, err)
			}
			ids = append(ids, answer.Messages[0].ID)
		}
		p.end(t, os.Kill)
	}
	p := startProgram(t, "--state", dir, "--quiet")
	list := fetch(t, http.DefaultClient, "GET", p.url+"/_sim/accepted", "")
	for i, id := range ids {
		if strings.Count(list, id) != 1 {
			t.Errorf("message %d is listed %d times", i+1, strings.Count(list, id))
		}
	}
	p.end(t, os.Interrupt)
}

// inProcess runs the program as a function.
func inProcess(t *testing.T, args ...string) (line string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append(args, number...), in, io.Discard)
		done <- errors.Join(err, in.Close())
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("no ready line: %v, %v", err, <-done)
	}
	return line, func() error { cancel(); return <-done }
}

func TestTLSAndControlAddress(t *testing.T) {
	cert, key, roots := certificate(t)
	line, stop := inProcess(t, "--tls-cert", cert, "--tls-key", key, "--control", "127.0.0.1:0", "--seed", "9", "--quiet")
	var r ready
	if err := json.Unmarshal([]byte(line), &r); err != nil || r.Seed != 9 || !strings.HasPrefix(r.Listening, "https://") {
		t.Fatalf("ready line %s: %v", line, err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}}
	if out := fetch(t, client, "POST", r.Listening+"/v24.0/106540000000001/messages", message); !strings.Contains(out, "wamid.") {
		t.Errorf("send over TLS: %s", out)
	}
	if out := fetch(t, http.DefaultClient, "GET", r.Control+"/_sim/accepted", ""); !strings.Contains(out, `"total":1`) {
		t.Errorf("control: %s", out)
	}
	if out := fetch(t, http.DefaultClient, "GET", r.Control+"/v24.0/106540000000001", ""); !strings.Contains(out, "control API") {
		t.Errorf("graph on the control address: %s", out)
	}
	client.CloseIdleConnections()
	http.DefaultClient.CloseIdleConnections()
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}

// TestStopLetsHangingRequestsGo: a request that hangs does not hold up the end.
func TestStopLetsHangingRequestsGo(t *testing.T) {
	line, stop := inProcess(t, "--quiet")
	target := address(t, []byte(line))
	fetch(t, http.DefaultClient, "POST", target+"/_sim/faults", `{"action":"hang"}`)
	hanging := make(chan error, 1)
	go func() {
		res, err := http.Post(target+"/106540000000001/messages?access_token=t", "application/json", strings.NewReader(message)) //nolint:gosec,noctx // ends with the program
		if err == nil {
			err = res.Body.Close()
		}
		hanging <- err
	}()
	deadline := time.Now().Add(time.Minute)
	for !strings.Contains(fetch(t, http.DefaultClient, "GET", target+"/_sim/faults", ""), `"hits":1`) {
		if time.Now().After(deadline) {
			t.Fatal("the request never came")
		}
	}
	if err := stop(); err != nil { // as when the drain takes too long
		t.Errorf("stop: %v", err)
	}
	if err := <-hanging; err == nil {
		t.Error("the hanging request was answered")
	}
}

func TestRefusesToStart(t *testing.T) {
	dir := t.TempDir()
	broken := filepath.Join(dir, "broken.pem")
	if err := os.WriteFile(broken, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		args []string
		word string
	}{
		{[]string{"--token", "t"}, "--number"},
		{[]string{"--number", "1:2:3"}, "--token"},
		{append([]string{"--number", "1"}, number...), "phone_number_id:display:account_id"},
		{append([]string{"--webhook", "http://127.0.0.1:1"}, number...), "app secret"},
		{append([]string{"--webhook-ca", broken}, number...), "--webhook-ca"},
		{append([]string{"--tls-cert", broken}, number...), "--tls-key"},
		{append([]string{"--tls-cert", broken, "--tls-key", broken}, number...), "certificate"},
		{append([]string{"--window", "wide"}, number...), "window"},
		{append([]string{"--token-file", filepath.Join(dir, "none")}, number...), "token"},
		{append([]string{"--app-secret-file", filepath.Join(dir, "none")}, number...), "secret"},
		{append([]string{"--listen", "nowhere"}, number...), "listen"},
		{[]string{"--nonsense"}, "nonsense"},
	}
	for _, c := range cases {
		err := run(t.Context(), c.args, io.Discard, io.Discard)
		if err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%v: %v, want a word on %s", c.args, err, c.word)
		}
	}
}

func TestHelp(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"--webhook-ca", "Examples:", "/_sim/accepted"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("help does not say %s", want)
		}
	}
}

// certificate makes a self-signed one for loopback.
func certificate(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "metasim"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bare, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	if err := errors.Join(os.WriteFile(cert, text, 0o600),
		os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bare}), 0o600)); err != nil {
		t.Fatal(err)
	}
	return cert, key, roots
}
