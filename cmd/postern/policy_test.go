package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/policy"
)

// deskSettings keep the hour at which tests run out of them, and make one send
// fail by its operator.
const deskSettings = "quiet_hours: {categories: []}\npersonal_data: {outbound: {PHONE: drop}}\n"

// desk is a running gateway and the command line beside it.
type desk struct{ *rig.Rig }

func newDesk(t *testing.T) *desk {
	t.Helper()
	r := rig.Start(t, rig.Options{
		Policies: map[string]string{"settings.yaml": deskSettings},
		Settings: func(s *sim.Settings) { s.Statuses = []string{} },
		Config:   func(text string) string { return strings.Replace(text, "limits: {", "limits: {pair_rate: 0, ", 1) },
	})
	for name, value := range r.Env {
		if strings.HasPrefix(name, "POSTERN_") {
			t.Setenv(name, value)
		}
	}
	return &desk{r}
}

// say sends a message whose recipient stands as TO, and gives the reason.
func (d *desk) say(t *testing.T, to, message string) {
	t.Helper()
	if a := d.Cloud(t, `{"to":"+`+to+`",`+message+`}`); a.Status == http.StatusTooManyRequests {
		t.Fatalf("nobody decided on it: %s", a.Body)
	}
}

func textOf(s string) string { return `"type":"text","text":{"body":"` + s + `"}` }

const offering = `"type":"template","template":{"name":"spring_offer","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"Ana"}]}]}`

// converse makes a conversation of which every count is known.
func (d *desk) converse(t *testing.T) {
	t.Helper()
	friend, stranger := d.Env["DEMO_CONSENTED"], d.Env["DEMO_STRANGER"]
	for range 3 {
		d.say(t, friend, offering)
	}
	for range 2 {
		d.say(t, stranger, offering)
	}
	for range 4 {
		d.say(t, stranger, textOf("Hello"))
	}
	for range 5 {
		d.say(t, friend, textOf("See https://shop.example/new"))
	}
	d.say(t, friend, textOf("Pay to DE89 3704 0044 0532 0130 00"))
	d.say(t, friend, `"type":"interactive","interactive":{"type":"button","body":{"text":"Call?"},"action":{"buttons":[{"type":"reply","reply":{"id":"1","title":"+44 7700 900123"}}]}}`)
	for range 2 {
		in := sim.Inbound{From: "+" + friend, Wait: true, Message: map[string]any{"type": "text", "text": map[string]any{"body": "Thank you"}}}
		if told, err := d.Sim.Inbound(context.WithoutCancel(t.Context()), in); err != nil || told.Status != http.StatusOK {
			t.Fatalf("webhook: %+v, %v", told, err)
		}
	}
	const judged = 3 + 2 + 4 + 5 + 1 + 1 + 2
	if rows := d.SQL(t, "SELECT count(*) FROM audit WHERE effect <> ''"); rows[0][0] != strconv.Itoa(judged) {
		t.Fatalf("%s decisions are on record, want %d", rows[0][0], judged)
	}
}

// replay runs the command over a folder with these settings and rules.
func (d *desk) replay(t *testing.T, files map[string]string) replayReport {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := command("policy", "replay", "--since", "1h", "--with", dir, "--show", "1", "--progress", "--json")
	var report replayReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitOK {
		t.Fatalf("exit code %d, %v:\n%s%s", code, err, out, errs)
	}
	if !strings.Contains(errs, " records, ") {
		t.Errorf("no progress: %q", errs)
	}
	return report
}

// TestPolicyOnRecord replays and explains one conversation, and a message of
// weeks ago.
func TestPolicyOnRecord(t *testing.T) {
	d := newDesk(t)
	d.converse(t)
	t.Run("replay", func(t *testing.T) { replayCountsByRule(t, d) })
	t.Run("explain", func(t *testing.T) { explainARecord(t, d) })
	t.Run("since", func(t *testing.T) { replayGoesAsFarBackAsAsked(t, d) })
}

