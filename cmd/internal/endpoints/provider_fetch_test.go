package endpoints

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/rig"
)

// Credentials of the tests' providers, long enough to be found wherever they are.
const (
	fileToken    = "bearer-of-the-file-host"
	filePassword = "password-of-the-file-host"
	wrongToken   = "a-token-nobody-knows"
)

// fileHost is an app's own host of files, behind credentials. It also counts who
// asks, and is the other host that a redirect leads to.
type fileHost struct {
	address string
	socket  net.Listener
	mu      sync.Mutex
	asked   map[string][]string // Authorization headers by path
	files   map[string]http.HandlerFunc
}

func newFileHost(t *testing.T) *fileHost {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return &fileHost{address: socket.Addr().String(), socket: socket, asked: map[string][]string{}, files: map[string]http.HandlerFunc{}}
}

// serve begins to serve under the certificate of the demo's authority.
func (f *fileHost) serve(t *testing.T, r *rig.Rig) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(r.Dir, "certs", "server.pem"), filepath.Join(r.Dir, "certs", "server-key.pem"))
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: f.socket, Config: &http.Server{Handler: f}} //nolint:gosec // the test's own
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
}

func (f *fileHost) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	given := r.Header.Get("Authorization")
	f.mu.Lock()
	f.asked[r.URL.Path] = append(f.asked[r.URL.Path], given)
	file := f.files[r.URL.Path]
	f.mu.Unlock()
	user, password, basic := r.BasicAuth()
	switch {
	case given != "Bearer "+fileToken && (!basic || user != "reader" || password != filePassword):
		w.WriteHeader(http.StatusUnauthorized)
	case file == nil:
		w.WriteHeader(http.StatusNotFound)
	default:
		file(w, r)
	}
}

// asks are the Authorization headers that came for a path.
func (f *fileHost) asks(path string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[path]
}

// holds serves a file as being of a type.
func (f *fileHost) holds(path, kind string, content []byte) {
	f.files[path] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.Write(content) //nolint:errcheck,gosec // the gateway may have enough
	}
}

// sentOn are the messages that reached WhatsApp and the uploads.
type sentOn struct {
	mu       sync.Mutex
	messages []string
	uploads  int
}

func (s *sentOn) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.mu.Lock()
		switch {
		case strings.HasSuffix(r.URL.Path, "/messages"):
			s.messages = append(s.messages, string(body))
		case strings.HasSuffix(r.URL.Path, "/media"):
			s.uploads++
		}
		s.mu.Unlock()
		next.ServeHTTP(w, r)
	})
}

func (s *sentOn) counts() (messages, uploads int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.messages), s.uploads
}

// behind starts a gateway whose On-Premises app has a host of files.
func behind(t *testing.T, o rig.Options) (r *rig.Rig, host *fileHost, on *sentOn, auth string) {
	t.Helper()
	host, on = newFileHost(t), &sentOn{}
	o.Watch = on.watch
	o.Config = func(text string) string {
		return strings.Replace(text, `allow_targets: [`, `allow_targets: ["`+host.address+`", `, 1)
	}
	r = rig.Start(t, o)
	host.holds("/photo.png", "image/png", picture(t))
	host.serve(t, r)
	auth = loginAdmin(t, r)
	walk(t, r, auth, []step{{"providers", "POST", providersPath, `[{"name":"cdn1","type":"www","config":{"bearer":"` + fileToken + `"}},` +
		`{"name":"cdn2","type":"www","config":{"basic":{"username":"reader","password":"` + filePassword + `"}}},` +
		`{"name":"cdn3","type":"www","config":{"bearer":"` + wrongToken + `"}}]`, 200, "cdn3"}})
	return r, host, on, auth
}

// provided is a message whose file a provider guards.
func provided(r *rig.Rig, kind, link, provider string) string {
	return `{"to":"` + r.Env["DEMO_CONSENTED"] + `","type":"` + kind + `","` + kind + `":{"link":"` + link + `","provider":{"name":"` + provider + `"}}}`
}

