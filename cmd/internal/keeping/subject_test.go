package keeping

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/retention"
)

// exports asks for a person's data with an operator's key.
func exports(t *testing.T, r *rig.Rig, key string, in admin.SubjectExport) (out admin.SubjectExported, file []byte, err error) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var whole bytes.Buffer
	err = admin.NewClient(strings.TrimPrefix(r.Env["POSTERN_ADMIN_URL"], "http://")).Hand(t.Context(), key, "subject.export", raw, func(answer []byte) (io.Writer, error) {
		return &whole, json.Unmarshal(answer, &out)
	})
	return out, whole.Bytes(), err
}

func refused(t *testing.T, err error, code admin.Code, words string) {
	t.Helper()
	var e *admin.Error
	if !errors.As(err, &e) || e.Code != code || !strings.Contains(e.Message, words) {
		t.Errorf("answered %v, want %s with %q", err, code, words)
	}
}

// TestExportOfAPerson: what they wrote as they wrote it, without others' data,
// for an open request only, by somebody else than who took it.
func TestExportOfAPerson(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	const (
		other   = "+49 171 3920099"
		address = "jonas.winter@example.org"
	)
	person := r.Env["DEMO_CONSENTED"]
	told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + person, Wait: true, Message: map[string]any{
		"type": "text", "text": map[string]any{"body": "my number is +" + person + ", my brother's " + other + " and " + address},
	}})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	if a := r.Cloud(t, `{"to":"+`+person+`","type":"text","text":{"body":"thank you for <b>writing</b>"}}`); a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	var rita admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	who := admin.SubjectExport{Who: admin.Who{Number: "+" + person}}
	_, _, err = exports(t, r, rita.Key, who)
	refused(t, err, admin.Conflict, "no request for access")
	refused(t, r.TryAdmin(t, "subject.export", who, nil), admin.Forbidden, "needs reveal")
	var q retention.Request
	r.Admin(t, "subject.request", admin.SubjectRequest{Who: who.Who, Type: "access", ProvedBy: "login"}, &q)
	got, file, err := exports(t, r, rita.Key, who)
	if err != nil {
		t.Fatal(err)
	}
	if got.Request != q.ID || got.Messages < 2 || got.From != "" {
		t.Errorf("answer %+v", got)
	}
	said := disclosure(t, file)
	texts, reasons := "", ""
	for _, m := range said.Messages {
		texts += m.Text + "\n"
		reasons += m.Decision + "\n"
	}
	if !strings.Contains(texts, "my number is +"+person) || !strings.Contains(texts, "<b>writing</b>") || !strings.Contains(reasons, "let through") {
		t.Errorf("messages:\n%s%s", texts, reasons)
	}
	if strings.Contains(texts, other) || strings.Contains(texts, address) {
		t.Errorf("others' data is in it:\n%s", texts)
	}
	if len(said.Numbers) == 0 || said.Numbers[0] != person || len(said.Facts) == 0 {
		t.Errorf("numbers %v, facts %v", said.Numbers, said.Facts)
	}
	_, _, err = exports(t, r, rita.Key, who)
	refused(t, err, admin.Conflict, "no request for access") // answered
	rows := r.SQL(t, "SELECT labels FROM audit WHERE kind = 'request' AND type = 'access' AND result = 'done' AND actor = 'rita'")
	if len(rows) != 1 || !strings.Contains(rows[0][0], "opened:") || !strings.Contains(rows[0][0], "sha256:") {
		t.Errorf("on record: %v", rows)
	}
}