func replayCountsByRule(t *testing.T, d *desk) {
	for name, c := range map[string]struct {
		files map[string]string
		want  map[string]int
	}{
		"the same": {map[string]string{"settings.yaml": deskSettings}, map[string]int{}},
		"looser": {map[string]string{"settings.yaml": "quiet_hours: {categories: []}\nconsent: {marketing: {required: false}}\nmodes: {window_closed: observe until 2099-01-01}\n"},
			map[string]int{"admission opt_in_missing allow": 2, "admission window_closed allow": 4, "admission pii_treatment allow": 1}},
		"stricter": {map[string]string{"settings.yaml": deskSettings + "links: {deny: [shop.example]}\nmessages: {inbound: [image]}\nconsent: {marketing: {sources: [branch]}}\n"},
			map[string]int{"admission allow link_host": 5, "inbound allow type_not_allowed": 2, "admission allow opt_in_source": 3}},
		"personal data": {map[string]string{"settings.yaml": "quiet_hours: {categories: []}\npersonal_data: {outbound: {IBAN: block, PHONE: drop}}\n"},
			map[string]int{"admission allow pii": 1}},
		"a window with no end left": {map[string]string{"settings.yaml": deskSettings + "window: {margin_seconds: 86399}\n"},
			map[string]int{"admission allow window_closed": 6, "admission pii_treatment window_closed": 1}},
		"an own rule": {map[string]string{"settings.yaml": deskSettings, "own.rego": "package postern.message\n\nrefuse contains {\"code\": \"own_code\", \"sentence\": \"No offers.\"} if input.message.category == \"marketing\"\n"},
			map[string]int{"admission allow own_code": 3}},
		"a rule that fails": {map[string]string{"settings.yaml": deskSettings, "own.rego": "package postern.inbound\n\nrefuse contains {\"code\": \"x\", \"sentence\": \"X.\"} if to_number(input.message.type) == 1\n"},
			map[string]int{"inbound allow policy_error": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			report := d.replay(t, c.files)
			got, changed := map[string]int{}, 0
			for _, g := range report.Changes {
				got[g.Kind+" "+g.From+" "+g.To] = g.Count
				changed += g.Count
				if len(g.Records) != 1 {
					t.Errorf("%d records are named, want one: %+v", len(g.Records), g)
					continue
				}
				row := d.SQL(t, "SELECT kind, subject FROM audit WHERE id = '"+g.Records[0].Record+"'")
				if len(row) != 1 || row[0][0] != g.Kind || row[0][1] != g.Records[0].Subject {
					t.Errorf("named %+v, on record %v", g.Records[0], row)
				}
			}
			if !maps.Equal(got, c.want) || report.Judged != 18 || report.Missing != 0 || report.Unchanged != report.Judged-changed {
				t.Errorf("%d judged, %d as before, %d missing: %v, want %v", report.Judged, report.Unchanged, report.Missing, got, c.want)
			}
		})
	}
	must(t, "2 admission: opt_in_missing -> allow", "policy", "replay", "--with", writeFolder(t, "consent: {marketing: {required: false}}\n"+deskSettings))
	if code, _, errs := command("policy", "replay", "--with", writeFolder(t, "surprise: true\n")); code != exitFailed || !strings.Contains(errs, "settings.yaml:1:1: unknown key") {
		t.Errorf("a broken folder: exit code %d: %s", code, errs)
	}
}

func writeFolder(t *testing.T, settings string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "settings.yaml"), []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// explainARecord: for each message every rule is shown, with what it saw.
func explainARecord(t *testing.T, d *desk) {
	rows := d.SQL(t, "SELECT min(id), kind, reason FROM audit WHERE effect <> '' GROUP BY kind, reason")
	if len(rows) != 5 {
		t.Fatalf("kinds of decisions: %v", rows)
	}
	for _, row := range rows {
		id, kind, reason := row[0], row[1], row[2]
		var x struct {
			Effect, Revision string
			Reasons          []policy.Reason
			Rules            []policy.Verdict
		}
		if err := json.Unmarshal([]byte(must(t, `"rules"`, "policy", "explain", "--record", id, "--json")), &x); err != nil {
			t.Fatal(err)
		}
		rules := map[string]int{"admission": 28, "inbound": 3}[kind]
		if len(x.Rules) < rules || x.Revision == "" {
			t.Errorf("%s %s: %d rules are shown, want at least %d", kind, reason, len(x.Rules), rules)
		}
		var applied []string
		for _, v := range x.Rules {
			if len(v.Saw) == 0 || v.Applies != (v.Because == "") || !strings.Contains(v.Place, ".rego:") {
				t.Errorf("%s %s: %+v", kind, reason, v)
			}
			if v.Applies && v.Rule == "refuse" {
				applied = append(applied, v.Code)
			}
		}
		if reason == "" || reason == "pii_treatment" { // what an operator refused, rules allow
			if x.Effect != "allow" || len(applied) > 0 {
				t.Errorf("%s: %s by %v", kind, x.Effect, applied)
			}
			continue
		}
		if x.Effect != "deny" || !slices.Contains(applied, reason) || len(x.Reasons) == 0 || x.Reasons[0].Code != reason || x.Reasons[0].Sentence == "" {
			t.Errorf("%s %s: %s by %v, reasons %+v", kind, reason, x.Effect, applied, x.Reasons)
		}
	}
	refused := d.SQL(t, "SELECT min(id) FROM audit WHERE reason = 'opt_in_missing'")[0][0]
	out := must(t, "Decision: deny", "policy", "explain", "--record", refused)
	for _, want := range []string{
		"  opt_in_missing: No consent of this person for this category of messages is on record.",
		"refuse opt_in_missing (message.rego:", "  applies\n    input.checks.consent = \"missing\"\n",
		"does not apply: input.checks.quiet == true does not hold\n    input.checks.quiet = false\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("the explanation lacks %q:\n%s", want, out)
		}
	}
	with := writeFolder(t, deskSettings+"modes: {opt_in_missing: observe until 2099-01-01}\n")
	must(t, "observed only: opt_in_missing", "policy", "explain", "--record", refused, "--with", with)
	for _, word := range []string{d.Env["DEMO_STRANGER"], "spring offers"} {
		if strings.Contains(out, word) {
			t.Errorf("the explanation shows %q", word)
		}
	}
}

// replayGoesAsFarBackAsAsked: messages of weeks ago are judged if asked for.
func replayGoesAsFarBackAsAsked(t *testing.T, d *desk) {
	friend := d.Env["DEMO_CONSENTED"]
	d.Clock.Jump(-40 * 24 * time.Hour)
	d.say(t, friend, textOf("Long ago"))
	d.Clock.Jump(40 * 24 * time.Hour)
	for since, want := range map[string]string{"30d": `"judged": 18`, "60d": `"judged": 19`} {
		must(t, want, "policy", "replay", "--since", since, "--json")
	}
}