// ends awaits the outcomes of all messages that were admitted.
func ends(t *testing.T, r *rig.Rig, n int) []string {
	t.Helper()
	var out []string
	rig.Await(t, "messages on record with their outcome", func() bool {
		out = nil
		for _, row := range r.SQL(t, "SELECT s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'admission' AND s.kind = 'settle' ORDER BY m.seq") {
			out = append(out, row[0])
		}
		return len(out) >= n
	})
	return out
}

// TestProviderFetch: a file behind a bearer token or a password leaves by an id,
// through Meta and through 360dialog, and its credentials are nowhere.
func TestProviderFetch(t *testing.T) {
	t.Parallel()
	for name, through := range map[string]bool{"Meta": false, "360dialog": true} {
		t.Run(name, func(t *testing.T) {
			o := rig.Options{D360: through}
			r, host, on, auth := behind(t, o)
			link := "https://" + host.address + "/photo.png"
			for _, provider := range []string{"cdn1", "cdn2"} {
				a := r.Do(t, "POST", "/v1/messages", provided(r, "image", link, provider), auth, "Idempotency-Key: "+provider)
				again := r.Do(t, "POST", "/v1/messages", provided(r, "image", link, provider), auth, "Idempotency-Key: "+provider)
				if a.Status != http.StatusCreated || again.Body != a.Body || again.Status != a.Status {
					t.Fatalf("%s: %d %s, again %d %s", provider, a.Status, a.Body, again.Status, again.Body)
				}
			}
			document := r.Do(t, "POST", "/v1/messages", strings.Replace(provided(r, "document", link, "cdn1"), `"link"`, `"filename":"a.png","link"`, 1), auth)
			if document.Status != http.StatusCreated {
				t.Errorf("a picture as a document: %d %s", document.Status, document.Body)
			}
			if got := host.asks("/photo.png"); len(got) != 3 || got[0] != "Bearer "+fileToken || !strings.HasPrefix(got[1], "Basic ") {
				t.Errorf("%d requests for the file", len(got))
			}
			if !through {
				seen(t, on)
			}
			for _, end := range ends(t, r, 3) {
				if end != "accepted" {
					t.Errorf("outcome %s", end)
				}
			}
			if rows := r.SQL(t, "SELECT type, result FROM audit WHERE kind = 'media' ORDER BY seq"); len(rows) != 3 || rows[0][0] != "image" || rows[2][0] != "document" {
				t.Errorf("files on record: %v", rows)
			}
			silent(t, r)
		})
	}
}

// seen looks at what reached WhatsApp.
func seen(t *testing.T, on *sentOn) {
	t.Helper()
	if m, u := on.counts(); m != 3 || u != 3 {
		t.Fatalf("%d messages and %d uploads", m, u)
	}
	for _, body := range on.messages {
		if strings.Contains(body, "link") || strings.Contains(body, "provider") || strings.Contains(body, "photo.png") || !strings.Contains(body, `"id":"`) {
			t.Errorf("left: %s", body)
		}
	}
}

// silent looks for credentials where none may be.
func silent(t *testing.T, r *rig.Rig) {
	t.Helper()
	for _, secret := range []string{fileToken, filePassword, wrongToken} {
		if names := onDisk(t, r, []byte(secret)); len(names) != 0 {
			t.Errorf("a credential lies in %v", names)
		}
		if strings.Contains(r.Log.String(), secret) {
			t.Error("a credential was logged")
		}
	}
	if strings.Contains(r.Log.String(), "photo.png") {
		t.Error("a link was logged")
	}
}

