package main

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/hashicorp/go-hclog"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/vault"
)

// Ready is the line on stdout.
type Ready struct {
	Address   string `json:"address"`    // https://127.0.0.1:PORT
	CA        string `json:"ca"`         // PEM, the only root that signs the server
	RootToken string `json:"root_token"` // may do everything
	UnsealKey string `json:"unseal_key"` // hexadecimal; one share of one, for PUT sys/unseal
}

// run serves until stdin ends.
func run(stdin io.Reader, stdout, stderr io.Writer) error {
	log := hclog.New(&hclog.LoggerOptions{Name: "vault", Level: hclog.Error, Output: stderr})
	core, err := newCore(log)
	if err != nil {
		return fmt.Errorf("start core: %w", err)
	}
	opened, err := open(core)
	if err != nil {
		return errors.Join(err, core.Shutdown())
	}
	if err := serve(core, log, opened, stdin, stdout); err != nil {
		return errors.Join(err, core.Shutdown())
	}
	return core.Shutdown()
}

// open initialises the empty storage and unseals it.
func open(core *vault.Core) (*Ready, error) {
	made, err := core.Initialize(context.Background(), &vault.InitParams{
		BarrierConfig:  &vault.SealConfig{SecretShares: 1, SecretThreshold: 1},
		RecoveryConfig: &vault.SealConfig{},
	})
	if err != nil {
		return nil, fmt.Errorf("initialise: %w", err)
	}
	key := made.SecretShares[0]
	r := &Ready{RootToken: made.RootToken, UnsealKey: hex.EncodeToString(key)}
	unsealed, err := core.Unseal(key) // wipes key
	if err != nil {
		return nil, fmt.Errorf("unseal: %w", err)
	}
	if !unsealed {
		return nil, errors.New("unseal: one share was not enough")
	}
	return r, nil
}

// serve answers the API on a free port of loopback.
func serve(core *vault.Core, log hclog.Logger, ready *Ready, stdin io.Reader, stdout io.Writer) error {
	ca, own, err := newCertificates(time.Now())
	if err != nil {
		return fmt.Errorf("make certificates: %w", err)
	}
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{own}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
	})
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{
		Handler:           surface(core, listener.Addr()),
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.StandardLogger(nil),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	go func() {
		_, _ = io.Copy(io.Discard, stdin) // however it ends, it has ended
		_ = server.Close()                // Serve says what matters
	}()
	ready.Address, ready.CA = "https://"+listener.Addr().String(), string(ca)
	if err := json.NewEncoder(stdout).Encode(ready); err != nil {
		return errors.Join(fmt.Errorf("say where it listens: %w", err), server.Close())
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// surface is Vault's own HTTP API.
func surface(core *vault.Core, at net.Addr) http.Handler {
	return vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{Address: at.String()},
	})
}
