package flows_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/keyring"
)

// TestKeysInTheKeystore: made, given to Meta, replaced with two in force,
// retired; sealed anew with the keystore's purpose, and there after a restart.
func TestKeysInTheKeystore(t *testing.T) {
	app := &app{}
	w := &world{app: app}
	target := rig.NewReceiver(t)
	config := func(text string) string {
		host := strings.TrimSuffix(strings.TrimPrefix(target.URL, "http://"), "/events")
		text = strings.Replace(text, `allow_targets: ["`, `allow_targets: ["`+host+`", "`, 1)
		return strings.Replace(text, `display: "+49 30 23125 001"`, `display: "+49 30 23125 001", flow: {key: keystore, endpoint: {url: "`+target.URL+`"}}`, 1)
	}
	w.Rig = rig.Start(t, rig.Options{Config: config})
	number := admin.Number{Number: w.Env["POSTERN_PHONE_ID"]}
	refused := func(operation, words string) {
		t.Helper()
		if err := w.TryAdmin(t, operation, number, nil); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", operation, err, words)
		}
	}
	made := func(operation string, previous bool) {
		t.Helper()
		var k admin.FlowKeyMade
		w.Admin(t, operation, number, &k)
		if k.Number != number.Number || k.Previous != previous {
			t.Errorf("%s: %+v", operation, k)
		}
	}
	upload := func() string {
		t.Helper()
		var k admin.FlowKey
		w.Admin(t, "flows.upload", number, &k)
		if k.State != admin.FlowKeyCurrent {
			t.Errorf("after the upload Meta has %s", k.State)
		}
		return w.keyOfMeta(t)
	}
	opens := func(cached string, status, attempts int) {
		t.Helper()
		got := w.client(t, sim.FlowCall{Request: []byte(`{"version":"3.0","action":"ping"}`), Cached: cached})
		if got.Status != status || got.Attempts != attempts {
			t.Errorf("%+v, want %d after %d", got, status, attempts)
		}
	}

	refused("flows.upload", "has no flow key yet")
	refused("flows.retire", "no previous key")
	made("flows.new", false)
	first := upload()
	opens("", http.StatusOK, 1)
	made("flows.new", true)
	refused("flows.new", "has a previous key yet")
	opens(first, http.StatusOK, 1)
	refused("flows.retire", "does not have the current key")
	second := upload()
	if first == second {
		t.Error("Meta got the same key twice")
	}
	opens(first, http.StatusOK, 1)
	opens(second, http.StatusOK, 1)
	made("flows.retire", false)
	opens(first, http.StatusOK, 2) // 421, then the key that Meta has
	opens(second, http.StatusOK, 1)
	made("flows.new", true)

	w.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.Secret}, nil)
	rig.Await(t, "the keys to be sealed anew", func() bool {
		return len(w.SQL(t, "SELECT code FROM audit WHERE type = 'key_rewrapped' AND result = 'secret/2' AND code = 1")) == 1
	})
	w.Admin(t, "keys.destroy", admin.KeyDestroy{Purpose: keyring.Secret, Version: 1, Confirm: "secret/1"}, nil)
	w.sealedOnly(t)
	w.Stop()
	again := rig.Start(t, rig.Options{Config: config, Keep: w.Dir})
	w.Rig = again
	opens(second, http.StatusOK, 1)
	rows := w.SQL(t, "SELECT result FROM audit WHERE kind = 'access' AND type = 'flow_key' ORDER BY seq")
	var results []string
	for _, row := range rows {
		results = append(results, row[0])
	}
	if got := strings.Join(results, " "); got != "created uploading uploaded created uploading uploaded retired created" {
		t.Errorf("on record: %s", got)
	}
}

// keyOfMeta is the public key that Meta shows.
func (w *world) keyOfMeta(t *testing.T) string {
	t.Helper()
	a := w.At(t, http.MethodGet, w.Env["METASIM_GRAPH_URL"]+"/v25.0/"+w.Env["POSTERN_PHONE_ID"]+"/whatsapp_business_encryption", "",
		"Authorization: Bearer "+w.Secret(t, "meta-token"))
	var out struct {
		Data []struct {
			Key string `json:"business_public_key"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || len(out.Data) != 1 {
		t.Fatal(a.Body, err)
	}
	return out.Data[0].Key
}

// sealedOnly looks for private keys in everything that is kept.
func (w *world) sealedOnly(t *testing.T) {
	t.Helper()
	for f, raw := range w.stored(t) {
		if bytes.Contains(raw, []byte("PRIVATE KEY")) {
			t.Errorf("%s holds a private key in the clear", filepath.Base(f))
		}
	}
}
