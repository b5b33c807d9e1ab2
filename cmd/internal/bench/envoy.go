package main

import (
	"bytes"
	"context"
	_ "embed" // the configuration
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	tmpl "text/template"
	"time"

	"postern/cmd/internal/bench/load"
)

// envoyProgram is where `make envoy` puts Envoy, from the project's top folder.
const envoyProgram = ".cache/envoy/envoy"

//go:embed envoy.yaml.tmpl
var envoyTemplate string

// Filters of an Envoy of the benchmark.
const (
	filterProc  = "ext_proc"
	filterAuthz = "ext_authz"
)

// envoySettings are what differs between Envoys.
type envoySettings struct {
	Filter        string // "" for none
	Socket        string // of the processor
	Host, Port    string // of upstream
	Cert, Key, CA string
}

// envoy is one Envoy of the run.
type envoy struct {
	*process
	address string // of its listener
}

// findEnvoy gives the program, or the way to get it.
func findEnvoy() (string, error) {
	top, err := topFolder()
	if err != nil {
		return "", err
	}
	program := filepath.Join(top, envoyProgram)
	if _, err := os.Stat(program); err != nil {
		return "", fmt.Errorf("find Envoy: %w; run `make envoy` first", err)
	}
	return program, nil
}

// config is the whole of Envoy's.
func (e envoySettings) config(s site, upstream string) (_ []byte, err error) {
	if e.Host, e.Port, err = net.SplitHostPort(upstream); err != nil {
		return nil, fmt.Errorf("configure Envoy: %w", err)
	}
	t, err := tmpl.New("envoy").Parse(envoyTemplate)
	if err != nil {
		return nil, fmt.Errorf("read Envoy's configuration: %w", err)
	}
	var out bytes.Buffer
	e.Cert, e.Key, e.CA = s.path(certFile), s.path(keyFile), s.path(caFile)
	if err := t.Execute(&out, e); err != nil {
		return nil, fmt.Errorf("write Envoy's configuration: %w", err)
	}
	return out.Bytes(), nil
}

// startEnvoy runs an Envoy with a thread for each processor and waits until it
// serves.
func startEnvoy(ctx context.Context, s site, name string, config []byte) (e *envoy, err error) {
	program, err := findEnvoy()
	if err != nil {
		return nil, err
	}
	if err := s.write(name+".yaml", config); err != nil {
		return nil, err
	}
	admin := s.path(name + ".admin")
	p, err := launch(s, name, exec.Command(program, //nolint:gosec // the pinned program
		"--config-path", s.path(name+".yaml"), "--admin-address-path", admin, "--disable-hot-restart",
		"--config-yaml", `{"admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}}}}`,
		"--concurrency", strconv.Itoa(runtime.NumCPU()), "--log-level", "warning"), nil)
	if err != nil {
		return nil, err
	}
	e = &envoy{process: p}
	if e.address, err = e.await(ctx, admin); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return e, nil
}

// await asks until Envoy names its listener and is ready.
func (e *envoy) await(ctx context.Context, admin string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		at, err := os.ReadFile(admin) //nolint:gosec // in the run's own folder
		address := ""
		if err == nil {
			address, err = listening(ctx, "http://"+strings.TrimSpace(string(at)))
		}
		if err == nil {
			return address, nil
		}
		select {
		case <-e.done:
			return "", fmt.Errorf("%s ended before it was ready: %w; see %s.log in the folder of the run (-dir keeps it)", e.name, e.err, e.name)
		case <-ctx.Done():
			return "", fmt.Errorf("%s was not ready: %w; see %s.log in the folder of the run (-dir keeps it)", e.name, err, e.name)
		case <-tick.C:
		}
	}
}

// listening gives the address of the one listener of a ready Envoy.
func listening(ctx context.Context, admin string) (string, error) {
	if _, err := get(ctx, admin+"/ready"); err != nil {
		return "", err
	}
	raw, err := get(ctx, admin+"/listeners?format=json")
	if err != nil {
		return "", err
	}
	var in struct {
		Listeners []struct {
			Local struct {
				Socket struct {
					Address string `json:"address"`
					Port    int    `json:"port_value"`
				} `json:"socket_address"`
			} `json:"local_address"`
		} `json:"listener_statuses"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return "", fmt.Errorf("read listeners: %w", err)
	}
	if len(in.Listeners) == 0 {
		return "", errors.New("it does not listen")
	}
	at := in.Listeners[0].Local.Socket
	return net.JoinHostPort(at.Address, strconv.Itoa(at.Port)), nil
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("ask %s: %w", url, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	defer resp.Body.Close() //nolint:errcheck // it is read
	raw, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("ask %s: answered with status %d", url, resp.StatusCode)
	}
	return raw, err
}

// target is this Envoy under load; beside is the process behind its filter.
func (e *envoy) target(s site, token string, people, beside int) (*target, error) {
	tls, err := s.clientTLS()
	return &target{
		name: e.name, pid: e.pid, beside: beside, pool: &load.Pool{Address: e.address, TLS: tls}, letters: newLetters(e.address, token, people),
	}, err
}
