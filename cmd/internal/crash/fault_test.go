package crash

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

var errDisk = errors.New("input/output error")

// breaker fails chosen steps of the journal's writer while it is told to.
type breaker struct {
	mu    sync.Mutex
	fails map[journal.Step]int // how often each step fails next; negative: until healed
	last  time.Time            // when the writer was last at work
}

func (b *breaker) fault(s journal.Step) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.last = time.Now()
	n := b.fails[s]
	if n == 0 {
		return nil
	}
	if n > 0 {
		b.fails[s] = n - 1
	}
	return errDisk
}

func (b *breaker) set(fails map[journal.Step]int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fails = fails
}

// awaitIdle waits until the writer has had nothing to do for a while: what fails
// next is then the next request's.
func (b *breaker) awaitIdle(t *testing.T) {
	t.Helper()
	await(t, "the writer to be idle", func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return time.Since(b.last) > time.Second
	})
}

// family is one way to send, with what it answers while nothing is recorded.
type family struct {
	name   string
	down   int    // status
	code   string // in the body
	retry  bool   // Retry-After
	header []string
	path   string
	to     string // member that names the recipient
}

// families are the dialects of the demo's apps.
func families(t *testing.T, r *rig.Rig) []family {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(r.Env["POSTERN_ONPREM_USER"] + ":" + r.Env["POSTERN_ONPREM_PASSWORD"]))
	login := r.Do(t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+basic)
	_, token, _ := strings.Cut(login.Body, `"token":"`)
	token, _, ok := strings.Cut(token, `"`)
	if login.Status != http.StatusOK || !ok {
		t.Fatalf("login: %d %s", login.Status, login.Body)
	}
	meta := `"messaging_product":"whatsapp",`
	return []family{
		{"cloud", 500, `"code":131016`, false, []string{"Authorization: Bearer " + r.Env["POSTERN_CLOUD_TOKEN"]}, "/v25.0/" + r.Env["POSTERN_PHONE_ID"] + "/messages", meta},
		{"d360v2", 500, `"code":131016`, false, []string{"D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"]}, "/messages", meta},
		{"d360v1", 503, `"code":1016`, true, []string{"D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"]}, "/v1/messages", ""},
		{"onprem", 503, `"code":1016`, true, []string{"Authorization: Bearer " + token}, "/v1/messages", ""},
	}
}

func (f family) send(t *testing.T, r *rig.Rig, words string, headers ...string) rig.Reply {
	t.Helper()
	body := fmt.Sprintf(`{%s"to":"+%s","type":"text","text":{"body":%q}}`, f.to, r.Env["DEMO_CONSENTED"], words)
	return r.Do(t, http.MethodPost, f.path, body, append(headers, f.header...)...)
}

// refused expects the answer of this family while nothing can be recorded.
func (f family) refused(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	a := f.send(t, r, words)
	if a.Status != f.down || !strings.Contains(a.Body, f.code) || (a.Header.Get("Retry-After") != "") != f.retry {
		t.Errorf("%s: answered %d %q, Retry-After %q", f.name, a.Status, a.Body, a.Header.Get("Retry-After"))
	}
}

func (f family) taken(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	if a := f.send(t, r, words); a.Status != http.StatusOK && a.Status != http.StatusCreated {
		t.Errorf("%s: answered %d %q", f.name, a.Status, a.Body)
	}
}

func left(r *rig.Rig) int { list, _ := r.Sim.Accepted(0, 0); return len(list) }

// writes lets a person write; nobody waits for the webhook.
func writes(t *testing.T, r *rig.Rig, words string) string {
	t.Helper()
	told, err := r.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: r.Env["POSTERN_PHONE_ID"], From: "+491713920044",
		Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	check(t, err)
	return told.ID
}

// webhookAnswered waits until the person's message was answered so.
func webhookAnswered(t *testing.T, r *rig.Rig, id string, code int) {
	t.Helper()
	await(t, fmt.Sprintf("a webhook answered %d", code), func() bool {
		list, _ := r.Sim.Webhooks(0, 0)
		for _, d := range list {
			if len(d.IDs) == 1 && d.IDs[0] == id && d.Status == code {
				return true
			}
		}
		return false
	})
}

