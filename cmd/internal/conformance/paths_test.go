package conformance

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

// raw makes one HTTP/1.1 request whose target goes out as it is written. A Host
// may stand first among the headers.
func (s *site) raw(t *testing.T, method, target, body string, headers ...string) rig.Reply {
	t.Helper()
	transport, ok := s.http.Transport.(*http.Transport)
	if !ok {
		t.Fatal("the client has another transport")
	}
	config := transport.TLSClientConfig.Clone()
	config.NextProtos = []string{"http/1.1"}
	host := strings.TrimPrefix(s.Env["POSTERN_URL"], "https://")
	named := host
	if first, ok := strings.CutPrefix(headers[0], "Host: "); ok {
		named, headers = first, headers[1:]
	}
	conn, err := (&tls.Dialer{Config: config}).DialContext(t.Context(), "tcp", host)
	fail(t, err)
	defer conn.Close() //nolint:errcheck // read to its end below
	fail(t, conn.SetDeadline(time.Now().Add(time.Minute)))
	_, err = fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/json\r\n%s\r\nContent-Length: %d\r\n\r\n%s",
		method, target, named, strings.Join(headers, "\r\n"), len(body), body)
	fail(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	fail(t, err)
	raw, err := io.ReadAll(resp.Body)
	fail(t, err)
	fail(t, resp.Body.Close())
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}

// testPaths: the harmless forms of old clients are served (need 19), nothing
// else that is not canonical is, and no POST is ever redirected.
func testPaths(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	want := map[string]int{}
	s.each(t, func(t *testing.T, c *caller) {
		plain := c.send
		last := plain[strings.LastIndex(plain, "/")+1:]
		for _, target := range []string{
			strings.TrimSuffix(plain, last) + "%6dessages", strings.TrimSuffix(plain, "/"+last) + "%2fmessages", strings.TrimSuffix(plain, "/"+last) + "%2Fmessages",
			"/x/.." + plain, "/." + plain, plain + "/.", plain + "/..", plain + "/%2e%2e/" + last, "/%2e" + plain, plain + "%00", plain + ";a=b", plain + "%20", plain + "#x",
		} {
			if target[0] != '/' {
				target = "/" + target
			}
			t.Run(target, func(t *testing.T) {
				a := s.raw(t, "POST", target, s.body(c, to), c.auth)
				if s.refusedByEnvoy(t, target, a) {
					return
				}
				checkNotServed(t, c, a)
				want[c.name+" request_not_found"]++
			})
		}
		for _, target := range []string{plain + "/", strings.TrimSuffix(plain, last) + "/" + last} {
			t.Run(target, func(t *testing.T) {
				a := s.raw(t, "POST", target, s.body(c, to), c.auth)
				if c.flat {
					if a.Status != 201 {
						t.Errorf("need 19: %d %s", a.Status, a.Body)
					}
					return
				}
				checkNotServed(t, c, a)
				want[c.name+" request_not_found"]++
			})
		}
	})
	if n := len(s.taken(s.base)); n != 4 {
		t.Errorf("%d sends were taken, want the four of harmless form", n)
	}
	s.checkRefusals(t, want)
}

func checkNotServed(t *testing.T, c *caller, a rig.Reply) {
	t.Helper()
	code := 100
	if c.flat {
		code = 1006
	}
	refused(t, c, a, 404, code)
}

// body is a text message as the dialect writes it.
func (s *site) body(c *caller, to string) string {
	if c.product {
		return `{"messaging_product":"whatsapp",` + text(to, "Hello")[1:]
	}
	return text(to, "Hello")
}

