package sim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/template"
)

// maxControl is the largest body of a control call, in bytes.
const maxControl = 16 << 20

// controlRoutes is the control API, typed methods of Server behind JSON.
func (s *Server) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	route(mux, "POST /_sim/inbound", s.Inbound)
	route(mux, "POST /_sim/events", s.Event)
	route(mux, "POST /_sim/statuses", s.Status)
	route(mux, "POST /_sim/preferences", s.Preference)
	route(mux, "POST /_sim/templates", s.ChangeTemplate)
	route(mux, "POST /_sim/faults", func(_ context.Context, f Fault) (Fault, error) { return s.AddFault(f) })
	route(mux, "POST /_sim/send", s.controlSend)
	route(mux, "POST /_sim/flow", s.flowControl)
	route(mux, "POST /_sim/flow-file", func(_ context.Context, f FlowFile) (FlowItem, error) { return s.FlowFile(f) })
	route(mux, "POST /_sim/verify", func(ctx context.Context, _ struct{}) (Verified, error) { return s.Verify(ctx) })
	route(mux, "POST /_sim/reset", func(context.Context, struct{}) (map[string]bool, error) {
		return map[string]bool{"reset": true}, s.Reset()
	})
	route(mux, "POST /_sim/d360/keys", func(_ context.Context, in D360NewKey) (D360Key, error) { return s.NewD360Key(in) })
	route(mux, "POST /_sim/d360/sandbox", func(_ context.Context, in D360Start) (D360Key, error) { return s.StartSandbox(in) })
	mux.HandleFunc("POST /_sim/config", s.controlConfig)
	mux.HandleFunc("GET /_sim/config", func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, s.Settings()) })
	mux.HandleFunc("GET /_sim/faults", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"faults": s.Faults()})
	})
	mux.HandleFunc("DELETE /_sim/faults", func(w http.ResponseWriter, r *http.Request) {
		s.ClearFaults(r.URL.Query().Get("id"))
		reply(w, 200, map[string]any{"faults": s.Faults()})
	})
	mux.HandleFunc("GET /_sim/accepted", s.controlAccepted)
	mux.HandleFunc("GET /_sim/webhooks", s.controlWebhooks)
	mux.HandleFunc("GET /_sim/templates", s.controlTemplates)
	mux.HandleFunc("/_sim/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotFound, failure{"no such control call: see the README for the list"})
	})
	return mux
}

type failure struct {
	Error string `json:"error"`
}

// route serves one control call: a JSON body in, a JSON answer out, 400 with a
// sentence for what is refused.
func route[In, Out any](mux *http.ServeMux, pattern string, call func(context.Context, In) (Out, error)) {
	mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := readControl(w, r, &in); err != nil {
			reply(w, http.StatusBadRequest, failure{err.Error()})
			return
		}
		out, err := call(r.Context(), in)
		if err != nil {
			reply(w, http.StatusBadRequest, failure{err.Error()})
			return
		}
		reply(w, http.StatusOK, out)
	})
}

// readControl decodes a body; an empty one is an empty object.
func readControl(w http.ResponseWriter, r *http.Request, in any) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxControl))
	if err != nil {
		return errors.New("the body could not be read or is too large")
	}
	if len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, in, json.RejectUnknownMembers(true))
}

func reply(w http.ResponseWriter, status int, v any) {
	body := append(encode(v), '\n')
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return // the client left
	}
}

// sendCall is the body of POST /_sim/send.
type sendCall struct {
	PhoneID string         `json:"phone_number_id,omitempty"`
	Message map[string]any `json:",embed"`
}

func (s *Server) controlSend(_ context.Context, in sendCall) (Sent, error) {
	if in.Message == nil {
		return Sent{}, errors.New("to: a message needs a recipient")
	}
	return s.Send(in.PhoneID, in.Message)
}

// controlConfig changes only what the body names.
func (s *Server) controlConfig(w http.ResponseWriter, r *http.Request) {
	c := s.Settings()
	if err := readControl(w, r, &c); err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	if err := s.Configure(c); err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	reply(w, http.StatusOK, s.Settings())
}

// span reads since and limit.
func span(q url.Values) (since int64, limit int, err error) {
	if text := q.Get("since"); text != "" {
		if since, err = strconv.ParseInt(text, 10, 64); err != nil {
			return 0, 0, errors.New("since: must be a number")
		}
	}
	if text := q.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil {
			return 0, 0, errors.New("limit: must be a number")
		}
	}
	return since, limit, nil
}

func (s *Server) controlAccepted(w http.ResponseWriter, r *http.Request) {
	since, limit, err := span(r.URL.Query())
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	list, next := s.Accepted(since, limit)
	s.mu.Lock()
	oldest, total := s.accepted.oldest(), s.accepted.last
	s.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{"next": next, "oldest": oldest, "total": total, "accepted": list})
}

func (s *Server) controlWebhooks(w http.ResponseWriter, r *http.Request) {
	since, limit, err := span(r.URL.Query())
	if err != nil {
		reply(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	list, next := s.Webhooks(since, limit)
	s.mu.Lock()
	oldest, total := s.webhooks.oldest(), s.webhooks.last
	s.mu.Unlock()
	reply(w, http.StatusOK, map[string]any{
		"next": next, "oldest": oldest, "total": total, "pending": s.Pending(), "webhooks": list,
	})
}

func (s *Server) controlTemplates(w http.ResponseWriter, _ *http.Request) {
	all := make(map[string][]*template.Template, len(s.accounts))
	for account := range s.accounts {
		all[account] = s.catalog.List(account)
	}
	reply(w, http.StatusOK, all)
}
