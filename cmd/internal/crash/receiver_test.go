package crash

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// receiver is the webhook of all three apps. It remembers which events came,
// not their content.
type receiver struct {
	url string

	mu    sync.Mutex
	texts map[string]int // messages of people, by their mark
	state map[string]int // statuses, by the app's message id and the state
}

func receive(t testing.TB) *receiver {
	r := &receiver{texts: map[string]int{}, state: map[string]int{}}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.url = server.URL + "/events"
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var all any
	if json.Unmarshal(body, &all) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if m := markOf(body); m != "" {
		r.texts[m]++
	}
	walk(all, func(o map[string]any) {
		if s, ok := statusOf(o); ok {
			r.state[s.id+" "+s.state]++
		}
	})
	w.WriteHeader(http.StatusOK)
}

// text and status say how often an event came.
func (r *receiver) text(mark string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.texts[mark]
}

func (r *receiver) status(id, state string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state[id+" "+state]
}

// walk visits every object in a JSON value.
func walk(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, e := range v {
			walk(e, visit)
		}
	case []any:
		for _, e := range v {
			walk(e, visit)
		}
	}
}

// status is one status update in any of the shapes there are.
type status struct{ id, state, admission string }

func statusOf(o map[string]any) (status, bool) {
	s := status{}
	var isStatus bool
	s.id, _ = o["id"].(string)
	s.state, isStatus = o["status"].(string)
	s.admission, _ = o["biz_opaque_callback_data"].(string)
	return s, isStatus && s.id != ""
}
