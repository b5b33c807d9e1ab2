package sim

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"

	"postern/cmd/metasim/internal/send"
	"postern/cmd/metasim/internal/template"
)

// sandboxMessages is what one key of the sandbox may send.
const sandboxMessages = 200

// d360Tester is a person with a key of 360dialog's sandbox.
type d360Tester struct {
	phone string // digits
	sent  int    // guarded by the lock of d360State
}

// D360Start is a person who writes START to the sandbox.
type D360Start struct {
	From string `json:"from"`
}

// StartSandbox gives a person the key that the sandbox answers START with. It is
// bound to the person's phone.
func (s *Server) StartSandbox(in D360Start) (D360Key, error) {
	phone, _, ok := send.Digits(in.From)
	switch {
	case s.cfg.D360.Sandbox == "":
		return D360Key{}, errors.New("this simulator has no sandbox: give --d360-sandbox")
	case !ok:
		return D360Key{}, errors.New("from: must be a phone number")
	}
	d := &s.d360
	d.mu.Lock()
	defer d.mu.Unlock()
	for key, t := range d.testers {
		if t.phone == phone {
			return D360Key{key}, nil
		}
	}
	d.issued++
	key := fmt.Sprintf("%d_sandbox", 1000000+d.issued)
	d.testers[key] = &d360Tester{phone: phone}
	return D360Key{key}, nil
}

// sandbox serves the few calls that the sandbox has: the old paths, one
// recipient, no files.
func (s *Server) sandbox(w http.ResponseWriter, r *http.Request, t *d360Tester) answer {
	n := s.numbers.of(s.cfg.D360.Sandbox)
	switch r.Method + " " + r.URL.Path {
	case "POST /v1/messages":
		return s.sandboxSend(w, r, n, t)
	case "GET /v1/configs/webhook", "POST /v1/configs/webhook":
		return s.d360Webhook(w, r, n.ID, n)
	case "GET /v1/configs/templates":
		return s.d360Templates(r, n.Account)
	}
	return d360Blocked(r)
}

// sandboxSend takes a message in the old form. The answer says nothing of it.
func (s *Server) sandboxSend(w http.ResponseWriter, r *http.Request, n Number, t *d360Tester) answer {
	var m map[string]any
	if !readD360(w, r, &m) || m == nil {
		return d360Malformed()
	}
	to, _ := m["to"].(string)
	if phone, _, ok := send.Digits(to); !ok || phone != t.phone {
		return d360Error(http.StatusBadRequest, http.StatusBadRequest, "The sandbox sends to the phone that asked for its key only")
	}
	if !s.sandboxHas(n, m) {
		return d360Error(http.StatusBadRequest, http.StatusBadRequest, "The sandbox knows its own templates only, and no media ids")
	}
	s.d360.mu.Lock()
	t.sent++
	over := t.sent > sandboxMessages
	s.d360.mu.Unlock()
	if over {
		return d360Error(http.StatusBadRequest, http.StatusBadRequest, fmt.Sprintf("The sandbox takes %d messages", sandboxMessages))
	}
	if _, err := s.Send(n.ID, modern(m)); err != nil {
		return d360Error(http.StatusBadRequest, http.StatusBadRequest, err.Error())
	}
	return success(struct{}{})
}

// sandboxHas reports a message whose template is one of those it began with, and
// whose file is at an address.
func (s *Server) sandboxHas(n Number, m map[string]any) bool {
	kind, _ := m["type"].(string)
	content, _ := m[kind].(map[string]any)
	if kind == "template" {
		for _, t := range template.Defaults() {
			if t.Name == content["name"] {
				return true
			}
		}
		return false
	}
	_, file := content["id"]
	return !file || kind == "interactive"
}

// modern is a message of the old API in today's form.
func modern(m map[string]any) map[string]any {
	delete(m, "ttl")
	if text, ok := m["text"].(map[string]any); ok && m["preview_url"] != nil {
		text["preview_url"] = m["preview_url"]
	}
	delete(m, "preview_url")
	if t, ok := m["template"].(map[string]any); ok {
		delete(t, "namespace")
		if language, ok := t["language"].(map[string]any); ok {
			delete(language, "policy")
		}
	}
	return m
}

func decoded(body []byte, in any) bool { return json.Unmarshal(body, in) == nil }
