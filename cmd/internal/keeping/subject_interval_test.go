package keeping

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/retention"
)

// TestExportKeepsToTheProvenInterval: of the time before a number is proved to be
// the person's nothing is handed out, neither words nor files, facts or user ids,
// and who works here is not named for any time.
func TestExportKeepsToTheProvenInterval(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"retention.yaml": "version: 1\nclasses: {messages: {days: 400, floor: 90}}\n"}})
	const person, userID = "4917139200871", "DE.8711223344556677"
	who := admin.Who{Number: "+" + person}
	hear := func(message map[string]any) {
		t.Helper()
		told, err := r.Sim.Inbound(context.WithoutCancel(t.Context()), sim.Inbound{From: "+" + person, UserID: userID, Wait: true, Message: message})
		if err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %d, %v", told.Status, err)
		}
	}
	hear(map[string]any{"type": "text", "text": map[string]any{"body": "kolibri of before"}})
	hear(map[string]any{"type": "image", "image": map[string]any{"caption": "bachstelze of before"}})
	rig.Await(t, "the file in the store", func() bool { return files(t, r) == 1 })
	r.Admin(t, "consent.add", admin.Consent{Who: who, Category: "utility", Source: "branch"}, nil)
	r.Clock.Forward(time.Hour)
	since := r.Clock.Now().UTC().Truncate(time.Second).Format(time.RFC3339)
	r.Clock.Forward(time.Hour)
	hear(map[string]any{"type": "text", "text": map[string]any{"body": "pirol of after"}})
	r.Admin(t, "consent.add", admin.Consent{Who: who, Category: "marketing", Source: "branch"}, nil)
	var rita admin.OperatorKey
	r.Admin(t, "operator.add", admin.OperatorAdd{Name: "rita", Role: admin.RoleReveal}, &rita)
	export := func(since string) (admin.SubjectExported, retention.Disclosure, string) {
		t.Helper()
		r.Admin(t, "subject.request", admin.SubjectRequest{Who: who, Type: "access", ProvedBy: "login"}, nil)
		out, file, err := exports(t, r, rita.Key, admin.SubjectExport{Who: who, Since: since})
		if err != nil {
			t.Fatal(err)
		}
		return out, disclosure(t, file), string(member(t, file, "export.json")) + string(member(t, file, "export.html"))
	}
	out, said, page := export(since)
	if said.From != since || out.Messages != 1 || len(said.Messages) != 1 || out.Files != 0 {
		t.Errorf("%+v with messages %+v", out, said.Messages)
	}
	for _, words := range []string{"of before", userID, "utility"} {
		if strings.Contains(page, words) {
			t.Errorf("%q is of before the proven interval", words)
		}
	}
	if !strings.Contains(page, "pirol of after") || !strings.Contains(page, "marketing") {
		t.Error("what is of the interval is missing")
	}
	out, _, page = export("")
	if out.Messages != 3 || out.Files != 1 {
		t.Errorf("from the beginning: %+v", out)
	}
	for _, words := range []string{"kolibri of before", "bachstelze of before", userID, "utility"} {
		if !strings.Contains(page, words) {
			t.Errorf("from the beginning there is no %q", words)
		}
	}
	told(t, &said)
	if strings.Contains(page, `"actor"`) || strings.Contains(page, "rita") {
		t.Error("it shows who works here")
	}
}

// told: until when each message is kept, under which floor, and who gets a person's data.
func told(t *testing.T, said *retention.Disclosure) {
	t.Helper()
	for _, m := range said.Messages {
		at, err := time.Parse(time.RFC3339Nano, m.Time)
		if want := "Kept until " + at.UTC().AddDate(0, 0, 400).Format(time.DateOnly); err != nil || m.KeptUntil != want {
			t.Errorf("a message of %s: %q, want %q (%v)", m.Time, m.KeptUntil, want, err)
		}
	}
	if !slices.Contains(said.Kept, retention.ExportKept{Class: "messages", How: "400 days after it was recorded; at least 90 days (its own floor)"}) {
		t.Errorf("how long is kept: %+v", said.Kept)
	}
	if len(said.Recipients) < 1 || said.Recipients[0].Who != "WhatsApp (Meta)" || len(said.Missing) == 0 {
		t.Errorf("who gets it: %+v; what is missing: %v", said.Recipients, said.Missing)
	}
}
