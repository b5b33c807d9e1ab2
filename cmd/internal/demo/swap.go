package demo

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"time"
)

// issue writes a server pair for loopback by the demo's authority.
func (s *Site) issue(now time.Time) error {
	cert, key, err := s.authority.Issue(now, 364*24*time.Hour, "127.0.0.1", "::1", "localhost")
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(s.path("certs", "server.pem"), cert, 0o600), os.WriteFile(s.path("certs", "server-key.pem"), key, 0o600))
}

// shown is the serial number of the certificate that a new connection gets.
func (t *talk) shown(ctx context.Context) (string, error) {
	roots, err := t.roots()
	if err != nil {
		return "", err
	}
	d := tls.Dialer{Config: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	conn, err := d.DialContext(ctx, "tcp", t.app())
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer conn.Close() //nolint:errcheck // only looked at
	secured, ok := conn.(*tls.Conn)
	if !ok {
		return "", errors.New("connect: no TLS")
	}
	return secured.ConnectionState().PeerCertificates[0].SerialNumber.String(), nil
}

// replaceCertificate swaps the pair and expects the open connections to go on.
func (r *renewal) replaceCertificate(ctx context.Context) (string, error) {
	before, err := r.shown(ctx)
	if err != nil {
		return "", err
	}
	dialed := r.flow.dialed.Load()
	if err := r.issue(time.Now()); err != nil {
		return "", err
	}
	if _, err := r.done(ctx, "config", "reload"); err != nil {
		return "", err
	}
	err = await(ctx, "the new certificate", func() (bool, error) {
		now, err := r.shown(ctx)
		return now != before, err
	})
	if err == nil {
		err = r.flow.passes(ctx)
	}
	if err != nil {
		return "", err
	}
	if more := r.flow.dialed.Load() - dialed; more != 0 {
		return "", errNot("the open connections to go on", fmt.Sprint(more, " that broke"))
	}
	return fmt.Sprintf("new connections get it, the %d open ones went on", dialed), nil
}
