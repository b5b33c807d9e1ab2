package moving

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// The tenant that numbers go to, its account and a number that it has.
const (
	newTenant  = "other"
	newAccount = "102290129340399"
	newOwn     = "106540352242930"
	pin        = "271828"
	outside    = "401122334455667" // a number of nobody here, in an account of 360dialog's
	code       = "125001"          // of the Cloud app's number, as the simulator makes codes
	oldDisplay = "+49 30 23125 001"
	elsewhere  = "+49 30 23125 010"
)

const tenantText = `  - name: other
    legal_entity: Example Two Ltd
    countries: [DE]
    waba_id: "102290129340399"
    token: file:secrets/meta-token
    app_secret: file:secrets/app-secret
    verify_token: file:secrets/verify-token
    numbers: []
`

// start runs a gateway with a second tenant, whose account is at Meta.
func start(t *testing.T, o rig.Options) *rig.Rig {
	t.Helper()
	o.Config = func(text string) string { // tenants stand last, but for a policy folder
		tenants, policy, folder := strings.Cut(text, "policy: {dir")
		if folder {
			policy = "policy: {dir" + policy
		}
		return tenants + tenantText + policy
	}
	o.Numbers = append(o.Numbers, sim.Number{ID: newOwn, Display: "+49 30 23125 009", Account: newAccount},
		sim.Number{ID: outside, Display: elsewhere, Account: "102290129340400"})
	return rig.Start(t, o)
}

// mover asks for the move of a number.
type mover struct {
	t      *testing.T
	r      *rig.Rig
	number string
}

func (m mover) ask(change func(*admin.NumberMove)) (admin.NumberMoved, error) {
	m.t.Helper()
	in := admin.NumberMove{Number: m.number, To: newTenant, Apply: true}
	if change != nil {
		change(&in)
	}
	var out admin.NumberMoved
	err := m.r.TryAdmin(m.t, "number.move", in, &out)
	return out, err
}

// wait goes on, and wants the move to wait for something that is described so.
func (m mover) wait(words string, change func(*admin.NumberMove)) admin.NumberMoved {
	m.t.Helper()
	out, err := m.ask(change)
	if err != nil || !strings.Contains(out.Next, words) {
		m.t.Fatalf("waits with %q (%v), want %q", out.Next, err, words)
	}
	return out
}

// refused goes on, and wants the step to fail so.
func (m mover) refused(words string, change func(*admin.NumberMove)) {
	m.t.Helper()
	out, err := m.ask(change)
	var known *admin.Error
	if !errors.As(err, &known) || !strings.Contains(known.Message, words) {
		m.t.Fatalf("%v (next %q), want %q", err, out.Next, words)
	}
}

// states are the steps that are not open.
func states(v admin.NumberMoved) map[string]string {
	out := map[string]string{}
	for _, s := range v.Steps {
		out[s.Name] = s.State
	}
	return out
}

// configure names the new id under the second tenant and an app of its own, as an
// operator would, and gives that app's key.
func configure(t *testing.T, r *rig.Rig, id, display string) (key string) {
	t.Helper()
	return configureWith(t, r, id, display, "")
}

// configureWith is configure for a number with more members.
func configureWith(t *testing.T, r *rig.Rig, id, display, members string) (key string) {
	t.Helper()
	r.Rewrite(t, func(text string) string {
		return strings.Replace(text, "    numbers: []\n", `    numbers: [{id: "`+id+`", display: "`+display+`"`+members+`}]
    apps: [{name: moved-app, dialect: cloud, numbers: ["`+id+`"], webhook: {url: "`+r.Hooks.URL+`", secret: "file:secrets/webhook-secret"}}]
`, 1)
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
	var made admin.AppKey
	r.Admin(t, "app.add", admin.AppAdd{App: "moved-app"}, &made)
	return made.Key
}

// remove takes the old id out of the configuration.
func remove(t *testing.T, r *rig.Rig) {
	t.Helper()
	id := r.Env["POSTERN_PHONE_ID"]
	r.Rewrite(t, func(text string) string {
		lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(line string) bool { return strings.Contains(line, id) })
		return strings.Join(lines, "")
	})
	r.Admin(t, "config.reload", admin.None{}, nil)
}

// send sends as the moved number's app to somebody whose window is open.
func send(t *testing.T, r *rig.Rig, id, key string) {
	t.Helper()
	person := r.Env["DEMO_CONSENTED"]
	data := "fact,number,category,source,evidence,time,business\nwindow,+" + person + ",,,," + r.Clock.Now().Add(-time.Minute).UTC().Format(time.RFC3339) + "," + id + "\n"
	var done admin.Imported
	r.Admin(t, "facts.import", admin.Import{Tenant: newTenant, Format: "csv", Data: data}, &done)
	a := r.Do(t, http.MethodPost, "/v25.0/"+id+"/messages", `{"messaging_product":"whatsapp","to":"+`+person+`","type":"text","text":{"body":"From the new account"}}`,
		"Authorization: Bearer "+key)
	if a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
}

// restart ends the gateway and starts it again in its folder.
func restart(t *testing.T, r *rig.Rig) {
	t.Helper()
	r.Halt()
	r.Resume(t)
}
