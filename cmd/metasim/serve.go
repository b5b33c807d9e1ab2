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
	api, scheme, err := listen(ctx, o)
	if err != nil {
		return err
	}
	listeners := []net.Listener{api}
	line := ready{Listening: scheme + api.Addr().String(), Seed: cfg.Seed}
	if o.control != "" {
		control, err := new(net.ListenConfig).Listen(ctx, "tcp", o.control)
		if err != nil {
			return errors.Join(fmt.Errorf("listen for control: %w", err), api.Close())
		}
		listeners = append(listeners, control)
		line.Control = "http://" + control.Addr().String()
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = line.Listening
	}
	return serveOn(ctx, cfg, listeners, line, stdout)
}

func serveOn(ctx context.Context, cfg sim.Config, listeners []net.Listener, line ready, stdout io.Writer) error {
	s, err := sim.New(cfg)
	if err != nil {
		for _, l := range listeners {
			err = errors.Join(err, l.Close())
		}
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for i, l := range listeners {
		srv := &http.Server{Handler: s, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, ErrorLog: stdlog.New(cfg.Log, "", 0)}
		if i > 0 {
			srv.Handler = controlOnly(s)
		}
		group.Go(func() error { return ignoreClosed(srv.Serve(l)) })
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

func controlOnly(h http.Handler) http.Handler {
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

func listen(ctx context.Context, o options) (net.Listener, string, error) {
	if (o.cert == "") != (o.key == "") {
		return nil, "", errors.New("--tls-cert and --tls-key belong together")
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", o.listen)
	if err != nil {
		return nil, "", fmt.Errorf("listen: %w", err)
	}
	if o.cert == "" {
		return l, "http://", nil
	}
	pair, err := tls.LoadX509KeyPair(o.cert, o.key)
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
