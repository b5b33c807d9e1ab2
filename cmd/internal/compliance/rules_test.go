package compliance

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// TestOwnRules: a policy folder may add rules of its own, and may not break the
// gateway with them.
func TestOwnRules(t *testing.T) {
	t.Parallel()
	o := open(t)
	for name, f := range map[string]func(*testing.T, *office, string){
		"own rule": ownRule, "observed": observedRule, "modes": modesByRule, "failing": failingRules, "without end": ruleWithoutEnd,
		"broken folder": brokenFolder, "swapped": swappedUnderLoad,
	} {
		t.Run(name, func(t *testing.T) {
			o.rule(t, quietNever)
			to := o.member(t)
			o.wrote(t, to, time.Minute)
			f(t, o, to)
		})
	}
}

// longTexts is a tenant's own rule, as policies/README.md shows how to write one.
const longTexts = `package postern.message

refuse contains {
	"code": "too_long_for_us",
	"sentence": "Texts of more than 40 characters are not sent. Shorten it.",
} if {
	input.message.type == "text"
	input.message.length > 40
}

label contains "short" if {
	input.message.type == "text"
	input.message.length < 10
}
`

const longTextsTest = `package postern.message_own_test

import data.postern.message

test_too_long_for_us_refuses if {
	some r in message.refuse with input as {"kind": "message", "message": {"type": "text", "length": 41}}
	r.code == "too_long_for_us"
}

test_too_long_for_us_passes if {
	codes := {r.code | some r in message.refuse with input as {"kind": "message", "message": {"type": "text", "length": 40}}}
	not "too_long_for_us" in codes
}
`

func ownRule(t *testing.T, o *office, to string) {
	o.rule(t, quietNever, "own.rego", longTexts, "own_test.rego", longTextsTest)
	o.want(t, "a short text", text(to, "Hello"), "sent")
	if rec := o.last(t, "admission"); !slices.Contains(rec.Labels, "short") {
		t.Errorf("labels %v", rec.Labels)
	}
	first := o.SQL(t, "SELECT max(seq) FROM audit")[0][0]
	a := o.Cloud(t, text(to, strings.Repeat("long ", 10)))
	if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "policy:too_long_for_us: Texts of more than 40 characters are not sent. Shorten it.") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	o.want(t, "rules of the house stay", text(to, card), "pii")
	rows := o.SQL(t, "SELECT count(*), min(revision), max(revision) FROM audit WHERE kind = 'admission' AND effect = 'deny' AND reason = 'too_long_for_us' AND seq > "+first)
	if rows[0][0] != "1" || rows[0][1] != rows[0][2] {
		t.Errorf("asked by SQL: %v", rows)
	}
}

func observedRule(t *testing.T, o *office, to string) {
	day := o.Clock.Now().UTC().AddDate(0, 0, 2).Format(time.DateOnly)
	o.rule(t, quietNever+"modes: {too_long_for_us: observe until "+day+"}\n", "own.rego", longTexts)
	long := text(to, strings.Repeat("long ", 10))
	o.want(t, "observed", long, "sent")
	if rec := o.last(t, "admission"); !slices.Equal(rec.Observed, []string{"too_long_for_us"}) || len(rec.Reasons) > 0 {
		t.Errorf("on record: %v, observed %v", rec.Reasons, rec.Observed)
	}
	if rows := o.SQL(t, "SELECT count(*) FROM audit WHERE observed LIKE '%too_long_for_us%'"); rows[0][0] != "1" {
		t.Errorf("asked by SQL: %v", rows)
	}
	o.Clock.Forward(48 * time.Hour)
	o.wrote(t, to, time.Minute)
	o.want(t, "after the day", long, "too_long_for_us")
}

