package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"postern/cmd/metasim/sim"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	drainTimeout  = 10 * time.Second // net/http waits five for a connection without a request
)

// ready is the line on stdout that says where metasim listens.
type ready struct {
	Listening string `json:"listening"`
	Control   string `json:"control,omitempty"`
	D360      string `json:"d360,omitempty"`
	Seed      uint64 `json:"seed"`
}

// serve runs until ctx ends or a listener fails.
func serve(ctx context.Context, o options, stdout, stderr io.Writer) error {
	cfg, err := o.config(logger(o.quiet, stderr))
	if err != nil {
		return err
	}
	if cfg.Seed == 0 {
		cfg.Seed = drawSeed()
	}
	faces, line, err := openAll(ctx, o)
	if err != nil {
		return err
	}
	line.Seed = cfg.Seed
	if cfg.PublicURL == "" {
		cfg.PublicURL = line.Listening
	}
	return serveOn(ctx, cfg, faces, line, stdout)
}

// face is an address with what it serves.
type face struct {
	net.Listener
	handler func(*sim.Server) http.Handler
}

// openAll opens every address that is asked for, or none.
func openAll(ctx context.Context, o options) (faces []face, line ready, err error) {
	for _, f := range []struct {
		name, address, cert, key string
		shown                    *string
		handler                  func(*sim.Server) http.Handler
	}{
		{"", o.listen, o.cert, o.key, &line.Listening, func(s *sim.Server) http.Handler { return s }},
		{" for control", o.control, "", "", &line.Control, controlOnly},
		{" as 360dialog", o.d360, o.cert, o.key, &line.D360, (*sim.Server).D360},
	} {
		if f.name != "" && f.address == "" {
			continue
		}
		l, scheme, err := listen(ctx, f.address, f.cert, f.key)
		if err != nil {
			return nil, line, errors.Join(fmt.Errorf("listen%s: %w", f.name, err), closeAll(faces))
		}
		*f.shown = scheme + l.Addr().String()
		faces = append(faces, face{l, f.handler})
	}
	return faces, line, nil
}

func closeAll(faces []face) (err error) {
	for _, f := range faces {
		err = errors.Join(err, f.Close())
	}
	return err
}

func serveOn(ctx context.Context, cfg sim.Config, faces []face, line ready, stdout io.Writer) error {
	s, err := sim.New(cfg)
	if err != nil {
		return errors.Join(err, closeAll(faces))
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, f := range faces {
		srv := &http.Server{
			Handler: f.handler(s), ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, ErrorLog: stdlog.New(cfg.Log, "", 0),
		}
		group.Go(func() error { return ignoreClosed(srv.Serve(f.Listener)) })
		group.Go(func() error {
			<-ctx.Done()
			return shutdown(srv, s)
		})
	}
	if err := announce(stdout, line); err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(group.Wait(), s.Close())
}

// shutdown lets requests end; hanging ones are let go by closing the simulator.
func shutdown(srv *http.Server, s *sim.Server) error {
	s.Release()
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("drain: %w", err), srv.Close())
	}
	return nil
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

func controlOnly(h *sim.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/_sim/") {
			http.Error(w, "this address serves the control API under /_sim/ only", http.StatusNotFound)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func announce(stdout io.Writer, line ready) error {
	text, err := json.Marshal(line)
	if err != nil {
		return fmt.Errorf("encode ready line: %w", err)
	}
	if _, err := stdout.Write(append(text, '\n')); err != nil {
		return fmt.Errorf("write ready line: %w", err)
	}
	return nil
}

func listen(ctx context.Context, address, certFile, keyFile string) (net.Listener, string, error) {
	if (certFile == "") != (keyFile == "") {
		return nil, "", errors.New("--tls-cert and --tls-key belong together")
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, "", err
	}
	if certFile == "" {
		return l, "http://", nil
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("load certificate: %w", err), l.Close())
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	return tls.NewListener(l, cfg), "https://", nil
}

func logger(quiet bool, stderr io.Writer) zerolog.Logger {
	if quiet {
		return zerolog.Nop()
	}
	return zerolog.New(stderr).Level(zerolog.InfoLevel).With().Timestamp().Logger()
}

// drawSeed returns a seed that is not zero; it is printed, so that a run can
// be repeated.
func drawSeed() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.BigEndian.Uint64(b[:])>>12 | 1
}
