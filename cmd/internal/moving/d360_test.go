package moving

import (
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

const deskText = `  - name: desk
    legal_entity: Example Three Ltd
    countries: [DE]
    waba_id: "102290129340401"
    upstream: d360
    d360: {base_url: "http://127.0.0.1:9", webhook_secret: file:secrets/app-secret}
    numbers: []
`

// TestMoveTo360dialog is guided through 360dialog's hub: no call of the move goes
// to Meta, and each thing is waited for until it is seen or the operator says so.
func TestMoveTo360dialog(t *testing.T) {
	r := rig.Start(t, rig.Options{Config: func(text string) string { return text + deskText }})
	m := mover{t, r, r.Env["POSTERN_PHONE_ID"]}
	r.Sim.SetPIN(m.number, "314159")
	to := func(change func(*admin.NumberMove)) func(*admin.NumberMove) {
		return func(in *admin.NumberMove) {
			in.To = "desk"
			if change != nil {
				change(in)
			}
		}
	}
	m.wait("two-step verification off", to(nil))
	r.Sim.SetPIN(m.number, "")
	v := m.wait("Move the number in 360dialog's hub", to(nil))
	if s := states(v); s["migrate"] != "none" || s["verify_code"] != "none" || s["hub"] != "tried" || s["register"] != "none" {
		t.Errorf("guided: %+v", s)
	}
	if undo := aborting(t, r, m.number); !strings.Contains(undo, "see it in the hub") {
		t.Errorf("abort: %s", undo)
	}
	r.Rewrite(t, func(text string) string {
		return strings.Replace(text, "    numbers: []\n", `    numbers: [{id: "401122334455668", display: "`+oldDisplay+`", d360_key: file:secrets/meta-token}]
    apps: [{name: desk-app, dialect: d360, numbers: ["401122334455668"]}]
`, 1)
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
	m.wait("postern app add desk-app", to(nil))
	r.Admin(t, "app.add", admin.AppAdd{App: "desk-app", Version: "v2"}, nil)
	m.wait("Tell 360dialog where", to(nil))
	m.refused("step templates: ", to(func(in *admin.NumberMove) { in.Confirm = []string{"webhook"} }))
	v = m.wait("out of the configuration", to(func(in *admin.NumberMove) { in.Confirm = []string{"templates", "test"} }))
	if v.Target != "401122334455668" || v.Silence == nil || v.Silence.From == 0 || v.Silence.Until != 0 {
		t.Errorf("after the hub: %+v, %+v", v, v.Silence)
	}
	if rows := r.SQL(t, "SELECT type FROM audit WHERE type LIKE 'move/%'"); len(rows) != 0 {
		t.Errorf("calls: %v", rows)
	}

	back := mover{t, r, "401122334455668"}
	plan, err := back.ask(func(in *admin.NumberMove) { in.To, in.Apply = "demo", false })
	if err != nil || plan.From != "desk" || states(plan)["hub"] != "none" || !strings.Contains(strings.Join(plan.Lost, " "), "360dialog's keys") {
		t.Errorf("back: %+v, %v", plan, err)
	}
	back.refused("between two accounts at 360dialog", func(in *admin.NumberMove) { in.To = "desk" })
}
