// Package hostile_test sends the running gateway what nobody should send: raw
// requests at each of its listeners, floods, webhook targets that lead inside,
// and broken import files.
package hostile_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/proxy/edge/edgetest"
)

// patience bounds every wait; what is waited for ends it at once.
const patience = 2 * time.Minute

// door is one listener as one kind of caller meets it.
type door struct {
	name    string
	address string
	roots   *x509.CertPool // nil where plain text is spoken
	site    edgetest.Site
	shape   func(status int, body []byte) error // of a refusal
	loose   bool                                // takes the slashes of old clients
}

// doors are the listeners with a request that each of them takes.
func doors(t *testing.T, r *rig.Rig) []door {
	t.Helper()
	app, webhook := mustURL(t, r.Env["POSTERN_URL"]), mustURL(t, r.Env["POSTERN_WEBHOOK_URL"])
	admin := mustURL(t, r.Env["POSTERN_ADMIN_URL"])
	roots := roots(t, r)
	send := `{"messaging_product":"whatsapp","to":"+` + r.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"On its way"}}`
	old := `{"recipient_type":"individual","to":"` + r.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"On its way"}}`
	apps := func(target, credential, body string) edgetest.Site {
		return edgetest.Site{Host: app.Host, Target: target, Headers: credential + "\r\nContent-Type: application/json\r\n", Body: body}
	}
	event := `{"object":"whatsapp_business_account","entry":[]}`
	return []door{
		{"cloud", app.Host, roots, apps("/v25.0/"+r.Env["POSTERN_PHONE_ID"]+"/messages", "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"], send), cloudShape, false},
		{"360dialog v2", app.Host, roots, apps("/messages", "D360-API-KEY: "+r.Env["POSTERN_D360_V2_KEY"], send), cloudShape, false},
		{"360dialog v1", app.Host, roots, apps("/v1/messages", "D360-API-KEY: "+r.Env["POSTERN_D360_V1_KEY"], old), flatShape, true},
		{"on-premises", app.Host, roots, apps("/v1/messages", "Authorization: Bearer "+login(t, r), old), flatShape, true},
		{"webhook", webhook.Host, roots, edgetest.Site{
			Host: webhook.Host, Target: webhook.Path, Body: event,
			Headers: "X-Hub-Signature-256: " + signature(r.Env["META_APP_SECRET"], event) + "\r\nContent-Type: application/json\r\n",
		}, noShape, false},
		{"admin", admin.Host, nil, edgetest.Site{
			Host: admin.Host, Target: "/admin/v1/app.list", Body: "{}",
			Headers: "Authorization: Bearer " + operatorKey(t, r) + "\r\nContent-Type: application/json\r\n",
		}, adminShape, false},
	}
}

func mustURL(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func roots(t *testing.T, r *rig.Rig) *x509.CertPool {
	t.Helper()
	pem, err := os.ReadFile(r.Env["POSTERN_CA"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return pool
}

func operatorKey(t *testing.T, r *rig.Rig) string {
	t.Helper()
	key, err := os.ReadFile(r.Env["POSTERN_OPERATOR_KEY_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(key))
}

func login(t *testing.T, r *rig.Rig) string {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(r.Env["POSTERN_ONPREM_USER"] + ":" + r.Env["POSTERN_ONPREM_PASSWORD"]))
	a := r.Do(t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+basic)
	var in struct{ Users []struct{ Token string } }
	if err := json.Unmarshal([]byte(a.Body), &in); err != nil || len(in.Users) != 1 || in.Users[0].Token == "" {
		t.Fatalf("login: %d %s", a.Status, a.Body)
	}
	return in.Users[0].Token
}

func signature(secret, body string) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write([]byte(body))
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// dial opens a raw connection; h2 is spoken only over TLS.
func (d door) dial(t *testing.T, protocol string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", d.address)
	if err != nil {
		t.Fatal(err)
	}
	if d.roots != nil {
		conn = tls.Client(conn, &tls.Config{RootCAs: d.roots, ServerName: "localhost", NextProtos: []string{protocol}, MinVersion: tls.VersionTLS12})
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// answer is one response read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// raw writes bytes as they are and reads answers until the gateway closes the
// connection, or until there are as many as wanted and it stays open.
func (d door) raw(t *testing.T, request string, hangUp bool, wanted int) (answers []answer, closed bool) {
	t.Helper()
	conn := d.dial(t, "http/1.1")
	edgetest.Write(conn, request, hangUp)
	in := bufio.NewReader(conn)
	for {
		if _, err := in.Peek(1); err != nil {
			return answers, !timedOut(err)
		}
		a, closing, err := readAnswer(in, request)
		if err != nil {
			t.Fatalf("read answer: %v", err)
		}
		answers = append(answers, a)
		if len(answers) >= wanted && !closing {
			return answers, false
		}
	}
}

func readAnswer(in *bufio.Reader, request string) (answer, bool, error) {
	method, _, _ := strings.Cut(request, " ")
	if method == http.MethodConnect {
		method = http.MethodPost // a refused CONNECT has a body like any other
	}
	resp, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		return answer{}, false, err
	}
	body, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, body}, resp.Close, err
}

func timedOut(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// cloudShape is the Graph API's error object.
func cloudShape(status int, body []byte) error {
	var e struct {
		Error struct {
			Code    int
			Message string
			Type    string
		}
		Messages any
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Error.Code == 0 || e.Error.Message == "" || e.Error.Type != "OAuthException" || e.Messages != nil {
		return fmt.Errorf("status %d is no error of the Cloud API: %q", status, body)
	}
	return allowed(status, 400, 401, 403, 404, 500)
}

// flatShape is the On-Premises client's list of errors.
func flatShape(status int, body []byte) error {
	var e struct {
		Errors []struct {
			Code    int
			Title   string
			Details string
		}
		Meta     map[string]any
		Messages any
	}
	if err := json.Unmarshal(body, &e); err != nil || len(e.Errors) != 1 || e.Errors[0].Code == 0 || e.Errors[0].Title == "" || len(e.Meta) == 0 || e.Messages != nil {
		return fmt.Errorf("status %d is no error of the On-Premises API: %q", status, body)
	}
	return allowed(status, 400, 401, 403, 404)
}

// noShape is what Meta gets: a status.
func noShape(status int, body []byte) error {
	if len(body) != 0 {
		return fmt.Errorf("a refused webhook is answered with a body: %q", body)
	}
	return allowed(status, 400, 401, 404)
}

// adminShape is the admin API's error.
func adminShape(status int, body []byte) error {
	var e struct {
		Error struct{ Code, Message string }
	}
	if err := json.Unmarshal(body, &e); err != nil || e.Error.Code == "" || e.Error.Message == "" {
		return fmt.Errorf("status %d is no error of the admin API: %q", status, body)
	}
	return allowed(status, 400, 401, 403, 404)
}

func allowed(status int, list ...int) error {
	for _, s := range list {
		if s == status {
			return nil
		}
	}
	return fmt.Errorf("status %d", status)
}

// quotes reports whether an answer gives back what only the request held.
func quotes(body []byte, secrets ...string) bool {
	for _, s := range secrets {
		if s != "" && bytes.Contains(body, []byte(s)) {
			return true
		}
	}
	return false
}
