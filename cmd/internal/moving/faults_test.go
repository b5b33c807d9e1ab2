package moving

import (
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestMoveThroughFaults cuts Meta's answers off after the call was taken, has it
// refuse, and wants the move to find out and go on: nothing is done twice.
func TestMoveThroughFaults(t *testing.T) {
	r := start(t, rig.Options{})
	m := mover{t, r, r.Env["POSTERN_D360_PHONE_ID"]}
	fault := func(f sim.Fault) {
		t.Helper()
		f.Times = 1
		if _, err := r.Sim.AddFault(f); err != nil {
			t.Fatal(err)
		}
	}
	cut := func(path string) {
		t.Helper()
		fault(sim.Fault{Path: path, Method: "POST", Action: sim.ActionCut, When: sim.After})
	}
	no := func(path string, code int) {
		t.Helper()
		fault(sim.Fault{Path: path, Method: "POST", Action: sim.ActionError, Code: code})
	}

	no("phone_numbers", 2388103)
	m.refused("Meta does not move this number", nil)
	fault(sim.Fault{Path: "phone_numbers", Method: "POST", Action: sim.ActionError, Code: 100, Subcode: 2388103})
	m.refused("Meta does not move this number", nil)
	cut("phone_numbers")
	m.refused("step migrate: Meta can not be reached", nil)
	no("request_code", 136024)
	m.refused("codes were asked for too often", nil)
	cut("request_code")
	m.refused("step request_code: Meta can not be reached", nil)
	waited := m.wait("Write the code", nil)
	target := waited.Target
	if target == "" || target != r.Sim.NumberIn(newAccount, "+49 30 23125 002") || !strings.Contains(noteOf(waited, "request_code"), "may have been sent") {
		t.Fatalf("after the answers were cut off: %+v", waited)
	}
	m.wait("Write the code", func(in *admin.NumberMove) { in.Again = "request_code" })
	m.refused("is not done a second time", func(in *admin.NumberMove) { in.Again = "register" })
	cut("verify_code")
	m.refused("step verify_code: Meta can not be reached", func(in *admin.NumberMove) { in.Code = "125002" })
	m.wait("Write into the configuration", nil)
	key := configure(t, r, target, "+49 30 23125 002")
	for _, elsewhere := range []string{strings.Replace(hookOf(r), newTenant, "demo", 1), strings.Replace(hookOf(r), "https", "http", 1), hookOf(r) + "?to=x"} {
		m.refused("the webhook's address is https://YOUR-HOST/webhook/other", func(in *admin.NumberMove) { in.Webhook = elsewhere })
	}
	m.refused("did not echo", func(in *admin.NumberMove) { in.Webhook = "https://127.0.0.1:9/webhook/other" })
	m.wait("Choose a PIN", func(in *admin.NumberMove) { in.Webhook = hookOf(r) })

	withPIN := func(in *admin.NumberMove) { in.PIN = pin }
	no("register", 133016)
	m.refused("ten times within 72 hours", withPIN)
	if undo := aborting(t, r, m.number); !strings.Contains(undo, "goes on where it is") {
		t.Errorf("after a refusal: %s", undo)
	}
	r.Sim.SetRegistration(target, true, true)
	m.refused("sends another code", withPIN)
	m.wait("Write the code", nil)
	m.wait("Choose a PIN", func(in *admin.NumberMove) { in.Code = "125002" })
	cut("register")
	m.refused("step register: Meta can not be reached", withPIN)
	if undo := aborting(t, r, m.number); !strings.Contains(undo, "outcome is not known") {
		t.Errorf("while nobody knows: %s", undo)
	}
	waited = m.wait("Send a message by the app", nil)
	if n := noteOf(waited, "register"); !strings.Contains(noteOf(waited, "templates"), "all that were approved") || states(waited)["register"] != "done" {
		t.Errorf("register: %s, %+v", n, waited)
	}
	if undo := aborting(t, r, m.number); !strings.Contains(undo, "can not be undone") {
		t.Errorf("after the registration: %s", undo)
	}

	for _, phone := range []string{target, m.number} { // on the new way and on the old one
		stray := sim.StatusEvent{WAMID: "wamid.SOMEBODYELSES" + phone, Status: "sent", PhoneID: phone, To: "+" + r.Env["DEMO_CONSENTED"], Wait: true}
		if _, err := r.Sim.Status(t.Context(), stray); err != nil {
			t.Fatal(err)
		}
	}
	send(t, r, target, key)
	rig.Await(t, "traffic of the new way", func() bool { s := one(t, r, target); return s.LastHook > 0 && s.LastOut > 0 })
	waited = m.wait("out of the configuration", nil)
	if s := waited.Silence; s == nil || s.Unmatched != 2 {
		t.Errorf("silence: %+v", s)
	}
	if rows := r.SQL(t, "SELECT result FROM audit WHERE type = 'number_silence'"); len(rows) != 1 || rows[0][0] != "may_have_lost" {
		t.Errorf("on record: %v", rows)
	}
	if s := one(t, r, target); s.Move == nil || s.Move.Number != m.number || s.Move.Silence == nil {
		t.Errorf("status: %+v", s.Move)
	}
}

func noteOf(v admin.NumberMoved, name string) string {
	for _, s := range v.Steps {
		if s.Name == name {
			return s.Note
		}
	}
	return ""
}

func aborting(t *testing.T, r *rig.Rig, number string) string {
	t.Helper()
	var v admin.NumberMoved
	r.Admin(t, "number.abort", admin.NumberAbort{Number: number}, &v)
	if v.State != "under_way" {
		t.Errorf("asking about an abort ended the move: %s", v.State)
	}
	return strings.Join(v.Undo, " ")
}

// TestMoveOfOtherKinds: a number that is there already, one that stays in its
// account, and one from 360dialog that no tenant here has.
func TestMoveOfOtherKinds(t *testing.T) {
	r := start(t, rig.Options{Numbers: []sim.Number{{ID: "106540352242931", Display: "+49 30 23125 003", Account: newAccount}}})
	there := mover{t, r, r.Env["POSTERN_ONPREM_PHONE_ID"]}
	v := there.wait("Write into the configuration", nil)
	if v.Target != "106540352242931" || states(v)["migrate"] != "done" || !strings.Contains(noteOf(v, "verify_code"), "Meta knows") {
		t.Errorf("there already: %+v", v)
	}

	again := mover{t, r, r.Env["POSTERN_PHONE_ID"]}
	r.Sim.SetRegistration(again.number, true, false)
	home := func(in *admin.NumberMove) { in.To = "demo" }
	v = again.wait("Choose a PIN", home)
	if s := states(v); s["migrate"] != "none" || s["webhook"] != "done" || v.Target != "" {
		t.Errorf("again: %+v", v)
	}
	again.wait("Send a message by the app", func(in *admin.NumberMove) { in.To, in.PIN = "demo", pin })
	if s := one(t, r, again.number); s.Meta.Status != "CONNECTED" || s.Meta.PIN != "on" {
		t.Errorf("registered again: %+v", s.Meta)
	}
	v, err := again.ask(func(in *admin.NumberMove) { in.To, in.Confirm = "demo", []string{"test"} })
	if err != nil || v.State != "done" {
		t.Errorf("at the end: %+v, %v", v, err)
	}

	from := mover{t, r, outside}
	d360 := func(in *admin.NumberMove) { in.From = "d360" }
	from.wait("--confirm pin_off", d360)
	from.refused("--display", func(in *admin.NumberMove) { in.Confirm = []string{"pin_off"} })
	v = from.wait("Write the code", func(in *admin.NumberMove) { in.Display = elsewhere })
	if v.From != "d360" || v.Target != r.Sim.NumberIn(newAccount, elsewhere) {
		t.Errorf("from 360dialog: %+v", v)
	}
	var gone admin.NumberMoved
	r.Admin(t, "number.abort", admin.NumberAbort{Number: outside, Apply: true}, &gone)
	if undo := strings.Join(gone.Undo, " "); gone.State != "aborted" || !strings.Contains(undo, "set a PIN") || !strings.Contains(undo, v.Target) {
		t.Errorf("aborted: %+v", gone)
	}
	if rows := r.SQL(t, "SELECT count(*) FROM audit WHERE body LIKE '%23125010%' OR detail LIKE '%23125010%'"); rows[0][0] != "0" {
		t.Errorf("%s records hold the number", rows[0][0])
	}
}

// TestPolicyStopsMove: what apps may not do, operators may not either, and what
// did not leave was not tried.
func TestPolicyStopsMove(t *testing.T) {
	r := start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management:\n  deny: [register]\n"}})
	m := mover{t, r, r.Env["POSTERN_PHONE_ID"]}
	for words, change := range map[string]func(*admin.NumberMove){
		"sms or voice":        func(in *admin.NumberMove) { in.Method = code },
		"de or de_DE":         func(in *admin.NumberMove) { in.Language = code },
		"two capital letters": func(in *admin.NumberMove) { in.Region = code },
	} {
		m.refused(words, change)
	}
	m.refused("step migrate: ", nil)
	if id := r.Sim.NumberIn(newAccount, oldDisplay); id != "" {
		t.Errorf("the call left: %s", id)
	}
	if rows := r.SQL(t, "SELECT actor, effect, reason FROM audit WHERE type = 'move/migrate'"); len(rows) != 1 || strings.Join(rows[0], " ") != "demo deny call_not_allowed" {
		t.Errorf("on record: %v", rows)
	}

	again := mover{t, r, r.Env["POSTERN_ONPREM_PHONE_ID"]}
	r.Sim.SetRegistration(again.number, true, true)
	home := func(in *admin.NumberMove) { in.To, in.PIN = "demo", pin }
	for range 2 { // a code that was never asked for is not waited for
		again.refused("step request_code: ", home)
	}
	r.Sim.SetRegistration(again.number, true, false)
	again.refused("step register: ", home)
	if undo := aborting(t, r, again.number); strings.Contains(undo, "outcome is not known") {
		t.Errorf("what policy stopped counts as tried: %s", undo)
	}
}
