package sim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// D360 is 360dialog's face of numbers of the simulator: Meta's calls without ids,
// by a key for each number, and errors in a shape of its own. Webhooks of such a
// number go to 360dialog's customer, in the way that it documents.
type D360 struct {
	Keys           map[string]string // phone number id -> key
	PlatformSecret string            // signs webhooks in x-360dialog-signature; none when empty
	Sandbox        string            // phone number id that the sandbox sends from; none when empty
}

// d360State is what changes while the simulator runs. Like settings it begins
// anew with each start.
type d360State struct {
	mu      sync.Mutex
	keys    map[string]string      // key -> phone number id
	testers map[string]*d360Tester // by key of the sandbox
	hooks   map[string]d360Hook    // by phone number id, or by account
	misses  map[string][]time.Time // errors of GET /{media-id} by number
	issued  int
}

// enrolD360 checks the numbers with keys.
func (s *Server) enrolD360() error {
	d := &s.d360
	d.keys, d.testers = make(map[string]string), make(map[string]*d360Tester)
	d.hooks, d.misses = make(map[string]d360Hook), make(map[string][]time.Time)
	for id, key := range s.cfg.D360.Keys {
		if s.numbers.of(id).ID == "" || key == "" || d.keys[key] != "" {
			return fmt.Errorf("360dialog: the key of %s needs a number of the simulator, and text of its own", id)
		}
		d.keys[key] = id
	}
	if id := s.cfg.D360.Sandbox; id != "" && s.numbers.of(id).ID == "" {
		return errors.New("360dialog: the sandbox needs a number of the simulator")
	}
	return nil
}

// D360 answers as waba-v2.360dialog.io does, and with keys of the sandbox as
// waba-sandbox.360dialog.io.
func (s *Server) D360() http.Handler { return http.HandlerFunc(s.serveD360) }

func (s *Server) serveD360(w http.ResponseWriter, r *http.Request) {
	key := r.Header.Get("D360-Api-Key")
	s.d360.mu.Lock()
	number, tester := s.d360.keys[key], s.d360.testers[key]
	s.d360.mu.Unlock()
	switch {
	case tester != nil:
		s.write(w, s.sandbox(w, r, tester))
	case number == "" || key == "":
		// The documentation shows httpCode 404 with status 401.
		s.write(w, d360Error(http.StatusUnauthorized, http.StatusNotFound, "Invalid api_key or token expired"))
	default:
		s.d360Call(w, r, s.numbers.of(number))
	}
}

// d360Error is 360dialog's own error.
func d360Error(status, code int, message string) answer {
	return answer{status: status, body: encode(map[string]any{
		"meta": map[string]any{"httpCode": code, "developerMessage": message, "success": false},
	})}
}

func d360Blocked(r *http.Request) answer {
	return d360Error(http.StatusForbidden, http.StatusForbidden, "This URL "+r.URL.Path+" is blocked. More info: https://docs.360dialog.com")
}

// d360Calls are Meta's calls of a number that 360dialog hands on without its id.
var d360Calls = map[string][]string{
	"/messages":                     {http.MethodPost},
	"/marketing_messages":           {http.MethodPost},
	"/media":                        {http.MethodPost},
	"/whatsapp_business_profile":    {http.MethodGet, http.MethodPost},
	"/whatsapp_commerce_settings":   {http.MethodGet, http.MethodPost},
	"/whatsapp_business_encryption": {http.MethodGet, http.MethodPost},
	"/business_compliance_info":     {http.MethodGet, http.MethodPost},
	"/block_users":                  {http.MethodGet, http.MethodPost, http.MethodDelete},
}

