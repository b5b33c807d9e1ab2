package conformance

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// tap keeps the sends that went upstream as they came.
type tap struct {
	mu    sync.Mutex
	calls []call
}

type call struct {
	path   string
	header http.Header
	body   []byte
}

func (p *tap) watch(simulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				http.Error(w, "cut short", http.StatusBadRequest)
				return
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
			p.mu.Lock()
			p.calls = append(p.calls, call{r.URL.RequestURI(), r.Header.Clone(), body})
			p.mu.Unlock()
		}
		simulator.ServeHTTP(w, r)
	})
}

func (p *tap) last(t *testing.T) call {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.calls) == 0 {
		t.Fatal("nothing went upstream")
	}
	return p.calls[len(p.calls)-1]
}

// testUpstreamRequest: what leaves is built anew. It carries Meta's token and
// nothing of the app's request but the message.
func testUpstreamRequest(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	token, err := os.ReadFile(filepath.Join(s.Dir, "secrets", "meta-token"))
	fail(t, err)
	s.each(t, func(t *testing.T, c *caller) {
		// All the ways an app could try to reach upstream's parser.
		a := s.ask(t, "POST", c.send+"?fields=x&appsecret_time=", "  "+s.body(c, to)+"\n", c.auth, "X-Forwarded-For: 10.0.0.1",
			"X-Custom: mine", "Cookie: a=b", "Idempotency-Key: key-"+c.name, "User-Agent: app/1", "Accept: text/html")
		if a.Status > 201 {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		left := s.tap.last(t)
		if want := "/v25.0/" + c.number + "/messages"; left.path != want {
			t.Errorf("path %s, want %s", left.path, want)
		}
		if got := left.header.Get("Authorization"); got != "Bearer "+strings.TrimSpace(string(token)) {
			t.Error("the credential is not Meta's token")
		}
		for name := range left.header {
			if !slices.Contains([]string{"Authorization", "Content-Type", "Content-Length", "User-Agent"}, name) {
				t.Errorf("header %s left", name)
			}
		}
		if left.header.Get("User-Agent") == "app/1" || bytes.Contains(left.body, []byte(c.auth[strings.LastIndex(c.auth, " ")+1:])) {
			t.Error("something of the app's request left")
		}
		list := s.taken(s.base)
		id := list[len(list)-1].Callback
		want := `{"messaging_product":"whatsapp","recipient_type":"individual","to":"+` + to + `","type":"text","text":{"body":"Hello"},"biz_opaque_callback_data":"` + id + `"}`
		if string(left.body) != want {
			t.Errorf("left %s\nwant %s", left.body, want)
		}
		sameJSON(t, "on record", []byte(s.show(t, id).Parts["body"]), []byte(`{"text":{"body":"Hello"}}`))
	})
}

// testRecipients: bare digits get their plus (need 16), a user id finds consent
// and window of its person (need 17), and is named in the answer only then.
func testRecipients(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		for _, written := range []string{to, "+" + to, "+49 171 392-0001", "+49 (171) 392.0001"} {
			a := s.message(t, c, `{"to":"`+written+`","type":"text","text":{"body":"x"}}`)
			if at(a.JSON(t), "contacts", 0, "input") != written || at(a.JSON(t), "contacts", 0, "wa_id") != to || strings.Contains(a.Body, "user_id") {
				t.Errorf("need 16: %q is answered %d %s", written, a.Status, a.Body)
			}
			if !bytes.Contains(s.tap.last(t).body, []byte(`"to":"+`+to+`"`)) {
				t.Errorf("need 16: %q left as %s", written, s.tap.last(t).body)
			}
		}
	})
	s.written(t, s.cloud, to, "Hello there")
	user := s.userID(t, s.cloud)
	for _, c := range s.callers() {
		a := s.message(t, c, `{"recipient":"`+user+`","type":"text","text":{"body":"x"}}`)
		v := a.JSON(t)
		if a.Status > 201 || at(v, "contacts", 0, "input") != user || at(v, "contacts", 0, "wa_id") != nil {
			t.Errorf("need 17: %s: %d %s", c.name, a.Status, a.Body)
		}
		if got := at(v, "contacts", 0, "user_id"); !c.flat && got != user {
			t.Errorf("need 01: %s: user_id is %v", c.name, got)
		}
		if left := s.tap.last(t).body; !bytes.Contains(left, []byte(`"recipient":"`+user+`"`)) || bytes.Contains(left, []byte(`"to"`)) {
			t.Errorf("need 17: %s: left as %s", c.name, left)
		}
	}
	c := s.cloud
	status := s.message(t, c, `{"recipient":"DE.99999999","type":"text","text":{"body":"x"}}`)
	refused(t, c, status, 400, 131047)
}

// userID is the user id of the person who wrote last.
func (s *site) userID(t *testing.T, c *caller) string {
	t.Helper()
	e := event(t, c, s.Hooks.With(t, `"messages"`, `"from_user_id"`), "messages")
	id, _ := e["from_user_id"].(string)
	return id
}
