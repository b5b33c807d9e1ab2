package exporttest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"sync"
	"testing"
)

// Token is the credential that the receivers take.
const Token = "11111111-2222-3333-4444-555555555555"

// Splunk is an HTTP Event Collector.
type Splunk struct {
	*Web
	acks bool

	mu      sync.Mutex
	next    int64
	pending map[int64][]Event // not acknowledged yet
	asked   map[int64]int
}

var guid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// NewSplunk starts a collector. With acks events count once they were asked for
// twice, as indexers need a moment.
func NewSplunk(t testing.TB, acks bool) *Splunk {
	s := &Splunk{acks: acks, pending: map[int64][]Event{}, asked: map[int64]int{}}
	s.Web = newWeb(t, s.serve)
	return s
}

func (s *Splunk) serve(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Splunk "+Token {
		reply(w, http.StatusForbidden, `{"text":"Invalid token","code":4}`)
		return
	}
	if !guid.MatchString(r.Header.Get("X-Splunk-Request-Channel")) {
		s.t.Error("no channel")
		reply(w, http.StatusBadRequest, `{"text":"Data channel is missing","code":10}`)
		return
	}
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/services/collector/event":
		s.take(w, r)
	case r.Method == http.MethodPost && r.URL.Path == "/services/collector/ack" && guid.MatchString(r.URL.Query().Get("channel")):
		s.acknowledge(w, r)
	default:
		s.t.Errorf("%s %s", r.Method, r.URL)
		reply(w, http.StatusNotFound, `{"text":"The requested URL was not found on this server.","code":404}`)
	}
}

func reply(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	io.WriteString(w, body) //nolint:errcheck // a test
}

// take reads objects one after the other, as the collector does.
func (s *Splunk) take(w http.ResponseWriter, r *http.Request) {
	var batch []Event
	for d := json.NewDecoder(r.Body); ; {
		var o struct {
			Time       json.Number     `json:"time"`
			Host       string          `json:"host"`
			Source     string          `json:"source"`
			SourceType string          `json:"sourcetype"`
			Event      json.RawMessage `json:"event"`
		}
		d.DisallowUnknownFields()
		err := d.Decode(&o)
		if errors.Is(err, io.EOF) {
			break
		}
		e, ok := s.decode(o.Event)
		if err != nil || !ok || o.Host != e.Chain || o.Source != "postern" || o.SourceType == "" || o.Time.String() != fmt.Sprintf("%d.%06d", e.at().Unix(), e.Time%1e6) {
			s.t.Errorf("event %d of a batch: %v", len(batch), err)
			reply(w, http.StatusBadRequest, fmt.Sprintf(`{"text":"Invalid data format","code":6,"invalid-event-number":%d}`, len(batch)))
			return
		}
		batch = append(batch, e)
	}
	if len(batch) == 0 {
		reply(w, http.StatusBadRequest, `{"text":"No data","code":5}`)
		return
	}
	if !s.acks {
		s.add(batch...)
		reply(w, http.StatusOK, `{"text":"Success","code":0}`)
		return
	}
	s.mu.Lock()
	id := s.next
	s.next++
	s.pending[id] = batch
	s.mu.Unlock()
	reply(w, http.StatusOK, fmt.Sprintf(`{"text":"Success","code":0,"ackId":%d}`, id))
}

func (s *Splunk) acknowledge(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Acks []int64 `json:"acks"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		s.t.Error(err)
	}
	said := map[string]bool{}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range asked.Acks {
		s.asked[id]++
		done := s.asked[id] > 1
		if batch, waits := s.pending[id]; waits && done {
			delete(s.pending, id)
			s.add(batch...)
		}
		said[fmt.Sprint(id)] = done
	}
	raw, _ := json.Marshal(map[string]any{"acks": said}) //nolint:errcheck,errchkjson // a test
	reply(w, http.StatusOK, string(raw))
}
