package dialect

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"postern/proxy/message"
)

func rewriteForTest() Rewrite {
	return Rewrite{
		ID: func(up string) string {
			if up == "wamid.UNKNOWN" {
				return ""
			}
			return "own." + strings.TrimPrefix(up, "wamid.")
		},
		MediaID: func(up string) string { return "uuid-" + up },
		Sent:    true,
	}
}

// TestWebhookGolden shows for every update what the gate learns from it and
// what an app of each family receives.
func TestWebhookGolden(t *testing.T) {
	for _, file := range inputs(t, "testdata/webhook/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file) //nolint:gosec // test data
			if err != nil {
				t.Fatal(err)
			}
			events, err := DecodeWebhook(body)
			if err != nil {
				t.Fatal(err)
			}
			var out []map[string]any
			for i := range events {
				out = append(out, describe(t, &events[i]))
			}
			got, err := json.MarshalIndent(out, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".json")+".golden.json", append(got, '\n'))
		})
	}
}

func describe(t *testing.T, ev *message.Event) map[string]any {
	t.Helper()
	sees := *ev
	sees.Raw = nil
	out := map[string]any{"gate": sees, "raw": indent(t, ev.Raw)}
	for _, d := range []Dialect{Cloud, OnPrem} {
		r := rewriteForTest()
		if d == Cloud {
			r.ID, r.MediaID, r.Opaque = nil, nil, "trace-1"
		}
		if body, ok := EncodeEvent(d, ev, r); ok {
			out[string(d)] = indent(t, body)
			if i := bytes.IndexFunc(body, func(r rune) bool { return r > 0x7e }); i >= 0 {
				t.Errorf("%s body is not ASCII at %d", d, i)
			}
		}
	}
	// The raw envelope stands for itself: read again it is the same event.
	again, err := DecodeWebhook(ev.Raw)
	if err != nil || len(again) != 1 || again[0].Kind != ev.Kind || again[0].ID != ev.ID || !bytes.Equal(again[0].Raw, ev.Raw) {
		t.Errorf("raw envelope reads differently: %v %+v", err, again)
	}
	return out
}

func TestWebhookKeepsBytes(t *testing.T) {
	body := `{"object":"o", "entry":[{"id":"1","changes":[{"value":{"messaging_product":"whatsapp","x": 9007199254740993,` +
		`"metadata":{"phone_number_id":"2"},"messages" : [ {"from":"16505550101","id":"a","timestamp":"1","type":"text","text":{"body":"\u00e9\/\ud83d","n":1.50e3}},{"id":"b","from":"16505550102"}]},"field":"messages"}]}]}`
	events, err := DecodeWebhook([]byte(body))
	if err != nil || len(events) != 2 {
		t.Fatal(err, len(events))
	}
	want := `{"object":"o","entry":[{"id":"1","changes":[{"field":"messages","value":{"messaging_product":"whatsapp","x": 9007199254740993,` +
		`"metadata":{"phone_number_id":"2"},"messages" : [{"from":"16505550101","id":"a","timestamp":"1","type":"text","text":{"body":"\u00e9\/\ud83d","n":1.50e3}}]}}]}]}`
	if string(events[0].Raw) != want {
		t.Errorf("raw\n got %s\nwant %s", events[0].Raw, want)
	}
	out, ok := EncodeEvent(Cloud, &events[0], Rewrite{})
	if !ok || !bytes.Contains(out, []byte(`"x":9007199254740993`)) || !bytes.Contains(out, []byte(`"\u00e9/\ud83d","n":1.50e3`)) {
		t.Errorf("delivered %s", out)
	}
}

func TestWebhookRedaction(t *testing.T) {
	body, err := os.ReadFile("testdata/webhook/new-type.json")
	if err != nil {
		t.Fatal(err)
	}
	events, err := DecodeWebhook(body)
	if err != nil {
		t.Fatal(err)
	}
	var texts []message.Phrase
	for _, p := range events[0].Texts {
		texts = append(texts, message.Phrase{Path: p.Path, Value: "[gone]"})
	}
	out, ok := EncodeEvent(D360V2, &events[0], Rewrite{Texts: texts})
	if !ok {
		t.Fatal("not delivered")
	}
	again, err := DecodeWebhook(out)
	if err != nil || len(again[0].Texts) != len(texts) || len(texts) < 10 {
		t.Fatalf("%v: %d texts of %s", err, len(texts), out)
	}
	for _, p := range again[0].Texts {
		if p.Value != "[gone]" {
			t.Errorf("%s was not replaced: %s", p.Path, out)
		}
	}
	texts = append(texts, message.Phrase{Path: "text.nowhere", Value: "x"})
	if _, ok := EncodeEvent(D360V2, &events[0], Rewrite{Texts: texts}); ok {
		t.Error("delivered although a text could not be replaced")
	}
}