// TestProviderFetchFails: each way in which a file does not come or must not go
// on is told to the app, and no message leaves.
func TestProviderFetchFails(t *testing.T) {
	t.Parallel()
	r, host, on, auth := behind(t, rig.Options{})
	other := newFileHost(t) // not allowed, and nobody may follow to it
	other.serve(t, r)
	at := "https://" + host.address
	host.files["/moved.png"] = func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "https://"+other.address+"/photo.png", http.StatusFound)
	}
	host.files["/moved-here.png"] = func(w http.ResponseWriter, req *http.Request) {
		http.Redirect(w, req, "/photo.png", http.StatusFound)
	}
	host.files["/down.png"] = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	host.files["/packed.png"] = func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Encoding", "gzip") }
	host.files["/cut.png"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Content-Length", "100000")
		w.Write(picture(t)) //nolint:errcheck,gosec // cut short on purpose
	}
	host.files["/endless.png"] = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		w.Write(picture(t))                   //nolint:errcheck,gosec // the gateway
		for block := make([]byte, 1<<20); ; { // hears on until
			if _, err := w.Write(block); err != nil { // it has enough
				return
			}
		}
	}
	host.holds("/large.png", "image/png", append(picture(t), make([]byte, 6<<20)...))
	host.holds("/not-a.jpg", "image/jpeg", picture(t))
	host.holds("/page.html", "text/html", []byte("<html>log in</html>"))
	host.holds("/empty.png", "image/png", nil)
	cases := map[string]struct {
		link, provider string
		status         int
		words          []string
	}{
		"wrong credentials":      {at + "/photo.png", "cdn3", 400, []string{`"code":1009`, "refused the stored credentials", "401"}},
		"unknown provider":       {at + "/photo.png", "cdn9", 400, []string{`"code":1009`, "no media provider of this name"}},
		"nothing there":          {at + "/none.png", "cdn1", 400, []string{`"code":1009`, "404"}},
		"redirect to another":    {at + "/moved.png", "cdn1", 400, []string{"redirect"}},
		"redirect":               {at + "/moved-here.png", "cdn2", 400, []string{"redirect"}},
		"host down":              {at + "/down.png", "cdn1", 503, []string{`"code":1016`, "502"}},
		"compressed":             {at + "/packed.png", "cdn1", 400, []string{"compressed"}},
		"cut short":              {at + "/cut.png", "cdn1", 503, []string{"not whole"}},
		"without an end":         {at + "/endless.png", "cdn1", 400, []string{"policy:media_size"}},
		"too large":              {at + "/large.png", "cdn1", 400, []string{"policy:media_size"}},
		"another type":           {at + "/not-a.jpg", "cdn1", 400, []string{"policy:media_kind"}},
		"a page in its place":    {at + "/page.html", "cdn1", 400, []string{"policy:media_kind"}},
		"empty":                  {at + "/empty.png", "cdn1", 400, []string{"empty"}},
		"a private address":      {"https://10.0.0.1/photo.png", "cdn1", 400, []string{"not fetched from this address"}},
		"another port of inside": {"https://" + other.address + "/photo.png", "cdn1", 400, []string{"not fetched from this address"}},
		"a local name":           {"https://localhost/photo.png", "cdn1", 400, []string{"not fetched from this address"}},
		"in the clear":           {"http://" + host.address + "/photo.png", "cdn1", 400, []string{"must be https"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := r.Do(t, "POST", "/v1/messages", provided(r, "image", c.link, c.provider), auth)
			if a.Status != c.status || a.Header.Get("X-Postern-Receipt") == "" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			for _, words := range c.words {
				if !strings.Contains(a.Body, words) {
					t.Errorf("%s, want %s", a.Body, words)
				}
			}
		})
	}
	if m, u := on.counts(); m != 0 || u != 0 || len(other.asks("/photo.png")) != 0 {
		t.Errorf("%d messages, %d uploads, %d requests at another host", m, u, len(other.asks("/photo.png")))
	}
	for _, end := range ends(t, r, len(cases)) {
		if end != "not_sent" {
			t.Errorf("outcome %s", end)
		}
	}
	if n := stored(t, r); n != 0 {
		t.Errorf("%d files are left in the store", n)
	}
	silent(t, r)
}

