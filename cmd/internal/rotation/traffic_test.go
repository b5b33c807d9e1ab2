package rotation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/cmd/internal/rotation"
	"postern/cmd/metasim/sim"
	"postern/crypto/keyring"
)

// office is a gateway that people write to, with sends that never rest.
type office struct {
	*rig.Rig
	http *http.Client
}

func openOffice(t *testing.T, o rig.Options) *office {
	t.Helper()
	o.Settings = func(s *sim.Settings) { s.Statuses = []string{} }
	o.Config = func(text string) string {
		return strings.Replace(text, "per_app_rate: 0", "per_app_rate: 0, pair_rate: 0", 1)
	}
	if o.Keep == "" { // the hour at which tests run decides nothing
		o.Policies = map[string]string{"settings.yaml": "version: 1\nquiet_hours: {categories: []}\n"}
	}
	r := rig.Start(t, o)
	return &office{Rig: r, http: r.Client(t)}
}

// window opens the service window of people.
func (o *office) window(t *testing.T, numbers ...string) {
	t.Helper()
	data := "fact,number,time,business\n"
	for _, n := range numbers {
		data += "window,+" + n + "," + o.Clock.Now().Add(-time.Minute).UTC().Format(time.RFC3339) + "," + o.Env["POSTERN_PHONE_ID"] + "\n"
	}
	var done admin.Imported
	o.Admin(t, "facts.import", admin.Import{Tenant: "demo", Format: "csv", Data: data}, &done)
	if len(done.Problems) > 0 {
		t.Fatalf("import: %+v", done.Problems)
	}
}

// send posts one text as the Cloud app.
func (o *office) send(to, text string, headers ...string) (int, string, error) {
	body := `{"messaging_product":"whatsapp","to":"+` + to + `","type":"text","text":{"body":"` + text + `"}}`
	req, err := http.NewRequest(http.MethodPost, o.Env["POSTERN_URL"]+"/v25.0/"+o.Env["POSTERN_PHONE_ID"]+"/messages", bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+o.Env["POSTERN_CLOUD_TOKEN"])
	req.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := o.http.Do(req)
	if err != nil {
		return 0, "", err
	}
	raw, err := io.ReadAll(resp.Body)
	resp.Body.Close() //nolint:errcheck // read to its end
	return resp.StatusCode, string(raw), err
}

// stream sends to people in turn until told to stop, and then says how many.
func (o *office) stream(t *testing.T, to []string) (stop func() int64) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var n atomic.Int64
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := n.Add(1)
				if status, body, err := o.send(to[int(i)%len(to)], fmt.Sprint("Your order ", i)); status != http.StatusOK {
					t.Errorf("a message failed during a rotation: %d %s %v", status, body, err)
					cancel()
				}
			}
		})
	}
	return func() int64 { cancel(); wg.Wait(); return n.Load() }
}

func (o *office) subject(t *testing.T, number string) string {
	t.Helper()
	var found admin.Found
	o.Admin(t, "subject.find", admin.Who{Number: number}, &found)
	return found.Subject
}

// settle waits until no work is left.
func (o *office) settle(t *testing.T) {
	t.Helper()
	rig.Await(t, "the work to end", func() bool {
		var work []rotation.Work
		o.Admin(t, "keys.status", admin.None{}, &work)
		for _, w := range work {
			if w.State != "done" {
				return false
			}
		}
		return true
	})
}

func (o *office) hears(t *testing.T, from, text string) {
	t.Helper()
	told, err := o.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + from, Wait: true, Message: map[string]any{
		"type": "text", "text": map[string]any{"body": text}, "timestamp": fmt.Sprint(o.Clock.Now().Unix()),
	}})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %+v, %v", told, err)
	}
}

var everyPurpose = []keyring.Purpose{
	keyring.KEK, keyring.Index, keyring.Original, keyring.Suppression, keyring.App, keyring.Checkpoint, keyring.Webhook, keyring.Secret,
}