// modesByRule: observing one rule leaves the others as they are.
func modesByRule(t *testing.T, o *office, to string) {
	stranger := o.anybody()
	o.rule(t, quietNever+"modes: {opt_in_missing: observe until 2099-01-01, window_closed: observe until 2099-01-01}\n")
	o.want(t, "no consent, observed", offer(stranger), "sent")
	o.want(t, "no window, observed", text(stranger, "Hello"), "sent")
	o.want(t, "a card is still refused", text(stranger, card), "pii")
	if rec := o.last(t, "admission"); !slices.Equal(rec.Reasons, []string{"pii"}) || !slices.Equal(rec.Observed, []string{"window_closed"}) {
		t.Errorf("on record: %v, observed %v", rec.Reasons, rec.Observed)
	}
	o.hear(t, stranger, says("stop"))
	o.want(t, "a stop still counts", offer(stranger), "opted_out")
	for code, want := range map[string]string{"identity_changed": "no observe mode", "facts_missing": "no observe mode", "template": "no observe mode", "nonsense": "no rule gives this code"} {
		o.Write(t, "policies/settings.yaml", "modes: {"+code+": observe until 2099-01-01}\n")
		if err := o.TryAdmin(t, "config.reload", admin.None{}, nil); err == nil || !strings.Contains(err.Error(), "settings.yaml:1:") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", code, err)
		}
	}
}

