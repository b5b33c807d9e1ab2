package conformance

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/jwe"
)

// contents are the content encryptions that the three numbers use.
var contents = []string{"A128GCM", "A256GCM", "A128CBC-HS256"}

// payloadKey makes a private key in PEM.
func payloadKey(t *testing.T) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	fail(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	fail(t, err)
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// publicText is the half of a key that upstream is given.
func publicText(t *testing.T, key string) string {
	t.Helper()
	private, err := jwe.ParsePrivate([]byte(key))
	fail(t, err)
	return private.Public().Text()
}

var displayed = regexp.MustCompile(`display: "[^"]*"`)

// encrypting gives each number of a configuration an encryption.
func encrypting(sections ...string) func(string) string {
	n := -1
	return func(text string) string {
		text = strings.Replace(text, "timeout: 1s", "timeout: 20s", 1) // upstream makes a key
		return displayed.ReplaceAllStringFunc(text, func(display string) string {
			n++
			return display + ", encryption: {" + sections[n%len(sections)] + "}"
		})
	}
}

// payloadKeys writes a key for each number and gives them with the sections
// of the configuration that name them.
func payloadKeys(t *testing.T) (keys, sections []string) {
	t.Helper()
	dir := t.TempDir()
	for i, content := range contents {
		path := filepath.Join(dir, fmt.Sprintf("payload-%d.pem", i))
		keys = append(keys, payloadKey(t))
		fail(t, os.WriteFile(path, []byte(keys[i]), 0o600))
		sections = append(sections, `key: "file:`+path+`", content: `+content)
	}
	return keys, sections
}

func (s *site) numbers() []string { return []string{s.cloud.number, s.v2.number, s.onprem.number} }

func (s *site) enable(t *testing.T, number string) admin.Encryption {
	t.Helper()
	var e admin.Encryption
	s.Admin(t, "encryption.enable", admin.Number{Number: number}, &e)
	return e
}

func (s *site) encryptionState(t *testing.T, number string) admin.EncryptionState {
	t.Helper()
	var e admin.Encryption
	s.Admin(t, "encryption.status", admin.Number{Number: number}, &e)
	return e.State
}

// setPayload changes what upstream holds, as somebody else with its token does.
func setPayload(t *testing.T, r *rig.Rig, number, setting string) {
	t.Helper()
	token, err := os.ReadFile(filepath.Join(r.Dir, "secrets", "meta-token"))
	fail(t, err)
	a := r.At(t, http.MethodPost, r.Env["METASIM_GRAPH_URL"]+"/v25.0/"+number+"/settings", `{"payload_encryption":`+setting+`}`, "Authorization: Bearer "+strings.TrimSpace(string(token)))
	if a.Status != http.StatusOK {
		t.Fatalf("settings: %d %s", a.Status, a.Body)
	}
}

// TestEncrypted sends everything that TestDialects sends through numbers with
// payload encryption, one content encryption each: apps see no difference, and
// what upstream takes is what policy judged.
func TestEncrypted(t *testing.T) {
	keys, sections := payloadKeys(t)
	s := open(t, rig.Options{Config: encrypting(sections...)})
	s.begin(t)
	testNotExchanged(t, s)
	for _, number := range s.numbers() {
		if e := s.enable(t, number); e.State != admin.EncryptionReady || e.Cloud == "" || e.Cloud != e.CloudNow {
			t.Fatalf("number is %s", e.State)
		}
	}
	rows := s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'config' AND type = 'encryption' AND result = 'exchanged' AND actor <> ''")
	if rows[0][0] != "3" {
		t.Errorf("%s exchanges on record", rows[0][0])
	}
	for _, topic := range []struct {
		name string
		run  func(*testing.T, *site)
	}{
		{"types", testTypes}, {"upstream errors", testUpstreamErrors}, {"upstream credential", testUpstreamCredential},
		{"retry after", testRetryAfter}, {"outcomes", testEncryptedOutcomes}, {"recipients", testEncryptedRecipient}, {"replies", testReplies},
		{"statuses", testStatuses},
	} {
		t.Run(topic.name, func(t *testing.T) {
			s.begin(t)
			topic.run(t, s)
		})
	}
	testEverythingCameSealed(t, s)
	t.Run("wrong keys", func(t *testing.T) { s.begin(t); testWrongKeys(t, s, keys) })
}

// testNotExchanged: a number that is configured and has exchanged nothing sends
// nothing, least of all in the clear.
func testNotExchanged(t *testing.T, s *site) {
	s.each(t, func(t *testing.T, c *caller) {
		if a := s.message(t, c, text(s.Env["DEMO_CONSENTED"], "Hello")); a.Status < 500 || !strings.Contains(a.Body, "could not be encrypted") {
			t.Errorf("answered %d %s", a.Status, a.Body)
		}
		if state := s.encryptionState(t, c.number); state != admin.EncryptionNotExchanged {
			t.Errorf("number is %s", state)
		}
	})
	if list := s.taken(s.base); len(list) != 0 {
		t.Errorf("%d sends left", len(list))
	}
	rig.Await(t, "sends to be settled", func() bool {
		return s.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle' AND result = 'not_sent'")[0][0] == "4"
	})
}

// testEncryptedOutcomes are testOutcomes without those that wait.
func testEncryptedOutcomes(t *testing.T, s *site) {
	s.quiet(t)
	people := s.people(t, 30, 2)
	for i, c := range []*caller{s.cloud, s.v1} {
		want := ""
		for _, o := range outcomes {
			if o.fault.Action != sim.ActionHang {
				t.Run(c.name+" "+o.name, func(t *testing.T) { s.checkOutcome(t, c, people[i], o) })
				want += o.want + " "
			}
		}
		var got string
		rig.Await(t, "every send to be settled", func() bool {
			got = ""
			for _, r := range s.SQL(t, "SELECT s.result FROM audit a JOIN audit s ON s.ref = a.id AND s.kind = 'settle' WHERE a.kind = 'admission' AND a.seq > "+s.since+" AND a.dialect = '"+c.name+"' ORDER BY a.seq") {
				got += r[0] + " "
			}
			return len(got) >= len(want)
		})
		if got != want {
			t.Errorf("%s: settled as %s\nwant %s", c.name, got, want)
		}
	}
}

// testEncryptedRecipient looks at what was on the wire.
func testEncryptedRecipient(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		s.message(t, c, text(to, "Hello"))
		left := s.tap.last(t)
		if want := "/v25.0/" + c.number + "/messages_encrypted"; left.path != want {
			t.Errorf("path %s, want %s", left.path, want)
		}
		if body := string(left.body); strings.Contains(body, to) || strings.Contains(body, "Hello") || !strings.HasPrefix(body, `{"encrypted_contents":"ey`) {
			t.Errorf("left %.60s", body)
		}
	})
}

