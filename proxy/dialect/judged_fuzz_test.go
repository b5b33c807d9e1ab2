package dialect

import (
	"os"
	"reflect"
	"slices"
	"testing"

	"postern/proxy/message"
)

// FuzzJudgedIsSent: whatever an app writes, the bytes that leave read as the
// very message that policy saw, but for what the gateway itself decided: the
// recipient, ids of its own mapped back, and its own callback data.
func FuzzJudgedIsSent(f *testing.F) {
	for i := range everyDialect {
		for _, file := range inputs(f, "testdata/send/*.json") {
			if dialectOf(file) == everyDialect[i] {
				f.Add(uint8(i), readSeed(f, file))
			}
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body []byte) {
		m, p := DecodeSend(everyDialect[int(which)%len(everyDialect)], "application/json", body)
		if p != nil {
			return
		}
		ours := Upstream{
			To: message.Party{Number: "15551234567"}, Opaque: "0123456789abcdef",
			MediaID: func(string) (string, bool) { return "987654321", true },
		}
		if m.ReplyTo != "" {
			ours.ReplyTo = "wamid.quoted"
		}
		if m.Type == message.Reaction || m.Type == message.Read {
			ours.Target = "wamid.target"
		}
		out, p := EncodeUpstream(m, ours)
		if p != nil {
			t.Fatalf("judged and not sent: %+v", p)
		}
		sent, p := DecodeSend(Cloud, "application/json", out)
		if p != nil {
			t.Fatalf("what leaves cannot be read: %+v\n%s", p, out)
		}
		checkDecided(t, m, sent, ours)
		checkJudged(t, m, sent)
	})
}

func readSeed(f *testing.F, file string) []byte {
	f.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // test data
	if err != nil {
		f.Fatal(err)
	}
	return raw
}

// checkDecided holds what left against what the gateway decided.
func checkDecided(t *testing.T, m, sent *message.Message, ours Upstream) {
	t.Helper()
	if m.Type == message.Read {
		if sent.ReadID != ours.Target {
			t.Errorf("marks %q as read", sent.ReadID)
		}
		return
	}
	if sent.To != ours.To || sent.Opaque != ours.Opaque || sent.ReplyTo != ours.ReplyTo {
		t.Errorf("leaves for %+v with %q, quoting %q", sent.To, sent.Opaque, sent.ReplyTo)
	}
	if m.Type == message.Reaction && sent.ReactTo != ours.Target {
		t.Errorf("reacts to %q", sent.ReactTo)
	}
	for _, media := range sent.Media {
		if media.ID != "" && media.ID != "987654321" {
			t.Error("a media id of the app's left")
		}
	}
}

// checkJudged holds everything policy and scanner look at.
func checkJudged(t *testing.T, m, sent *message.Message) {
	t.Helper()
	if m.Type != sent.Type || m.Sub != sent.Sub || m.Typing != sent.Typing || m.IdentityHash != sent.IdentityHash {
		t.Errorf("type %s %s left as %s %s", m.Type, m.Sub, sent.Type, sent.Sub)
	}
	if !slices.Equal(m.Links, sent.Links) || !reflect.DeepEqual(m.Texts, sent.Texts) {
		t.Errorf("policy saw %+v %q\nbut what leaves reads %+v %q", m.Texts, m.Links, sent.Texts, sent.Links)
	}
	a, b := slices.Clone(m.Media), slices.Clone(sent.Media)
	for i := range a {
		a[i].ID = ""
	}
	for i := range b {
		b[i].ID = ""
	}
	if !slices.Equal(a, b) {
		t.Errorf("media %+v left as %+v", a, b)
	}
	if (m.Template == nil) != (sent.Template == nil) {
		t.Fatal("a template left as none, or the other way round")
	}
	if m.Template != nil {
		want := *m.Template
		want.Namespace = ""
		if !reflect.DeepEqual(want, *sent.Template) {
			t.Errorf("template %+v left as %+v", want, *sent.Template)
		}
	}
}

// FuzzTemplates: a list of upstream's that can be read is answered in words
// that read the same.
func FuzzTemplates(f *testing.F) {
	f.Add([]byte(`{"data":[{"name":"hello","language":"en_US","status":"APPROVED","category":"UTILITY","id":"1","components":[{"type":"BODY","text":"Hi {{1}}"}]}],"paging":{"cursors":{"before":"a","after":"b"},"next":"https://graph.example/x"}}`))
	f.Add([]byte(`{"data":[{"name":"a","language":"de","quality_score":{"score":"RED"},"parameter_format":"NAMED","rejected_reason":"NONE"}]}`))
	f.Add([]byte(`{"data":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, _, err := DecodeTemplates(body)
		if err != nil {
			return
		}
		_, out := EncodeTemplates(list, TemplatePage{})
		again, after, err := DecodeTemplates(out)
		if err != nil || after != "" || len(again) != len(list) {
			t.Fatalf("%d templates read as %d: %v\n%s", len(list), len(again), err, out)
		}
		for i := range list {
			a, b := list[i], again[i]
			a.Quality, a.Components, b.Components = "", nil, nil
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%+v reads as %+v", a, b)
			}
		}
	})
}
