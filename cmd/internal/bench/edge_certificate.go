package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/bench/load"
)

// NewCertificates is how long it takes from a certificate's being there, and the
// gateway's being told, to Envoy's first handshake with it.
type NewCertificates struct {
	Count  float64 `json:"count"`
	Median float64 `json:"median_ms"`
	Worst  float64 `json:"worst_ms"`
}

// swapsOfEnvoy is even: the pair that was there first is there again.
const swapsOfEnvoy = 6

// newCertificates has the other pair taken over, again and again.
func (e *edges) newCertificates(ctx context.Context, s site) (out NewCertificates, err error) {
	var took []float64
	for range swapsOfEnvoy {
		if err := s.exchange(); err != nil {
			return out, err
		}
		began := time.Now()
		told := make(chan error, 1)
		go func() {
			_, err := ask[admin.None](ctx, admin.NewClient(e.gateway.config.Listeners.Admin), e.gateway.operator, "config.reload", admin.None{})
			told <- err
		}()
		shown := e.shown(ctx, s)
		took = append(took, load.Milliseconds(time.Since(began)))
		if err := errors.Join(shown, <-told); err != nil {
			return out, fmt.Errorf("new certificate: %w", err)
		}
	}
	slices.Sort(took)
	return NewCertificates{float64(len(took)), load.Median(took), took[len(took)-1]}, nil
}

// shown waits for a handshake with the certificate that is there now.
func (e *edges) shown(ctx context.Context, s site) error {
	ctx, cancel := context.WithTimeout(ctx, startPatience)
	defer cancel()
	text, err := os.ReadFile(s.path(certFile))
	if err != nil {
		return fmt.Errorf("read certificate: %w", err)
	}
	want, _ := pem.Decode(text)
	if want == nil {
		return errors.New("read certificate: it is no PEM")
	}
	for {
		leaf, err := e.leaf(ctx)
		if err == nil && bytes.Equal(leaf, want.Bytes) {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("envoy did not show it within %v", startPatience), err)
		case <-time.After(time.Millisecond):
		}
	}
}

// leaf is what the Envoy that Postern configures shows.
func (e *edges) leaf(ctx context.Context) ([]byte, error) {
	conn, err := (&tls.Dialer{Config: e.bare.pool.TLS}).DialContext(ctx, "tcp", e.configured.pool.Address)
	if err != nil {
		return nil, fmt.Errorf("shake hands: %w", err)
	}
	tlsConn, _ := conn.(*tls.Conn) //nolint:errcheck // a tls.Dialer's
	return tlsConn.ConnectionState().PeerCertificates[0].Raw, conn.Close()
}
