package proofs

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// Two people: one is erased, the other is not.
const (
	gone      = "4915223700441"
	goneID    = "DE.4411223344556677"
	goneName  = "Kolibri Zaunkoenig"
	goneWords = "Das Losungswort ist Quittenbaum."
	stays     = "4915223700998"
	stayWords = "Wann kommt der Pirol?"
)

// hear lets somebody write and returns the id that Meta gave the message.
func hear(t *testing.T, r *rig.Rig, in sim.Inbound, words string) string {
	t.Helper()
	in.From, in.Wait = "+"+in.From, true
	in.Message = map[string]any{"type": "text", "text": map[string]any{"body": words}}
	told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), in)
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	return told.ID
}

func writeTo(number, what string) string {
	return `{"to":"` + number + `","type":"text","text":{"body":"Your ` + what + ` is on its way."}}`
}

// kept is what the store holds of somebody, found with the store's own means.
type kept struct {
	subject string
	bytes   [][]byte // wrapped keys, sealed identifiers, index entries
}

// holdings reads what rests under the person while no gateway runs.
func holdings(t *testing.T, r *rig.Rig, subject string) kept {
	t.Helper()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	check(t, err)
	store, err := boot.OpenStore(t.Context(), cfg, boot.StoreConfig{Now: time.Now, OnError: func(err error) { t.Error(err) }})
	check(t, err)
	defer func() { check(t, store.Close()) }()
	id, err := audit.ParseID(subject)
	check(t, err)
	out := kept{subject: subject}
	row, err := store.Journal.Subject(t.Context(), audit.SubjectID(id))
	check(t, err)
	out.bytes = append(out.bytes, row.Identifiers)
	for _, e := range row.Index {
		out.bytes = append(out.bytes, e.Hash[:])
	}
	keys, err := store.Journal.KeysOf(t.Context(), audit.SubjectID(id))
	check(t, err)
	for _, k := range keys {
		whole, err := store.Journal.DataKey(t.Context(), k.Subject, k.Class, k.Month)
		check(t, err)
		out.bytes = append(out.bytes, whole.Wrapped)
	}
	return out
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// forms are the ways in which a value may stand in a file.
func forms(values ...string) [][]byte {
	var out [][]byte
	for _, v := range values {
		out = append(out, []byte(v), []byte(strings.ToLower(v)), []byte(hex.EncodeToString([]byte(v))), []byte(strings.ToUpper(hex.EncodeToString([]byte(v)))))
		for shift := range 3 { // base64 at each of the three places it can have
			padded := append(make([]byte, shift), v...)
			for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
				text := e.EncodeToString(padded)
				out = append(out, []byte(text[(shift*8+5)/6:len(padded)*8/6]))
			}
		}
	}
	return out
}

// found are the places in the gateway's folder, simulator excepted, where one
// of the values stands.
func found(t *testing.T, dir string, values [][]byte) []string {
	t.Helper()
	var out []string
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == "metasim" {
				return filepath.SkipDir // Meta knows whom it sends to
			}
			return err
		}
		raw, err := os.ReadFile(path) //nolint:gosec // a file of the test
		for i, v := range values {
			if bytes.Contains(raw, v) {
				out = append(out, filepath.Base(path)+" holds value "+string(rune('a'+i%26)))
			}
		}
		return err
	}))
	return out
}

// TestErase holds both halves: nothing of the person is left in any file, and
// every proof from before is as good as it was.
func TestErase(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	wamid := hear(t, r, sim.Inbound{From: gone, UserID: goneID, Name: goneName}, goneWords)
	hear(t, r, sim.Inbound{From: stays}, stayWords)
	r.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: gone}, Category: "marketing", Source: "web_form", Evidence: "form-kiebitz-77"}, nil)
	sent := r.Cloud(t, writeTo(gone, "Quittenbaum"), "Idempotency-Key: once")
	if sent.Status != http.StatusOK {
		t.Fatalf("send: %d %s", sent.Status, sent.Body)
	}
	other := r.Cloud(t, writeTo(stays, "Rotdorn"))
	r.Hooks.Answer(http.StatusServiceUnavailable) // what comes now waits for the app
	hear(t, r, sim.Inbound{From: gone, UserID: goneID, Name: goneName}, "STOP")

	id := sent.Header.Get("X-Postern-Receipt")
	receipt := fetch(t, r, id, cloud(r))
	before := fetch(t, r, other.Header.Get("X-Postern-Receipt"), cloud(r))
	var who admin.Found
	r.Admin(t, "subject.find", admin.Who{Number: gone}, &who)
	r.Stop()
	old := filepath.Join(t.TempDir(), "old")
	check(t, os.CopyFS(old, os.DirFS(filepath.Join(r.Dir, "checkpoints"))))
	held := holdings(t, r, who.Subject)
	if len(held.bytes) < 5 || len(found(t, r.Dir, held.bytes)) < len(held.bytes) {
		t.Fatalf("of %d values only %v on the disk: the test looks in the wrong place", len(held.bytes), found(t, r.Dir, held.bytes))
	}

	r = rig.Start(t, rig.Options{Keep: r.Dir})
	r.Hooks.Answer(http.StatusServiceUnavailable)
	var out admin.Erasure
	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + gone}, Reason: "request", Confirm: "erase"}, &out)
	if out.Subject != who.Subject || out.Keys < 3 || out.Records < 4 || out.Deliveries < 1 || !keepsRefusal(out) {
		t.Errorf("answer %+v", out)
	}

	values := append(forms(gone, gone[2:], "0"+gone[2:], goneID, goneName, goneWords, "Quittenbaum is on", "form-kiebitz", wamid), held.bytes...)
	for _, place := range found(t, r.Dir, values) {
		t.Error(place)
	}
	eraseShows(t, r, who.Subject, values)

	// The second half.
	pinned := verifier(t, keys(t, r), 0)
	for name, old := range map[string]*audit.Receipt{"the person's": receipt, "another's": before} {
		if got := old.Verify(pinned); !got.OK() {
			t.Errorf("%s receipt of before: %v", name, got.Findings)
		}
	}
	again := fetch(t, r, id, cloud(r))
	if got := again.Verify(pinned); again.Leaf != receipt.Leaf || !got.OK() {
		t.Error("the receipt given now is of another record")
	}
	verifyAgainst(t, r, old, pinned)
	suppressed(t, r, who.Subject)
}

