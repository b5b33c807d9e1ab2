package demo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/gateway"
	"postern/proxy/xds"
)

// node is the id of the Envoy that the demo's gateway configures.
const node = "demo"

// envoySection is the configuration's part about the Envoy in front; "" where
// there is none.
func (s *Site) envoySection() string {
	if !s.Front {
		return ""
	}
	dir := s.Sockets
	if dir == "" {
		dir = s.Dir
	}
	return fmt.Sprintf("envoy: {ext_proc: {listen: %q, trust: {source_address: true, client_certificate: true}}, xds: {listen: %q, nodes: [%s], app: %q, webhook: %q}}\n",
		"unix:"+dir+"/ext_proc.sock", "unix:"+dir+"/xds.sock", node, s.app(), s.webhook())
}

// Bootstrap is what the Envoy in front starts with, in its own JSON: the rest it
// gets from the gateway.
func (s *Site) Bootstrap() ([]byte, error) {
	cfg, err := boot.Load(s.config())
	if err != nil {
		return nil, err
	}
	start := gateway.EnvoyStart(cfg, node)
	start.Admin, start.HeapBytes, start.Connections = "127.0.0.1:0", 1<<30, 1000
	return xds.Bootstrap(start)
}

// findEnvoy looks for the program that is to stand in front, where one is.
func (s *Site) findEnvoy() (err error) {
	if s.Envoy == "" {
		return nil
	}
	s.Front = true
	if s.Envoy, err = exec.LookPath(s.Envoy); err != nil {
		return fmt.Errorf("find Envoy: %w; run `make envoy` (Linux, Python 3.10), or name its program with --envoy", err)
	}
	return nil
}

// startEnvoy starts the Envoy in front of a running gateway and waits until it
// takes the apps' calls.
func (s *Site) startEnvoy() (*child, error) {
	config, err := s.Bootstrap()
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(s.path("envoy.json"), config, 0o600); err != nil {
		return nil, fmt.Errorf("write Envoy's configuration: %w", err)
	}
	log, err := os.OpenFile(s.path("log", "envoy.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log of Envoy: %w", err)
	}
	defer log.Close() //nolint:errcheck // the child has its own descriptor
	c := &child{name: "envoy", done: make(chan struct{})}
	c.cmd = exec.Command(s.Envoy, "--config-path", s.path("envoy.json"), "--disable-hot-restart", "--concurrency", "2", "--log-level", "warning") //nolint:gosec // the program that the user named
	c.cmd.Stdout, c.cmd.Stderr = log, log
	c.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Envoy: %w", err)
	}
	go func() {
		c.err = c.cmd.Wait()
		close(c.done)
	}()
	if err := s.fronted(c); err != nil {
		return nil, errors.Join(fmt.Errorf("%w; see %s", err, log.Name()), c.stop())
	}
	return c, nil
}

// fronted waits until Envoy shows the gateway's certificates, which it has from
// the gateway with all the rest.
func (s *Site) fronted(c *child) error {
	pem, err := os.ReadFile(s.ca())
	if err != nil {
		return fmt.Errorf("read demo authority: %w", err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	end := time.After(startupWait)
	for {
		err := s.answers(roots)
		if err == nil {
			return nil
		}
		select {
		case <-c.done:
			return errors.New("Envoy did not start") //nolint:staticcheck // a name
		case <-end:
			return fmt.Errorf("Envoy is not ready after %s: %w", startupWait, err) //nolint:staticcheck // a name
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// answers tells whether Envoy takes calls of apps and webhooks.
func (s *Site) answers(roots *x509.CertPool) error {
	for _, at := range []string{s.app(), s.webhook()} {
		conn, err := tls.Dial("tcp", at, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
		if err != nil {
			return err
		}
		if err := conn.Close(); err != nil {
			return err
		}
	}
	return nil
}

// throughEnvoy tells what passed Envoy, by its own log: both kinds of calls have to.
func (t *talk) throughEnvoy(ctx context.Context) error {
	if !t.Front {
		return nil
	}
	return await(ctx, "calls and webhooks in Envoy's log", func() (bool, error) {
		raw, err := os.ReadFile(t.path("log", "envoy.log"))
		if err != nil {
			return false, fmt.Errorf("read log of Envoy: %w", err)
		}
		calls, webhooks := bytes.Count(raw, []byte(`"listener":"postern_app"`)), bytes.Count(raw, []byte(`"listener":"postern_webhook"`))
		if calls == 0 || webhooks == 0 {
			return false, nil
		}
		_, err = fmt.Fprintf(t.out, "So far %d calls of apps and %d webhooks of Meta's passed Envoy.\n", calls, webhooks)
		return true, err
	})
}