// testEverythingCameSealed: each number by its own content encryption.
func testEverythingCameSealed(t *testing.T, s *site) {
	want := map[string]string{}
	for i, number := range s.numbers() {
		want[number] = "RSA-OAEP " + contents[i]
	}
	list, _ := s.Sim.Accepted(0, 0)
	if len(list) < 100 {
		t.Errorf("only %d sends were taken", len(list))
	}
	for _, a := range list {
		if a.Source == sim.FromAPI && a.Encrypted != want[a.PhoneID] {
			t.Errorf("%s came as %q", a.Type, a.Encrypted)
		}
	}
}

// testWrongKeys: keys that part leave no send in the clear and none repeated.
func testWrongKeys(t *testing.T, s *site, keys []string) {
	c, to := s.cloud, s.Env["DEMO_CONSENTED"]
	if state := s.encryptionState(t, c.number); state != admin.EncryptionReady {
		t.Fatalf("number is %s", state)
	}
	// Upstream encrypts to another key: it took the message, and we cannot read that.
	setPayload(t, s.Rig, c.number, `{"status":"enabled","client_encryption_key":"`+publicText(t, keys[1])+`"}`)
	mark := s.mark()
	a := s.message(t, c, text(to, "To another key"))
	list := s.taken(mark)
	if len(list) != 1 || a.Status != 500 || !strings.Contains(a.Body, `"code":131000`) || !strings.Contains(a.Body, `"is_transient":false`) {
		t.Errorf("%d sends left, answer %d %s", len(list), a.Status, a.Body)
	}
	s.Hooks.With(t, list[0].WAMID, `"delivered"`) // resolved by the status
	rig.Await(t, "the send to be settled as unknown", func() bool {
		return len(s.SQL(t, "SELECT id FROM audit WHERE kind = 'settle' AND result = 'unknown' AND ref = '"+list[0].Callback+"'")) == 1
	})
	if !strings.Contains(s.Log.String(), "an answer can not be read") || strings.Contains(s.Log.String(), "To another key") {
		t.Error("the log does not say it, or says too much")
	}
	if state := s.encryptionState(t, c.number); state != admin.EncryptionOwnDiffers {
		t.Errorf("number is %s", state)
	}
	// Upstream switched it off: a clear refusal, sent once.
	setPayload(t, s.Rig, c.number, `{"status":"disabled"}`)
	mark = s.mark()
	if a = s.message(t, c, text(to, "Refused")); a.Status != 400 || len(s.taken(mark)) != 0 {
		t.Errorf("answer %d %s", a.Status, a.Body)
	}
	if state := s.encryptionState(t, c.number); state != admin.EncryptionDisabled {
		t.Errorf("number is %s", state)
	}
	if e := s.enable(t, c.number); e.State != admin.EncryptionReady {
		t.Errorf("number is %s", e.State)
	}
	if a = s.message(t, c, text(to, "Again")); a.Status != 200 {
		t.Errorf("answer %d %s", a.Status, a.Body)
	}
	testRefusedExchange(t, s)
	testNewKey(t, s)
}