// testNotOffered: what the APIs have and this version does not is answered in
// the dialect, and says so; what is nothing at all is answered too (need 07).
func testNotOffered(t *testing.T, s *site) {
	id := s.cloud.number
	for _, c := range []struct {
		who          *caller
		method, path string
		status, code int
		words        string
	}{
		{s.cloud, "POST", "/" + id + "/calls", 400, 100, "can not judge"},
		{s.cloud, "POST", "/" + id + "/groups", 400, 100, "can not judge"},
		{s.cloud, "GET", "/v25.0/debug_token", 400, 100, "the gateway's own"},
		{s.cloud, "GET", "/v25.0/" + id + "/messages", 400, 100, "method"},
		{s.cloud, "DELETE", "/v25.0/" + id + "/messages", 400, 100, "method"},
		{s.cloud, "GET", "/v25.0/" + id + "/nothing", 404, 100, "nothing at this path"},
		{s.cloud, "GET", "/v25.0/1037543291543636", 400, 100, "no such file"},
		{s.v2, "GET", "/1037543291543636", 400, 100, "no such file"},
		{s.v1, "GET", "/v1/media/f043afd0-f0ae-4b9c-ab3d-696fb4c8cd68", 404, 1006, "no such file"},
		{s.onprem, "GET", "/v1/media//f043afd0-f0ae-4b9c-ab3d-696fb4c8cd68", 404, 1006, "no such file"}, // need 19
		{s.cloud, "GET", "/", 400, 100, "one by one"},
		{s.v2, "PUT", "/waba_webhook", 400, 100, "method"},
		{s.cloud, "POST", "/", 400, 100, "one by one"},
		{s.v2, "GET", "/messages", 400, 100, "method"},
		{s.v1, "DELETE", "/v1/settings/profile/about", 400, 1025, "method"},
		{s.v1, "GET", "/v1/messages", 400, 1025, "method"},
		{s.onprem, "DELETE", "/v1/settings/profile/photo", 501, 1000, "can not remove"},
		{s.onprem, "GET", "/v1/stickerpacks", 501, 1000, "has no sticker packs"},
		{s.onprem, "POST", "/v1/groups", 501, 1000, "not offered"},
		{s.onprem, "GET", "/v1/messages", 400, 1025, "method"},
		{s.onprem, "GET", "/v1/nothing", 404, 1006, "nothing at this path"},
	} {
		t.Run(c.who.name+" "+c.method+" "+c.path, func(t *testing.T) {
			a := s.ask(t, c.method, c.path, "", c.who.auth)
			if details := refused(t, c.who, a, c.status, c.code); !strings.Contains(details, c.words) {
				t.Errorf("the sentence does not say %q: %q", c.words, details)
			}
		})
	}
	for _, path := range []string{"/v1/users", "/v1/account", "/v1/settings/application", "/v1/stats/app", "/v1/certificates/external"} {
		a := s.ask(t, "POST", path, "", s.v1.auth)
		if a.Status != 403 || at(a.JSON(t), "meta", "httpCode") != 403.0 || at(a.JSON(t), "meta", "success") != false {
			t.Errorf("360dialog blocks %s with %d %s", path, a.Status, a.Body)
		}
	}
}

// testUnread: what is refused before it is read is answered to nobody known in
// the form of the API that has the path; both of 360dialog's versions have the
// hub's own.
func testUnread(t *testing.T, s *site) {
	hub, flat, graph := []any{"meta", "httpCode"}, []any{"errors"}, []any{"error", "code"}
	for _, c := range []struct {
		path   string
		status int
		form   []any
	}{
		{"/v1/configs/templates/a%1d", 404, hub}, {"/v1/configs/templates/a%2Fb", 404, hub},
		{"/v1/configs/webhook?a=1&a=2", 400, hub}, {"/messages/%41", 404, hub},
		{"/v1/messages/%41", 404, flat}, {"/v1/users?a=1&a=2", 400, flat},
		{"/1020/%41", 404, graph}, {"/v25.0/%41", 404, graph},
	} {
		t.Run(c.path, func(t *testing.T) {
			a := s.raw(t, "GET", c.path, "", "X-Nobody: 1")
			if a.Status != c.status || at(a.JSON(t), c.form...) == nil {
				t.Errorf("%d %s, want %d with %v", a.Status, a.Body, c.status, c.form)
			}
		})
	}
	for _, path := range []string{"/v1/messages/%41", "/v1/configs/templates/a%1d", "/messages?a=1&a=2"} {
		if a := s.raw(t, "GET", path, "", "D360-API-KEY: nobody's"); at(a.JSON(t), "meta", "httpCode") != float64(a.Status) {
			t.Errorf("%s with a wrong key: %d %s", path, a.Status, a.Body)
		}
	}
	for _, c := range []*caller{s.v1, s.v2} {
		a := s.raw(t, "GET", "/v1/configs/templates/a~b", "", c.auth)
		checkNotServed(t, c, a)
	}
}