func readiness(t *testing.T, r *rig.Rig) rig.Reply {
	t.Helper()
	return r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/readyz", "")
}

func awaitReadiness(t *testing.T, r *rig.Rig, code int) {
	t.Helper()
	await(t, fmt.Sprintf("/readyz to answer %d", code), func() bool { return readiness(t, r).Status == code })
}

// stops waits until an outage is on record and says how often it alarmed.
func stops(t *testing.T, r *rig.Rig, want int) {
	t.Helper()
	await(t, "the outage to be on record", func() bool {
		rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = 'recording_stopped' AND code > 0")
		return rows[0][0] == fmt.Sprint(want)
	})
	alarm := fmt.Sprintf(`postern_alarms_total{alarm="recording_stopped"} %d`, want)
	if metrics := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body; !strings.Contains(metrics, alarm) {
		t.Errorf("the metrics lack %s", alarm)
	}
}

// silent checks that what people wrote and who they are is in no log line.
func silent(t *testing.T, r *rig.Rig, words ...string) {
	t.Helper()
	log := r.Log.String()
	for _, w := range append(words, r.Env["DEMO_CONSENTED"], "491713920044", r.Env["POSTERN_CLOUD_TOKEN"]) {
		if strings.Contains(log, w) {
			t.Errorf("the log holds %q", w)
		}
	}
}

// TestNothingIsSentWhileTheJournalFails fails every step that leaves nothing
// behind, and recovery with it.
func TestNothingIsSentWhileTheJournalFails(t *testing.T) {
	t.Parallel()
	b := &breaker{}
	r := rig.Start(t, rig.Options{Fault: b.fault})
	awaitReadiness(t, r, http.StatusOK)
	all := families(t, r)
	for n, step := range []journal.Step{journal.StepBegin, journal.StepWrite, journal.StepCommit} {
		before := left(r)
		b.set(map[journal.Step]int{step: -1, journal.StepRecover: -1})
		for _, f := range all {
			f.refused(t, r, "Never to be read")
		}
		words := fmt.Sprintf("Written while step %d failed", step)
		webhookAnswered(t, r, writes(t, r, words), http.StatusServiceUnavailable)
		if a := readiness(t, r); a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, `"journal":"down"`) {
			t.Errorf("readyz: %d %s", a.Status, a.Body)
		}
		if a := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/healthz", ""); a.Status != http.StatusOK {
			t.Errorf("healthz: %d", a.Status)
		}
		if left(r) != before {
			t.Fatalf("a message left while step %d failed", step)
		}
		b.set(nil)
		awaitReadiness(t, r, http.StatusOK)
		r.Hooks.With(t, words)
		for _, f := range all {
			f.taken(t, r, "Read after all")
		}
		if now := left(r); now != before+len(all) {
			t.Errorf("%d messages left, want %d", now-before, len(all))
		}
		stops(t, r, n+1)
	}
	silent(t, r, "Never to be read", "Written while", "Read after all")
	adds(t, r)
}

// adds checks that no message was recorded or sent twice, and that each has an
// admission.
func adds(t *testing.T, r *rig.Rig) {
	t.Helper()
	list, _ := r.Sim.Accepted(0, 0)
	seen := map[string]bool{}
	for _, a := range list {
		if seen[a.Callback] {
			t.Errorf("two sends of one admission")
		}
		seen[a.Callback] = true
	}
	for _, row := range r.SQL(t, "SELECT id FROM audit WHERE kind = 'admission' AND effect = 'allow'") {
		delete(seen, row[0])
	}
	if len(seen) > 0 {
		t.Errorf("%d messages left without admission", len(seen))
	}
	if rows := r.SQL(t, "SELECT message_id FROM audit WHERE kind = 'inbound' GROUP BY message_id HAVING count(*) > 1"); len(rows) > 0 {
		t.Errorf("%d messages of people are recorded twice", len(rows))
	}
}

