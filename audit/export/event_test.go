package export

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
)

var at = time.Date(2026, 11, 3, 9, 20, 0, 123456000, time.UTC)

// full is a record with every field.
func full() audit.Record {
	return audit.Record{
		Version: 1, Chain: "c", Seq: 7, Prev: [32]byte{1}, Leaf: [32]byte{2}, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(),
		Ref: audit.NewID(at), Tenant: "bank", App: "loans", Number: "106540352242922", Actor: "app:loans", Subject: audit.NewSubjectID(), Country: "BR",
		Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service", Template: "welcome/de", Effect: audit.EffectAllow,
		Reasons: []string{"ok", "ok2"}, Observed: []string{"quiet_hours"}, Revision: "3f", Facts: `{"window":0}`, Findings: "EMAIL:1", Changed: true,
		Mac: []byte{1}, MacKey: 3, MessageID: []byte{9}, Result: "accepted", Code: 200, Retention: "messages", Labels: []string{"a"},
		Parts: []audit.Part{
			audit.NewPart(audit.PartBody, []byte("Grüße, \"[NAME]\" \\ \x00 \x7f 👍 \xff")), audit.NewPart(audit.PartDetail, []byte(`{"a":1}`)),
			audit.NewPart(audit.PartOriginal, []byte("sealed-original")), audit.NewPart(audit.PartSent, []byte("sealed-sent")),
			audit.NewPart(audit.PartInput, []byte("kept-input")), audit.NewPart(audit.PartAnswer, []byte("sealed-answer")),
		},
	}
}

// everything takes all fields there are.
func everything() Filter {
	return Filter{Payload: true, Fields: names(func(field) bool { return true })}
}

// event is the record as an event, held against the schema.
func event(t *testing.T, f Filter, r audit.Record) (map[string]any, Event) {
	t.Helper()
	s, err := newShape("c", f)
	if err != nil {
		t.Fatal(err)
	}
	e, ok := s.event(&r)
	if !ok {
		t.Fatal("it is left out")
	}
	return holds(t, e), e
}

// holds checks an event against event.schema.json, as far as that goes: members
// known and required, types, patterns, constants.
func holds(t *testing.T, e Event) map[string]any {
	t.Helper()
	raw, err := os.ReadFile("event.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var form struct {
		Required   []string
		Properties map[string]struct {
			Type, Pattern string
			Const         any
		}
	}
	if err := json.Unmarshal(raw, &form); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(e.JSON, &got); err != nil {
		t.Fatalf("%v: %s", err, e.JSON)
	}
	for _, name := range form.Required {
		if _, there := got[name]; !there {
			t.Errorf("%s is missing", name)
		}
	}
	for name, v := range got {
		p, known := form.Properties[name]
		if !known {
			t.Errorf("%s is not in the schema", name)
		}
		text, isText := v.(string)
		n, isNumber := v.(float64)
		_, isList := v.([]any)
		fits := map[string]bool{"string": isText, "integer": isNumber && n == float64(int64(n)), "array": isList, "object": true, "": v == p.Const}[p.Type]
		if !fits || p.Pattern != "" && !regexp.MustCompile(p.Pattern).MatchString(text) {
			t.Errorf("%s is %v", name, v)
		}
	}
	return got
}

func TestAnEventHasWhatWasAskedFor(t *testing.T) {
	got, e := event(t, everything(), full())
	for _, f := range fields {
		if _, there := got[f.name]; !there {
			t.Errorf("%s is missing", f.name)
		}
	}
	if got["body"] != "Grüße, \"[NAME]\" \\ \x00 \x7f 👍 \uFFFD" {
		t.Errorf("%q", got["body"])
	}
	if got["seq"] != 7.0 || got["chain"] != "c" || got["time"] != float64(at.UnixMicro()) || !e.Time.Equal(at) {
		t.Errorf("%v", got)
	}
	for _, sealed := range []string{"sealed", "kept-input", "sealed-answer"} {
		if strings.Contains(string(e.JSON), sealed) {
			t.Errorf("%s left", sealed)
		}
	}
}

func TestByDefaultNothingIsPersonal(t *testing.T) {
	got, _ := event(t, Filter{}, full())
	for _, name := range []string{"subject", "actor", "country", "mac", "mac_key", "message_id", "facts", "detail", "body"} {
		if _, there := got[name]; there {
			t.Errorf("%s is there", name)
		}
	}
	if got["reasons"] == nil || got["tenant"] == nil || got["previous_exported"] != nil {
		t.Errorf("%v", got)
	}
}

