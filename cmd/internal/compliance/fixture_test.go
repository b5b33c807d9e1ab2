package compliance

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/certs/certstest"
)

// office is a gateway with a policy folder that tests rewrite, an upstream that
// takes what it is given, and people nobody else uses.
type office struct {
	*rig.Rig
	http   *http.Client // keeps its connections
	people int
	files  map[string]bool // of the policy folder, beside settings.yaml
}

// open starts an office. Upstream sends no statuses unless a test asks for them.
func open(t *testing.T) *office {
	t.Helper()
	dir := t.TempDir()
	o := &office{files: map[string]bool{}, Rig: rig.Start(t, rig.Options{
		Keep:     dir,
		Policies: map[string]string{"settings.yaml": "version: 1\n"},
		Settings: func(s *sim.Settings) { s.AnyMedia, s.Statuses = true, []string{} },
		Config: func(text string) string {
			timeless(t, filepath.Join(dir, "certs"))
			return strings.Replace(text, "per_app_rate: 0", "per_app_rate: 0, pair_rate: 0", 1)
		},
	})}
	o.http = o.Client(t)
	return o
}

// timeless puts a server certificate into the folder that is good wherever a
// test sets the gateway's clock.
func timeless(t *testing.T, dir string) {
	t.Helper()
	ca := certstest.NewCA(t, "compliance", time.Now())
	cert, key := certstest.Files(t, ca.Server(t, nil, func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	}))
	for name, data := range map[string][]byte{"ca.pem": ca.PEM(), "server.pem": cert, "server-key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Cloud sends a message as the Cloud app.
func (o *office) Cloud(t *testing.T, body string) rig.Reply {
	t.Helper()
	url := o.Env["POSTERN_URL"] + "/v25.0/" + o.Env["POSTERN_PHONE_ID"] + "/messages"
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"messaging_product":"whatsapp",`+body[1:]))
	if err != nil {
		t.Error(err)
		return rig.Reply{}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+o.Env["POSTERN_CLOUD_TOKEN"])
	resp, err := o.http.Do(req)
	if err != nil {
		t.Error(err)
		return rig.Reply{}
	}
	raw, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Error(err)
	}
	return rig.Reply{Status: resp.StatusCode, Header: resp.Header, Body: string(raw)}
}

// rule replaces the whole policy folder and takes it over: settings.yaml and
// pairs of further file names and texts.
func (o *office) rule(t *testing.T, settings string, further ...string) {
	t.Helper()
	for name := range o.files {
		if err := os.Remove(filepath.Join(o.Dir, "policies", name)); err != nil {
			t.Fatal(err)
		}
	}
	clear(o.files)
	o.Write(t, "policies/settings.yaml", settings)
	for i := 0; i+1 < len(further); i += 2 {
		o.Write(t, "policies/"+further[i], further[i+1])
		o.files[further[i]] = true
	}
	o.Admin(t, "config.reload", admin.None{}, nil)
}

// travel sets the gateway's clock.
func (o *office) travel(t *testing.T, at string) {
	t.Helper()
	when, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	o.Clock.Jump(when.Sub(o.Clock.Now()))
}

// stamp is a moment that long ago, as files and requests write it.
func (o *office) stamp(ago time.Duration) string {
	return o.Clock.Now().Add(-ago).UTC().Format(time.RFC3339)
}

// anybody is a person nobody has heard of: a number of those that the German
// regulator reserves for fiction.
func (o *office) anybody() string {
	o.people++
	if o.people <= 80 {
		return fmt.Sprintf("4917139200%02d", o.people+19) // the first ones are the demo's own
	}
	return fmt.Sprintf("4917604069%03d", o.people-81)
}

// member is a new person with consent to everything, given an hour ago.
func (o *office) member(t *testing.T) string {
	t.Helper()
	to := o.anybody()
	o.consent(t, to, "marketing", "utility", "authentication")
	return to
}

// consent records consents given an hour ago.
func (o *office) consent(t *testing.T, to string, categories ...string) {
	t.Helper()
	lines := make([]string, len(categories))
	for i, c := range categories {
		lines[i] = "consent,+" + to + "," + c + ",web_form," + o.stamp(time.Hour)
	}
	o.know(t, "fact,number,category,source,time", lines...)
}

// know imports lines of CSV, all of which must be good.
func (o *office) know(t *testing.T, header string, lines ...string) {
	t.Helper()
	var done admin.Imported
	o.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: header + "\n" + strings.Join(lines, "\n") + "\n"}, &done)
	if len(done.Problems) > 0 || done.Stored != len(lines) {
		t.Fatalf("import: %d of %d stored, %+v", done.Stored, len(lines), done.Problems)
	}
}

// wrote lets a person's last message to the Cloud app's number be that old.
func (o *office) wrote(t *testing.T, from string, ago time.Duration) {
	t.Helper()
	o.know(t, "fact,number,business,time", "window,+"+from+","+o.Env["POSTERN_PHONE_ID"]+","+o.stamp(ago))
}

// hear lets a person send a message of Meta's form and waits until it is taken.
func (o *office) hear(t *testing.T, from string, message map[string]any) {
	t.Helper()
	in := sim.Inbound{From: "+" + from, Wait: true, Message: message}
	if strings.Contains(from, ".") {
		in.From, in.UserID = "", from
	}
	message["timestamp"] = fmt.Sprint(o.Clock.Now().Unix())
	told, err := o.Sim.Inbound(context.WithoutCancel(t.Context()), in)
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %+v, %v", told, err)
	}
}

// posts sends a webhook with updates of one field, signed as Meta signs.
func (o *office) posts(t *testing.T, field, items string) {
	t.Helper()
	body := `{"object":"whatsapp_business_account","entry":[{"id":"` + o.Env["POSTERN_WABA_ID"] + `","changes":[{"field":"` + field +
		`","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"493023125001","phone_number_id":"` + o.Env["POSTERN_PHONE_ID"] +
		`"},"` + field + `":[` + items + `]}}]}]}`
	mac := hmac.New(sha256.New, []byte(o.Env["META_APP_SECRET"]))
	mac.Write([]byte(body))
	a := o.At(t, http.MethodPost, o.Env["POSTERN_WEBHOOK_URL"], body, "X-Hub-Signature-256: sha256="+hex.EncodeToString(mac.Sum(nil)))
	if a.Status != http.StatusOK {
		t.Fatalf("webhook: %d %s", a.Status, a.Body)
	}
}

func says(text string) map[string]any {
	return map[string]any{"type": "text", "text": map[string]any{"body": text}}
}

// The messages an app sends.
func text(to, body string) string {
	return `{` + recipient(to) + `,"type":"text","text":{"body":"` + body + `"}}`
}

func template(to, name, language, components string) string {
	return `{` + recipient(to) + `,"type":"template","template":{"name":"` + name + `","language":{"code":"` + language + `"},"components":[` + components + `]}}`
}

func recipient(to string) string {
	if strings.Contains(to, ".") {
		return `"recipient":"` + to + `"`
	}
	return `"to":"+` + to + `"`
}

func body(parameters ...string) string {
	return `{"type":"body","parameters":[` + strings.Join(parameters, ",") + `]}`
}

func word(text string) string { return `{"type":"text","text":"` + text + `"}` }

func offer(to string) string  { return template(to, "spring_offer", "en_US", body(word("Ana"))) }
func notice(to string) string { return template(to, "order_update", "en_US", body(word("4711"))) }
func code(to string) string {
	return template(to, "login_code", "en_US", body(word("837215"))+`,{"type":"button","sub_type":"url","index":"0","parameters":[`+word("837215")+`]}`)
}

// reason is what policy says of a send: "sent", or the code it is refused with.
func (o *office) reason(t *testing.T, message string) string {
	t.Helper()
	a := o.Cloud(t, message)
	switch {
	case a.Status == http.StatusOK:
		return "sent"
	case a.Header.Get("X-Postern-Reason") == "":
		t.Fatalf("answered %d %s", a.Status, a.Body)
	}
	return a.Header.Get("X-Postern-Reason")
}

// want sends and compares what policy says.
func (o *office) want(t *testing.T, what, message, reason string) {
	t.Helper()
	if got := o.reason(t, message); got != reason {
		t.Errorf("%s: %s, want %s", what, got, reason)
	}
}

// last is the newest record of a kind, as an operator sees it.
func (o *office) last(t *testing.T, kind string) admin.Shown {
	t.Helper()
	id, err := audit.ParseID(o.SQL(t, "SELECT id FROM audit WHERE kind = '"+kind+"' ORDER BY seq DESC LIMIT 1")[0][0])
	if err != nil {
		t.Fatal(err)
	}
	var out admin.Shown
	o.Admin(t, "record.show", admin.Record{ID: id}, &out)
	return out
}
