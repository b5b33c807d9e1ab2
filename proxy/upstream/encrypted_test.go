package upstream_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"postern/proxy/upstream"
)

// plainly wraps bodies in brackets, and can be told to fail.
type plainly struct{ refuses bool }

var errSeal = errors.New("no key")

func (p plainly) Seal(body []byte) (string, error) {
	if p.refuses {
		return "", errSeal
	}
	return "<" + string(body) + ">", nil
}

func (plainly) Open(token string) ([]byte, error) {
	if len(token) < 2 || token[0] != '<' {
		return nil, errors.New("not sealed")
	}
	return []byte(token[1 : len(token)-1]), nil
}

func TestPostEncrypted(t *testing.T) {
	var status int
	var answer, path, got string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		path, got = r.Method+" "+r.URL.Path, string(raw)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, answer)
	}))
	defer server.Close()
	m, err := upstream.New(upstream.Config{BaseURL: server.URL, Version: "v25.0", Timeout: time.Minute, Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	const refusal = `{"error":{"code":100}}`
	for name, tc := range map[string]struct {
		status       int
		answer, body string // answered; what the caller sees, empty for unknown
	}{
		"sealed":                 {200, `{"encrypted_contents":"<x>"}`, "x"},
		"sealed with more":       {200, `{"encrypted_contents":"<x>","later":1}`, "x"},
		"clear error":            {400, refusal, refusal},
		"clear error with 200":   {200, refusal, refusal},
		"page":                   {502, "<html>", "<html>"},
		"other key":              {200, `{"encrypted_contents":"x"}`, ""},
		"success in the clear":   {200, `{"messages":[{"id":"wamid.x"}]}`, ""},
		"no JSON":                {200, "\x00", ""},
		"empty":                  {200, "", ""},
		"error beside a token":   {200, `{"error":{},"encrypted_contents":"x"}`, ""},
		"error that is no error": {200, `{"error":null}`, ""},
		"token twice":            {200, `{"encrypted_contents":"<x>","encrypted_contents":"<y>"}`, ""},
	} {
		status, answer, path, got = tc.status, tc.answer, "", ""
		a := m.PostEncrypted(t.Context(), upstream.Credential{Token: "token"}, "1", plainly{}, []byte(`"a"`))
		if path != "POST /v25.0/1/messages_encrypted" || got != `{"encrypted_contents":"<\"a\">","messaging_product":"whatsapp"}` {
			t.Errorf("%s: sent %s %s", name, path, got)
		}
		if tc.body == "" {
			if a.Answered() || !a.Sent || !errors.Is(a.Err, upstream.ErrUnreadable) || a.Body != nil {
				t.Errorf("%s: %d %v sent %t", name, a.Status, a.Err, a.Sent)
			}
		} else if !a.Answered() || a.Status != tc.status || string(a.Body) != tc.body {
			t.Errorf("%s: %d %q %v", name, a.Status, a.Body, a.Err)
		}
	}
	path = ""
	a := m.PostEncrypted(t.Context(), upstream.Credential{Token: "token"}, "1", plainly{refuses: true}, []byte(`"a"`))
	if a.Answered() || a.Sent || !errors.Is(a.Err, errSeal) || !errors.Is(a.Err, upstream.ErrUnsealed) || path != "" {
		t.Errorf("not sealed: sent %t, %v, %q left", a.Sent, a.Err, path)
	}
}