// TestFailedButPersisted fails after the commit and lets recovery find it: the
// callers hear the truth, and everything goes on once.
func TestFailedButPersisted(t *testing.T) {
	t.Parallel()
	b := &breaker{}
	r := rig.Start(t, rig.Options{Fault: b.fault})
	awaitReadiness(t, r, http.StatusOK)
	warm(t, r)
	for n, f := range families(t, r) {
		before := left(r)
		awaitSettled(t, r, n+1)
		b.awaitIdle(t)
		b.set(map[journal.Step]int{journal.StepCommitted: 1})
		f.taken(t, r, "Once and no more")
		if now := left(r); now != before+1 {
			t.Errorf("%s: %d messages left", f.name, now-before)
		}
	}
	awaitSettled(t, r, 5)
	b.awaitIdle(t)
	b.set(map[journal.Step]int{journal.StepCommitted: 1})
	webhookAnswered(t, r, writes(t, r, "Heard once"), http.StatusOK)
	r.Hooks.With(t, "Heard once")
	silent(t, r, "Once and no more", "Heard once")
	adds(t, r)
}

// warm lets one message through. The first one after a start reserves the key's
// seals, and the journal notes that beside the message's own commit.
func warm(t *testing.T, r *rig.Rig) {
	t.Helper()
	families(t, r)[0].taken(t, r, "The first one")
	awaitSettled(t, r, 1)
}

// awaitSettled waits until so many sends are settled and upstream has told all
// it had to.
func awaitSettled(t *testing.T, r *rig.Rig, sends int) {
	t.Helper()
	await(t, "quiet", func() bool {
		rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle' UNION ALL SELECT count(*) FROM audit WHERE kind = 'status'")
		return rows[0][0] == fmt.Sprint(sends) && rows[1][0] == fmt.Sprint(3*sends) && r.Sim.Pending() == 0
	})
}

// TestUnresolved fails after the commit and keeps recovery from finding out:
// nobody may act on what may be on record. A send is refused and never leaves,
// a webhook comes again and is known by then.
func TestUnresolved(t *testing.T) {
	t.Parallel()
	b := &breaker{}
	r := rig.Start(t, rig.Options{Fault: b.fault})
	awaitReadiness(t, r, http.StatusOK)
	warm(t, r)
	cloud := families(t, r)[0]
	key := unresolved(t, r, b, cloud, "Refused for good")
	// Nobody knows here that it never left: asked again, the answer is the same as after a crash.
	if a := cloud.send(t, r, "Refused for good", key); a.Status != 500 || !strings.Contains(a.Body, `"code":131000`) {
		t.Errorf("asked again: answered %d %q", a.Status, a.Body)
	}
	if n := left(r); n != 1 {
		t.Fatalf("%d messages left, want the first alone", n)
	}

	b.awaitIdle(t)
	b.set(map[journal.Step]int{journal.StepCommitted: 1, journal.StepRecover: -1})
	id := writes(t, r, "Recorded and refused")
	webhookAnswered(t, r, id, http.StatusServiceUnavailable)
	b.set(nil)
	webhookAnswered(t, r, id, http.StatusOK)
	r.Hooks.With(t, "Recorded and refused")
	cloud.taken(t, r, "And on it goes")
	adds(t, r)

	for _, result := range []string{"unknown", "expired"} {
		r.Clock.Forward(3 * time.Minute)
		await(t, "the admission to be "+result, func() bool {
			return len(r.SQL(t, "SELECT 1 FROM audit WHERE kind = 'settle' AND result = '"+result+"'")) == 1
		})
	}
	r.Hooks.With(t, `"failed"`)
	silent(t, r, "Refused for good", "Recorded and refused", "And on it goes")
}

// unresolved sends until the commit that failed is the send's own, and not one
// that the gateway made beside it, and gives the header of that send's key.
func unresolved(t *testing.T, r *rig.Rig, b *breaker, f family, words string) (key string) {
	t.Helper()
	admitted := func() string {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'admission' AND effect = 'allow'")[0][0]
	}
	for n := range 20 {
		before, key := admitted(), fmt.Sprintf("Idempotency-Key: unresolved-%d", n)
		b.awaitIdle(t)
		b.set(map[journal.Step]int{journal.StepCommitted: 1, journal.StepRecover: -1})
		if a := f.send(t, r, words, key); a.Status != f.down || !strings.Contains(a.Body, f.code) {
			t.Fatalf("answered %d %q", a.Status, a.Body)
		}
		b.set(nil)
		awaitReadiness(t, r, http.StatusOK)
		if admitted() != before {
			return key
		}
	}
	t.Fatal("no send was caught in its commit")
	return ""
}
