package rig

import (
	"crypto/rand"
	"crypto/tls"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

// Secrets of a tenant of 360dialog's, as files of the demo folder.
const (
	D360Webhook  = "d360-webhook"  // stands in a header of webhooks
	D360Platform = "d360-platform" // signs them
)

// D360Key is the file with a number's key at 360dialog.
func D360Key(number string) string { return "d360-key-" + number }

// d360Face is the simulator as 360dialog.
type d360Face struct {
	socket net.Listener
	server *http.Server
	keys   map[string]string // by phone_number_id
}

// newD360Face opens the address and makes the secrets. Others of the demo's
// account have keys, too.
func newD360Face(t testing.TB, r *Rig, others []sim.Number) *d360Face {
	t.Helper()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	f := &d360Face{socket: socket, keys: map[string]string{}}
	numbers := []string{r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_D360_PHONE_ID"], r.Env["POSTERN_ONPREM_PHONE_ID"]}
	for _, n := range others {
		if n.Account == r.Env["POSTERN_WABA_ID"] {
			numbers = append(numbers, n.ID)
		}
	}
	for _, number := range numbers {
		f.keys[number] = rand.Text() + "_AK"
		r.Write(t, "secrets/"+D360Key(number), f.keys[number])
	}
	r.Write(t, "secrets/"+D360Webhook, rand.Text())
	r.Write(t, "secrets/"+D360Platform, rand.Text())
	r.Env["METASIM_D360_URL"] = "https://" + socket.Addr().String()
	return f
}

// config makes the tenant one of 360dialog's.
func (f *d360Face) config(text string) string {
	for _, meta := range []string{"token: file:secrets/meta-token", "app_secret: file:secrets/app-secret", "verify_token: file:secrets/verify-token"} {
		text = strings.Replace(text, "    "+meta+"\n", "", 1)
	}
	for number := range f.keys {
		text = strings.Replace(text, `{id: "`+number+`", `, `{id: "`+number+`", d360_key: "file:secrets/`+D360Key(number)+`", `, 1)
	}
	return strings.Replace(text, "    numbers:\n", `    upstream: d360
    d360:
      base_url: https://`+f.socket.Addr().String()+`
      webhook_secret: file:secrets/`+D360Webhook+`
      platform_secret: file:secrets/`+D360Platform+`
    numbers:
`, 1)
}

func (f *d360Face) serve(conf *tls.Config, face http.Handler) {
	f.server = &http.Server{Handler: face, ReadHeaderTimeout: 10 * time.Second, TLSConfig: conf}
	go f.server.ServeTLS(f.socket, "", "") //nolint:errcheck // ends with close
}

func (f *d360Face) close() error {
	if f == nil {
		return nil
	}
	return f.server.Close()
}

// SubscribeD360 sets the webhook of the demo's numbers at 360dialog, as its
// customer does with curl.
func (r *Rig) SubscribeD360(t testing.TB) {
	t.Helper()
	for _, number := range []string{r.Env["POSTERN_PHONE_ID"], r.Env["POSTERN_D360_PHONE_ID"], r.Env["POSTERN_ONPREM_PHONE_ID"]} {
		a := r.At(t, http.MethodPost, r.Env["METASIM_D360_URL"]+"/v1/configs/webhook",
			`{"url":"`+r.Env["POSTERN_WEBHOOK_URL"]+`","headers":{"X-Postern-Webhook":"`+r.Secret(t, D360Webhook)+`"}}`,
			"D360-API-KEY: "+r.Secret(t, D360Key(number)))
		if a.Status != http.StatusOK {
			t.Fatalf("webhook at 360dialog: %d %s", a.Status, a.Body)
		}
	}
}
