package flows_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/flows"
)

const (
	secretWord = "Zephyrine"
	exchange   = `{"version":"3.0","action":"data_exchange","screen":"FORM","flow_token":"tok-Zephyrine-1","data":{"remark":"Zephyrine lives at zephyrine@example.org"}}`
)

func TestFlows(t *testing.T) {
	var broken atomic.Bool
	w := start(t, false, func(journal.Step) error {
		if broken.Load() {
			return errors.New("injected")
		}
		return nil
	})
	t.Run("ping", func(t *testing.T) {
		w.app.says(status(http.StatusOK, `{}`))
		got := w.does(t, `{"version":"3.0","action":"ping"}`)
		if got.Status != http.StatusOK || string(got.Answer) != `{"data":{"status":"active"}}` || got.Kind != "text/plain" || w.app.calls() != 0 {
			t.Errorf("%+v", got)
		}
	})
	t.Run("exchange", w.exchange)
	t.Run("statuses", w.statuses)
	t.Run("keys", w.keys)
	t.Run("signatures", w.signatures)
	t.Run("notices", w.notices)
	t.Run("strangers", w.strangers)
	t.Run("key at Meta", w.keyAtMeta)
	t.Run("nothing readable", w.nothingReadable)
	t.Run("no record, no exchange", func(t *testing.T) {
		w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
		broken.Store(true)
		if got := w.does(t, exchange); got.Status != http.StatusServiceUnavailable || w.app.calls() != 0 {
			t.Errorf("answered %d, the app was asked %d times", got.Status, w.app.calls())
		}
		broken.Store(false)
		rig.Await(t, "recording again", func() bool { return w.does(t, exchange).Status == http.StatusOK })
	})
}

// exchange: the app is asked in the clear, after the request is on record.
func (w *world) exchange(t *testing.T) {
	var before [][]string
	w.app.says(func(rw http.ResponseWriter, r *http.Request) {
		before = w.SQL(t, "SELECT result FROM audit WHERE kind = 'inbound' AND type = 'interactive/flow'")
		status(http.StatusOK, `{"screen":"NEXT","data":{"hello":"Zephyrine, zephyrine@example.org"}}`)(rw, r)
	})
	got := w.does(t, exchange)
	if got.Status != http.StatusOK || string(got.Answer) != `{"screen":"NEXT","data":{"hello":"Zephyrine, zephyrine@example.org"}}` {
		t.Fatalf("%+v", got)
	}
	if len(before) != 1 || before[0][0] != "received" {
		t.Errorf("on record before the app was asked: %v", before)
	}
	r, body := w.app.last(t)
	m := hmac.New(sha256.New, []byte(w.Secret(t, "webhook-secret")))
	m.Write([]byte(body))
	if body != exchange || r.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(m.Sum(nil)) || r.Header.Get("X-Origin") != "postern" {
		t.Errorf("the app got %s with %v", body, r.Header)
	}
	if rows := w.SQL(t, "SELECT result, code, effect FROM audit WHERE kind = 'delivery' AND type = 'interactive/flow'"); len(rows) != 1 || strings.Join(rows[0], " ") != "answered 200 allow" {
		t.Errorf("the answer on record: %v", rows)
	}
}

