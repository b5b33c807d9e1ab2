package keeping

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/retention"
)

// asks does an operation with an operator's key.
func asks[Out any](t *testing.T, r *rig.Rig, key, name string, in any) (out Out, err error) {
	t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := admin.NewClient(strings.TrimPrefix(r.Env["POSTERN_ADMIN_URL"], "http://")).Do(t.Context(), key, name, raw)
	if err == nil {
		err = json.Unmarshal(answer, &out)
	}
	return out, err
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
	_, err = asks[admin.SubjectExported](t, r, rita.Key, "subject.export", who)
	refused(t, err, admin.Conflict, "no request for access")
	refused(t, r.TryAdmin(t, "subject.export", who, nil), admin.Forbidden, "needs reveal")
	var q retention.Request
	r.Admin(t, "subject.request", admin.SubjectRequest{Who: who.Who, Type: "access", ProvedBy: "login"}, &q)
	got, err := asks[admin.SubjectExported](t, r, rita.Key, "subject.export", who)
	if err != nil {
		t.Fatal(err)
	}
	if got.Request != q.ID || got.Messages < 2 || got.Opened < 2 || got.From != "" {
		t.Errorf("answer %+v", got)
	}
	said := disclosure(t, got.Zip)
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
	_, err = asks[admin.SubjectExported](t, r, rita.Key, "subject.export", who)
	refused(t, err, admin.Conflict, "no request for access") // answered
	rows := r.SQL(t, "SELECT labels FROM audit WHERE kind = 'request' AND type = 'access' AND result = 'done' AND actor = 'rita'")
	if len(rows) != 1 || !strings.Contains(rows[0][0], "opened:") || !strings.Contains(rows[0][0], "sha256:") {
		t.Errorf("on record: %v", rows)
	}
}

func disclosure(t *testing.T, file []byte) (out retention.Disclosure) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("export.json")
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}
