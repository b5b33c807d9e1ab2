package compliance

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/policies"
	"postern/policy"
)

// TestOptOut: what a person does to be left alone is understood, and counts as
// far as the settings say.
func TestOptOut(t *testing.T) {
	t.Parallel()
	o := open(t)
	for name, f := range map[string]func(*testing.T, *office){
		"words": wordsOfEveryLanguage, "no words": whatIsNoWord, "buttons": buttonsThatStop,
		"scope": whatAStopLeaves, "preferences": whatMetaSays, "failures": refusedByUpstream, "own words": ownWords,
	} {
		t.Run(name, func(t *testing.T) {
			o.rule(t, quietNever)
			f(t, o)
		})
	}
}

// shipped are the settings as they come.
func shipped(t *testing.T) *policy.Settings {
	t.Helper()
	raw, err := fs.ReadFile(policies.Files, "settings.yaml")
	if err != nil {
		t.Fatal(err)
	}
	s, err := policy.DecodeSettings(policy.SettingsFile{Name: "settings.yaml", Raw: raw})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writings are ways in which people send a word.
func writings(w string) []string {
	out := []string{w, strings.ToUpper(w), strings.ToTitle(w[:1]) + w[1:], "  " + w + " \n", w + "!!!", "¡" + w + "!", "\"" + w + "\".", "🛑 " + w + " 🙏🏽", w + "。", "*" + w + "*", "\u200f" + w + "\ufeff"}
	if strings.Contains(w, " ") {
		out = append(out, strings.ReplaceAll(w, " ", "   "), strings.ReplaceAll(w, " ", "\u00a0"))
	}
	if strings.IndexFunc(w, func(r rune) bool { return r < 'a' || r > 'z' }) < 0 {
		out = append(out, strings.Map(func(r rune) rune { return r - 'a' + 'ａ' }, w)) // full width
	}
	return slices.DeleteFunc(out, func(s string) bool { return strings.ContainsRune(s, unicode.ReplacementChar) })
}

// wordsOfEveryLanguage sends each word of each language in every writing, and
// reads in the trail what was understood.
func wordsOfEveryLanguage(t *testing.T, o *office) {
	s := shipped(t).OptOut
	from := o.anybody()
	n := 0
	for label, words := range map[string]map[string][]string{"opt_out": s.Stop, "opt_in": s.Start} {
		if len(words) < 20 {
			t.Fatalf("%d languages", len(words))
		}
		var all []string
		for language, list := range words {
			if len(list) == 0 {
				t.Errorf("%s has no words", language)
			}
			for _, w := range list { // each word in some of its writings, each writing with many words
				for i, written := range writings(w) {
					if i == 0 || (i+len(all))%3 == 0 {
						all = append(all, written)
					}
				}
			}
		}
		n += o.understood(t, from, label, all)
	}
	if n < 500 {
		t.Errorf("only %d writings were tried", n)
	}
}

// understood sends texts together and counts those that are labelled so.
func (o *office) understood(t *testing.T, from, label string, texts []string) int {
	t.Helper()
	before := o.SQL(t, "SELECT max(seq) FROM audit")[0][0]
	var entries []string
	for i, text := range texts {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, fmt.Sprintf(`{"from":%q,"id":"wamid.%s%d","timestamp":"%d","type":"text","text":{"body":%s}}`, from, label, i, o.Clock.Now().Unix(), quoted))
	}
	for chunk := range slices.Chunk(entries, 500) {
		o.posts(t, "messages", strings.Join(chunk, ","))
	}
	rows := o.SQL(t, "SELECT labels FROM audit WHERE kind = 'inbound' AND seq > "+before+" ORDER BY seq")
	if len(rows) != len(texts) {
		t.Fatalf("%d messages are on record, %d were sent", len(rows), len(texts))
	}
	for i, row := range rows {
		if !strings.Contains(row[0], label) {
			t.Errorf("%q is not understood as %s: %s", texts[i], label, row[0])
		}
	}
	return len(rows)
}

func whatIsNoWord(t *testing.T, o *office) {
	to := o.member(t)
	for _, said := range []string{
		"please stop by tomorrow", "stop it", "I can't stop laughing", "unstoppable", "non-stop", "don't stop", "stop sign", "s top",
		"stop, but keep me posted", "startup", "STOP?? no, go on", "bus stop", "endlich", "weekend", "the end is near", "😀", "!!!", "",
		"Ich möchte mich nicht abmelden", "basta pasta", "停止しないで",
	} {
		o.hear(t, to, says(said))
		if rec := o.last(t, "inbound"); slices.Contains(rec.Labels, "opt_out") || slices.Contains(rec.Labels, "opt_in") {
			t.Errorf("%q is taken for a word: %v", said, rec.Labels)
		}
	}
	o.hear(t, to, map[string]any{"type": "image", "image": map[string]any{"id": "1", "mime_type": "image/jpeg", "caption": "stop"}})
	o.want(t, "after all that", offer(to), "sent")
}