// statuses: what the app does wrong is answered at once, recorded, and never
// asked again.
func (w *world) statuses(t *testing.T) {
	for name, c := range map[string]struct {
		app    http.HandlerFunc
		want   int
		answer string
		result string
	}{
		"token refused":    {status(427, `{"error_msg":"Too late."}`), 427, `{"error_msg":"Too late."}`, "token_refused 427"},
		"without sentence": {status(427, ""), 427, "", "token_refused 427"},
		"427 with more":    {status(427, `{"error_msg":"x","screen":"S"}`), 502, "", "failed 427"},
		"app fails":        {status(500, `{"screen":"S","data":{}}`), 502, "", "failed 500"},
		"redirect":         {http.RedirectHandler("/elsewhere", http.StatusFound).ServeHTTP, 502, "", "failed 302"},
		"no JSON":          {status(200, "ok"), 502, "", "invalid 200"},
		"no screen":        {status(200, `{"data":{}}`), 502, "", "invalid 200"},
		"no data":          {status(200, `{"screen":"S","data":null}`), 502, "", "invalid 200"},
		"one more member":  {status(200, `{"screen":"S","data":{},"x":1}`), 502, "", "invalid 200"},
		"repeated member":  {status(200, `{"screen":"S","data":{"a":1,"a":2}}`), 502, "", "invalid 200"},
		"end, no token":    {status(200, `{"screen":"SUCCESS","data":{}}`), 502, "", "invalid 200"},
		"end": {
			status(200, `{"screen":"SUCCESS","data":{"extension_message_response":{"params":{"flow_token":"t"}}}}`), 200,
			`{"screen":"SUCCESS","data":{"extension_message_response":{"params":{"flow_token":"t"}}}}`, "answered 200",
		},
		"too large": {status(200, `{"screen":"S","data":{"x":"`+strings.Repeat("x", 1<<20)+`"}}`), 502, "", "unreachable 200"},
		"card":      {status(200, `{"screen":"S","data":{"x":"Card 4012 8888 8888 1881"}}`), 403, "", "refused 200"},
		"slow": {func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
		}, 504, "", "timeout 0"},
		"hangs up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 502, "", "unreachable 0"},
	} {
		t.Run(name, func(t *testing.T) {
			w.app.says(c.app)
			got := w.does(t, exchange)
			if got.Status != c.want || string(got.Answer) != c.answer || c.answer == "" && got.Body != "" {
				t.Errorf("%+v, want %d %s", got, c.want, c.answer)
			}
			if _, body := w.app.last(t); body != exchange {
				t.Errorf("the app got %s", body)
			}
			rows := w.SQL(t, "SELECT result, code FROM audit WHERE kind = 'delivery' AND type = 'interactive/flow' ORDER BY seq DESC LIMIT 1")
			if strings.Join(rows[0], " ") != c.result {
				t.Errorf("recorded %v, want %s", rows[0], c.result)
			}
		})
	}
}

// keys: two are in force; a client with neither takes the uploaded one.
func (w *world) keys(t *testing.T) {
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	other := newKey(t, "UNUSED")
	const ping = `{"version":"3.0","action":"ping"}`
	for name, c := range map[string]struct {
		cached, uploaded string
		status, attempts int
	}{
		"previous":      {public(t, w.last), "", 200, 1},
		"stale":         {public(t, other), "", 200, 2},
		"other at Meta": {"", "other", 421, 2},
	} {
		if c.uploaded != "" {
			w.upload(t, other)
		}
		got := w.client(t, sim.FlowCall{Request: []byte(ping), Cached: c.cached})
		if got.Status != c.status || got.Attempts != c.attempts || got.Body != "" {
			t.Errorf("%s: %+v", name, got)
		}
		w.upload(t, w.current)
	}
}

// signatures: of the request and of the flow's token.
func (w *world) signatures(t *testing.T) {
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	if got := w.client(t, sim.FlowCall{Request: []byte(exchange), Secret: "another"}); got.Status != 432 || got.Body != "" {
		t.Errorf("signed by somebody else: %+v", got)
	}
	if w.app.calls() != 0 {
		t.Error("the app was asked")
	}
	for token, want := range map[string]int{"tok-1": http.StatusOK, "tok-2": 432} {
		signed := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256"}`)) + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"flow_token":"`+token+`"}`))
		m := hmac.New(sha256.New, []byte(w.Env["META_APP_SECRET"]))
		m.Write([]byte(signed))
		jwt := signed + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
		got := w.does(t, `{"action":"INIT","flow_token":"tok-1","flow_token_signature":"`+jwt+`","data":{}}`)
		if got.Status != want {
			t.Errorf("token of %s: %+v", token, got)
		}
	}
}

func (w *world) notices(t *testing.T) {
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	got := w.does(t, `{"version":"3.0","action":"data_exchange","screen":"S","flow_token":"t","data":{"error":"payload-schema-error","error_message":"Zephyrine"}}`)
	if got.Status != http.StatusOK || string(got.Answer) != `{"data":{"acknowledged":true}}` || w.app.calls() != 0 {
		t.Errorf("%+v", got)
	}
	if rows := w.SQL(t, "SELECT kind FROM audit WHERE type = 'flow_error'"); len(rows) != 1 {
		t.Errorf("recorded %v", rows)
	}
	if got := w.does(t, `{"flow_token":"Zephyrine"}`); got.Status != http.StatusBadRequest || w.app.calls() != 0 {
		t.Errorf("without action: %+v", got)
	}
	if rows := w.SQL(t, "SELECT kind FROM audit WHERE kind = 'undecodable'"); len(rows) != 1 {
		t.Errorf("recorded %v", rows)
	}
}

