package moving

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/flows"
)

// registrations are the bodies with which numbers were registered, as they left
// the gateway.
type registrations struct {
	mu     sync.Mutex
	bodies map[string]registered // by number
}

type registered struct {
	PIN    string `json:"pin"`
	Region string `json:"data_localization_region"`
	Backup struct {
		Data     string `json:"data"`
		Password string `json:"password"`
	} `json:"backup"`
}

func (s *registrations) watch(simulator http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		node, ours := strings.CutSuffix(r.URL.Path, "/register")
		if ours {
			body, err := io.ReadAll(r.Body)
			var in registered
			if err == nil && json.Unmarshal(body, &in) == nil {
				s.mu.Lock()
				s.bodies[node[strings.LastIndex(node, "/")+1:]] = in
				s.mu.Unlock()
			}
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		simulator.ServeHTTP(w, r)
	})
}

func (s *registrations) of(number string) registered {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bodies[number]
}

// TestMoveKeeps moves a number with all that goes along: where its messages
// rest, its flow key, its payload encryption and the backup metadata of an
// On-Premises client, which with the PIN is in no record and no log line.
func TestMoveKeeps(t *testing.T) {
	seen := &registrations{bodies: map[string]registered{}}
	r := start(t, rig.Options{Watch: seen.watch})
	m := mover{t, r, r.Env["POSTERN_PHONE_ID"]}
	rest := func(number string, to sim.Storage) {
		t.Helper()
		if err := r.Sim.SetStorage(number, to); err != nil {
			t.Fatal(err)
		}
	}
	nothing, local := sim.Storage{Status: sim.StorageNone, Retention: 60}, sim.Storage{Status: sim.StorageLocal, Region: "CH"}
	m.wait("Write the code", nil)
	target := m.wait("Write into the configuration", func(in *admin.NumberMove) { in.Code = code }).Target
	configureWith(t, r, target, oldDisplay, keysOf(t, r))
	byHook := func(in *admin.NumberMove) { in.Webhook = hookOf(r) }
	rest(m.number, sim.Storage{Status: "SOMETHING_NEW"})
	m.refused("step register: Meta does not say where", byHook)
	m.wait("Choose a PIN", func(in *admin.NumberMove) { in.Region = "default" })
	rest(m.number, nothing)
	m.wait("postern residency set "+target+" none", nil)
	rest(target, nothing)
	m.wait("Choose a PIN", nil)
	rest(target, sim.Storage{})
	rest(m.number, local)
	v := m.wait("Send a message by the app", func(in *admin.NumberMove) { in.PIN = pin })
	if got := seen.of(target); got.Region != "CH" || got.PIN != pin {
		t.Errorf("registered with region %q", got.Region)
	}
	if noteOf(v, "flow_key") != "current" || noteOf(v, "encryption") != "ready" {
		t.Errorf("keys: %q, %q", noteOf(v, "flow_key"), noteOf(v, "encryption"))
	}
	if rows := r.SQL(t, "SELECT result FROM audit WHERE type = 'encryption' ORDER BY seq"); len(rows) != 2 || rows[0][0] != "exchanging" || rows[1][0] != "exchanged" {
		t.Errorf("the exchange on record: %v", rows)
	}
	if s := one(t, r, target); s.FlowKey != admin.FlowKeyCurrent || s.Encryption != admin.EncryptionReady || s.Meta.Storage != "CH" {
		t.Errorf("status: %q, %q, %q", s.FlowKey, s.Encryption, s.Meta.Storage)
	}
	rig.Await(t, "where the messages rest", func() bool {
		var all []admin.Residency
		r.Admin(t, "residency.show", admin.ResidencyShow{}, &all)
		return slices.ContainsFunc(all, func(a admin.Residency) bool { return a.Number == target && a.Kind == "local" && a.Region == "CH" })
	})
}

// TestMoveWithBackup takes a number of an On-Premises client over.
func TestMoveWithBackup(t *testing.T) {
	seen := &registrations{bodies: map[string]registered{}}
	r := start(t, rig.Options{Watch: seen.watch})
	m := mover{t, r, outside}
	backup := &admin.NumberBackup{Data: rand.Text(), Password: rand.Text()}
	old := func(change func(*admin.NumberMove)) func(*admin.NumberMove) {
		return func(in *admin.NumberMove) {
			in.From, in.Display = "onprem", elsewhere
			if change != nil {
				change(in)
			}
		}
	}
	m.refused("dialled only inside the country", func(in *admin.NumberMove) { in.From, in.Display = "onprem", "+49 030 7654321" })
	m.wait("Give the backup metadata", old(func(in *admin.NumberMove) { in.Confirm = []string{"pin_off"} }))
	m.wait("Write the code", old(func(in *admin.NumberMove) { in.Backup = backup }))
	target := m.wait("Write into the configuration", func(in *admin.NumberMove) { in.Code = "125010" }).Target
	configure(t, r, target, elsewhere)
	m.wait("Choose a PIN", func(in *admin.NumberMove) { in.Webhook = hookOf(r) })
	m.wait("was not kept", func(in *admin.NumberMove) { in.PIN = pin })
	m.wait("Send a message by the app", func(in *admin.NumberMove) { in.PIN, in.Backup = pin, backup })
	if got := seen.of(target); got.Backup.Data != backup.Data || got.Backup.Password != backup.Password {
		t.Error("registered without the backup")
	}
	rig.Await(t, "the registration with its outcome", func() bool {
		return len(r.SQL(t, "SELECT s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.type = 'move/register' AND s.kind = 'settle'")) == 1
	})
	hold := func(where, text string) {
		for _, secret := range []string{backup.Data, backup.Password, `"` + pin + `"`, `"125010"`} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %q", where, secret)
			}
		}
	}
	hold("the log", r.Log.String())
	for _, row := range r.SQL(t, "SELECT * FROM audit") {
		hold("a record", strings.Join(row, "\x00"))
	}
	for _, column := range []string{"body", "detail"} {
		if rows := r.SQL(t, "SELECT type FROM audit WHERE type LIKE 'move/%' AND "+column+" LIKE '%"+pin+"%'"); len(rows) != 0 {
			t.Errorf("%s of %v holds the PIN", column, rows)
		}
	}
	files, err := filepath.Glob(filepath.Join(r.Dir, "data", "*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the store's files: %d, %v", len(files), err)
	}
	for _, path := range files {
		raw, err := os.ReadFile(path)
		if err == nil && (bytes.Contains(raw, []byte(backup.Data)) || bytes.Contains(raw, []byte(backup.Password))) {
			t.Errorf("%s holds the backup", filepath.Base(path))
		}
	}
}

// keysOf makes a flow key and a key of payload encryption, and names them as a
// number's configuration does.
func keysOf(t *testing.T, r *rig.Rig) string {
	t.Helper()
	for _, name := range []string{"flow.pem", "payload.pem"} {
		k, err := flows.NewKey()
		if err != nil {
			t.Fatal(err)
		}
		text, err := k.Private()
		if err != nil {
			t.Fatal(err)
		}
		r.Write(t, "secrets/"+name, string(text))
	}
	return `, flow: {key: "file:secrets/flow.pem", endpoint: {url: "` + r.Hooks.URL + `", secret: "file:secrets/webhook-secret"}}, encryption: {key: "file:secrets/payload.pem"}`
}
