package endpoints

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

// changed has upstream say that a person's identity changed; without a hash it
// does not name the new one.
func changed(t *testing.T, r *rig.Rig, hash string) {
	t.Helper()
	update := map[string]any{"type": "system", "system": map[string]any{"type": "customer_identity_changed", "body": "x"}}
	if hash != "" {
		update["identity"] = map[string]any{"acknowledged": false, "created_timestamp": "1767225600", "hash": hash}
	}
	before := inboundSystems(t, r)
	tell(t, r, r.Env["DEMO_CONSENTED"], update)
	rig.Await(t, "the change on record", func() bool { return inboundSystems(t, r) == before+1 })
}

func inboundSystems(t *testing.T, r *rig.Rig) int {
	t.Helper()
	return len(r.SQL(t, "SELECT id FROM audit WHERE kind = 'inbound' AND type = 'system/customer_identity_changed'"))
}

// TestContactIdentity: a change stops sends with 1028 until the app vouches for
// the identity of that hash, and the three calls agree at every moment.
func TestContactIdentity(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	auth, to := loginAdmin(t, r), r.Env["DEMO_CONSENTED"]
	path := "/v1/contacts/" + to + "/identity"
	send := step{"send", "POST", "/v1/messages", `{"to":"` + to + `","type":"text","text":{"body":"Hello"}}`, 201, "messages"}
	stopped := send
	stopped.name, stopped.status, stopped.words = "stopped send", 400, `"code":1028`
	tell(t, r, to, words("Hello"))
	r.Hooks.With(t, "Hello")

	a := r.Do(t, "GET", path, "", auth)
	own, _ := at(t, a, "identity", "hash").(string)
	if a.Status != http.StatusOK || at(t, a, "identity", "acknowledged") != true || own == "" || at(t, a, "identity", "created_timestamp") != nil {
		t.Fatalf("before any change: %d %s", a.Status, a.Body)
	}
	walk(t, r, auth, []step{send})

	changed(t, r, "DF2Hash=")
	walk(t, r, auth, []step{
		stopped,
		{"shown", "GET", path, "", 200, `{"identity":{"acknowledged":false,"created_timestamp":`},
		{"upstream's hash", "GET", path, "", 200, `"hash":"DF2Hash="`},
		{"the hash of before", "PUT", path, `{"hash":"` + own + `"}`, 400, `"code":1009`},
		{"no hash", "PUT", path, `{}`, 400, `"code":1008`},
		{"no text", "PUT", path, `{"hash":1}`, 400, `"code":1009`},
		stopped,
		{"vouched for", "PUT", path, `{"hash":"DF2Hash="}`, 200, `"acknowledged":true`},
		{"vouched for twice", "PUT", path, `{"hash":"DF2Hash="}`, 200, `"acknowledged":true`},
		send,
	})
	// Upstream stamps whole seconds: the next change needs one of its own.
	last := time.Now().Unix()
	rig.Await(t, "another second", func() bool { return time.Now().Unix() > last })
	changed(t, r, "")
	walk(t, r, auth, []step{stopped, {"the hash of before", "PUT", path, `{"hash":"DF2Hash="}`, 400, `"code":1009`}})
	hash := fmt.Sprint(at(t, r.Do(t, "GET", path, "", auth), "identity", "hash"))
	walk(t, r, auth, []step{{"one of the gateway's own", "PUT", path, `{"hash":"` + hash + `"}`, 200, `"hash":"` + hash + `"`}, send})
	checkVouched(t, r)
	before := r.Do(t, "GET", path, "", auth).Body
	r.Halt()
	r.Resume(t)
	if a := r.Do(t, "GET", path, "", auth); a.Body != before || !strings.Contains(a.Body, `"acknowledged":true`) {
		t.Errorf("after a restart: %s, before: %s", a.Body, before)
	}
}

// checkVouched: each word of the app is on record with the person it is about.
func checkVouched(t *testing.T, r *rig.Rig) {
	t.Helper()
	var rows [][]string
	rig.Await(t, "the app's words on record", func() bool {
		rows = r.SQL(t, "SELECT m.type, m.effect, s.result, m.subject FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND s.kind = 'settle'")
		return len(rows) == 3
	})
	for _, row := range rows {
		if strings.Join(row[:3], " ") != "identity/acknowledge allow accepted" || len(row[3]) < 32 {
			t.Errorf("on record: %v", row)
		}
	}
}

// TestContactIdentityOfNobody: of whom nothing is known here nothing is said.
func TestContactIdentityOfNobody(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [identity]}\n"}})
	auth, to := loginAdmin(t, r), r.Env["DEMO_CONSENTED"]
	walk(t, r, auth, []step{
		{"a stranger", "GET", "/v1/contacts/4917139239999/identity", "", 404, "unknown contact"},
		{"no number", "GET", "/v1/contacts/nobody/identity", "", 404, "unknown contact"},
		{"a stranger's", "PUT", "/v1/contacts/4917139239999/identity", `{"hash":"x"}`, 404, "unknown contact"},
	})
	tell(t, r, to, words("Hello"))
	r.Hooks.With(t, "Hello")
	changed(t, r, "DF2Hash=")
	walk(t, r, auth, []step{
		{"policy keeps it for people", "PUT", "/v1/contacts/" + to + "/identity", `{"hash":"DF2Hash="}`, 403, "policy:call_not_allowed"},
		{"not vouched for", "GET", "/v1/contacts/" + to + "/identity", "", 200, `"acknowledged":false`},
	})
}
