package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"strconv"
	"time"

	"postern/cmd/internal/bench/detect"
	"postern/cmd/internal/bench/peer"
)

// childWord is the first argument of a process that is not the harness itself.
const childWord = "child"

// Names of children.
const (
	upstreamName = "upstream"
	bareName     = "bare"
	posternName  = "postern"
	allowName    = "allow"
	opaName      = "opa"
	scannerName  = "scanner"
)

// runChild serves until ctx ends. args are the name, the site and what the
// child needs beside.
func runChild(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) < 2 {
		return errors.New("a child needs a name and a folder")
	}
	if args[0] == scannerName {
		begun, err := detect.Start()
		if err != nil {
			return err
		}
		return json.NewEncoder(stdout).Encode(begun)
	}
	s := site(args[1])
	control := http.NewServeMux()
	control.HandleFunc("GET /metrics", allocations)
	var api service
	var err error
	switch {
	case args[0] == upstreamName:
		api, err = upstreamService(ctx, s, control)
	case args[0] == bareName && len(args) == 3:
		api, err = bareService(ctx, s, args[2])
	case args[0] == allowName || args[0] == opaName:
		api, err = peerService(ctx, s, args[0])
	default:
		err = errors.New("no such child")
	}
	if err != nil {
		return err
	}
	return serve(ctx, api, control, stdout)
}

func upstreamService(ctx context.Context, s site, control *http.ServeMux) (service, error) {
	side, err := s.serverTLS()
	if err != nil {
		return service{}, err
	}
	api, err := newUpstream(s, control)
	if err != nil {
		return service{}, err
	}
	return webService(ctx, api, side)
}

func bareService(ctx context.Context, s site, upstream string) (service, error) {
	side, err := s.serverTLS()
	if err != nil {
		return service{}, err
	}
	api, err := newBare(s, upstream)
	if err != nil {
		return service{}, err
	}
	return webService(ctx, api, side)
}

// peerService stands behind an Envoy, on a unix socket as Postern does. What
// OPA logs goes to this process's log.
func peerService(ctx context.Context, s site, name string) (service, error) {
	server := peer.Allow()
	if name == opaName {
		var err error
		if server, err = peer.OPA(ctx, os.Stderr); err != nil {
			return service{}, err
		}
	}
	l, err := new(net.ListenConfig).Listen(ctx, "unix", s.path(name+".sock"))
	if err != nil {
		return service{}, fmt.Errorf("listen: %w", err)
	}
	return service{Listener: l, run: server.Serve, end: server.Stop}, nil
}

// allocations answers what Postern's /metrics answers for it.
func allocations(w http.ResponseWriter, _ *http.Request) {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	_, _ = fmt.Fprintf(w, "%s %d\n", mallocsMetric, m.Mallocs) // the reader has gone: nothing to do
}

// newBare is what Postern is compared with: a reverse proxy that does nothing.
// Its transport is like that of Postern's connector.
func newBare(s site, upstream string) (http.Handler, error) {
	tls, err := s.clientTLS()
	if err != nil {
		return nil, err
	}
	const connections = 256
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "https", Host: upstream}) },
		Transport: &http.Transport{
			TLSClientConfig: tls, MaxIdleConns: connections, MaxIdleConnsPerHost: connections, MaxConnsPerHost: connections,
			IdleConnTimeout: 90 * time.Second, DisableCompression: true,
		},
	}, nil
}

// service is a server with where it listens.
type service struct {
	net.Listener
	run func(net.Listener) error // until end
	end func()
}

// webService serves a handler, over TLS where there is a configuration of it.
func webService(ctx context.Context, h http.Handler, side *tls.Config) (service, error) {
	l, err := listen(ctx)
	if err != nil {
		return service{}, err
	}
	server := &http.Server{Handler: h, TLSConfig: side, ReadHeaderTimeout: 10 * time.Second, ErrorLog: stdlog.New(io.Discard, "", 0)}
	run := server.Serve
	if side != nil {
		run = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
	}
	return service{Listener: l, run: run, end: func() { _ = server.Close() }}, nil // it ends with the process
}

// serve runs the API and the control listener, and says where.
func serve(ctx context.Context, api service, control http.Handler, stdout io.Writer) error {
	c, err := webService(ctx, control, nil)
	if err != nil {
		return errors.Join(err, api.Close())
	}
	ended := make(chan error, 2)
	for _, s := range []service{api, c} {
		defer s.end()
		go func() { ended <- s.run(s.Listener) }()
	}
	line, err := json.Marshal(addresses{Address: api.Addr().String(), Control: c.Addr().String()})
	if err == nil {
		_, err = stdout.Write(append(line, '\n'))
	}
	if err != nil {
		return fmt.Errorf("say where it listens: %w", err)
	}
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// writeJSON answers with a length, so that the sender need not decode chunks.
func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the caller has gone: nothing to do
}
