package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strconv"
	"time"
)

// childWord is the first argument of a process that is not the harness itself.
const childWord = "child"

// Names of children.
const (
	upstreamName = "upstream"
	bareName     = "bare"
	posternName  = "postern"
)

// runChild serves until ctx ends. args are the name, the site and what the
// child needs beside.
func runChild(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) < 2 {
		return errors.New("a child needs a name and a folder")
	}
	s := site(args[1])
	control := http.NewServeMux()
	control.HandleFunc("GET /metrics", allocations)
	var api http.Handler
	var err error
	switch {
	case args[0] == upstreamName:
		api, err = newUpstream(s, control)
	case args[0] == bareName && len(args) == 3:
		api, err = newBare(s, args[2])
	default:
		err = errors.New("no such child")
	}
	if err != nil {
		return err
	}
	return serve(ctx, s, api, control, stdout)
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

// serve runs the API over TLS and the control listener, and says where.
func serve(ctx context.Context, s site, api, control http.Handler, stdout io.Writer) error {
	tls, err := s.serverTLS()
	if err != nil {
		return err
	}
	l, err := listen(ctx)
	if err != nil {
		return err
	}
	c, err := listen(ctx)
	if err != nil {
		return errors.Join(err, l.Close())
	}
	quiet := stdlog.New(io.Discard, "", 0)
	servers := []*http.Server{
		{Handler: api, TLSConfig: tls, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet},
		{Handler: control, ReadHeaderTimeout: 10 * time.Second, ErrorLog: quiet},
	}
	ended := make(chan error, len(servers))
	go func() { ended <- servers[0].ServeTLS(l, "", "") }()
	go func() { ended <- servers[1].Serve(c) }()
	line, err := json.Marshal(addresses{Address: l.Addr().String(), Control: c.Addr().String()})
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
		return errors.Join(servers[0].Close(), servers[1].Close())
	}
}

// writeJSON answers with a length, so that the sender need not decode chunks.
func writeJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = w.Write(body) // the caller has gone: nothing to do
}