func buttonsThatStop(t *testing.T, o *office) {
	button := func(text, payload string) map[string]any {
		return map[string]any{"type": "button", "button": map[string]any{"text": text, "payload": payload}}
	}
	reply := func(kind, title, id string) map[string]any {
		return map[string]any{"type": "interactive", "interactive": map[string]any{"type": kind, kind: map[string]any{"title": title, "id": id}}}
	}
	for name, press := range map[string]map[string]any{
		"payload":              button("Keine Angebote", "STOP"),
		"payload in any case":  button("Keine Angebote", "stop_promotions"),
		"WhatsApp's own label": button("Stop promotions", "Stop promotions"),
		"label alone":          button("Stop", "offer-77"),
		"reply button by id":   reply("button_reply", "Keine Angebote", "UNSUBSCRIBE"),
		"reply button's title": reply("button_reply", "Unsubscribe", "a-1"),
		"list":                 reply("list_reply", "Keine Angebote", "STOP"),
	} {
		to := o.member(t)
		o.hear(t, to, press)
		o.want(t, name, offer(to), "opted_out")
		o.hear(t, to, button("Doch", "START"))
		o.want(t, name+", undone", offer(to), "sent")
	}
	to := o.member(t)
	o.hear(t, to, button("Stop and shop", "SHOP_STOP"))
	o.want(t, "a payload that only holds the word", offer(to), "sent")
}

func whatAStopLeaves(t *testing.T, o *office) {
	to := o.member(t)
	o.hear(t, to, says("Stop!"))
	o.want(t, "marketing", offer(to), "opted_out")
	o.want(t, "utility", notice(to), "opted_out")
	o.want(t, "a login code", code(to), "sent")
	o.want(t, "an answer", text(to, "We are sorry to see you go"), "sent")
	o.rule(t, quietNever+"templates: {statutory: [order_update]}\noptout: {after_stop: {authentication: false, replies: false}}\n")
	o.want(t, "a notice the law asks for", notice(to), "sent")
	o.want(t, "login codes end, too", code(to), "opted_out")
	o.want(t, "answers end, too", text(to, "Hello"), "opted_out")
	o.rule(t, quietNever+"templates: {statutory: [order_update]}\noptout: {after_stop: {statutory: false}}\n")
	o.want(t, "notices of the law end, too", notice(to), "opted_out")
	o.rule(t, quietNever)
	o.Clock.Forward(25 * time.Hour)
	o.want(t, "an answer a day later", text(to, "Hello"), "opted_out")
	o.hear(t, to, says("start"))
	o.want(t, "after a start word", offer(to), "sent")
}

// whatMetaSays: WhatsApp's own switch is about marketing and nothing else.
func whatMetaSays(t *testing.T, o *office) {
	to := o.member(t)
	prefer := func(value string) {
		t.Helper()
		o.Clock.Forward(time.Second)
		o.posts(t, "user_preferences", fmt.Sprintf(`{"wa_id":%q,"detail":"chosen","category":"marketing_messages","value":%q,"timestamp":%d}`, to, value, o.Clock.Now().Unix()))
	}
	prefer("stop")
	o.want(t, "marketing", offer(to), "marketing_stopped")
	o.want(t, "utility", notice(to), "sent")
	o.want(t, "login code", code(to), "sent")
	prefer("resume")
	o.want(t, "marketing resumed", offer(to), "sent")
	o.hear(t, to, says("stop"))
	prefer("resume")
	o.want(t, "resuming offers undoes no stop word", notice(to), "opted_out")
}

// refusedByUpstream: code 131050, at once or later, is the person's word.
func refusedByUpstream(t *testing.T, o *office) {
	for name, action := range map[string]string{"at once": sim.ActionError, "by status": sim.ActionFailed} {
		to := o.member(t)
		fault, err := o.Sim.AddFault(sim.Fault{To: to, Action: action, Code: 131050, Times: 1})
		if err != nil {
			t.Fatal(err)
		}
		if a := o.Cloud(t, offer(to)); (a.Status == http.StatusOK) != (action == sim.ActionFailed) {
			t.Errorf("%s: %d %s", name, a.Status, a.Body)
		}
		rig.Await(t, "marketing to end "+name, func() bool { return o.reason(t, offer(to)) == "marketing_stopped" })
		o.want(t, name+": utility", notice(to), "sent")
		o.Sim.ClearFaults(fault.ID)
		throttled := o.member(t)
		if fault, err = o.Sim.AddFault(sim.Fault{To: throttled, Action: action, Code: 131049, Times: 1}); err != nil {
			t.Fatal(err)
		}
		o.Cloud(t, offer(throttled))
		o.want(t, name+": 131049 is no person's word", offer(throttled), "sent")
		o.Sim.ClearFaults(fault.ID)
	}
}

func ownWords(t *testing.T, o *office) {
	o.rule(t, quietNever+"optout: {stop: {en: [halt], sw: [acha]}, stop_payloads: [NO-MORE]}\n")
	for said, want := range map[string]string{"HALT!": "opted_out", "Acha": "opted_out", "Stopp": "opted_out", "unsubscribe": "sent"} {
		to := o.member(t)
		o.hear(t, to, says(said))
		o.want(t, said, offer(to), want)
	}
	to := o.member(t)
	o.hear(t, to, map[string]any{"type": "button", "button": map[string]any{"text": "Nie wieder", "payload": "no-more"}})
	o.want(t, "own payload", offer(to), "opted_out")
}
