package admin

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"postern/proxy/edge"
)

const (
	prefix      = "/admin/v1/"
	maxRequest  = 64 << 20
	maxResponse = 256 << 20
)

// Handler serves the operations as POST /admin/v1/NAME with the operator's key
// as bearer token. It answers nothing to a page in a browser: the Host must be
// a loopback one and the content JSON, which a foreign page cannot send.
func (s *Service) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		out, err := s.serve(w, r)
		if err != nil {
			out = writeError(w, err)
		}
		_, _ = w.Write(out) // the caller has gone: nothing to do
	})
}

func (s *Service) serve(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	name, ok := strings.CutPrefix(r.URL.Path, prefix)
	keys := r.Header.Values("Authorization")
	switch {
	case !ok || r.Method != http.MethodPost:
		return nil, refuse(NotFound, "use POST %sOPERATION", prefix)
	case !loopback(r.Host):
		return nil, refuse(Forbidden, "the admin listener is asked by a loopback name only")
	case r.Header.Get("Content-Type") != "application/json":
		return nil, refuse(Invalid, "send Content-Type: application/json")
	case len(keys) > 1:
		return nil, refuse(Unauthenticated, "send one Authorization header")
	}
	key := ""
	if len(keys) == 1 {
		key, _ = strings.CutPrefix(keys[0], "Bearer ")
	}
	o, actor, err := s.admit(r.Context(), key, name) // before the body is read: it may be large
	if err != nil {
		s.stranger(r, err)
		return nil, err
	}
	in, err := edge.ReadBody(r, maxRequest)
	switch {
	case errors.Is(err, edge.ErrTooLarge):
		return nil, refuse(Invalid, "the body is larger than 64 MiB")
	case err != nil:
		return nil, refuse(Invalid, "the body was cut short or is badly framed")
	}
	// What an operator asks for may take longer than the listener's deadline: a
	// big import must not be done and its answer lost.
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return nil, refuse(Internal, "the connection is gone")
	}
	if o.hand != nil {
		return nil, s.serveHanded(w, r, o, actor, in)
	}
	return s.perform(r.Context(), o, actor, in)
}

// stranger counts a request that nobody is behind.
func (s *Service) stranger(r *http.Request, err error) {
	var e *Error
	if errors.As(err, &e) && e.Code == Unauthenticated && s.cfg.Stranger != nil {
		s.cfg.Stranger(r.RemoteAddr, "operator_key")
	}
}

func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// writeError is the one place where codes become HTTP statuses.
func writeError(w http.ResponseWriter, err error) []byte {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: Internal, Message: "internal error"}
	}
	status, known := map[Code]int{
		Unauthenticated: http.StatusUnauthorized, Forbidden: http.StatusForbidden, Invalid: http.StatusBadRequest,
		NotFound: http.StatusNotFound, Conflict: http.StatusConflict, Unavailable: http.StatusServiceUnavailable,
	}[e.Code]
	if !known {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	out, err := json.Marshal(struct {
		Error *Error `json:"error"`
	}{e})
	if err != nil {
		return nil
	}
	return out
}

// Client asks a running gateway. It has the same Do and Hand as a Service.
type Client struct {
	URL  string // http://127.0.0.1:8445
	HTTP *http.Client
}

// NewClient asks the admin listener at a host:port. It uses no proxy and
// follows no redirect, so that the key goes nowhere else.
func NewClient(address string) *Client {
	return &Client{URL: "http://" + address, HTTP: &http.Client{
		Timeout:       5 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: nil, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
	}}
}

// Do performs one operation; its errors are those of the gateway.
func (c *Client) Do(ctx context.Context, key, name string, in []byte) ([]byte, error) {
	resp, err := c.ask(ctx, c.HTTP, key, name, in)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	return readAnswer(resp)
}

func readAnswer(resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse))
	if err != nil {
		return nil, refuse(Unavailable, "the gateway's answer broke off; what was asked may have been done")
	}
	return body, nil
}

// ask makes the request. A refusal is the error.
func (c *Client) ask(ctx context.Context, by *http.Client, key, name string, in []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+prefix+name, bytes.NewReader(in))
	if err != nil {
		return nil, refuse(Internal, "the admin address is not usable; check listeners.admin.address")
	}
	req.Header.Set("Content-Type", "application/json")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := by.Do(req)
	if err != nil {
		return nil, refuse(Unavailable, "a process holds the journal but its admin listener does not answer; check listeners.admin.address and that it runs")
	}
	if resp.StatusCode == http.StatusOK {
		return resp, nil
	}
	defer resp.Body.Close() //nolint:errcheck // read to its end below
	body, err := readAnswer(resp)
	if err != nil {
		return nil, err
	}
	var failed struct {
		Error *Error `json:"error"`
	}
	if err := json.Unmarshal(body, &failed); err != nil || failed.Error == nil {
		return nil, refuse(Unavailable, "what listens on the admin address is not this gateway; check listeners.admin.address")
	}
	return nil, failed.Error
}
