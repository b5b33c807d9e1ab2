package sim_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"postern/cmd/metasim/sim"
)

const secondAccount = "200000000000002"

// TestMoveOfNumber takes a number to another account, refused until everything
// is there, and over a restart in the middle.
func TestMoveOfNumber(t *testing.T) {
	dir := t.TempDir()
	w := start(t, func(c *sim.Config, _ *sim.Settings) { c.StateDir = dir })
	call := func(name, method, path, body, want string) {
		t.Helper()
		if _, got := w.call(method, "/v24.0/"+path, body); !strings.Contains(got, want) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	add := secondAccount + "/phone_numbers"
	const of = `{"cc":"49","phone_number":"15550100001","migrate_phone_number":true}`
	call("no phone", "POST", add, `{"cc":"49"}`, `"code":100`)
	call("no move", "POST", add, `{"cc":"49","phone_number":"15550100001"}`, `"code":100`)
	call("nobody's", "POST", add, `{"cc":"49","phone_number":"15550999999","migrate_phone_number":true}`, `"code":2388103`)
	call("there already", "POST", account+"/phone_numbers", of, `"code":2388012`)
	w.sim.SetPIN(phoneID, "123456")
	call("with a PIN", "POST", add, of, `"code":2388103`)
	w.sim.SetPIN(phoneID, "")
	call("unsubscribe", "DELETE", secondAccount+"/subscribed_apps", "", "success")
	call("not subscribed", "POST", add, of, `"code":2388103`)
	call("subscribe", "POST", secondAccount+"/subscribed_apps", "", "success")
	call("begin", "POST", add, of, `"id"`)
	id := w.sim.NumberIn(secondAccount, "+49 1555 0100001")
	call("twice", "POST", add, of, `"code":2388012`)
	call("old one goes on", "GET", phoneID+"?fields=status", "", "CONNECTED")
	call("unverified", "POST", id+"/register", `{"pin":"123456"}`, `"code":133006`)
	for range 5 {
		call("code", "POST", id+"/request_code", `{"code_method":"SMS","language":"de"}`, "success")
	}
	call("too many codes", "POST", id+"/request_code", `{"code_method":"SMS","language":"de"}`, `"code":136024`)
	w.clock.forward(time.Hour)
	call("later", "POST", id+"/request_code", `{"code_method":"SMS","language":"de"}`, "success")
	call("verify", "POST", id+"/verify_code", `{"code":"100001"}`, "success")

	if err := w.sim.Close(); err != nil {
		t.Fatal(err)
	}
	w = start(t, func(c *sim.Config, _ *sim.Settings) { c.StateDir = dir })
	call("pending", "GET", id+"?fields=status,code_verification_status", "", `"status":"PENDING"`)
	call("register", "POST", id+"/register", `{"pin":"123456"}`, "success")
	call("new one", "GET", id+"?fields=status", "", "CONNECTED")
	call("old one", "GET", phoneID+"?fields=status", "", "MIGRATED")
	call("old one again", "POST", phoneID+"/register", `{"pin":"123456"}`, `"code":33`)
	call("old one sends", "POST", phoneID+"/messages", text(ana), `"code":133010`)
}

// TestOverrides sends messages to the address of the account or the number, once
// it echoed the challenge.
func TestOverrides(t *testing.T) {
	w := start(t)
	other := &app{}
	receiver := httptest.NewServer(other)
	t.Cleanup(receiver.Close)
	set := func(path, body, want string) {
		t.Helper()
		if _, got := w.call("POST", "/v24.0/"+path, body); !strings.Contains(got, want) {
			t.Errorf("%s: %s", body, got)
		}
	}
	seen := func(want int) {
		t.Helper()
		w.send(text(ana))
		w.idle()
		other.mu.Lock()
		defer other.mu.Unlock()
		if len(other.bodies) != want || other.bad != 0 {
			t.Errorf("%d webhooks at the other address, want %d (%d bad)", len(other.bodies), want, other.bad)
		}
	}
	set(account+"/subscribed_apps", `{"override_callback_uri":"`+receiver.URL+`","verify_token":"wrong"}`, `"code":2200`)
	seen(0)
	set(account+"/subscribed_apps", `{"override_callback_uri":"`+receiver.URL+`","verify_token":"verify-me"}`, "success")
	seen(3)
	set(account+"/subscribed_apps", `{}`, "success")
	seen(3)
	set(phoneID, `{"webhook_configuration":{"override_callback_uri":"`+receiver.URL+`","verify_token":"wrong"}}`, `"code":2200`)
	set(phoneID, `{"webhook_configuration":{"override_callback_uri":"`+receiver.URL+`","verify_token":"verify-me"}}`, "success")
	seen(6)
	if _, got := w.call("GET", "/v24.0/"+phoneID+"?fields=webhook_configuration", ""); !strings.Contains(got, `"phone_number":"http`) {
		t.Errorf("shown: %s", got)
	}
}
