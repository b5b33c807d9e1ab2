package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

// Ready is the line on stdout.
type Ready struct {
	Address string `json:"address"` // 127.0.0.1:PORT
	Version string `json:"version"` // of the engine, as 26.7.2.1
}

type options struct {
	library, path string
	port          int
	untilEOF      bool
	temporary     bool
}

// run serves until a signal, or the end of stdin where that is asked for.
func run(o options, stdin io.Reader, stdout io.Writer) error {
	if o.library == "" || o.path == "" {
		return errors.New("name the engine with -library and its folder with -path")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	e, err := open(o.library, o.path)
	if err != nil {
		return err
	}
	defer func() {
		e.close()
		if o.temporary {
			_ = os.RemoveAll(o.path) // what stays is in the system's temporary folder
		}
	}()
	if o.untilEOF {
		go func() {
			_, _ = io.Copy(io.Discard, stdin) // however it ends, it has ended
			stop()
		}()
	}
	return serve(ctx, e, o.port, stdout)
}

func serve(ctx context.Context, e *engine, port int, stdout io.Writer) error {
	version, err := e.text("SELECT version()")
	if err != nil {
		return fmt.Errorf("ask engine for its version: %w", err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: newHandler(e), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if err := json.NewEncoder(stdout).Encode(Ready{Address: listener.Addr().String(), Version: version}); err != nil {
		return errors.Join(fmt.Errorf("say where it listens: %w", err), server.Close())
	}
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	return server.Close() // a query that runs holds the engine; close waits for it
}
