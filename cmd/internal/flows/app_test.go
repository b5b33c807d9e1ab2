package flows_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/metasim/sim"
	"postern/crypto/flows"
)

// metaRequest is a request on the wire as Meta describes it.
type metaRequest struct {
	Data  []byte `json:"encrypted_flow_data"`
	Key   []byte `json:"encrypted_aes_key"`
	Nonce []byte `json:"initial_vector"`
}

// open decrypts by the published description alone, without the gateway's code.
func (m metaRequest) open(key *rsa.PrivateKey) (plain []byte, seal func(string) string, ok bool) {
	content, err := rsa.DecryptOAEP(sha256.New(), nil, key, m.Key, nil)
	if err != nil {
		return nil, nil, false
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return nil, nil, false
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(m.Nonce))
	if err != nil {
		return nil, nil, false
	}
	plain, err = gcm.Open(nil, m.Nonce, m.Data, nil)
	turned := make([]byte, len(m.Nonce))
	for i, b := range m.Nonce {
		turned[i] = b ^ 0xff
	}
	return plain, func(answer string) string {
		return base64.StdEncoding.EncodeToString(gcm.Seal(nil, turned, []byte(answer), nil))
	}, err == nil
}

// answers makes an app that was written for Meta: it refuses with 421 what its
// key does not open, and gives a status with a body that form makes.
func answers(key *rsa.PrivateKey, code int, answer string, form func(seal func(string) string, answer string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var m metaRequest
		if err := json.NewDecoder(r.Body).Decode(&m); err != nil {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, seal, ok := m.open(key)
		if !ok {
			w.WriteHeader(http.StatusMisdirectedRequest)
			return
		}
		status(code, form(seal, answer))(w, r)
	}
}

func sealed(seal func(string) string, answer string) string { return seal(answer) }
func bare(_ func(string) string, answer string) string      { return answer }

func rsaKey(t *testing.T, k *flows.Key) *rsa.PrivateKey {
	t.Helper()
	text, err := k.Private()
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key.(*rsa.PrivateKey)
}

// TestAppWrittenForMeta: an app that speaks Meta's own format runs unchanged,
// policy and record in between.
func TestAppWrittenForMeta(t *testing.T) {
	own := newKey(t, "UNUSED")
	t.Setenv("FLOW_APP_KEY", public(t, own))
	w := startMedia(t, "", "", `public_key: "env:FLOW_APP_KEY", `)
	key, stranger := rsaKey(t, own), rsaKey(t, newKey(t, "UNUSED"))
	const next = `{"screen":"NEXT","data":{"hello":"Zephyrine"}}`

	w.app.says(answers(key, http.StatusOK, next, sealed))
	if got := w.does(t, exchange); got.Status != http.StatusOK || string(got.Answer) != next {
		t.Fatalf("%+v", got)
	}
	r, body := w.app.last(t)
	m := hmac.New(sha256.New, []byte(w.Secret(t, "webhook-secret")))
	m.Write([]byte(body))
	if strings.Contains(body, secretWord) || r.Header.Get("X-Hub-Signature-256") != "sha256="+hex.EncodeToString(m.Sum(nil)) {
		t.Errorf("the app got %s with %v", body, r.Header)
	}
	if plain := opened(t, key, body); plain != exchange {
		t.Errorf("the app decrypts %s", plain)
	}
	for name, c := range map[string]struct {
		app    http.HandlerFunc
		status int
		answer string
		result string
	}{
		"token refused":         {answers(key, 427, `{"error_msg":"Too late."}`, sealed), 427, `{"error_msg":"Too late."}`, "token_refused 427"},
		"token refused, clear":  {answers(key, 427, `{"error_msg":"Too late."}`, bare), 427, `{"error_msg":"Too late."}`, "token_refused 427"},
		"token refused, silent": {status(427, ""), 427, "", "token_refused 427"},
		"another key":           {answers(stranger, http.StatusOK, next, sealed), 502, "", "other_key 421"},
		"in the clear":          {answers(key, http.StatusOK, next, bare), 502, "", "invalid 200"},
		"old answer":            {status(http.StatusOK, old(t, key, body, next)), 502, "", "invalid 200"},
		"no answer's form":      {answers(key, http.StatusOK, `{"data":{}}`, sealed), 502, "", "invalid 200"},
		"card":                  {answers(key, http.StatusOK, `{"screen":"S","data":{"x":"Card 4012 8888 8888 1881"}}`, sealed), 403, "", "refused 200"},
		"large":                 {answers(key, http.StatusOK, `{"screen":"S","data":{"x":"`+strings.Repeat("x", 1<<20-40)+`"}}`, sealed), 200, `{"screen":"S","data":{"x":"` + strings.Repeat("x", 1<<20-40) + `"}}`, "answered 200"},
		"too large":             {answers(key, http.StatusOK, `{"screen":"S","data":{"x":"`+strings.Repeat("x", 1<<20)+`"}}`, sealed), 502, "", "invalid 200"},
		"fails":                 {answers(key, 500, "oops", bare), 502, "", "failed 500"},
	} {
		t.Run(name, func(t *testing.T) {
			w.app.says(c.app)
			if got := w.does(t, exchange); got.Status != c.status || string(got.Answer) != c.answer || c.answer == "" && got.Body != "" {
				t.Errorf("%.300s, want %d %.300s", got.Answer, c.status, c.answer)
			}
			rows := w.SQL(t, "SELECT result, code FROM audit WHERE kind = 'delivery' AND type = 'interactive/flow' ORDER BY seq DESC LIMIT 1")
			if strings.Join(rows[0], " ") != c.result {
				t.Errorf("recorded %v, want %s", rows[0], c.result)
			}
		})
	}
	t.Run("files", func(t *testing.T) {
		w.app.says(answers(key, http.StatusOK, next, sealed))
		item := w.item(t, sim.FlowFile{Name: "one.png", Content: photo})
		if got := w.picks(t, item); got.Status != http.StatusOK {
			t.Fatalf("%+v", got)
		}
		_, body := w.app.last(t)
		if plain := opened(t, key, body); !strings.Contains(plain, `"cdn_url":"`+item.URL+`"`) || strings.Contains(plain, `"data":"`) {
			t.Errorf("the app decrypts %s", plain)
		}
	})
}

func opened(t *testing.T, key *rsa.PrivateKey, body string) string {
	t.Helper()
	var m metaRequest
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	plain, _, ok := m.open(key)
	if !ok {
		t.Fatal("the app's key does not open what it got")
	}
	return string(plain)
}

// old is an answer to an earlier request.
func old(t *testing.T, key *rsa.PrivateKey, body, answer string) string {
	t.Helper()
	var m metaRequest
	if err := json.Unmarshal([]byte(body), &m); err != nil {
		t.Fatal(err)
	}
	_, seal, ok := m.open(key)
	if !ok {
		t.Fatal("the app's key does not open what it got")
	}
	return seal(answer)
}