// testRefusedExchange: what can not be exchanged is said, and changes nothing.
func testRefusedExchange(t *testing.T, s *site) {
	if err := s.TryAdmin(t, "encryption.enable", admin.Number{Number: "1"}, nil); err == nil || !strings.Contains(err.Error(), "phone_number_id") {
		t.Errorf("an unknown number: %v", err)
	}
	for name, f := range map[string]sim.Fault{
		"code 190":         {Action: sim.ActionError, Code: 190, Times: 1},
		"can not be read":  {Action: sim.ActionHTTP, Status: 502, Times: 1},
		"another form":     {Action: sim.ActionGarbage, Times: 1},
		"can not be reach": {Action: sim.ActionCut, Times: 1},
	} {
		f.Path, f.Method = "settings", http.MethodPost
		_, err := s.Sim.AddFault(f)
		fail(t, err)
		if err := s.TryAdmin(t, "encryption.enable", admin.Number{Number: s.cloud.number}, nil); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		s.Sim.ClearFaults("")
	}
	if a := s.message(t, s.cloud, text(s.Env["DEMO_CONSENTED"], "As before")); a.Status != 200 {
		t.Errorf("answer %d %s", a.Status, a.Body)
	}
}

// testNewKey replaces a number's key while it sends: with the old one beside it
// nothing is lost between reload and exchange, without it nothing is sent.
func testNewKey(t *testing.T, s *site) {
	c, to := s.onprem, s.Env["DEMO_CONSENTED"]
	send := func(want int) {
		t.Helper()
		if a := s.message(t, c, text(to, "Rotating")); a.Status != want {
			t.Errorf("answer %d %s, want %d", a.Status, a.Body, want)
		}
	}
	fresh := filepath.Join(t.TempDir(), "fresh.pem")
	fail(t, os.WriteFile(fresh, []byte(payloadKey(t)), 0o600))
	var old string
	s.Rewrite(t, func(text string) string {
		old = regexp.MustCompile(`key: ("[^"]*"), content: A128CBC-HS256`).FindStringSubmatch(text)[1]
		return strings.Replace(text, "key: "+old, `key: "file:`+fresh+`"`, 1)
	})
	s.Admin(t, "config.reload", admin.None{}, nil)
	send(503)
	s.Rewrite(t, func(text string) string {
		return strings.Replace(text, `key: "file:`+fresh+`"`, `key: "file:`+fresh+`", key_previous: `+old, 1)
	})
	s.Admin(t, "config.reload", admin.None{}, nil)
	send(201)
	if state := s.encryptionState(t, c.number); state != admin.EncryptionOwnDiffers {
		t.Errorf("number is %s", state)
	}
	if e := s.enable(t, c.number); e.State != admin.EncryptionReady {
		t.Errorf("number is %s", e.State)
	}
	send(201)
	restore := s.Rewrite(t, func(text string) string { return strings.Replace(text, ", key_previous: "+old, "", 1) })
	s.Admin(t, "config.reload", admin.None{}, nil)
	send(201)
	// A broken key changes nothing.
	s.Rewrite(t, func(text string) string {
		return strings.Replace(text, fresh, filepath.Join(s.Dir, "secrets", "meta-token"), 1)
	})
	if err := s.TryAdmin(t, "config.reload", admin.None{}, nil); err == nil || !strings.Contains(err.Error(), "encryption.key") {
		t.Errorf("a broken key: %v", err)
	}
	restore()
	send(201)
	if list, _ := s.Sim.Accepted(0, 0); list[len(list)-1].Encrypted != "RSA-OAEP A128CBC-HS256" {
		t.Error("the last send is not encrypted")
	}
}

// TestEncryptionSurvivesARestart: exchanged keys are kept, and watched.
func TestEncryptionSurvivesARestart(t *testing.T) {
	_, sections := payloadKeys(t)
	r := rig.Start(t, rig.Options{Config: encrypting(sections...)})
	r.Admin(t, "encryption.enable", admin.Number{Number: r.Env["POSTERN_PHONE_ID"]}, nil)
	r.Stop()
	r = rig.Start(t, rig.Options{Keep: r.Dir, Config: encrypting(sections...)})
	if a := r.Cloud(t, text(r.Env["DEMO_CONSENTED"], "After the restart")); a.Status != 200 {
		t.Fatalf("answer %d %s", a.Status, a.Body)
	}
	list, _ := r.Sim.Accepted(0, 0)
	if len(list) != 1 || list[0].Encrypted == "" {
		t.Errorf("taken: %d", len(list))
	}
	// What parts later is noticed by itself.
	setPayload(t, r, r.Env["POSTERN_PHONE_ID"], `{"status":"disabled"}`)
	r.Clock.Forward(encryptionEvery)
	rig.Await(t, "the log to tell it", func() bool { return strings.Contains(r.Log.String(), `"state":"disabled"`) })
}

// encryptionEvery is how often the gateway looks at the keys of its numbers.
const encryptionEvery = 5 * time.Minute