// TestProviderFetchRepeats: what failed under an Idempotency-Key is answered
// again and not fetched again; an app of 360dialog has no providers to name.
func TestProviderFetchRepeats(t *testing.T) {
	t.Parallel()
	r, host, _, auth := behind(t, rig.Options{})
	body := provided(r, "image", "https://"+host.address+"/late.png", "cdn1")
	a := r.Do(t, "POST", "/v1/messages", body, auth, "Idempotency-Key: once")
	walk(t, r, auth, []step{{"provider gone", "DELETE", providersPath + "/cdn1", "", 200, "meta"}})
	if b := r.Do(t, "POST", "/v1/messages", body, auth, "Idempotency-Key: once"); a.Status != http.StatusBadRequest || b.Status != a.Status || b.Body != a.Body {
		t.Errorf("%d %s, again %d %s", a.Status, a.Body, b.Status, b.Body)
	}
	if n := len(host.asks("/late.png")); n != 1 {
		t.Errorf("fetched %d times", n)
	}
	v1 := r.Do(t, "POST", "/v1/messages", body, "D360-API-KEY: "+r.Env["POSTERN_D360_V1_KEY"])
	if v1.Status != http.StatusBadRequest || !strings.Contains(v1.Body, "no media provider of this name") || len(host.asks("/late.png")) != 1 {
		t.Errorf("360dialog: %d %s", v1.Status, v1.Body)
	}
}

// TestProviderFetchByPolicy: what policy says of links holds before a file is
// fetched, and what it says of files before one goes on.
func TestProviderFetchByPolicy(t *testing.T) {
	t.Parallel()
	r, host, on, auth := behind(t, rig.Options{Policies: map[string]string{
		"settings.yaml": "version: 1\nmedia: {strip_location: true, unknown_size: refuse}\nlinks: {deny: [files.example]}\n",
	}})
	host.holds("/placed.jpg", "image/jpeg", []byte(photograph(t, true)))
	host.holds("/hidden.jpg", "image/jpeg", []byte(photograph(t, false)))
	at := "https://" + host.address
	denied := r.Do(t, "POST", "/v1/messages", provided(r, "image", "https://files.example/photo.png", "cdn1"), auth)
	if denied.Status != http.StatusForbidden && denied.Status != http.StatusBadRequest || !strings.Contains(denied.Body, "policy:link") {
		t.Errorf("a host that policy denies: %d %s", denied.Status, denied.Body)
	}
	hidden := r.Do(t, "POST", "/v1/messages", provided(r, "image", at+"/hidden.jpg", "cdn1"), auth)
	if hidden.Status != http.StatusBadRequest || !strings.Contains(hidden.Body, "policy:media_location") {
		t.Errorf("a picture that can not be read: %d %s", hidden.Status, hidden.Body)
	}
	if m, u := on.counts(); m != 0 || u != 0 {
		t.Errorf("%d messages, %d uploads", m, u)
	}
	placed := r.Do(t, "POST", "/v1/messages", provided(r, "image", at+"/placed.jpg", "cdn1"), auth)
	if placed.Status != http.StatusCreated || placed.Header.Get("X-Postern-Changed") != "true" {
		t.Errorf("a picture that tells its place: %d %s %v", placed.Status, placed.Body, placed.Header)
	}
	if ended := ends(t, r, 2); strings.Join(ended, " ") != "not_sent accepted" {
		t.Errorf("outcomes %v", ended)
	}
	rows := r.SQL(t, "SELECT effect, changed FROM audit WHERE kind = 'media' ORDER BY seq")
	if len(rows) != 2 || strings.Join(rows[0], " ") != "deny 0" || strings.Join(rows[1], " ") != "allow 1" {
		t.Errorf("files on record: %v", rows)
	}
}
