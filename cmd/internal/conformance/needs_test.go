package conformance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// Needs of published clients that other tests of this package do not name:
// 02 and 20 are in TestTypes and TestLogin, 08 to 11 in TestCredentials and
// TestTokenPlaces, 19 in TestPaths, 28 in TestTemplateLists, 33 in
// TestFlatStates. Needs 14 and 24 to 26 are about media, and those of profiles
// in 23 about settings, which this version does not offer (TestNotOffered); 27
// is about what clients themselves repeat.

// testRequestForms holds how requests may arrive.
func testRequestForms(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		t.Run("need 12 chunked", func(t *testing.T) {
			// A reader of unknown length makes the client send chunks.
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.Env["POSTERN_URL"]+c.send, io.MultiReader(strings.NewReader(s.body(c, to))))
			fail(t, err)
			name, value, _ := strings.Cut(c.auth, ": ")
			req.Header.Set(name, value)
			req.Header.Set("Content-Type", "application/json; charset=utf-8")
			resp, err := s.http.Do(req)
			fail(t, err)
			fail(t, resp.Body.Close())
			if resp.StatusCode > 201 {
				t.Errorf("answered %d", resp.StatusCode)
			}
		})
		t.Run("need 13 Host without port", func(t *testing.T) {
			a := s.raw(t, "POST", c.send, s.body(c, to), "Host: gateway.example", c.auth, "X-Forwarded-Host: other.example")
			if a.Status > 201 {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
		})
	})
	list := s.raw(t, "GET", "/v25.0/"+s.Env["POSTERN_WABA_ID"]+"/message_templates?limit=1", "", "Host: other.example", s.cloud.auth)
	if next, _ := at(list.JSON(t), "paging", "next").(string); !strings.HasPrefix(next, s.Env["POSTERN_URL"]+"/") {
		t.Errorf("need 13: the next page is at %q", next)
	}
	for _, version := range []string{"/v14.0", "/v15.0", "/v25.0", "/v99.1", ""} {
		t.Run("need 15 version "+version, func(t *testing.T) {
			c := *s.cloud
			c.send = version + "/" + c.number + "/messages"
			if a := s.message(t, &c, text(to, "Hello")); a.Status != 200 {
				t.Errorf("answered %d %s", a.Status, a.Body)
			}
		})
	}
}

// testInbound holds how events arrive at apps.
func testInbound(t *testing.T, s *site) {
	from := s.Env["DEMO_CONSENTED"]
	words := "Grüße \U0001F44D aus \"Köln\" </x> "
	s.each(t, func(t *testing.T, c *caller) {
		s.subscribe(t, c)
		inbound := func(n int, together bool, marker string) {
			_, err := s.Sim.Inbound(t.Context(), sim.Inbound{
				PhoneID: c.number, From: from, Name: "Ana", Count: n, Together: together,
				Message: map[string]any{"type": "text", "text": map[string]any{"body": words + marker}},
			})
			fail(t, err)
		}
		t.Run("need 29 characters, need 30 user id", func(t *testing.T) {
			inbound(1, false, "one-"+c.name)
			h := s.Hooks.With(t, "one-"+c.name)
			e := event(t, c, h, "messages")
			if at(any(e), "text", "body") != words+"one-"+c.name || e["from"] != from || h.Header.Get("Content-Type") != "application/json" {
				t.Errorf("webhook %s", h.Body)
			}
			checkInboundForm(t, c, h, from)
		})
		t.Run("need 31 one event in a POST", func(t *testing.T) {
			inbound(5, true, "five-"+c.name)
			rig.Await(t, "five webhooks", func() bool { return s.hooks("five-"+c.name) == 5 })
			event(t, c, s.Hooks.With(t, "five-"+c.name), "messages")
		})
	})
	t.Run("need 34 a receiver that fails", func(t *testing.T) {
		s.Hooks.Answer(http.StatusInternalServerError)
		_, err := s.Sim.Inbound(t.Context(), sim.Inbound{
			PhoneID: s.cloud.number, From: from, Message: map[string]any{"type": "text", "text": map[string]any{"body": "again"}},
		})
		fail(t, err)
		s.Hooks.With(t, "again")
		s.Hooks.Answer(http.StatusOK)
		rig.Await(t, "a second try", func() bool { return s.hooks("again") >= 2 })
	})
}

// hooks counts webhooks with a word.
func (s *site) hooks(word string) int {
	n := 0
	for _, h := range s.Hooks.All() {
		if bytes.Contains(h.Body, []byte(word)) {
			n++
		}
	}
	return n
}

func checkInboundForm(t *testing.T, c *caller, h rig.Hook, from string) {
	t.Helper()
	var v any
	fail(t, json.Unmarshal(h.Body, &v))
	if c.flat {
		if at(v, "contacts", 0, "profile", "name") != "Ana" || at(v, "contacts", 0, "wa_id") != from || at(v, "entry") != nil {
			t.Errorf("flat webhook: %s", h.Body)
		}
		return
	}
	value := at(v, "entry", 0, "changes", 0, "value")
	if user, _ := at(value, "contacts", 0, "user_id").(string); user == "" || at(value, "contacts", 0, "wa_id") != from {
		t.Errorf("need 30: %s", h.Body)
	}
	if bytes.ContainsFunc(h.Body, func(r rune) bool { return r > 0x7e }) || !bytes.Contains(h.Body, []byte(`Gr\u00fc\u00dfe \ud83d\udc4d`)) {
		t.Errorf("need 29: not ASCII with lower-case hex: %s", h.Body)
	}
}
