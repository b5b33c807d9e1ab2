package rig

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// patience bounds every wait; a condition that holds ends it at once.
const patience = time.Minute

// Hook is one webhook as an app got it.
type Hook struct {
	Header http.Header
	Body   []byte
}

// Receiver takes the webhooks of all three demo apps.
type Receiver struct {
	URL string

	mu     sync.Mutex
	hooks  []Hook
	status int
	hold   chan struct{} // closed when answers may go; nil where none is held
}

// NewReceiver listens until the test ends.
func NewReceiver(t testing.TB) *Receiver {
	r := &Receiver{status: http.StatusOK}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL + "/events"
	return r
}

// ServeHTTP keeps the webhook and answers as told.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	status := r.status
	if err == nil {
		r.hooks = append(r.hooks, Hook{Header: req.Header.Clone(), Body: body})
	}
	hold := r.hold
	r.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-req.Context().Done():
		}
	}
	w.WriteHeader(status)
}

// Hold keeps webhooks that come from now on without an answer, until the
// function it gives is called.
func (r *Receiver) Hold() (release func()) {
	hold := make(chan struct{})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hold = hold
	return sync.OnceFunc(func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.hold = nil
		close(hold)
	})
}

// Answer sets the status that webhooks are answered with from now on.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// All is what came so far.
func (r *Receiver) All() []Hook {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.hooks)
}

// With waits for a webhook whose body holds all words and returns the first.
func (r *Receiver) With(t testing.TB, words ...string) Hook {
	t.Helper()
	var found Hook
	Await(t, "a webhook with the words", func() bool {
		all := r.All()
		i := slices.IndexFunc(all, func(h Hook) bool { return holds(h.Body, words) })
		if i >= 0 {
			found = all[i]
		}
		return i >= 0
	})
	return found
}

func holds(body []byte, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !bytes.Contains(body, []byte(w)) })
}

// Await looks until the condition holds, and fails the test when it does not
// in time.
func Await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited %s for %s", patience, what)
}