// d360Call serves a call of a number's own key.
func (s *Server) d360Call(w http.ResponseWriter, r *http.Request, n Number) {
	node := strings.TrimPrefix(r.URL.Path, "/")
	reading := r.Method == http.MethodGet
	switch {
	case slices.Contains(d360Calls[r.URL.Path], r.Method):
		s.d360Graph(w, r, "/"+n.ID+r.URL.Path, "")
	case r.URL.Path == "/message_templates":
		s.d360Graph(w, r, "/"+n.Account+r.URL.Path, "")
	case r.URL.Path == "/health_status" && reading:
		s.d360Graph(w, r, "/"+n.ID, "fields=health_status")
	case strings.TrimSuffix(node, "/") == attachments && reading:
		s.d360Graph(w, r, r.URL.Path, r.URL.RawQuery)
	case isDigits(node) && reading:
		s.d360File(w, r, n, node)
	case isDigits(node) && r.Method == http.MethodDelete:
		s.d360Graph(w, r, "/"+node, "phone_number_id="+n.ID)
	default:
		s.write(w, s.d360Config(w, r, n))
	}
}

// d360Config serves what is 360dialog's own.
func (s *Server) d360Config(w http.ResponseWriter, r *http.Request, n Number) answer {
	const templates = "/v1/configs/templates"
	name, one := strings.CutPrefix(r.URL.Path, templates+"/")
	switch r.Method + " " + r.URL.Path {
	case "GET /v1/configs/webhook", "POST /v1/configs/webhook":
		return s.d360Webhook(w, r, n.ID, n)
	case "GET /waba_webhook", "POST /waba_webhook":
		return s.d360Webhook(w, r, n.Account, n)
	case "GET /v1/configs/phone_number":
		return success(map[string]string{"phone_number": n.digits})
	case "GET " + templates:
		return s.d360Templates(r, n.Account)
	case "POST " + templates:
		return s.d360Create(w, r, n.Account)
	}
	if one && r.Method == http.MethodDelete {
		return s.d360Delete(r, n.Account, name)
	}
	return d360Blocked(r)
}

// d360Graph hands a call on to Meta's face, with a token of its own.
func (s *Server) d360Graph(w http.ResponseWriter, r *http.Request, path, query string) {
	on := r.Clone(r.Context())
	on.Header.Del("D360-Api-Key")
	on.Header.Set("Authorization", "Bearer "+s.cfg.Tokens[0])
	on.URL.Path, on.URL.RawPath = path, ""
	if query != "" {
		on.URL.RawQuery = query
	}
	s.ServeHTTP(w, on)
}

// After so many errors within an hour 360dialog blocks a number's files.
const (
	d360Misses    = 20
	d360MissSpan  = time.Hour
	d360MissBlock = 30 * time.Minute
)

// d360File is a file's node.
func (s *Server) d360File(w http.ResponseWriter, r *http.Request, n Number, id string) {
	m, ok := s.findMedia(id)
	if s.d360Missed(n.ID, ok && m.PhoneID == n.ID) {
		s.write(w, d360Error(http.StatusForbidden, http.StatusForbidden, "Too many errors: this endpoint is blocked for 30 minutes"))
		return
	}
	s.d360Graph(w, r, "/"+id, "phone_number_id="+n.ID)
}

// d360Missed counts an error and reports a number that had too many.
func (s *Server) d360Missed(number string, found bool) bool {
	now := s.cfg.Now()
	s.d360.mu.Lock()
	defer s.d360.mu.Unlock()
	list := slices.DeleteFunc(s.d360.misses[number], func(at time.Time) bool { return now.Sub(at) > d360MissSpan })
	blocked := len(list) >= d360Misses && now.Sub(list[len(list)-1]) < d360MissBlock
	if !found && !blocked {
		list = append(list, now)
	}
	s.d360.misses[number] = list
	return blocked
}

// readD360 decodes a JSON body into in.
func readD360(w http.ResponseWriter, r *http.Request, in any) bool {
	body, err := readAll(http.MaxBytesReader(w, r.Body, maxControl), r.ContentLength)
	return err == nil && json.Unmarshal(body, in) == nil
}

func d360Malformed() answer {
	return d360Error(http.StatusBadRequest, http.StatusBadRequest, "The request body is not valid")
}
