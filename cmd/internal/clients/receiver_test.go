package clients

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
)

// hook is one webhook as an app got it.
type hook struct {
	header http.Header
	body   []byte
}

// receiver takes the webhooks of all three demo apps.
type receiver struct {
	mu    sync.Mutex
	hooks []hook // owned by mu
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	r.hooks = append(r.hooks, hook{req.Header.Clone(), body})
	r.mu.Unlock()
}

// with waits for the webhook whose body holds all words.
func (r *receiver) with(t *testing.T, words ...string) hook {
	t.Helper()
	var found hook
	await(t, "a webhook with the words", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		i := slices.IndexFunc(r.hooks, func(h hook) bool {
			return !slices.ContainsFunc(words, func(w string) bool { return !bytes.Contains(h.body, []byte(w)) })
		})
		if i >= 0 {
			found = r.hooks[i]
		}
		return i >= 0
	})
	return found
}