// alarms is how often policy_error was raised.
func (o *office) alarms(t *testing.T) string {
	t.Helper()
	for line := range strings.Lines(o.At(t, http.MethodGet, o.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body) {
		if n, found := strings.CutPrefix(line, `postern_alarms_total{alarm="policy_error"} `); found {
			return strings.TrimSpace(n)
		}
	}
	return "0"
}

func failingRules(t *testing.T, o *office, to string) {
	for name, body := range map[string]string{
		"a function fails":      `refuse contains {"code": "x", "sentence": "X."} if to_number(input.message.type) == 1`,
		"a refusal is none":     `refuse contains r if r := "no"`,
		"two values":            "limit := 1 if input.kind == \"message\"\n\nlimit := 2 if input.message.type == \"text\"\n\nrefuse contains {\"code\": \"x\", \"sentence\": \"X.\"} if limit == 1",
		"a code of odd letters": `refuse contains r if r := {"code": "x\r\nSet-Cookie: a", "sentence": "X."}`,
	} {
		o.rule(t, quietNever, "own.rego", "package postern.message\n\n"+body+"\n")
		before := o.alarms(t)
		a := o.Cloud(t, text(to, "Hello"))
		if a.Status == http.StatusOK || a.Header.Get("X-Postern-Reason") != "policy_error" {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
		if rec := o.last(t, "admission"); rec.Effect != "deny" || !slices.Equal(rec.Reasons, []string{"policy_error"}) || rec.Revision == "" {
			t.Errorf("%s: on record %+v", name, rec.Entry)
		}
		if after := o.alarms(t); after == before {
			t.Errorf("%s: no alarm", name)
		}
	}
	if !strings.Contains(o.Log.String(), "own.rego:3") {
		t.Error("the log does not say where")
	}
	o.rule(t, quietNever, "message.rego", "package postern.message\n\nbasis contains \"x\" if input.message.type == \"image\"\n\nrefuse contains {\"code\": \"x\", \"sentence\": \"X.\"} if input.message.type == \"video\"\n",
		"message_test.rego", "package postern.message_own_test\n\ntest_nothing if true\n")
	o.want(t, "no rule refuses, no rule gives a basis", text(to, "Hello"), "policy_error")
	o.rule(t, quietNever)
	o.want(t, "with the rules that ship", text(to, "Hello"), "sent")
}

// ruleWithoutEnd: who asks is answered, and everybody else is served meanwhile.
func ruleWithoutEnd(t *testing.T, o *office, to string) {
	loop := `refuse contains {"code": "x", "sentence": "X."} if {
	input.message.type == "TYPE"
	some a in numbers.range(1, 100000)
	some b in numbers.range(1, 100000)
	a * b < 0
}
`
	o.rule(t, quietNever, "own.rego", "package postern.message\n\n"+strings.Replace(loop, "TYPE", "location", 1),
		"inbound_own.rego", "package postern.inbound\n\n"+strings.Replace(loop, "TYPE", "location", 1))
	o.want(t, "another type", text(to, "Hello"), "sent")
	var wg sync.WaitGroup
	answered := make(chan rig.Reply, 2)
	for range cap(answered) {
		wg.Go(func() {
			answered <- o.Cloud(t, `{"to":"+`+to+`","type":"location","location":{"latitude":1,"longitude":2}}`)
		})
	}
	for range 5 {
		o.want(t, "others meanwhile", text(to, "Hello"), "sent")
	}
	if a := o.At(t, http.MethodGet, o.Env["POSTERN_ADMIN_URL"]+"/healthz", ""); a.Status != http.StatusOK {
		t.Errorf("health meanwhile: %d", a.Status)
	}
	wg.Wait()
	close(answered)
	for a := range answered {
		if a.Header.Get("X-Postern-Reason") != "policy_error" {
			t.Errorf("answered %d %s", a.Status, a.Body)
		}
	}
	o.hear(t, to, map[string]any{"type": "location", "location": map[string]any{"latitude": 1, "longitude": 2}})
	if rec := o.last(t, "inbound"); !slices.Equal(rec.Reasons, []string{"policy_error"}) {
		t.Errorf("an inbound message: %v", rec.Reasons)
	}
}

// brokenFolder: what does not compile, or fails its own tests, changes nothing.
func brokenFolder(t *testing.T, o *office, to string) {
	revision := func() string { o.want(t, "a text", text(to, "Hello"), "sent"); return o.last(t, "admission").Revision }
	before := revision()
	for name, c := range map[string]struct{ file, text, want string }{
		"no YAML":       {"settings.yaml", "window: {margin_seconds: 1", "settings.yaml:1:1: not YAML"},
		"a tab":         {"settings.yaml", "window:\n\tmargin_seconds: 1\n", "settings.yaml:2:1: not YAML"},
		"unknown key":   {"settings.yaml", "messages: {outbund: [text]}", `settings.yaml:1:12: unknown key "messages.outbund"; write one of inbound, outbound`},
		"wrong type":    {"settings.yaml", "window: {margin_seconds: soon}", "settings.yaml:1:26: window.margin_seconds: write a whole number"},
		"contradiction": {"settings.yaml", "recipients: {allow: [DE], deny: [DE]}", "settings.yaml:1:34: recipients.deny[0]: DE is also in recipients.allow; keep it in one list"},
		"no Rego":       {"own.rego", "package postern.message\n\nrefuse contains {\n", "own.rego:"},
		"unknown field": {"own.rego", "package postern.message\n\nlabel contains \"x\" if input.message.txt == \"a\"\n", "own.rego:3:23: undefined ref: input.message.txt"},
		"failing test":  {"own_test.rego", "package postern.own_test\n\ntest_never if false\n", "own_test.rego:3:1: test_never fails; correct the rule or the test"},
	} {
		o.Write(t, "policies/"+c.file, c.text)
		err := o.TryAdmin(t, "config.reload", admin.None{}, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s: %v", name, err)
		}
		if now := revision(); now != before {
			t.Errorf("%s: decisions go by another revision", name)
		}
		o.files[c.file] = true
		o.rule(t, quietNever)
	}
}

// revision is that of the last reload, as the log has it.
func (o *office) revision(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`"policy":"([0-9a-f]{64})"[^\n]*"reloaded"`).FindAllStringSubmatch(o.Log.String(), -1)
	if len(found) == 0 {
		t.Fatal("the log names no reload")
	}
	return found[len(found)-1][1]
}

// swappedUnderLoad reloads two policies in turn while messages are sent. Each
// decision carries one revision, and does what that revision says.
func swappedUnderLoad(t *testing.T, o *office, to string) {
	first := o.SQL(t, "SELECT max(seq) FROM audit")[0][0]
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					o.Cloud(t, text(to, "Hello"))
				}
			}
		})
	}
	want := map[string]string{}
	for i := range 6 {
		settings, effect := quietNever, "allow"
		if i%2 == 0 {
			settings, effect = quietNever+"messages: {outbound: [template]}\n", "deny"
		}
		o.rule(t, settings)
		want[o.revision(t)] = effect
	}
	close(stop)
	wg.Wait()
	rows := o.SQL(t, "SELECT revision, effect, count(*) FROM audit WHERE kind = 'admission' AND seq > "+first+" GROUP BY revision, effect")
	if len(rows) != 2 || len(want) != 2 {
		t.Fatalf("%v for %d revisions", rows, len(want))
	}
	for _, row := range rows {
		if want[row[0]] != row[1] {
			t.Errorf("revision %.12s decided %s %s times, want %q", row[0], row[1], row[2], want[row[0]])
		}
	}
}
