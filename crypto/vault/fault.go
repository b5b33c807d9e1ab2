package vault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/hashicorp/vault/api"
)

// The two kinds of failure. Every error of a call is one of them.
var (
	ErrRefused = errors.New("refused by Vault")
	ErrAway    = errors.New("no service from Vault")
)

// errForbidden is an ErrRefused by Vault's policy.
var errForbidden = fmt.Errorf("%w", ErrRefused)

// fault says what failed without a word of Vault's: an answer may quote what
// was asked with.
func fault(what string, err error) error {
	var answer *api.ResponseError
	if errors.As(err, &answer) {
		return answered(what, answer.StatusCode)
	}
	if errors.Is(err, errRedirect) {
		return fmt.Errorf("%s: %w: it redirects elsewhere; name the active server, or a balancer that finds it", what, ErrAway)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w: no answer in time", what, ErrAway)
	}
	return fmt.Errorf("%s: %w: no connection, or no answer of Vault's; check address, roots and network", what, ErrAway)
}

func answered(what string, status int) error {
	switch status {
	case http.StatusForbidden, http.StatusUnauthorized:
		return fmt.Errorf("%s: %w (%d): check login, policy and namespace", what, errForbidden, status)
	case http.StatusNotFound:
		return fmt.Errorf("%s: %w (404): nothing is there; check mount and path", what, ErrRefused)
	case http.StatusBadRequest, http.StatusMethodNotAllowed:
		return fmt.Errorf("%s: %w (%d): check mount, role and login", what, ErrRefused, status)
	case http.StatusServiceUnavailable:
		return fmt.Errorf("%s: %w (503): sealed or not ready", what, ErrAway)
	}
	return fmt.Errorf("%s: %w (%d)", what, ErrAway, status)
}

var errRedirect = errors.New("redirect")

// maxAnswer bounds what is read of an answer.
const maxAnswer = 4 << 20

// strict refuses redirects, which would take the token elsewhere, and bounds
// answers.
type strict struct{ next *http.Transport }

// RoundTrip implements http.RoundTripper.
func (s strict) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 && resp.StatusCode < 400 {
		return nil, errors.Join(errRedirect, resp.Body.Close())
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// CloseIdleConnections is asked for by http.Client.
func (s strict) CloseIdleConnections() { s.next.CloseIdleConnections() }
