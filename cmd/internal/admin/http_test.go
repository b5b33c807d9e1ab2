package admin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
)

func TestOverHTTP(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	srv := httptest.NewServer(g.direct.Handler())
	defer srv.Close()
	c := admin.NewClient(strings.TrimPrefix(srv.URL, "http://"))
	if len(must[[]admin.AppInfo](t, c, key, "app.list", admin.None{})) != 3 {
		t.Error("the client sees other apps")
	}
	_, err := ask[[]admin.AppInfo](t, c, "wrong", "app.list", admin.None{})
	wantCode(t, err, admin.Unauthenticated)
	_, err = ask[admin.None](t, c, key, "config.reload", admin.None{})
	wantCode(t, err, admin.Unavailable)
	srv.Close()
	_, err = ask[[]admin.AppInfo](t, c, key, "app.list", admin.None{})
	wantCode(t, err, admin.Unavailable)
}

func TestHTTPRefusals(t *testing.T) {
	g := newGateway(t)
	key := g.operator("ann", admin.RoleApprove, "")
	h := g.direct.Handler()
	for name, tc := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"good":          {func(*http.Request) {}, 200},
		"IPv6 loopback": {func(r *http.Request) { r.Host = "[::1]:8445" }, 200},
		"get":           {func(r *http.Request) { r.Method = http.MethodGet }, 404},
		"other path":    {func(r *http.Request) { r.URL.Path = "/app.list" }, 404},
		"unknown":       {func(r *http.Request) { r.URL.Path = "/admin/v1/app" }, 404},
		"foreign host":  {func(r *http.Request) { r.Host = "evil.example:8445" }, 403},
		"form":          {func(r *http.Request) { r.Header.Set("Content-Type", "text/plain") }, 400},
		"no key":        {func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		"two keys":      {func(r *http.Request) { r.Header.Add("Authorization", "Bearer x") }, 401},
		"no body":       {func(r *http.Request) { r.Body = http.NoBody }, 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1:8445/admin/v1/app.list", strings.NewReader("{}"))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Authorization", "Bearer "+key)
			tc.change(r)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			body, err := io.ReadAll(w.Body)
			if err != nil || w.Code != tc.status {
				t.Errorf("status %d, want %d: %s", w.Code, tc.status, body)
			}
			if strings.Contains(string(body), key) {
				t.Error("the answer repeats the key")
			}
		})
	}
}