// TestEveryPurposeUnderTraffic rotates each purpose while messages are sent,
// destroys what nothing needs any more, and starts again from the store.
func TestEveryPurposeUnderTraffic(t *testing.T) {
	o := openOffice(t, rig.Options{})
	var crowd []string
	for i := range 40 {
		crowd = append(crowd, fmt.Sprintf("4917604069%03d", i))
	}
	stopper, writer := crowd[38], crowd[39]
	crowd = crowd[:38]
	o.window(t, append([]string{stopper, writer}, crowd...)...)
	before := map[string]string{}
	for _, n := range append([]string{stopper, writer}, crowd...) {
		before[n] = o.subject(t, n)
	}
	status, first, err := o.send(writer, "Once", "Idempotency-Key: once")
	if status != http.StatusOK {
		t.Fatal(status, first, err)
	}
	stop := o.stream(t, crowd)
	for _, p := range everyPurpose {
		var k admin.KeyRotated
		o.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: p}, &k)
		if k.Version != 2 || k.Before != 1 {
			t.Errorf("%s: %+v", p, k)
		}
	}
	o.Admin(t, "keys.rewrap", admin.None{}, nil)
	o.settle(t)
	for _, p := range []keyring.Purpose{keyring.KEK, keyring.Index, keyring.Secret, keyring.Checkpoint, keyring.Suppression, keyring.Webhook} {
		o.destroy(t, p)
	}
	if n := stop(); n < 20 {
		t.Errorf("only %d messages were sent meanwhile", n)
	}
	for _, p := range []keyring.Purpose{keyring.Original, keyring.App} {
		err := o.TryAdmin(t, "keys.destroy", admin.KeyDestroy{Purpose: p, Version: 1, Confirm: rotation.Name(p, 1)}, nil)
		if err == nil || !strings.Contains(err.Error(), "is still needed: ") {
			t.Errorf("%s version 1 is destroyed though it is needed: %v", p, err)
		}
	}
	o.remembers(t, before, writer, first)
	o.stops(t, stopper)
	o.Stop()
	o = openOffice(t, rig.Options{Keep: o.Dir})
	o.remembers(t, before, writer, first)
	o.stopped(t, stopper)
	o.verify(t)
}

func (o *office) destroy(t *testing.T, p keyring.Purpose) {
	t.Helper()
	// What is on its way into the store under the old version moves, too.
	rig.Await(t, "nothing to need "+string(p)+" 1", func() bool {
		err := o.TryAdmin(t, "keys.destroy", admin.KeyDestroy{Purpose: p, Version: 1, Confirm: rotation.Name(p, 1)}, nil)
		if err != nil && !strings.Contains(err.Error(), "is still needed: ") {
			t.Fatal(err)
		}
		if err != nil {
			o.Admin(t, "keys.rewrap", admin.None{}, nil)
			if p == keyring.Checkpoint { // the next one comes, and with it the statement of who follows its key
				o.Clock.Forward(time.Minute)
			}
		}
		return err == nil
	})
}

// remembers holds that people are who they were and their history opens: an
// earlier answer is sealed, and so are the identifiers.
func (o *office) remembers(t *testing.T, before map[string]string, writer, first string) {
	t.Helper()
	for n, id := range before {
		if now := o.subject(t, n); now != id {
			t.Errorf("a person became another one: %s, was %s", now, id)
		}
	}
	status, again, err := o.send(writer, "Once", "Idempotency-Key: once")
	if status != http.StatusOK || again != first {
		t.Errorf("the answer to an Idempotency-Key is lost: %d %v\n%s\n%s", status, err, first, again)
	}
	if n := o.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send'")[0][0]; n != "0" {
		t.Errorf("%s sends are taken for strangers'", n)
	}
}

// stops lets a person who consented to offers say STOP.
func (o *office) stops(t *testing.T, from string) {
	t.Helper()
	o.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: from}, Category: "marketing", Source: "web_form"}, nil)
	if reason := o.offer(t, from); reason != "sent" {
		t.Fatalf("an offer to who consented: %s", reason)
	}
	o.hears(t, from, "STOP")
	o.stopped(t, from)
}

func (o *office) stopped(t *testing.T, from string) {
	t.Helper()
	if reason := o.offer(t, from); reason != "opted_out" {
		t.Errorf("an offer to who stopped: %s", reason)
	}
}

// offer sends a marketing template and says why it was refused, if it was.
func (o *office) offer(t *testing.T, to string) string {
	t.Helper()
	a := o.Cloud(t, `{"to":"+`+to+`","type":"template","template":{"name":"spring_offer","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}}`)
	if a.Status == http.StatusOK {
		return "sent"
	}
	return a.Header.Get("X-Postern-Reason")
}

// verify checks the whole trail with the first key, which leads to the others.
func (o *office) verify(t *testing.T) {
	t.Helper()
	o.Stop()
	cfg, err := boot.Load(o.Env["POSTERN_CONFIG"])
	must(t, err)
	keys, err := boot.OpenKeys(cfg, time.Now)
	must(t, err)
	defer keys.Close()
	verifiers, err := boot.CheckpointVerifiers(keys)
	must(t, err)
	reader, err := journal.OpenReader(t.Context(), cfg.JournalPath())
	must(t, err)
	defer reader.Close() //nolint:errcheck // read only
	statements, err := reader.Successions(t.Context())
	must(t, err)
	report, err := audit.Verify(t.Context(), reader, audit.VerifyOptions{Verifiers: verifiers[:1], Successions: statements})
	must(t, err)
	if len(report.Findings) > 0 {
		raw, _ := json.Marshal(report.Findings) //nolint:errcheck // for the message only
		t.Errorf("trail: %s", raw)
	}
	if len(verifiers) != 2 {
		t.Errorf("%d checkpoint keys", len(verifiers))
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
