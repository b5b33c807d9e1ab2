package endpoints

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// owned is an address of an app's that proves itself, or does not.
type owned struct {
	*httptest.Server
	word atomic.Value // the verify token it knows
	got  chan string  // bodies of events
}

func own(t *testing.T) *owned {
	t.Helper()
	o := &owned{got: make(chan string, 100)}
	o.word.Store("the word")
	o.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.Method == http.MethodPost:
			body, err := io.ReadAll(r.Body)
			if err != nil || r.Header.Get("X-Hub-Signature-256") == "" {
				t.Errorf("an event: %v, signed %q", err, r.Header.Get("X-Hub-Signature-256"))
			}
			o.got <- string(body)
		case q.Get("hub.mode") != "subscribe" || q.Get("hub.verify_token") != o.word.Load() || q.Get("of") != "app":
			w.WriteHeader(http.StatusForbidden)
		default:
			_, _ = io.WriteString(w, q.Get("hub.challenge"))
		}
	}))
	t.Cleanup(o.Close)
	return o
}

// TestOverride: an app names where its events go as it does at Meta, and Meta
// goes on delivering to the gateway.
func TestOverride(t *testing.T) {
	t.Parallel()
	of := own(t)
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, "allow_targets: [", `allow_targets: ["`+strings.TrimPrefix(of.URL, "http://")+`", `, 1)
	}})
	number, waba := "/v25.0/"+r.Env["POSTERN_PHONE_ID"], "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/subscribed_apps"
	address := of.URL + "/hook?of=app"
	call := func(what, method, path, body string, status int, words string) {
		t.Helper()
		if a := cloud(r, path).do(t, r, method, body); a.Status != status || !strings.Contains(a.Body, words) {
			t.Errorf("%s: %d %s, want %d with %q", what, a.Status, a.Body, status, words)
		}
	}
	heard := func(what, text string) {
		t.Helper()
		hear(t, r, text)
		rig.Await(t, what+" to go to the override", func() bool {
			select {
			case body := <-of.got:
				return strings.Contains(body, text)
			default:
				return false
			}
		})
	}
	over := `{"override_callback_uri":"` + address + `","verify_token":"the word"}`

	call("the account's", "POST", waba, over, 200, `"success":true`)
	call("shown", "GET", waba, "", 200, `"override_callback_uri":"`+address)
	call("shown at the number", "GET", number+"?fields=webhook_configuration", "", 200, `"whatsapp_business_account":"`+address)
	heard("an event of the account's number", "first to the account's")
	call("ended", "POST", waba, "", 200, `"success":true`)
	hear(t, r, "to the configured one")
	r.Hooks.With(t, "to the configured one")
	call("the number's", "POST", number, `{"webhook_configuration":`+over+`}`, 200, `"success":true`)
	call("shown", "GET", number+"?fields=webhook_configuration", "", 200, `"phone_number":"`+address)
	heard("an event of the number", "second to the number's")
	call("the number's ended", "POST", number, `{"webhook_configuration":{"override_callback_uri":""}}`, 200, `"success":true`)
	hear(t, r, "to the configured one again")
	r.Hooks.With(t, "to the configured one again")
	awaitRecords(t, r, map[string]int{"subscription/override allow accepted": 4, "subscription/post allow accepted": 1})

	of.word.Store("another word")
	for what, c := range map[string][3]string{
		"an address that refuses":   {waba, over, "status 403"},
		"no word":                   {waba, `{"override_callback_uri":"` + address + `"}`, "verify_token"},
		"a private address":         {waba, `{"override_callback_uri":"https://10.1.2.3/hook","verify_token":"v"}`, "public host"},
		"no address":                {waba, `{"override_callback_uri":"hook","verify_token":"v"}`, "complete"},
		"a number":                  {waba, `{"override_callback_uri":1}`, "is a text"},
		"too long":                  {waba, `{"override_callback_uri":"https://x.example/` + strings.Repeat("a", 200) + `","verify_token":"v"}`, "200 characters"},
		"the query":                 {waba + "?override_callback_uri=https%3A%2F%2F10.1.2.3%2F&verify_token=v", "", "public host"},
		"two settings of a number":  {number, `{"pin":"123456","webhook_configuration":` + over + `}`, "by itself"},
		"a configuration of no use": {number, `{"webhook_configuration":{}}`, "override_callback_uri"},
	} {
		call(what, "POST", c[0], c[1], 400, c[2])
	}
	call("after all that", "GET", number+"?fields=webhook_configuration", "", 200, `{"application":"`+r.Hooks.URL+`"}`)
}

// TestOverrideDenied: an address is asked nothing before policy let it be set.
func TestOverrideDenied(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	of := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
	}))
	t.Cleanup(of.Close)
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"settings.yaml": "management: {deny: [subscription]}\n"},
		Config: func(text string) string {
			return strings.Replace(text, "allow_targets: [", `allow_targets: ["`+strings.TrimPrefix(of.URL, "http://")+`", `, 1)
		},
	})
	a := cloud(r, "/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/subscribed_apps").do(t, r, "POST", `{"override_callback_uri":"`+of.URL+`","verify_token":"the word"}`)
	if a.Status != http.StatusForbidden || asked.Load() != 0 {
		t.Errorf("%d %s, asked %d times", a.Status, a.Body, asked.Load())
	}
}

// hear has a person write to the Cloud app's number.
func hear(t *testing.T, r *rig.Rig, text string) {
	t.Helper()
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: r.Env["POSTERN_PHONE_ID"], From: r.Env["DEMO_CONSENTED"], Message: map[string]any{"text": map[string]string{"body": text}}, Wait: true,
	})
	if err != nil {
		t.Fatal(err)
	}
}