func TestFieldsAreJudged(t *testing.T) {
	for name, payload := range map[string]bool{"body": false, "original": true, "sent": true, "input": true, "answer": true, "wamid": true, "": true, "Subject": true} {
		if CheckField(name, payload) == nil {
			t.Errorf("%q is taken", name)
		}
		if _, err := newShape("c", Filter{Fields: []string{name}, Payload: payload}); err == nil {
			t.Errorf("%q is used", name)
		}
	}
	for _, name := range append(names(func(field) bool { return true }), always...) {
		if err := CheckField(name, true); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestErasuresAlwaysLeave(t *testing.T) {
	detail, err := audit.NewErasure("request", []string{"body"}, []uint64{3, 4, 9}).Encode()
	if err != nil {
		t.Fatal(err)
	}
	r := full()
	r.Kind, r.Tenant, r.Parts = audit.KindErasure, "", []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	got, e := event(t, Filter{Tenants: []string{"other"}, Kinds: []string{"settle"}}, r)
	if raw, _ := json.Marshal(got["erasure"]); !strings.Contains(string(raw), `"ranges":[[3,4],[9,9]]`) {
		t.Errorf("%s", raw)
	}
	small, cut, err := e.shrink(len(e.JSON) - 1)
	if err != nil || !cut || !slices.Equal(small.large, nil) || !strings.Contains(string(small.JSON), `"omitted":["erasure"]`) {
		t.Errorf("%s, %v", small.JSON, err)
	}
	r.Parts[0].Body = []byte(`{"version":1}`)
	if got, _ := event(t, Filter{}, r); got["erasure"] != nil {
		t.Error("what is no erasure is one")
	}
}

func TestPurgedAndErasedRecords(t *testing.T) {
	r := full()
	r.Parts = append(r.Parts[:1:1], r.Parts[1:]...)
	r.Parts[0] = audit.Part{Name: audit.PartBody, Hash: [32]byte{1}, Erased: true}
	if got, _ := event(t, everything(), r); got["erased"] != 1.0 || got["body"] != nil {
		t.Errorf("%v", got)
	}
	gone := audit.Record{Seq: 8, ID: audit.NewID(at), Prev: [32]byte{1}, Leaf: [32]byte{3}, Kind: audit.KindPurged, Purged: true}
	before := full()
	before.Chain = "c-before" // a restored store has records of another chain name
	if got, e := event(t, everything(), before); got["chain"] != "c-before" || e.Chain != "c-before" {
		t.Errorf("%v", got["chain"])
	}
	got, e := event(t, everything(), gone)
	if got["kind"] != "purged" || !e.Time.Equal(at.Truncate(time.Millisecond)) || got["chain"] != "c" {
		t.Errorf("%v", got)
	}
}

func TestAnEventShrinks(t *testing.T) {
	_, e := event(t, everything(), full())
	for n := len(e.JSON); ; n -= 10 {
		small, cut, err := e.shrink(n)
		if err != nil {
			if n >= len(e.least().JSON) {
				t.Error(err)
			}
			break
		}
		if len(small.JSON) > n || cut != (n < len(e.JSON)) {
			t.Errorf("%d bytes for %d", len(small.JSON), n)
		}
		got := holds(t, small)
		if got["leaf"] == nil || cut && got["omitted"] == nil {
			t.Errorf("%s", small.JSON)
		}
	}
}

func TestWaitsGrow(t *testing.T) {
	for tries := range 70 {
		if d := backoff(tries, later, 0); d < firstWait/2 || d > lastWait || tries > 8 && d < lastWait/2 {
			t.Errorf("try %d: %s", tries, d)
		}
	}
	if d := backoff(0, refused, 0); d < slowWait/2 {
		t.Error(d)
	}
	if d := backoff(0, later, time.Hour); d != time.Hour {
		t.Error(d)
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\"\\\n\u2028👍\xff")
	f.Fuzz(func(t *testing.T, s string) {
		raw := appendText(nil, s)
		var got string
		if err := json.Unmarshal(raw, &got); err != nil || got != string([]rune(s)) {
			t.Errorf("%q: %s, %v", s, raw, err)
		}
		if strings.ContainsFunc(string(raw), func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("%q is not ASCII", raw)
		}
	})
}

// TestMsgIDs are 1 to 32 printable ASCII characters (RFC 5424, 6).
func TestMsgIDs(t *testing.T) {
	for kind, want := range map[string]string{
		"": "-", "admission": "admission", "a b\né": "ab", strings.Repeat("k", 40): strings.Repeat("k", 32),
	} {
		if got := msgID(kind); got != want {
			t.Errorf("%q gives %q, want %q", kind, got, want)
		}
	}
}
