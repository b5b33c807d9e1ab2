package inbound

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
)

// app is the webhook of an app that can be told how to answer.
type app struct {
	url    string
	mu     sync.Mutex
	posts  []rig.Hook
	paths  []string
	answer func(w http.ResponseWriter, body string, nth int) // nth try of the same event, from 1
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := &app{}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL
	return a
}

// ServeHTTP keeps the webhook and answers 200 unless told otherwise.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a.mu.Lock()
	a.posts, a.paths = append(a.posts, rig.Hook{Header: r.Header.Clone(), Body: body}), append(a.paths, r.URL.Path)
	answer := a.answer
	a.mu.Unlock()
	if answer != nil {
		answer(w, string(body), a.tries(string(body)))
	}
}

// answers sets how the app answers from now on; nil is 200.
func (a *app) answers(f func(w http.ResponseWriter, body string, nth int)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = f
}

// tries counts the webhooks that hold a word.
func (a *app) tries(word string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, p := range a.posts {
		if strings.Contains(string(p.Body), word) {
			n++
		}
	}
	return n
}

// order are the places of the events in what came last, by their words.
func (a *app) order(words ...string) []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var out []string
	for _, p := range a.posts {
		for _, w := range words {
			if strings.Contains(string(p.Body), w) {
				out = append(out, w)
			}
		}
	}
	return out
}

func (a *app) last() (rig.Hook, string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.posts[len(a.posts)-1], a.paths[len(a.paths)-1]
}

func (a *app) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.posts, a.paths = nil, nil
}

// status answers always with the same status.
func status(code int) func(http.ResponseWriter, string, int) {
	return func(w http.ResponseWriter, _ string, _ int) { w.WriteHeader(code) }
}

// hangUp ends the connection without an answer.
func hangUp(http.ResponseWriter, string, int) { panic(http.ErrAbortHandler) }