func keepsRefusal(e admin.Erasure) bool {
	return slices.ContainsFunc(e.Kept, func(k admin.Kept) bool { return k.What == "entries of the suppression list" && k.Count > 0 }) && len(e.Unreached) > 0
}

// eraseShows looks at what may be asked.
func eraseShows(t *testing.T, r *rig.Rig, subject string, values [][]byte) {
	t.Helper()
	rows := r.SQL(t, "SELECT * FROM audit")
	for _, row := range rows {
		for _, cell := range row {
			for _, v := range values {
				if strings.Contains(cell, string(v)) {
					t.Errorf("a cell of the trail still holds a value: record %s", row[0])
				}
			}
		}
	}
	if err := r.TryAdmin(t, "subject.show", admin.Who{Number: gone}, nil); err == nil {
		t.Error("the person is still found")
	}
	if err := r.TryAdmin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Subject: subject}, Reason: "request", Confirm: "erase"}, nil); err == nil || !strings.Contains(err.Error(), "erased before") {
		t.Errorf("erased twice: %v", err)
	}
	var known admin.Known
	r.Admin(t, "subject.show", admin.Who{Subject: subject}, &known)
	if len(known.Facts) > 0 || len(known.Records) < 4 {
		t.Errorf("%d facts, %d records", len(known.Facts), len(known.Records))
	}
	r.Admin(t, "subject.show", admin.Who{Number: stays}, &known)
	if len(known.Facts) == 0 || len(known.Records) == 0 {
		t.Error("the other person's data is gone")
	}
	body := r.SQL(t, "SELECT body FROM audit WHERE kind = 'inbound' AND subject = '"+known.Subject+"'")
	if len(body) != 1 || !strings.Contains(body[0][0], "Pirol") {
		t.Errorf("the other person's words: %v", body)
	}
	status := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send'")
	if status[0][0] != "0" {
		t.Error("a status was taken for one of a message that went round the gate")
	}
}

// verifyAgainst proves the trail against checkpoints from before the erasure.
func verifyAgainst(t *testing.T, r *rig.Rig, old string, pinned audit.Verifier) {
	t.Helper()
	notes, err := audit.ReadCheckpoints(old)
	check(t, err)
	report := verifyWith(t, r, audit.VerifyOptions{Verifiers: []audit.Verifier{pinned}, Against: notes})
	if !report.OK() || report.Outside == 0 || report.Erased < 4 || report.Erasures != 2 {
		t.Errorf("%d outside, %d parts erased under %d erasure records: %v", report.Outside, report.Erased, report.Erasures, report.Findings)
	}
}

// verifyWith reads the rig's trail as audit verify does.
func verifyWith(t *testing.T, r *rig.Rig, opt audit.VerifyOptions) audit.Report {
	t.Helper()
	src, err := journal.OpenReader(t.Context(), r.Dir+"/data/journal.db")
	check(t, err)
	defer func() { check(t, src.Close()) }()
	report, err := audit.Verify(t.Context(), src, opt)
	check(t, err)
	return report
}

// suppressed: the person comes back as somebody new, and the refusal holds.
func suppressed(t *testing.T, r *rig.Rig, was string) {
	t.Helper()
	refusal := func() string {
		r.Admin(t, "consent.add", admin.Consent{Who: admin.Who{Number: gone}, Category: "general", Source: "web_form"}, nil)
		if a := r.Cloud(t, writeTo(gone, "Rotdorn")); a.Status == http.StatusOK {
			t.Error("sent to somebody who refused")
		}
		return r.SQL(t, "SELECT reasons FROM audit WHERE kind = 'admission' ORDER BY seq DESC LIMIT 1")[0][0]
	}
	for _, when := range []string{"at once", "after a restart"} {
		if when != "at once" {
			r.Stop()
			r = rig.Start(t, rig.Options{Keep: r.Dir})
		}
		if reasons := refusal(); !strings.Contains(reasons, "opted_out") {
			t.Errorf("%s refused for %s", when, reasons)
		}
		var known admin.Known
		r.Admin(t, "consent.show", admin.Who{Number: gone}, &known)
		out := slices.ContainsFunc(known.Facts, func(f admin.Fact) bool { return f.Kind == "optout" && strings.Contains(string(f.Value), `"out"`) })
		if known.Subject == was || !out {
			t.Errorf("%s: same subject %v, refusal known %v", when, known.Subject == was, out)
		}
	}
}
