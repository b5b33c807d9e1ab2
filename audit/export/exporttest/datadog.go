package exporttest

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"time"
)

// Datadog is an intake of logs.
type Datadog struct{ *Web }

// NewDatadog starts an intake.
func NewDatadog(t testing.TB) *Datadog {
	s := &Datadog{}
	s.Web = newWeb(t, s.serve)
	return s
}

// Limits of a request (Datadog, "Send logs").
const (
	maxLogs    = 1000
	maxRequest = 5_000_000
	maxLog     = 1_000_000
)

func (s *Datadog) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodPost || r.URL.Path != "/api/v2/logs":
		s.t.Errorf("%s %s", r.Method, r.URL)
		reply(w, http.StatusNotFound, `{}`)
	case r.Header.Get("DD-API-KEY") != Token:
		reply(w, http.StatusForbidden, `{"errors":[{"status":"403","title":"Forbidden"}]}`)
	case r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Content-Type") != "application/json":
		s.t.Error("headers")
		reply(w, http.StatusBadRequest, `{}`)
	default:
		s.take(w, r)
	}
}

func (s *Datadog) take(w http.ResponseWriter, r *http.Request) {
	unpacked, err := gzip.NewReader(r.Body)
	var raw []byte
	if err == nil {
		raw, err = io.ReadAll(unpacked)
	}
	var logs []json.RawMessage
	if err == nil {
		err = json.Unmarshal(raw, &logs)
	}
	if err != nil || len(logs) == 0 || len(logs) > maxLogs {
		s.t.Errorf("%d logs: %v", len(logs), err)
		reply(w, http.StatusBadRequest, `{}`)
		return
	}
	if len(raw) > maxRequest {
		s.t.Error("request too large")
		reply(w, http.StatusRequestEntityTooLarge, `{}`)
		return
	}
	var batch []Event
	for _, text := range logs {
		if e, ok := s.log(text); ok {
			batch = append(batch, e)
		}
	}
	s.add(batch...)
	reply(w, http.StatusAccepted, `{}`)
}

func (s *Datadog) log(text []byte) (Event, bool) {
	var l struct {
		Source    string          `json:"ddsource"`
		Service   string          `json:"service"`
		Host      string          `json:"hostname"`
		Status    string          `json:"status"`
		Message   string          `json:"message"`
		Timestamp time.Time       `json:"timestamp"`
		Postern   json.RawMessage `json:"postern"`
	}
	if err := json.Unmarshal(text, &l); err != nil || l.Source == "" || l.Service == "" || l.Message == "" || len(text) > maxLog {
		s.t.Errorf("log of %d bytes: %v", len(text), err)
		return Event{}, false
	}
	e, ok := s.decode(l.Postern)
	if ok && !e.urgent(l.Status) {
		s.t.Errorf("record %d has status %q", e.Seq, l.Status)
	}
	if e.Stamped = !l.Timestamp.IsZero(); ok && e.Stamped && !l.Timestamp.Equal(e.at().Truncate(time.Millisecond)) {
		s.t.Errorf("record %d has another time than its log", e.Seq)
	}
	return e, ok && l.Host == e.Chain
}
