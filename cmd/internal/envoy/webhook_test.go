package envoy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// TestWebhooksByEnvoy: Meta's webhooks are answered behind Envoy as at the
// gateway's own listener, and recorded once however they came.
func TestWebhooksByEnvoy(t *testing.T) {
	t.Parallel()
	s := frontproxy(t, rig.Options{})
	body := `{"object":"whatsapp_business_account","entry":[{"id":"` + s.Env["POSTERN_WABA_ID"] + `","changes":[{"field":"messages","value":{` +
		`"messaging_product":"whatsapp","metadata":{"display_phone_number":"493023125001","phone_number_id":"` + s.Env["POSTERN_PHONE_ID"] + `"},` +
		`"contacts":[{"profile":{"name":"A"},"wa_id":"` + s.Env["DEMO_CONSENTED"] + `"}],"messages":[{"from":"` + s.Env["DEMO_CONSENTED"] + `","id":"wamid.one",` +
		`"timestamp":"1790000000","type":"text","text":{"body":"Hello"}}]}}]}]}`
	mac := hmac.New(sha256.New, []byte(s.Env["META_APP_SECRET"]))
	mac.Write([]byte(body))
	signature := "X-Hub-Signature-256: sha256=" + hex.EncodeToString(mac.Sum(nil))
	_, path, _ := strings.Cut(s.Env["POSTERN_WEBHOOK_URL"], "/webhook/")
	path = "/webhook/" + path
	for at, posted := range map[string]struct {
		url    string
		header string
		status int
	}{
		"Envoy": {s.Env["POSTERN_URL"] + path, signature, http.StatusOK}, "the listener": {s.Env["POSTERN_WEBHOOK_URL"], signature, http.StatusOK},
		"Envoy, unsigned":  {s.Env["POSTERN_URL"] + path, "X-Other: 1", http.StatusUnauthorized},
		"Envoy, elsewhere": {s.Env["POSTERN_URL"] + "/webhook/nobody", signature, http.StatusNotFound},
	} {
		if a := s.At(t, http.MethodPost, posted.url, body, posted.header); a.Status != posted.status || a.Body != "" {
			t.Errorf("%s: %d %s", at, a.Status, a.Body)
		}
	}
	if n := s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'inbound'"); n[0][0] != "1" {
		t.Errorf("%s records", n[0][0])
	}
	challenge := s.At(t, http.MethodGet, s.Env["POSTERN_URL"]+path+"?hub.mode=subscribe&hub.challenge=word&hub.verify_token="+s.Env["META_VERIFY_TOKEN"], "")
	if challenge.Status != http.StatusOK || challenge.Body != "word" {
		t.Errorf("challenge: %d %q", challenge.Status, challenge.Body)
	}
}
