package sim

import (
	"net/http"
	"strconv"
	"time"

	"postern/cmd/metasim/internal/graph"
)

// before applies a fault to a request that is not taken yet; it says whether
// the request goes on.
func (s *Server) before(w http.ResponseWriter, r *http.Request, f *Fault) bool {
	if f == nil {
		return true
	}
	if f.When == After {
		return true
	}
	s.pause(r.Context(), time.Duration(f.DelayMS)*time.Millisecond)
	if f.harmless() {
		return true
	}
	s.misbehave(w, r, f, answer{body: []byte(`{"messaging_product":"whatsapp","contacts":[{"input":`)})
	return false
}

// after applies a fault to a request that was taken; it says whether the
// answer goes out as it is.
func (s *Server) after(w http.ResponseWriter, r *http.Request, f *Fault, a answer) bool {
	if f == nil || f.When != After {
		return true
	}
	s.pause(r.Context(), time.Duration(f.DelayMS)*time.Millisecond)
	if f.harmless() {
		return true
	}
	s.misbehave(w, r, f, a)
	return false
}

// harmless faults leave the answer as it is.
func (f *Fault) harmless() bool { return f.Action == ActionSlow || f.Action == ActionFailed }

func (s *Server) misbehave(w http.ResponseWriter, r *http.Request, f *Fault, a answer) {
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(f.RetryAfter))
	}
	switch f.Action {
	case ActionError:
		s.write(w, s.refuse(f.refusal()))
	case ActionHTTP:
		page := "<html><body>" + http.StatusText(f.Status) + "</body></html>"
		s.write(w, answer{status: f.Status, kind: "text/html", body: []byte(page)})
	case ActionHang:
		select {
		case <-r.Context().Done():
		case <-s.ending():
		}
		panic(http.ErrAbortHandler) // closes the connection
	case ActionCut:
		panic(http.ErrAbortHandler)
	case ActionGarbage:
		s.write(w, answer{status: http.StatusOK, body: []byte("\x00\x1f{]upstream connect error")})
	case ActionTruncate:
		w.Header().Set("Content-Length", strconv.Itoa(len(a.body)+1))
		s.flushHalf(w, a)
		panic(http.ErrAbortHandler)
	}
}

func (s *Server) flushHalf(w http.ResponseWriter, a answer) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(a.body[:len(a.body)/2]); err != nil {
		return // the client left before half of it
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		s.cfg.Log.Debug().Msg("half an answer could not be flushed")
	}
}

func (f *Fault) refusal() *graph.Error {
	err := graph.New(f.Code, f.Details)
	err.Subcode = f.Subcode
	if f.Status != 0 {
		err.Status = f.Status
	}
	return err
}
