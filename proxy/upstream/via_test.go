package upstream_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"testing"
	"time"

	"postern/proxy/upstream"
)

// roundTrip is a way made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answered(body string) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// site is a client of a server that answers "own".
func site(t *testing.T) *upstream.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "own") }))
	t.Cleanup(server.Close)
	c, err := upstream.New(upstream.Config{BaseURL: server.URL, Version: "v25.0", Timeout: time.Minute, Connections: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

var token = upstream.Credential{Token: "EAA-upstream"}

// TestViaTakesOneCall: the first one, signed and whole; files and all further
// calls go by the client's own connections.
func TestViaTakesOneCall(t *testing.T) {
	c, seen := site(t), ""
	ctx := upstream.Via(t.Context(), roundTrip(func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		seen = r.Method + " " + r.URL.Path + " " + r.Header.Get("Authorization") + " " + string(body)
		if err != nil || r.ContentLength != 2 {
			t.Errorf("%d bytes: %v", r.ContentLength, err)
		}
		return answered("way")
	}))
	if a := c.Upload(ctx, token, "1", upstream.File{Mime: "image/png", Length: 1, Content: strings.NewReader("x")}); string(a.Body) != "own" {
		t.Errorf("a file: %q, %v", a.Body, a.Err)
	}
	if a := c.Post(context.WithoutCancel(ctx), token, "/1/messages", []byte("{}")); string(a.Body) != "way" {
		t.Errorf("the first call: %q, %v", a.Body, a.Err)
	}
	if want := "POST /v25.0/1/messages Bearer EAA-upstream {}"; seen != want {
		t.Errorf("%q, want %q", seen, want)
	}
	if a := c.Get(ctx, token, "/1"); string(a.Body) != "own" {
		t.Errorf("the second call: %q, %v", a.Body, a.Err)
	}
}

// TestViaElsewhere: what the way does not take goes as ever, and its answer counts.
func TestViaElsewhere(t *testing.T) {
	ctx := upstream.Via(t.Context(), roundTrip(func(*http.Request) (*http.Response, error) { return nil, upstream.ErrElsewhere }))
	if a := site(t).Post(ctx, token, "/1/messages", []byte("{}")); string(a.Body) != "own" || !a.Sent {
		t.Errorf("%q, sent %v, %v", a.Body, a.Sent, a.Err)
	}
}

// TestViaBroken: what broke before the way had a connection surely never left.
func TestViaBroken(t *testing.T) {
	for name, sent := range map[string]bool{"before": false, "after": true} {
		ctx := upstream.Via(t.Context(), roundTrip(func(r *http.Request) (*http.Response, error) {
			if sent {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
			}
			return nil, errors.New("cut")
		}))
		if a := site(t).Post(ctx, token, "/1/messages", []byte("{}")); a.Sent != sent || a.Err == nil || a.Answered() {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

// TestViaIsNotFor360dialog: its host is another one.
func TestViaIsNotFor360dialog(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	defer server.Close()
	ctx := upstream.Via(t.Context(), roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("the key of 360dialog goes Meta's way")
		return answered("{}")
	}))
	who := upstream.Credential{D360: &upstream.D360{BaseURL: server.URL, Keys: map[string]string{"1": "key"}}}
	if a := site(t).Post(ctx, who, "/1/messages", []byte("{}")); !a.Answered() {
		t.Errorf("%+v", a)
	}
}
