package dialect

import (
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"postern/proxy/message"
)

var update = flag.Bool("update", false, "rewrite golden files")

// golden compares got with a file, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs:\n got %s\nwant %s", path, got, want)
	}
}

func indent(t *testing.T, b []byte) json.RawMessage {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, b, "", " "); err != nil {
		t.Fatalf("not JSON: %v: %q", err, b)
	}
	return out.Bytes()
}

func inputs(t testing.TB, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		t.Fatal("no inputs", pattern, err)
	}
	return slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".golden.json") })
}

func dialectOf(file string) Dialect {
	name, _, _ := strings.Cut(filepath.Base(file), "-")
	return Dialect(name)
}

// TestSendGolden shows for every type what policy sees and what leaves.
func TestSendGolden(t *testing.T) {
	seen := map[message.Type]bool{}
	for _, file := range inputs(t, "testdata/send/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file) //nolint:gosec // test data
			if err != nil {
				t.Fatal(err)
			}
			m, p := DecodeSend(dialectOf(file), "application/json", body)
			if p != nil {
				t.Fatalf("refused: %+v", p)
			}
			seen[m.Type] = true
			up, p := EncodeUpstream(m, Upstream{Opaque: "admission"})
			if p != nil {
				t.Fatalf("encode: %+v", p)
			}
			sees := *m
			sees.Content = nil
			got, err := json.MarshalIndent(map[string]any{"leaves": indent(t, up), "policy": sees}, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".json")+".golden.json", append(got, '\n'))
			checkRoundTrip(t, m)
		})
	}
	for typ := range contentShapes {
		if !seen[typ] {
			t.Errorf("no example of type %s", typ)
		}
	}
	if !seen[message.Read] {
		t.Error("no example of read")
	}
}

// checkRoundTrip holds the promise that policy judged what leaves: the body for
// upstream, read again as a Cloud send, is the same message.
func checkRoundTrip(t *testing.T, m *message.Message) {
	t.Helper()
	up, p := EncodeUpstream(m, Upstream{Opaque: m.Opaque})
	if p != nil {
		t.Fatalf("encode: %+v", p)
	}
	again, p := DecodeSend(Cloud, "application/json", up)
	if p != nil {
		t.Fatalf("what leaves is refused: %+v: %s", p, up)
	}
	a, b := *m, *again
	a.Input, b.Input, a.Dropped, b.Dropped = "", "", nil, nil
	if a.Template != nil {
		c := *a.Template
		c.Namespace = ""
		a.Template = &c
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("policy saw\n%+v\nbut what leaves reads\n%+v", a, b)
	}
}

func TestVariantsHaveExamples(t *testing.T) {
	var all []byte
	for _, file := range inputs(t, "testdata/send/*.json") {
		b, err := os.ReadFile(file) //nolint:gosec // test data
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	for _, s := range []*shape{interactiveShape, componentShape, parameterShape} {
		for _, name := range slices.Sorted(maps.Keys(s.variant)) {
			if name == "video" || name == "product" || name == "footer" {
				continue // the same shapes as image, mpm and body
			}
			if !bytes.Contains(bytes.ToLower(all), []byte(`"`+name+`"`)) {
				t.Errorf("no example of %s", name)
			}
		}
	}
}

func TestForm(t *testing.T) {
	const form = "messaging_product=whatsapp&to=%2B16505550101&type=text&text=%7B%22body%22%3A%22hi+there%22%7D&preview_url=true&access_token=secret"
	m, p := DecodeSend(Cloud, "application/x-www-form-urlencoded", []byte(form))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	if string(m.Content) != `{"preview_url":true,"body":"hi there"}` {
		t.Errorf("content %s", m.Content)
	}
	for name, bad := range map[string]string{
		"twice":    "messaging_product=whatsapp&to=1&to=2",
		"inject":   `messaging_product=whatsapp&to=%2B16505550101&text={"body":"a"},"image":{"id":"1"}`,
		"escape":   "to=%zz",
		"encoding": "messaging_product=whatsapp&to=%2B16505550101&text=%7B%22body%22%3A%22%ff%22%7D",
	} {
		if _, p := DecodeSend(Cloud, "application/x-www-form-urlencoded", []byte(bad)); p == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, p := DecodeSend(D360V2, "application/x-www-form-urlencoded", []byte(form)); p == nil || p.Kind != ContentType {
		t.Errorf("form on v2: %+v", p)
	}
}

func TestUpstreamIDs(t *testing.T) {
	body := `{"to":"16505550101","type":"image","image":{"id":"uuid-1"},"context":{"message_id":"gBGG1"}}`
	m, p := DecodeSend(OnPrem, "application/json", []byte(body))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	media := func(id string) (string, bool) { return "1037", id == "uuid-1" }
	up, p := EncodeUpstream(m, Upstream{ReplyTo: "wamid.X", MediaID: media, To: message.Party{UserID: "US.1"}})
	want := `{"messaging_product":"whatsapp","recipient_type":"individual","recipient":"US.1","context":{"message_id":"wamid.X"},"type":"image","image":{"id":"1037"}}`
	if p != nil || string(up) != want {
		t.Errorf("got %s %+v", up, p)
	}
	unknown := func(string) (string, bool) { return "", false }
	if _, p := EncodeUpstream(m, Upstream{MediaID: unknown}); p == nil || p.Kind != NotFound {
		t.Errorf("unknown media id: %+v", p)
	}
	r, p := DecodeRead(OnPrem, "application/json", "gBEG1", []byte(`{"status":"read","x":1}`))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	up, p = EncodeUpstream(r, Upstream{Target: "wamid.IN"})
	if p != nil || string(up) != `{"messaging_product":"whatsapp","status":"read","message_id":"wamid.IN"}` {
		t.Errorf("read: %s %+v", up, p)
	}
}

func TestApplyTexts(t *testing.T) {
	body := `{"messaging_product":"whatsapp","to":"+16505550101","type":"template","template":{"name":"n","language":{"code":"en"},` +
		`"components":[{"type":"body","parameters":[{"type":"text","text":"call 4111"},{"type":"text","text":"b"}]}]}}`
	m, p := DecodeSend(Cloud, "application/json", []byte(body))
	if p != nil {
		t.Fatalf("%+v", p)
	}
	again, p := ApplyTexts(m, []message.Phrase{{Path: "template.components[0].parameters[0].text", Value: "call [x]"}})
	if p != nil {
		t.Fatalf("%+v", p)
	}
	if again.Texts[0].Value != "call [x]" || !bytes.Contains(again.Content, []byte("call [x]")) || bytes.Contains(again.Content, []byte("4111")) {
		t.Errorf("not applied: %s", again.Content)
	}
	if !bytes.Contains(m.Content, []byte("4111")) || m.Texts[0].Value != "call 4111" {
		t.Error("the original changed")
	}
	if _, p := ApplyTexts(m, []message.Phrase{{Path: "template.nowhere", Value: "x"}}); p == nil {
		t.Error("a path that is not there was taken")
	}
	if _, p := ApplyTexts(m, []message.Phrase{{Path: "template.components[0].parameters[0].text", Value: strings.Repeat("x", 5000)}}); p == nil {
		t.Error("a text over its limit was taken")
	}
}
