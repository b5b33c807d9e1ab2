package endpoints

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// stands is the body of health without its meta.
func stands(t *testing.T, r *rig.Rig, auth string) string {
	t.Helper()
	a := r.Do(t, "GET", "/v1/health", "", auth)
	if a.Status != http.StatusOK {
		t.Fatalf("health: %d %s", a.Status, a.Body)
	}
	raw, err := json.Marshal(at(t, a, "health"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// TestHealth: the words follow upstream, each is true for five minutes, and what
// the gateway itself knows counts at once.
func TestHealth(t *testing.T) {
	t.Parallel()
	var full atomic.Bool
	r := rig.Start(t, rig.Options{Fault: func(journal.Step) error {
		if full.Load() {
			return errors.New("no space left on device")
		}
		return nil
	}})
	r.Clock.Stop()
	auth, number := loginAdmin(t, r), r.Env["POSTERN_ONPREM_PHONE_ID"]
	says := func(what, word string) {
		t.Helper()
		if got := stands(t, r, auth); got != `{"gateway_status":"`+word+`"}` {
			t.Errorf("%s: %s, want %s", what, got, word)
		}
	}
	r.Sim.SetRegistration(number, true, true)
	says("not registered, nothing known before", "unregistered")
	r.Sim.SetRegistration(number, false, false)
	r.Clock.Forward(5*time.Minute - time.Second)
	says("within five minutes", "unregistered")
	r.Clock.Forward(time.Second)
	says("after five minutes", "connected")

	fault, err := r.Sim.AddFault(sim.Fault{PhoneID: number, Method: http.MethodGet, Action: sim.ActionError, Code: 190})
	if err != nil {
		t.Fatal(err)
	}
	says("a bad token within five minutes", "connected")
	r.Clock.Forward(5 * time.Minute)
	says("a bad token", "disconnected")
	r.Sim.ClearFaults(fault.ID)
	if fault, err = r.Sim.AddFault(sim.Fault{PhoneID: number, Method: http.MethodGet, Action: sim.ActionCut}); err != nil {
		t.Fatal(err)
	}
	r.Clock.Forward(5 * time.Minute)
	says("no answer", "disconnected")
	r.Sim.ClearFaults(fault.ID)
	r.Clock.Forward(5 * time.Minute)
	says("all is well again", "connected")

	full.Store(true)
	if a := r.Do(t, "POST", "/v1/users", `{"username":"clerk","password":"first-password"}`, auth); a.Status != http.StatusServiceUnavailable {
		t.Fatalf("a change that cannot be recorded: %d %s", a.Status, a.Body)
	}
	says("the store takes nothing", "uninitialized")
	full.Store(false)
	rig.Await(t, "the store to take records again", func() bool { return stands(t, r, auth) == `{"gateway_status":"connected"}` })
}

// TestHealthOfNumber: a number that gets registered is connected at once.
func TestHealthOfNumber(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth := onPrem(t, r)
	r.Sim.SetRegistration(r.Env["POSTERN_ONPREM_PHONE_ID"], true, true)
	if got := stands(t, r, auth); got != `{"gateway_status":"unregistered"}` {
		t.Fatalf("before: %s", got)
	}
	walk(t, r, auth, []step{
		{"code sent", "POST", "/v1/account", account, http.StatusAccepted, "vname"},
		{"code given", "POST", "/v1/account/verify", `{"code":"125-003"}`, http.StatusCreated, "meta"},
	}, typeJSON)
	if got := stands(t, r, auth); got != `{"gateway_status":"connected"}` {
		t.Errorf("registered: %s", got)
	}
}

// TestHealthShapes: each app reads the shape of the client it was written for,
// and a reload changes it.
func TestHealthShapes(t *testing.T) {
	t.Parallel()
	const app = "{name: onprem-demo, dialect: onprem,"
	shape := func(name string) func(string) string {
		return func(text string) string { return strings.Replace(text, app, app+" health: "+name+",", 1) }
	}
	r := rig.Start(t, rig.Options{})
	auth := loginAdmin(t, r)
	const core = `"127.0.0.1:coreapp":{"gateway_status":"connected","role":"coreapp"}`
	for name, want := range map[string]string{
		"single":            `{"gateway_status":"connected"}`,
		"high_availability": `{` + core + `,"127.0.0.1:master":{"gateway_status":"disconnected","role":"primary_master"}}`,
		"multiconnect":      `{` + core + `,"127.0.0.1:master":{"gateway_status":"connected","role":"primary_master"}}`,
	} {
		restore := r.Rewrite(t, shape(name))
		r.Admin(t, "config.reload", admin.None{}, nil)
		if got := stands(t, r, auth); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
		if got := stands(t, r, "D360-API-KEY: "+r.Env["POSTERN_D360_V1_KEY"]); got != `{"gateway_status":"connected"}` {
			t.Errorf("another app beside %s: %s", name, got)
		}
		restore()
	}
}
