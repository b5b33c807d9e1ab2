package export

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Sink is a receiver. Send returns nil when the receiver has every event; after
// an error it may have some of them, and gets them again.
type Sink interface {
	Send(ctx context.Context, events []Event) error
	Takes() Takes
}

// Takes is what a receiver takes at once.
type Takes struct {
	Events int           // at most
	Bytes  int           // of all events together, at most
	Event  int           // bytes of one event, at most; a larger one is shrunk
	Period time.Duration // over which one batch is gathered; 0: within Wait
}

// class says whether trying again helps.
type class int

const (
	later    class = iota // the receiver is away or busy
	refused               // it does not take what this export sends: credentials, address
	rejected              // it does not take these events
)

// Fault is why a receiver did not take events. It quotes nothing of an answer.
type Fault struct {
	class class
	what  string
	after time.Duration // how long the receiver wants to be left alone; 0: not said
	cause error
}

func (f *Fault) Error() string {
	if f.cause != nil {
		return f.what + ": " + f.cause.Error()
	}
	return f.what
}

func (f *Fault) Unwrap() error { return f.cause }

// Refuse is an error of a connection that no later try mends: it waits for
// somebody to act, like a credential that is not taken.
func Refuse(what string) error { return &Fault{class: refused, what: what} }

// away is why a receiver is not reached: it may be back soon, or somebody has to
// change its address or a certificate.
func away(cause error) error {
	f := &Fault{class: later, what: "the receiver is not reached", cause: cause}
	if c, _ := classOf(cause); c == refused {
		f.class = refused
	}
	if untrusted(cause) {
		f.class, f.what = refused, "TLS: check ca, client_cert and client_key of the export, and the host in its address"
	}
	return f
}

// untrusted reports whether one side does not take the other's certificate, or
// what answers speaks no TLS. With TLS 1.3 a receiver says so after the
// handshake, at the first read: crypto/tls names what the other side sent an
// alert about "remote error".
func untrusted(err error) bool {
	var unknown *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var said *net.OpError
	return errors.As(err, &unknown) || errors.As(err, &plain) || errors.As(err, &said) && said.Op == "remote error"
}

// classOf is how to go on after an error of Send.
func classOf(err error) (class, time.Duration) {
	var f *Fault
	if errors.As(err, &f) {
		return f.class, f.after
	}
	return later, 0
}

// statusFault says what an HTTP status other than the good one means.
func statusFault(a answer) *Fault {
	f := &Fault{what: fmt.Sprintf("the receiver answered %d", a.status)}
	switch s := a.status; {
	case s == http.StatusBadRequest, s == http.StatusRequestEntityTooLarge, s == http.StatusUnprocessableEntity:
		f.class = rejected
	case s == http.StatusUnauthorized, s == http.StatusForbidden:
		f.class, f.what = refused, f.what+" and does not take the credential; write a good one and reload"
	case s == http.StatusRequestTimeout, s == http.StatusTooManyRequests, s >= 500:
		f.class, f.after = later, retryAfter(a.header)
	default:
		f.class, f.what = refused, f.what+"; check the address of the export"
	}
	return f
}

// retryAfter reads Retry-After in seconds, at most an hour.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, time.Hour)
}
