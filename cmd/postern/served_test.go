package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
)

const configText = `version: 1
public_url: https://127.0.0.1:8443
listeners:
  app: {address: 127.0.0.1:8443, cert: cert.pem, key: key.pem}
  webhook: {address: 127.0.0.1:8444, cert: cert.pem, key: key.pem}
  admin: {address: %q}
limits: {min_free_bytes: 0}
operator_key: file:operator.key
tenants:
  - name: demo
    legal_entity: Example Ltd
    waba_id: "102290129340398"
    token: file:operator.key
    app_secret: file:operator.key
    verify_token: file:operator.key
    numbers: [{id: "1", display: "+49 30 1234567"}]
    apps: [{name: shop, dialect: cloud, numbers: ["1"]}]
`

// place is a folder with a configuration, a store and an operator.
type place struct {
	t      *testing.T
	dir    string
	direct *admin.Direct
}

func newPlace(t *testing.T, adminAddress string) *place {
	t.Helper()
	p := &place{t: t, dir: t.TempDir()}
	p.write("operator.key", "none")
	p.write("postern.yaml", fmt.Sprintf(configText, adminAddress))
	t.Setenv("POSTERN_CONFIG", filepath.Join(p.dir, "postern.yaml"))
	t.Setenv("POSTERN_OPERATOR_KEY_FILE", "")
	t.Setenv("POSTERN_OPERATOR_KEY", "")
	if code, out, _ := command("operator", "add", "ann", "--role", "approve"); code != exitOK {
		t.Fatal("no operator")
	} else {
		p.write("operator.key", out)
	}
	c, err := boot.Load(filepath.Join(p.dir, "postern.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if p.direct, err = admin.Open(t.Context(), c, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.direct.Close() })
	return p
}

func (p *place) write(name, text string) {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

func command(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

// must runs a command that has to succeed and whose output holds want.
func must(t *testing.T, want string, args ...string) string {
	t.Helper()
	code, out, errs := command(args...)
	if code != exitOK || !strings.Contains(out, want) {
		t.Fatalf("postern %s: exit code %d, want %q in\n%s%s", strings.Join(args, " "), code, want, out, errs)
	}
	return out
}

func TestCommandsAskTheGatewayThatHoldsTheStore(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := newPlace(t, l.Addr().String())
	srv := &http.Server{Handler: p.direct.Handler(), ReadHeaderTimeout: time.Minute}
	go srv.Serve(l)   //nolint:errcheck // ends with Close
	defer srv.Close() //nolint:errcheck // the test ends

	must(t, "shop", "app", "list")
	must(t, "Key ", "app", "add", "shop")
	must(t, "Recorded", "consent", "add", "4915112345678", "--category", "utility", "--source", "web_form")
	must(t, "utility", "consent", "show", "4915112345678")
	must(t, "consent,utility", "audit", "sql", "--csv", "--person", "+49 151 12345678", "SELECT kind, category FROM audit WHERE subject = :person AND kind = 'consent'")
	must(t, "rows:1", "audit", "sql", "SELECT actor, result FROM audit WHERE type = 'sql'")
	must(t, "Nothing disagrees", "audit", "verify")
	if code, _, errs := command("operator", "revoke", "ann"); code != exitFailed || !strings.Contains(errs, "last operator") {
		t.Errorf("exit code %d: %s", code, errs)
	}

	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := command("app", "list"); code != exitFailed || !strings.Contains(errs, "does not answer") {
		t.Errorf("exit code %d: %s", code, errs)
	}
	// What cannot be recorded is not shown.
	if code, out, _ := command("audit", "sql", "SELECT 1 AS one"); code != exitFailed || out != "" {
		t.Errorf("exit code %d, shown %q", code, out)
	}
}

// input is a service text to a person; open says whether the window is open.
func input(open bool) []byte {
	return fmt.Appendf(nil, `{"version":1,"kind":"message","direction":"outbound","tenant":"demo","app":"shop","number":"1","dialect":"cloud",
"peer":{"subject":"00000000000000000000000000000001","country":"DE","has_number":true,"has_user_id":false},
"message":{"type":"text","sub":"","category":"service","reply":false,"media":[],"link_hosts":[],"length":5,"dropped":[]},
"findings":[],"facts":{"missing":[],"window":{"open":%v,"expires":1900000000},"consent":{},
"optout":{"marketing":false,"all":false,"source":"","at":0},"identity":"ok","account":"ok"},
"time":{"now":1772366400,"zones":[]}}`, open)
}

// admit appends an admission as the gate would have recorded it.
func (p *place) admit(at time.Time, effect audit.Effect, reason string, part []byte) audit.ID {
	p.t.Helper()
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(), Tenant: "demo", App: "shop",
		Number: "1", Direction: "outbound", Type: "text", Effect: effect,
	}
	if reason != "" {
		r.Reasons = []string{reason}
	}
	if part != nil {
		r.Parts = []audit.Part{audit.NewPart(audit.PartInput, part)}
	}
	if err := p.direct.Journal().Append(p.t.Context(), journal.Batch{Records: []audit.Record{r}}); err != nil {
		p.t.Fatal(err)
	}
	return r.ID
}

func TestReplayShowsWhatWouldChange(t *testing.T) {
	p := newPlace(t, "127.0.0.1:1")
	now := time.Now()
	p.admit(now.AddDate(0, 0, -40), audit.EffectDeny, "window_closed", input(false))
	refused := p.admit(now.AddDate(0, 0, -2), audit.EffectDeny, "window_closed", input(false))
	p.admit(now.AddDate(0, 0, -2), audit.EffectAllow, "", input(true))
	p.admit(now.AddDate(0, 0, -1), audit.EffectAllow, "", nil)
	p.write("relaxed/settings.yaml", "modes: {window_closed: observe until 2099-01-01}\n")
	p.write("strict/settings.yaml", "messages: {outbound: [image]}\n")
	if err := p.direct.Close(); err != nil {
		t.Fatal(err)
	}

	must(t, "2 judged since", "policy", "replay")
	must(t, "1 not judged", "policy", "replay")
	out := must(t, "1 admission: window_closed -> allow", "policy", "replay", "--with", filepath.Join(p.dir, "relaxed"))
	if !strings.Contains(out, refused.String()) {
		t.Errorf("the record is not named:\n%s", out)
	}
	must(t, "allow -> type_not_allowed", "policy", "replay", "--with", filepath.Join(p.dir, "strict"))
	must(t, `"judged": 3`, "policy", "replay", "--since", "60d", "--json")
	must(t, `"judged": 0`, "policy", "replay", "--since", "1h", "--json")
	must(t, "window_closed", "policy", "explain", "--record", refused.String())
	must(t, "rows:2", "audit", "sql", "SELECT result FROM audit WHERE type = 'replay'")
	if code, _, _ := command("policy", "replay", "--since", "yesterday"); code != exitUsage {
		t.Errorf("exit code %d", code)
	}
}

// TestVerifyNamesWhatWasChanged changes one byte of a copy, cuts its end off,
// and holds both against a checkpoint kept outside.
func TestVerifyOfACopy(t *testing.T) {
	p := newPlace(t, "127.0.0.1:1")
	var ids []audit.ID
	for range 5 {
		ids = append(ids, p.admit(time.Now(), audit.EffectDeny, "window_closed", input(false)))
	}
	note := p.checkpoint(0)
	if err := p.direct.Close(); err != nil {
		t.Fatal(err)
	}
	must(t, "Proved complete up to record 5", "audit", "verify", "--against", note)
	must(t, "Nothing disagrees", "audit", "verify", "--file", filepath.Join(p.dir, "data"), "--against", note)

	whole, err := os.ReadFile(filepath.Join(p.dir, "data", "journal.db"))
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.Index(whole, []byte(`"length":5`))
	if at < 0 {
		t.Fatal("the stored input was not found")
	}
	whole[at+len(`"length":`)] = '6'
	p.write("copy/journal.db", string(whole))
	code, out, _ := command("audit", "verify", "--file", filepath.Join(p.dir, "copy", "journal.db"), "--against", note)
	named := 0
	for _, id := range ids {
		named += strings.Count(out, id.String())
	}
	if code != exitFound || named != 1 || !strings.Contains(out, "part input") {
		t.Errorf("exit code %d, %d records named:\n%s", code, named, out)
	}
	if code, _, errs := command("audit", "verify", "--against", filepath.Join(p.dir, "none")); code != exitFailed || errs == "" {
		t.Errorf("a missing checkpoint file: exit code %d", code)
	}
}

// checkpoint signs the head as the gateway does, into a file outside; as if there
// were some more records.
func (p *place) checkpoint(more uint64) string {
	p.t.Helper()
	c, err := boot.Load(filepath.Join(p.dir, "postern.yaml"))
	if err != nil {
		p.t.Fatal(err)
	}
	keys, err := boot.OpenKeys(c, time.Now)
	if err != nil {
		p.t.Fatal(err)
	}
	defer keys.Close()
	signer, err := boot.CheckpointSigner(keys)
	if err != nil {
		p.t.Fatal(err)
	}
	head := p.direct.Journal().Head()
	signed, err := audit.Checkpoint{Origin: head.Chain, Size: head.Size + more, Root: head.Root, Time: time.Now().UnixMicro(), Head: head.Leaf}.Sign(signer)
	if err != nil {
		p.t.Fatal(err)
	}
	path := filepath.Join(p.dir, "outside")
	if err := audit.AppendCheckpoint(path, signed); err != nil {
		p.t.Fatal(err)
	}
	return path
}