func (w *world) strangers(t *testing.T) {
	base := strings.Split(w.Env["POSTERN_WEBHOOK_URL"], "/webhook/")[0] + "/flow/"
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodPost, w.Env["POSTERN_PHONE_ID"], 432},
		{http.MethodGet, w.Env["POSTERN_PHONE_ID"], http.StatusMethodNotAllowed},
		{http.MethodPost, w.Env["POSTERN_D360_PHONE_ID"], http.StatusNotFound},
		{http.MethodPost, "1", http.StatusNotFound},
	} {
		if got := w.At(t, c.method, base+c.path, "{}"); got.Status != c.want || got.Body != "" {
			t.Errorf("%s %s: %d %s", c.method, c.path, got.Status, got.Body)
		}
	}
}

// stored is every file of the store.
func (w *world) stored(t *testing.T) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(w.Dir, "data"), func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			out[path], err = os.ReadFile(path)
		}
		if errors.Is(err, fs.ErrNotExist) { // replaced meanwhile
			delete(out, path)
			return nil
		}
		return err
	})
	if err != nil || len(out) == 0 {
		t.Fatal("no files", err)
	}
	return out
}

// nothingReadable looks for what people and app said in the log and the store.
func (w *world) nothingReadable(t *testing.T) {
	if strings.Contains(w.Log.String(), secretWord) {
		t.Error("the log holds what a person wrote")
	}
	for f, raw := range w.stored(t) {
		for _, word := range []string{"tok-" + secretWord, "zephyrine@example.org", "4012 8888"} {
			if strings.Contains(string(raw), word) {
				t.Errorf("%s holds %q", filepath.Base(f), word)
			}
		}
	}
}

// keyAtMeta: what Meta has is told from what the configuration has, in both
// shapes of its answer.
func (w *world) keyAtMeta(t *testing.T) {
	number := admin.Number{Number: w.Env["POSTERN_PHONE_ID"]}
	state := func() admin.FlowKeyState {
		var k admin.FlowKey
		w.Admin(t, "flows.check", number, &k)
		return k.State
	}
	for _, flat := range []bool{false, true} {
		settings := w.Sim.Settings()
		settings.FlatFlowKey = flat
		if err := w.Sim.Configure(settings); err != nil {
			t.Fatal(err)
		}
		for want, k := range map[admin.FlowKeyState]*flows.Key{
			admin.FlowKeyPrevious: w.last, admin.FlowKeyOther: newKey(t, "UNUSED"), admin.FlowKeyCurrent: w.current,
		} {
			w.upload(t, k)
			if got := state(); got != want {
				t.Errorf("flat %v: %s, want %s", flat, got, want)
			}
		}
	}
	if err := w.Sim.Reset(); err != nil {
		t.Fatal(err)
	}
	if got := state(); got != admin.FlowKeyMissing {
		t.Errorf("without a key: %s", got)
	}
	var k admin.FlowKey
	w.Admin(t, "flows.upload", number, &k)
	if k.State != admin.FlowKeyCurrent {
		t.Errorf("after the upload: %s", k.State)
	}
	rows := w.SQL(t, "SELECT result, code FROM audit WHERE kind = 'access' AND type = 'flow_key' ORDER BY seq")
	if len(rows) != 2 || rows[0][0] != "uploading" || rows[1][0] != "uploaded" || rows[1][1] != "200" {
		t.Errorf("recorded %v", rows)
	}
	for _, name := range []string{"flows.check", "flows.upload"} {
		if err := w.TryAdmin(t, name, admin.Number{Number: w.Env["POSTERN_D360_PHONE_ID"]}, nil); err == nil || !strings.Contains(err.Error(), "has flow:") {
			t.Errorf("%s of a number without flows: %v", name, err)
		}
	}
}

func TestPlainRefusal(t *testing.T) {
	w := start(t, true, nil)
	w.app.says(status(427, `{"error_msg":"Too late."}`))
	if got := w.does(t, exchange); got.Status != 427 || got.Body != `{"error_msg":"Too late."}` || got.Kind != "application/json" {
		t.Errorf("%+v", got)
	}
}
