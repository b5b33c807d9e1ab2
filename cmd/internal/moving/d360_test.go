package moving

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

const (
	atMeta    = "+49 30 23125 011" // a number of the second tenant's, directly at Meta
	atMetaID  = "106540352242933"
	atHub     = "106540352242940" // what 360dialog has it as
	deskApp   = `      - {name: desk-app, dialect: d360, numbers: ["` + atHub + `"], webhook: {url: "HOOKS"}}` + "\n"
	deskTexts = `      - {id: "` + atHub + `", display: "` + atMeta + `", d360_key: "file:secrets/d360-key-` + atHub + `"}` + "\n"
)

// TestMoveTo360dialog takes a number from Meta to a tenant at 360dialog, through
// its hub: no call of the move goes to Meta, and each thing is waited for until
// it is seen. The first messages go and come by 360dialog.
func TestMoveTo360dialog(t *testing.T) {
	r := rig.Start(t, rig.Options{
		D360: true,
		Config: func(text string) string {
			return text + strings.Replace(tenantText, "numbers: []", `numbers: [{id: "`+atMetaID+`", display: "`+atMeta+`"}]`, 1)
		},
		Numbers: []sim.Number{
			{ID: atMetaID, Display: atMeta, Account: newAccount},
			{ID: atHub, Display: atMeta, Account: "102290129340398"},
		},
	})
	m := mover{t, r, atMetaID}
	to := func(change func(*admin.NumberMove)) func(*admin.NumberMove) {
		return func(in *admin.NumberMove) {
			in.To = "demo"
			if change != nil {
				change(in)
			}
		}
	}
	r.Sim.SetPIN(m.number, "314159")
	m.wait("two-step verification off", to(nil))
	r.Sim.SetPIN(m.number, "")
	v := m.wait("Move the number in 360dialog's hub", to(nil))
	if s := states(v); s["migrate"] != "none" || s["verify_code"] != "none" || s["hub"] != "tried" || s["register"] != "none" {
		t.Errorf("guided: %+v", s)
	}
	if undo := aborting(t, r, m.number); !strings.Contains(undo, "see it in the hub") {
		t.Errorf("abort: %s", undo)
	}
	r.Sim.SetRegistration(m.number, true, false) // the hub moved it
	r.Rewrite(t, func(text string) string {
		text = strings.Replace(text, "    apps:\n", deskTexts+"    apps:\n", 1)
		return strings.Replace(text, "    apps:\n", "    apps:\n"+strings.Replace(deskApp, "HOOKS", r.Hooks.URL, 1), 1)
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
	m.wait("postern app add desk-app", to(nil))
	var key admin.AppKey
	r.Admin(t, "app.add", admin.AppAdd{App: "desk-app", Version: "v2"}, &key)
	m.wait("360dialog posts this number's webhooks elsewhere", to(nil))
	m.refused("the webhook's address is", to(func(in *admin.NumberMove) { in.Webhook = hookOf(r) })) // of the other tenant
	v = m.wait("Send a message by the app", to(func(in *admin.NumberMove) { in.Webhook = r.Env["POSTERN_WEBHOOK_URL"] }))
	if !strings.Contains(noteOf(v, "webhook"), "/webhook/demo") || v.Target != atHub || states(v)["flow_key"] != "done" {
		t.Errorf("at 360dialog: %+v", v)
	}

	sendByD360(t, r, key.Key)
	rig.Await(t, "traffic of the new way", func() bool { s := one(t, r, atHub); return s.LastHook > 0 && s.LastOut > 0 })
	v = m.wait("out of the configuration", to(nil))
	if s := v.Silence; s == nil || s.From == 0 || s.Until < s.From || s.Unmatched+s.Strays+s.Open != 0 {
		t.Errorf("silence: %+v", s)
	}
	if v, err := m.ask(to(func(in *admin.NumberMove) { in.Confirm = []string{"old"} })); err != nil || v.State != "done" {
		t.Errorf("at the end: %+v, %v", v, err)
	}
	if rows := r.SQL(t, "SELECT type FROM audit WHERE type LIKE 'move/%'"); len(rows) != 0 {
		t.Errorf("calls: %v", rows)
	}

	back := mover{t, r, atHub}
	plan, err := back.ask(func(in *admin.NumberMove) { in.Apply = false })
	if lost := strings.Join(plan.Lost, " "); err != nil || plan.From != "demo" || states(plan)["hub"] != "none" ||
		!strings.Contains(lost, "360dialog's keys") || !strings.Contains(lost, "--region") {
		t.Errorf("back: %+v, %v", plan, err)
	}
	back.refused("between two accounts at 360dialog", to(nil))
}

// sendByD360 sends as the moved number's app to somebody whose window is open.
func sendByD360(t *testing.T, r *rig.Rig, key string) {
	t.Helper()
	person := r.Env["DEMO_CONSENTED"]
	data := "fact,number,category,source,evidence,time,business\nwindow,+" + person + ",,,," + r.Clock.Now().Add(-time.Minute).UTC().Format(time.RFC3339) + "," + atHub + "\n"
	var done admin.Imported
	r.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &done)
	a := r.Do(t, http.MethodPost, "/messages", `{"messaging_product":"whatsapp","to":"`+person+`","type":"text","text":{"body":"By 360dialog"}}`, "D360-API-KEY: "+key)
	if a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
}