func disclosure(t *testing.T, file []byte) (out retention.Disclosure) {
	t.Helper()
	if err := json.Unmarshal(member(t, file, "export.json"), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// member is one file of a ZIP.
func member(t *testing.T, file []byte, name string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestExportHoldsFiles: what the person sent and what was sent to them, not what
// somebody else sent; one that does not open is named.
func TestExportHoldsFiles(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{})
	person := r.Env["DEMO_CONSENTED"]
	pictures := func(from, caption string) string {
		t.Helper()
		told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: from, Wait: true, Message: map[string]any{
			"type": "image", "image": map[string]any{"caption": caption},
		}})
		if err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %d, %v", told.Status, err)
		}
		return pictureID(t, r, caption)
	}
	pictures("+"+person, "der eisvogel")
	pictures("+"+person, "der zweite eisvogel")
	others := pictures("+491713927011", "die wasseramsel")
	rig.Await(t, "the files in the store", func() bool { return files(t, r) == 3 })
	own, _ := uploads(t, r, "the terms of the loan")
	for _, id := range []string{own, others} {
		if a := r.Cloud(t, `{"to":"+`+person+`","type":"document","document":{"id":"`+id+`","filename":"terms of jonas.winter@example.org.txt"}}`); a.Status != http.StatusOK {
			t.Fatalf("send: %d %s", a.Status, a.Body)
		}
	}
	var rita admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	who := admin.SubjectExport{Who: admin.Who{Number: "+" + person}}
	r.Admin(t, "subject.request", admin.SubjectRequest{Who: who.Who, Type: "access", ProvedBy: "login"}, nil)
	damage(t, r)
	got, file, err := exports(t, r, rita.Key, who)
	if err != nil || got.Files != 3 || got.Bytes == 0 {
		t.Fatalf("answer %+v, %v", got, err)
	}
	said, in, damaged := disclosure(t, file), map[string]retention.ExportFile{}, 0
	for _, m := range said.Messages {
		for _, f := range m.Files {
			in[m.Type+m.Direction+f.Note] = f
			if strings.Contains(f.Note, "changed where it is kept") {
				damaged++
			}
		}
	}
	if f := in["documentoutbound"]; f.Path == "" || string(member(t, file, f.Path)) != "the terms of the loan" || f.Name != "terms of [EMAIL].txt" {
		t.Errorf("what was sent to the person: %+v", in)
	}
	if f := in["documentoutboundsomebody else sent it"]; f.Path != "" || f.Note == "" {
		t.Errorf("another's file: %+v", in)
	}
	if f := in["imageinbound"]; f.Path == "" || len(member(t, file, f.Path)) == 0 || damaged != 1 {
		t.Errorf("what the person sent: %+v, %d damaged", in, damaged)
	}
	if !strings.Contains(string(member(t, file, "export.html")), `<a href="files/`) || len(said.Files) != 0 {
		t.Errorf("links, other files: %+v", said.Files)
	}
	rows := r.SQL(t, "SELECT result, labels FROM audit WHERE kind = 'request' AND type = 'access' AND actor = 'rita' ORDER BY seq")
	if len(rows) != 2 || rows[0][0] != "begun" || !strings.Contains(rows[0][1], "files:3") || rows[1][0] != "done" || !strings.Contains(rows[1][1], "files:2") {
		t.Errorf("on record: %v", rows)
	}
	if checked := verifies(t, r, file); len(checked.Files) != 6 { // page, JSON, list, and three files
		t.Errorf("verified: %v", checked.Files)
	}
}

// pictureID is the id under which an app was told of a picture.
func pictureID(t *testing.T, r *rig.Rig, caption string) string {
	t.Helper()
	_, rest, _ := strings.Cut(string(r.Hooks.With(t, caption).Body), `"image":`)
	_, rest, _ = strings.Cut(rest, `"id":"`)
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

// damage changes a byte at the end of one file that a person sent.
func damage(t *testing.T, r *rig.Rig) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(r.Dir, "data", "media"))
	if err != nil || len(entries) == 0 {
		t.Fatal(err)
	}
	slices.SortFunc(entries, func(a, b os.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	name := filepath.Join(r.Dir, "data", "media", entries[0].Name()) // ids sort by time: the person's first
	raw, err := os.ReadFile(name)                                    //nolint:gosec // a file of the test
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	if err := os.WriteFile(name, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestExportLooksWithThePacks takes out what only a pack of the policy finds, and
// leaves the words of lexicons.
func TestExportLooksWithThePacks(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{
		"settings.yaml": "personal_data: {packs: [acme], lexicons: [promises]}",
		"pii/acme.yaml": "pack: acme\nentities:\n  ACME_NO: {pattern: 'AC-\\d{8}', examples: {match: [AC-12345678], no_match: [AC-1]}}\n",
	}})
	person := r.Env["DEMO_CONSENTED"]
	told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + person, Wait: true, Message: map[string]any{
		"type": "text", "text": map[string]any{"body": "her number is AC-44445555, with guaranteed returns"},
	}})
	if err != nil || told.Status != http.StatusOK {
		t.Fatalf("webhook: %d, %v", told.Status, err)
	}
	var rita admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	who := admin.SubjectExport{Who: admin.Who{Number: "+" + person}}
	r.Admin(t, "subject.request", admin.SubjectRequest{Who: who.Who, Type: "access", ProvedBy: "login"}, &retention.Request{})
	_, file, err := exports(t, r, rita.Key, who)
	if err != nil {
		t.Fatal(err)
	}
	texts := ""
	for _, m := range disclosure(t, file).Messages {
		texts += m.Text + "\n"
	}
	if !strings.Contains(texts, "her number is [ACME_NO], with guaranteed returns") {
		t.Errorf("messages:\n%s", texts)
	}
}