func TestWebhookUnreadable(t *testing.T) {
	for _, body := range []string{``, `[]`, `{"a":1,"a":2}`, `{`, `{}x`, strings.Repeat("[", 100)} {
		if ev, err := DecodeWebhook([]byte(body)); err == nil {
			t.Errorf("%q: %+v", body, ev)
		}
	}
	if ev, err := DecodeWebhook([]byte("{\"a\":\"\xff\"}")); err != nil || len(ev) != 1 || ev[0].Kind != message.EventOther {
		t.Errorf("bad UTF-8 must be kept: %v %+v", err, ev)
	}
}

func TestFlatStates(t *testing.T) {
	for _, c := range []struct {
		state, want string
		r           Rewrite
	}{
		{"sent", "", Rewrite{}}, {"sent", "sent", Rewrite{Sent: true}}, {"delivered", "delivered", Rewrite{}},
		{"delivered", "", Rewrite{NoDelivered: true}}, {"read", "read", Rewrite{}}, {"read", "", Rewrite{NoRead: true}},
		{"played", "read", Rewrite{}}, {"played", "", Rewrite{ReadSeen: true}}, {"failed", "failed", Rewrite{}},
		{"deleted", "deleted", Rewrite{}}, {"warning", "", Rewrite{Sent: true}}, {"captured", "", Rewrite{Sent: true}},
	} {
		body := `{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":"w","status":"` + c.state + `","timestamp":"1","recipient_id":"16505550101"}]}}]}]}`
		events, err := DecodeWebhook([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		out, ok := EncodeEvent(OnPrem, &events[0], c.r)
		if ok != (c.want != "") || ok && !strings.Contains(string(out), `"status":"`+c.want+`"`) {
			t.Errorf("%s: %v %s", c.state, ok, out)
		}
	}
}

// TestFlatPayment: what became of a payment is not told as the message's state.
func TestFlatPayment(t *testing.T) {
	body := `{"entry":[{"changes":[{"field":"messages","value":{"statuses":[{"id":"w","status":"failed","type":"payment","payment":{"reference_id":"r"},"timestamp":"1","recipient_id":"16505550101"}]}}]}]}`
	events, err := DecodeWebhook([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	if out, ok := EncodeEvent(OnPrem, &events[0], Rewrite{}); ok {
		t.Errorf("told %s", out)
	}
	if _, ok := EncodeEvent(Cloud, &events[0], Rewrite{}); !ok {
		t.Error("a Cloud app is not told")
	}
}

// bigBatch is a webhook of n messages, each from another person.
func bigBatch(n, textLen int) []byte {
	var c, m bytes.Buffer
	for i := range n {
		if i > 0 {
			c.WriteByte(',')
			m.WriteByte(',')
		}
		num := strconv.Itoa(16505500000 + i)
		c.WriteString(`{"profile":{"name":"Ana"},"wa_id":"` + num + `","user_id":"US.` + num + `"}`)
		m.WriteString(`{"from":"` + num + `","from_user_id":"US.` + num + `","id":"wamid.` + num + `","timestamp":"1767225600","type":"text","text":{"body":"` +
			strings.Repeat("word ", textLen/5) + `"}}`)
	}
	return []byte(`{"object":"whatsapp_business_account","entry":[{"id":"1020","changes":[{"field":"messages","value":{"messaging_product":"whatsapp",` +
		`"metadata":{"display_phone_number":"15550100","phone_number_id":"106540000000000"},"contacts":[` + c.String() + `],"messages":[` + m.String() + `]}}]}]}`)
}

func TestWebhookBatch(t *testing.T) {
	events, err := DecodeWebhook(bigBatch(1000, 40))
	if err != nil || len(events) != 1000 {
		t.Fatal(err, len(events))
	}
	for i := range events {
		num := strconv.Itoa(16505500000 + i)
		if ev := &events[i]; ev.Peer.Number != num || ev.Peer.Name != "Ana" || len(ev.Raw) > 700 || bytes.Count(ev.Raw, []byte(`"wa_id":"`+num)) != 1 {
			t.Fatalf("event %d: %+v %s", i, ev.Peer, ev.Raw)
		}
	}
}

func TestWebhookSharedIsBounded(t *testing.T) {
	body := strings.Replace(string(bigBatch(100, 40)), `"metadata"`, `"novel":"`+strings.Repeat("x", 1<<20)+`","metadata"`, 1)
	events, err := DecodeWebhook([]byte(body))
	if err != nil || len(events) != 100 {
		t.Fatal(err, len(events))
	}
	total := 0
	for i := range events {
		total += len(events[i].Raw)
	}
	if total > 2<<20 || len(events[0].Raw) < 1<<20 {
		t.Errorf("envelopes hold %d bytes, the first %d", total, len(events[0].Raw))
	}
}

func BenchmarkWebhookBatch(b *testing.B) {
	body := bigBatch(1000, 100)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		events, err := DecodeWebhook(body)
		if err != nil || len(events) != 1000 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}

func BenchmarkEncodeEvent(b *testing.B) {
	events, err := DecodeWebhook(bigBatch(1, 100))
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range []Dialect{Cloud, OnPrem} {
		b.Run(string(d), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := EncodeEvent(d, &events[0], Rewrite{}); !ok {
					b.Fatal("not delivered")
				}
			}
		})
	}
}

func BenchmarkSendText(b *testing.B) {
	in := []byte(cloudSend(`"recipient_type":"individual","type":"text","text":{"body":"Your order 42 was shipped today and will arrive tomorrow."}`))
	b.ReportAllocs()
	for b.Loop() {
		m, p := DecodeSend(Cloud, "application/json", in)
		if p != nil {
			b.Fatal(p)
		}
		if _, p := EncodeUpstream(m, Upstream{Opaque: "0123456789abcdef0123456789abcdef"}); p != nil {
			b.Fatal(p)
		}
	}
}

// TestFlatContext: a context that lost its id goes, unless it says more.
func TestFlatContext(t *testing.T) {
	for _, c := range []struct{ context, want string }{
		{`{"from":"1","id":"wamid.UNKNOWN"}`, ``},
		{`{"from":"1","id":"wamid.KNOWN"}`, `"context":{"from":"1","id":"own.KNOWN"}`},
		{`{"forwarded":true}`, `"context":{"forwarded":true}`},
		{`{"from":"1","id":"wamid.UNKNOWN","referred_product":{"catalog_id":"7"}}`, `"context":{"from":"1","referred_product":{"catalog_id":"7"}}`},
	} {
		events, err := DecodeWebhook([]byte(`{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"from":"1","type":"text","context":` + c.context + `}]}}]}]}`))
		if err != nil {
			t.Fatal(err)
		}
		body, ok := EncodeEvent(OnPrem, &events[0], rewriteForTest())
		if c.want == "" && bytes.Contains(body, []byte("context")) || !ok || !bytes.Contains(body, []byte(c.want)) {
			t.Errorf("%s became %s", c.context, body)
		}
	}
}

// TestJudgedType: what no app's API can show is judged as unsupported.
func TestJudgedType(t *testing.T) {
	for given, want := range map[message.Type]message.Type{
		"text": "text", "revoke": "revoke", "unsupported": "unsupported", "unknown": "unsupported", "request_welcome": "unsupported", "hologram": "unsupported", "": "unsupported",
	} {
		if got := JudgedType(given); got != want {
			t.Errorf("%q is judged as %q", given, got)
		}
	}
}

// TestDescribed: new types, fields that are not the account's and odd shapes
// are opaque.
func TestDescribed(t *testing.T) {
	for _, c := range []struct {
		field, value string
		want         bool
	}{
		{"messages", `{"messages":[{"type":"text"}]}`, true}, {"messages", `{"messages":[{"type":"hologram"}]}`, false},
		{"messages", `{"messages":[7]}`, false}, {"messages", `{"tales":[{"type":"text"}]}`, false}, {"messages", `7`, false},
		{"messages", `{"statuses":[{"id":"x"}]}`, true}, {"messages", `{"errors":[{"code":1}]}`, true}, {"user_preferences", `{"user_preferences":[{}]}`, true},
		{"account_update", `{"event":"X"}`, true}, {"account_update", `[]`, false}, {"template_category_update", `{}`, true},
		{"history", `{"history":[]}`, false}, {"field_of_tomorrow", `{}`, false},
	} {
		events, err := DecodeWebhook([]byte(`{"entry":[{"changes":[{"field":"` + c.field + `","value":` + c.value + `}]}]}`))
		if err != nil || len(events) != 1 {
			t.Fatalf("%s: %v %+v", c.value, err, events)
		}
		if got := Described(&events[0]); got != c.want {
			t.Errorf("%s %s: %v", c.field, c.value, got)
		}
	}
}
