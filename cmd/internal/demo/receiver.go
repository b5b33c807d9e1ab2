package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// receive is the default target of the apps' webhooks: it prints each event.
// These are the demo's own people; a real receiver keeps content out of logs.
func receive(_ context.Context, address string, out io.Writer) (stop func(), err error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return func() {}, fmt.Errorf("receiver of webhooks: %w; choose other ports with PORT=", err)
	}
	srv := &http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(out, "webhook %s %s\n", r.URL.Path, pretty(body)) //nolint:errcheck // only a print
		w.WriteHeader(http.StatusOK)
	})}
	go func() {
		if err := srv.Serve(socket); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(out, "receiver of webhooks ended:", err) //nolint:errcheck // only a print
		}
	}()
	return func() { srv.Close() }, nil //nolint:errcheck // the process ends
}
