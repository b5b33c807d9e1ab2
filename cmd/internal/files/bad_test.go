package files

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

const pdf = "%PDF-1.7\nhello"

// TestBadRawUploads: nothing of a bad upload is kept, let through, or at upstream.
func TestBadRawUploads(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	for name, c := range map[string]struct{ kind, body, words string }{
		"no type":              {"", pdf, "type of the file"},
		"a type that is none":  {"pdf", pdf, "not of the type"},
		"a form":               {"multipart/form-data; boundary=x", pdf, "not of the type"},
		"empty":                {"application/pdf", "", "empty"},
		"no picture":           {"image/png", "hello", "not of the type"},
		"a picture as a paper": {"application/pdf", "\x89PNG\r\n\x1a\n", "not of the type"},
		"a program":            {"application/octet-stream", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x3e\x00", "not of the type"},
		"a picture of 6 MB":    {"image/png", "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 6<<20), "larger"},
		"a sticker of 600 kB":  {"image/webp", "RIFF\x00\x00\x00\x00WEBPVP8 " + strings.Repeat("x", 600<<10), "larger"},
	} {
		a := r.Do(t, "POST", "/v1/media", c.body, "Content-Type: "+c.kind, flat(r))
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, c.words) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
	}
	head := "POST /v1/media HTTP/1.1\r\nHost: gateway\r\n" + flat(r) + "\r\nContent-Type: application/pdf\r\nConnection: close\r\n"
	for name, rest := range map[string]string{
		"announced too large":    "Content-Length: " + strconv.Itoa(101<<20) + "\r\n\r\n",
		"cut short":              "Content-Length: 2000\r\n\r\n" + pdf,
		"a chunk that is none":   "Transfer-Encoding: chunked\r\n\r\nzz\r\n" + pdf + "\r\n0\r\n\r\n",
		"chunks without the end": "Transfer-Encoding: chunked\r\n\r\n0e\r\n" + pdf + "\r\n",
	} {
		if status := raw(t, r, head+rest); status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, status)
		}
	}
	if all := stored(t, r); len(all) != 0 {
		t.Errorf("%d files are left in the store", len(all))
	}
	if rows := r.SQL(t, "SELECT id FROM audit WHERE kind = 'media' AND effect = 'allow'"); len(rows) != 0 {
		t.Errorf("%d uploads were let through", len(rows))
	}
}

// raw writes a request as it is, ends it, and gives the status of the answer.
func raw(t *testing.T, r *rig.Rig, request string) int {
	t.Helper()
	at, err := url.Parse(r.Env["POSTERN_URL"])
	check(t, err)
	pem, err := os.ReadFile(filepath.Join(r.Dir, "certs", "ca.pem"))
	check(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", at.Host, &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
	check(t, err)
	defer conn.Close() //nolint:errcheck // the answer is read
	_, err = io.WriteString(conn, request)
	check(t, err)
	check(t, conn.CloseWrite())
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	check(t, err)
	defer resp.Body.Close() //nolint:errcheck // only the status counts
	return resp.StatusCode
}
