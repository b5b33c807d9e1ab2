package dialect

import (
	"bytes"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"postern/proxy/message"
)

func seeds(f *testing.F, pattern string) {
	f.Helper()
	for _, file := range inputs(f, pattern) {
		b, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
}

// fuzzSend: whatever is taken leaves as exactly what policy saw, and whatever
// is refused can be said in the dialect.
func fuzzSend(f *testing.F, d Dialect, contentType string) {
	seeds(f, "testdata/send/*.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		m, p := DecodeSend(d, contentType, body)
		if p != nil {
			if _, _, out := EncodeProblem(d, p); !jsontext.Value(out).IsValid() {
				t.Fatalf("refusal is not JSON: %s", out)
			}
			return
		}
		checkRoundTrip(t, m)
		same, p := ApplyTexts(m, m.Texts)
		if p != nil || !bytes.Equal(same.Content, m.Content) || !reflect.DeepEqual(same.Texts, m.Texts) {
			t.Fatalf("texts put back change the message: %+v\n%s\n%s", p, m.Content, same.Content)
		}
	})
}

func FuzzSendCloud(f *testing.F)  { fuzzSend(f, Cloud, "application/json") }
func FuzzSendD360V2(f *testing.F) { fuzzSend(f, D360V2, "application/json") }
func FuzzSendD360V1(f *testing.F) { fuzzSend(f, D360V1, "application/json") }
func FuzzSendOnPrem(f *testing.F) { fuzzSend(f, OnPrem, "application/json") }

func FuzzSendForm(f *testing.F) {
	f.Add([]byte("messaging_product=whatsapp&to=%2B16505550101&type=text&text=%7B%22body%22%3A%22hi%22%7D&access_token=x"))
	fuzzSend(f, Cloud, "application/x-www-form-urlencoded")
}

// FuzzWebhook: every event stands for itself, can be delivered, and what is
// delivered is ASCII and JSON.
func FuzzWebhook(f *testing.F) {
	seeds(f, "testdata/webhook/*.json")
	f.Fuzz(func(t *testing.T, body []byte) {
		events, err := DecodeWebhook(body)
		if err != nil {
			return
		}
		if len(events) == 0 {
			t.Fatal("a readable webhook without any event")
		}
		for i := range events {
			checkEvent(t, &events[i])
		}
	})
}

func checkEvent(t *testing.T, ev *message.Event) {
	t.Helper()
	again, err := DecodeWebhook(ev.Raw)
	if err != nil || len(again) != 1 || !bytes.Equal(again[0].Raw, ev.Raw) || again[0].Kind != ev.Kind || again[0].Peer != ev.Peer {
		t.Fatalf("event reads differently by itself: %v\n%s\n%+v", err, ev.Raw, again)
	}
	for _, d := range everyDialect {
		r := rewriteForTest()
		r.Texts = ev.Texts
		out, ok := EncodeEvent(d, ev, r)
		if !ok {
			if !d.Flat() {
				t.Fatalf("%s: not delivered: %s", d, ev.Raw)
			}
			continue
		}
		if bytes.ContainsFunc(out, func(r rune) bool { return r > 0x7f }) || !(jsontext.Value(out)).IsValid(jsontext.AllowInvalidUTF8(true)) {
			t.Fatalf("%s: not ASCII JSON: %s", d, out)
		}
	}
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte(`{"callback_backoff_delay_ms":"3000","webhooks":{"url":"https://a.example","message":{"sent":true}},"media":{"auto_download":["image"]},"x":1}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, p := DecodeSettings("application/json", body)
		if p != nil {
			return
		}
		_, out := EncodeSettings(s)
		tree, err := parse(out, false)
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		again, p := DecodeSettings("application/json", []byte(tree.raw(tree.at(0, "settings", "application"))))
		if p != nil || !reflect.DeepEqual(again.Values, s.Values) {
			t.Fatalf("%+v\n%v\n%v", p, s.Values, again.Values)
		}
	})
}

func FuzzOldCalls(f *testing.F) {
	f.Add([]byte(`{"new_password":"x"}`))
	f.Add([]byte(`{"blocking":"wait","contacts":["+1650"],"force_check":true}`))
	f.Add([]byte(`{"url":"https://a.example","headers":{"X-A":"b"}}`))
	f.Add([]byte(`{"status":"read"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if l, p := DecodeLogin("application/json", body); p != nil && l.NewPassword != "" {
			t.Fatal("refused and read")
		}
		if c, p := DecodeContacts("application/json", body); p == nil && len(c.Inputs) == 0 {
			t.Fatal("a check of nobody")
		}
		if c, p := DecodeWebhookConfig("application/json", body); p == nil {
			_, out := EncodeWebhookConfig(c)
			again, p := DecodeWebhookConfig("application/json", out)
			if p != nil || again.URL != c.URL || len(again.Headers) != len(c.Headers) {
				t.Fatalf("%+v %s", p, out)
			}
		}
		if m, p := DecodeRead(OnPrem, "application/json", "gBEG1", body); p == nil && m.ReadID != "gBEG1" {
			t.Fatal("another id was marked")
		}
	})
}

func FuzzAnswer(f *testing.F) {
	f.Add(200, []byte(`{"messages":[{"id":"w"}],"contacts":[{"wa_id":"1"}]}`))
	f.Add(400, []byte(`{"error":{"code":131047,"message":"m"}}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		s, e, err := DecodeAnswer(status, body)
		set := 0
		for _, b := range []bool{s != Sent{}, e != nil, err != nil} {
			if b {
				set++
			}
		}
		if set != 1 {
			t.Fatalf("%d results for %q", set, body)
		}
	})
}

func FuzzPath(f *testing.F) {
	f.Add("POST", "/v23.0/106540000000000/messages", false)
	f.Add("PUT", "/v1/messages//gBEG/", true)
	f.Fuzz(func(t *testing.T, method, path string, key bool) {
		r := Detect(method, CleanPath(path), key)
		if (r.Name == "") == (r.Problem == nil) || r.Dialect == "" {
			t.Fatalf("%+v", r)
		}
		if r.Problem == nil && strings.ContainsAny(path, "%;?#\\ ") {
			t.Fatalf("%q is served", path)
		}
	})
}
