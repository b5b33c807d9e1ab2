package gateway_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// rests waits until readyz says where a number's messages rest.
func rests(t *testing.T, r *rig.Rig, policy, storage string) {
	t.Helper()
	ready(t, r, `"`+r.Env["POSTERN_PHONE_ID"]+`":{"policy":"`+policy+`","storage":"`+storage+`"}`)
}

func hello(t *testing.T, r *rig.Rig) rig.Reply {
	t.Helper()
	return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"Hello"}}`)
}

// events are the records of where the Cloud app's number rests, by kind.
func events(t *testing.T, r *rig.Rig, kind string) string {
	t.Helper()
	var out []string
	for _, row := range r.SQL(t, "SELECT result FROM audit WHERE kind = '"+kind+"' AND type = 'residency' AND number = '"+r.Env["POSTERN_PHONE_ID"]+"' ORDER BY seq") {
		out = append(out, row[0])
	}
	return strings.Join(out, ", ")
}

// TestResidencyFollowsUpstream: where upstream keeps a number's messages decides
// whether it sends; what was known last outlives a restart and upstream's
// silence, and every change is on record.
func TestResidencyFollowsUpstream(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "residency: {allow: [CH, none]}\n"}})
	number := r.Env["POSTERN_PHONE_ID"]
	moves := func(to sim.Storage) {
		t.Helper()
		if err := r.Sim.SetStorage(number, to); err != nil {
			t.Fatal(err)
		}
		r.Clock.Forward(15 * time.Minute)
	}
	sends := func(what string, want int) {
		t.Helper()
		if a := hello(t, r); a.Status != want || want != http.StatusOK && a.Header.Get("X-Postern-Reason") != "residency" {
			t.Errorf("%s: %d %s", what, a.Status, a.Body)
		}
	}
	rests(t, r, "refused", "default")
	sends("anywhere", http.StatusForbidden)
	moves(sim.Storage{Status: sim.StorageLocal, Region: "CH"})
	rests(t, r, "ok", "local CH")
	sends("in the region", http.StatusOK)

	fault, err := r.Sim.AddFault(sim.Fault{Path: "settings", Method: http.MethodGet, Action: sim.ActionError, Code: 2, Status: 500})
	if err != nil {
		t.Fatal(err)
	}
	r.Halt()
	r.Resume(t)
	rests(t, r, "ok", "local CH")
	sends("after a restart", http.StatusOK)
	rig.Await(t, "questions without answer", func() bool { return r.Sim.Faults()[0].Hits >= 3 }) // the first one was noted by now
	r.Clock.Forward(time.Hour)
	rig.Await(t, "word of the silence", func() bool { return events(t, r, "life") == "refused, ok, unread" })
	r.Sim.ClearFaults(fault.ID)

	moves(sim.Storage{Status: sim.StorageLocal, Region: "DE"})
	rests(t, r, "refused", "local DE")
	sends("in another region", http.StatusForbidden)
	moves(sim.Storage{Status: "SOMEWHERE"})
	rests(t, r, "unknown", "unknown")
	sends("nobody knows where", http.StatusForbidden)
	moves(sim.Storage{Status: sim.StorageNone, Retention: 60})
	rests(t, r, "ok", "none")
	sends("nowhere", http.StatusOK)

	rig.Await(t, "the records", func() bool { return events(t, r, "event") == "default, local CH, local DE, unknown, none" })
	rig.Await(t, "the alarms", func() bool {
		body := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
		return strings.Contains(body, `postern_numbers_resting{kind="none",region=""} 1`) && strings.Contains(body, `postern_numbers_resting{kind="default",region=""} 2`) &&
			strings.Contains(body, `postern_alarms_total{alarm="residency_changed"} 2`)
	})
}

// TestResidencyIsSet: an operator sees where a number's messages rest, and has
// it changed while the number is not registered; what apps change is known at
// once.
func TestResidencyIsSet(t *testing.T) {
	t.Parallel()
	var meanwhile func() // while upstream is asked to change it
	r := rig.Start(t, rig.Options{Watch: func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/settings") {
				meanwhile()
			}
			next.ServeHTTP(w, req)
		})
	}})
	number := r.Env["POSTERN_PHONE_ID"]
	known := make(chan string, 3)
	meanwhile = func() {
		var all []admin.Residency
		err := r.TryAdmin(t, "residency.show", admin.ResidencyShow{}, &all)
		i := slices.IndexFunc(all, func(n admin.Residency) bool { return n.Number == number })
		if err != nil || i < 0 {
			known <- "nothing told"
			return
		}
		known <- all[i].Kind
	}
	app := func(path, body string) {
		t.Helper()
		wantStatus(t, r.Do(t, http.MethodPost, "/v25.0/"+number+path, body, "Authorization: Bearer "+r.Env["POSTERN_CLOUD_TOKEN"]), http.StatusOK)
	}
	set := func(kind, region string, confirm bool) (admin.ResidencyChange, error) {
		var out admin.ResidencyChange
		err := r.TryAdmin(t, "residency.set", admin.ResidencySet{Number: number, Kind: kind, Region: region, Confirm: confirm}, &out)
		return out, err
	}
	refused := func(what string, err error, words string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", what, err)
		}
	}
	rests(t, r, "ok", "default")
	plan, err := set("local", "CH", false)
	if err != nil || plan.Done || !plan.Registered || plan.Now.Kind != "default" {
		t.Errorf("plan: %+v %v", plan, err)
	}
	ready(t, r, `"stores":{"checkpoints":"","data":""}`)
	_, err = set("local", "CH", true)
	refused("registered", err, "/deregister")
	_, err = set("local", "Bern", true)
	refused("no region", err, "two capital letters")
	_, err = set("moon", "", true)
	refused("no kind", err, "two capital letters")
	refused("no such number", r.TryAdmin(t, "residency.set", admin.ResidencySet{Number: "1", Kind: "none"}, nil), "no such number")
	refused("no such number", r.TryAdmin(t, "residency.show", admin.ResidencyShow{Number: "1"}, nil), "no such number")

	app("/deregister", "")
	_, err = set("local", "UK", true)
	refused("a region that upstream does not have", err, "code 100")
	if got := <-known; got != "unknown" {
		t.Errorf("known while upstream makes the change: %s", got)
	}
	done, err := set("local", "CH", true)
	if err != nil || !done.Done || done.Now.Kind != "local" || done.Now.Region != "CH" || done.Now.Since == 0 {
		t.Errorf("set: %+v %v", done, err)
	}
	app("/register", `{"messaging_product":"whatsapp","pin":"123456"}`)
	rests(t, r, "ok", "local CH")
	var all []admin.Residency
	r.Admin(t, "residency.show", admin.ResidencyShow{}, &all)
	if len(all) != 3 {
		t.Errorf("%d numbers, want 3", len(all))
	}
	if got, want := events(t, r, "config"), "setting local UK, failed local UK, setting local CH, set local CH"; got != want {
		t.Errorf("on record: %s, want %s", got, want)
	}

	// What the app changes is asked for at once, without waiting for its turn.
	app("/deregister", "")
	rests(t, r, "ok", "default")
	app("/settings", `{"storage_configuration":{"status":"NO_STORAGE_ENABLED","retention_minutes":60}}`)
	rests(t, r, "ok", "none")

	// Our own stores: where a rule says where they may be, nothing starts elsewhere.
	r.Halt()
	restore := r.Rewrite(t, func(text string) string { return text + "region: DE\nresidency: {stores: [DE]}\n" })
	if err := r.Refused(t); !strings.Contains(err.Error(), "checkpoints.region is missing") {
		t.Errorf("a store without a label: %v", err)
	}
	restore()
	r.Rewrite(t, func(text string) string { return text + "region: DE\n" })
	r.Resume(t)
	ready(t, r, `"stores":{"checkpoints":"","data":"DE"}`)
}
