package moving

import (
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestMove takes a number to another tenant's account, from the plan to the end
// of the old way, with a restart of the gateway where the number has a new id and
// where the old way was closed.
func TestMove(t *testing.T) {
	r := start(t, rig.Options{})
	old := r.Env["POSTERN_PHONE_ID"]
	m := mover{t, r, old}
	r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"The old way"}}`)
	r.Hooks.With(t, `"delivered"`)
	r.Sim.SetPIN(old, "314159")

	var plan admin.NumberMoved
	r.Admin(t, "number.plan", admin.NumberMove{Number: old, To: newTenant, Apply: true}, &plan)
	if plan.State != "planned" || plan.From != "demo" || len(plan.Lost) == 0 || states(plan)["backup"] != "none" || states(plan)["register"] != "open" {
		t.Errorf("plan: %+v", plan)
	}
	if rows := r.SQL(t, "SELECT type FROM audit WHERE type LIKE 'number_%' OR type LIKE 'move/%'"); len(rows) != 0 {
		t.Errorf("a plan is on record: %v", rows)
	}

	m.wait("two-step verification off", nil)
	r.Sim.SetPIN(old, "")
	waited := oneByOne(m, "migrate", "Write the code", nil)
	target := waited.Target
	if target == "" || target != r.Sim.NumberIn(newAccount, oldDisplay) || states(waited)["request_code"] != "done" {
		t.Fatalf("after the code was asked for: %+v", waited)
	}
	m.refused("not the code that came", func(in *admin.NumberMove) { in.Code = "999999" })
	m.wait("Write into the configuration", func(in *admin.NumberMove) { in.Code = code })
	key := configure(t, r, target, oldDisplay)
	m.wait("Meta sends this number's webhooks elsewhere", nil)
	m.wait("Choose a PIN", func(in *admin.NumberMove) { in.Webhook = hookOf(r) })
	m.refused("the PIN has six digits", func(in *admin.NumberMove) { in.PIN = "27182" })
	r.Sim.SetPIN(target, "161803")
	m.refused("not the PIN the number has", func(in *admin.NumberMove) { in.PIN = pin })
	if s := one(t, r, old); s.Meta.Status != "CONNECTED" {
		t.Errorf("before the registration the old way is %s", s.Meta.Status)
	}
	if _, err := r.Sim.ChangeTemplate(t.Context(), sim.TemplateChange{Account: newAccount, Name: "order_update", Language: "de", Status: "REJECTED"}); err != nil {
		t.Fatal(err)
	}
	oneByOne(m, "register", "order_update/de", func(in *admin.NumberMove) { in.PIN = "161803" })
	if s := one(t, r, old); s.Meta.Status != "MIGRATED" {
		t.Errorf("after the registration the old way is %s", s.Meta.Status)
	}
	m.wait("Send a message by the app", func(in *admin.NumberMove) { in.Confirm = []string{"templates"} })
	send(t, r, target, key)
	rig.Await(t, "the first status of the new way", func() bool { s := one(t, r, target); return s.LastHook > 0 && s.LastOut > 0 })
	waited = m.wait("take number "+old+" out of the configuration", nil)
	if s := waited.Silence; s == nil || s.From == 0 || s.Until < s.From || s.Unmatched+s.Strays+s.Open != 0 {
		t.Errorf("silence: %+v", s)
	}
	remove(t, r)
	done, err := m.ask(nil)
	if err != nil || done.State != "done" || done.Next != "" {
		t.Fatalf("at the end: %+v, %v", done, err)
	}
	onRecord(t, r)
	if err := r.TryAdmin(t, "number.abort", admin.NumberAbort{Number: old}, nil); err == nil || !strings.Contains(err.Error(), "no move") {
		t.Errorf("abort of what is done: %v", err)
	}
}

// oneByOne does single steps until the move waits, with a restart after one of
// them.
func oneByOne(m mover, last, words string, change func(*admin.NumberMove)) admin.NumberMoved {
	m.t.Helper()
	restarted := false
	for range 20 {
		out, err := m.ask(func(in *admin.NumberMove) {
			in.Most = 1
			if change != nil {
				change(in)
			}
		})
		if err != nil {
			m.t.Fatal(err)
		}
		if !strings.HasPrefix(out.Next, "Go on") {
			if !strings.Contains(out.Next, words) {
				m.t.Fatalf("waits with %q, want %q", out.Next, words)
			}
			return out
		}
		if !restarted && states(out)[last] == "done" {
			restart(m.t, m.r)
			restarted = true
		}
	}
	m.t.Fatal("20 steps and no end")
	return admin.NumberMoved{}
}

// hookOf is where the second tenant's webhooks come in.
func hookOf(r *rig.Rig) string {
	return strings.TrimSuffix(r.Env["POSTERN_WEBHOOK_URL"], "demo") + newTenant
}

// onRecord wants each call before it left, each step, and neither PIN, code nor
// number anywhere in it.
func onRecord(t *testing.T, r *rig.Rig) {
	t.Helper()
	want := []string{"move/migrate accepted", "move/register accepted", "move/register failed", "move/request_code accepted", "move/verify_code accepted", "move/verify_code failed", "move/webhook accepted"}
	var got []string
	rig.Await(t, "calls with their outcome", func() bool {
		got = nil
		for _, row := range r.SQL(t, "SELECT m.type, s.result, m.actor FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle' ORDER BY 1, 2") {
			got = append(got, row[0]+" "+row[1])
			if row[2] != "demo" {
				t.Fatalf("%s was done by %q", row[0], row[2])
			}
		}
		return len(got) >= len(want)
	})
	if !slices.Equal(got, want) {
		t.Errorf("calls: %v, want %v", got, want)
	}
	steps := r.SQL(t, "SELECT result FROM audit WHERE type = 'number_move' ORDER BY seq")
	if steps[0][0] != "begun" || steps[len(steps)-1][0] != "done" {
		t.Errorf("steps: %v", steps)
	}
	for _, tenant := range r.SQL(t, "SELECT tenant, count(*) FROM audit WHERE type = 'number_move' GROUP BY tenant HAVING count(*) * 2 != (SELECT count(*) FROM audit WHERE type = 'number_move')") {
		t.Errorf("%s does not see every step: %v", tenant[0], tenant)
	}
	if rows := r.SQL(t, "SELECT result FROM audit WHERE type = 'number_silence'"); len(rows) != 1 {
		t.Errorf("silence on record: %v", rows)
	}
	for _, row := range r.SQL(t, "SELECT type, body, detail FROM audit WHERE type LIKE 'move/%' OR type LIKE 'number_%'") {
		for _, secret := range []string{pin, "161803", `"` + code, "23125001", r.Secret(t, "verify-token")} {
			if strings.Contains(row[1]+row[2], secret) {
				t.Errorf("%s holds %q", row[0], secret)
			}
		}
	}
}
