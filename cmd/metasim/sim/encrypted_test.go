package sim_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"testing"

	"postern/cmd/metasim/internal/jwe"
)

const (
	settingsPath  = "/v25.0/" + phoneID + "/settings"
	encryptedPath = "/v25.0/" + phoneID + "/messages_encrypted"
)

// enable exchanges keys and gives the client's and the simulator's.
func (w *world) enable() (*rsa.PrivateKey, *rsa.PublicKey) {
	w.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		w.Fatal(err)
	}
	status, body := w.call("POST", settingsPath, `{"payload_encryption":{"status":"enabled","client_encryption_key":"`+base64.StdEncoding.EncodeToString(der)+`"}}`)
	if status != 200 || body != `{"success":true}` {
		w.Fatalf("enable: %d %s", status, body)
	}
	return key, w.cloudKey()
}

func (w *world) cloudKey() *rsa.PublicKey {
	w.Helper()
	_, body := w.call("GET", settingsPath, "")
	raw, err := base64.StdEncoding.DecodeString(dig(w.T, body, "payload_encryption", "cloud_encryption_key"))
	if err != nil {
		w.Fatal(err)
	}
	key, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		w.Fatal(err)
	}
	return key.(*rsa.PublicKey)
}

func TestEncryptedMessages(t *testing.T) {
	dir := t.TempDir()
	w := start(t, kept(dir))
	status, body := w.call("POST", encryptedPath, `{"messaging_product":"whatsapp","encrypted_contents":"a.b.c.d.e"}`)
	w.expectCode("before keys are exchanged", status, body, 400, 100)
	_, body = w.call("GET", settingsPath, "")
	expect(t, "status", dig(t, body, "payload_encryption", "status"), "disabled")

	mine, cloud := w.enable()
	message := templated(ana, "order_update", oneParameter)
	for _, content := range []string{"A128GCM", "A256GCM", "A128CBC-HS256"} {
		token, err := jwe.Seal(cloud, jwe.Header{Wrap: "RSA-OAEP", Content: content}, []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		status, body = w.call("POST", encryptedPath, `{"messaging_product":"whatsapp","encrypted_contents":"`+token+`"}`)
		if status != 200 {
			t.Fatalf("%s: %d %s", content, status, body)
		}
		plain, h, err := jwe.Open(mine, dig(t, body, "encrypted_contents"))
		if err != nil || h.Content != content {
			t.Fatalf("%s: answer by %s: %v", content, h.Content, err)
		}
		list, _ := w.sim.Accepted(0, 0)
		last := list[len(list)-1]
		expect(t, "id", dig(t, string(plain), "messages", 0, "id"), last.WAMID)
		expect(t, "body", string(last.Body), message)
		expect(t, "how it came", last.Encrypted, "RSA-OAEP "+content)
	}

	token, err := jwe.Seal(cloud, jwe.Header{Wrap: "RSA-OAEP", Content: "A256GCM"}, []byte(`{"messaging_product":"whatsapp"}`))
	if err != nil {
		t.Fatal(err)
	}
	status, body = w.call("POST", encryptedPath, `{"messaging_product":"whatsapp","encrypted_contents":"`+token+`"}`)
	if status != 400 || dig(t, body, "error", "code") == "" {
		t.Errorf("a bad message: %d %s", status, body)
	}
	for name, bad := range map[string]string{
		"other key": `{"messaging_product":"whatsapp","encrypted_contents":"` + token[:200] + "AAAA" + token[204:] + `"}`,
		"no token":  `{"messaging_product":"whatsapp"}`, "clear": message, "no JSON": "x",
	} {
		status, body = w.call("POST", encryptedPath, bad)
		w.expectCode(name, status, body, 400, 100)
	}
	for name, bad := range map[string]string{
		"other setting": `{"calling":{"status":"enabled"}}`, "no key": `{"payload_encryption":{"status":"enabled"}}`,
		"bad key": `{"payload_encryption":{"status":"enabled","client_encryption_key":"AAAA"}}`, "bad status": `{"payload_encryption":{"status":"on"}}`,
	} {
		status, body = w.call("POST", settingsPath, bad)
		w.expectCode(name, status, body, 400, 100)
	}

	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, kept(dir))
	if !w.cloudKey().Equal(cloud) {
		t.Error("a restart has another key")
	}
	w.call("POST", settingsPath, `{"payload_encryption":{"status":"disabled"}}`)
	status, body = w.call("POST", encryptedPath, `{"messaging_product":"whatsapp","encrypted_contents":"`+token+`"}`)
	w.expectCode("disabled", status, body, 400, 100)
	if w.enable(); !w.cloudKey().Equal(cloud) {
		t.Error("enabling again has another key")
	}
}
