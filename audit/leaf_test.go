package audit_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"postern/audit"
)

func TestLeafHashIsRFC6962(t *testing.T) {
	for _, s := range []string{"", "a", strings.Repeat("record ", 200)} {
		if audit.LeafHash([]byte(s)) != tlog.RecordHash([]byte(s)) {
			t.Errorf("leaf hash of %d bytes differs from tlog's", len(s))
		}
	}
}

func TestAppendLeafAllocates(t *testing.T) {
	r := newTrail(t, 1).records[0]
	if n := testing.AllocsPerRun(100, func() {
		if _, err := audit.AppendLeaf(nil, &r); err != nil {
			t.Fatal(err)
		}
	}); n > 1 {
		t.Errorf("%v allocations, want at most 1", n)
	}
}

func TestAppendLeafRefuses(t *testing.T) {
	salted := func(name string) audit.Part { return audit.Part{Name: name, Salt: [16]byte{1}} }
	tests := map[string]func(r *audit.Record){
		"version 0":         func(r *audit.Record) { r.Version = 0 },
		"version 2":         func(r *audit.Record) { r.Version = 2 },
		"seq":               func(r *audit.Record) { r.Seq = math.MaxInt64 + 1 },
		"id":                func(r *audit.Record) { r.ID = audit.ID{} },
		"kind":              func(r *audit.Record) { r.Kind = "" },
		"chain empty":       func(r *audit.Record) { r.Chain = "" },
		"chain space":       func(r *audit.Record) { r.Chain = "a b" },
		"chain plus":        func(r *audit.Record) { r.Chain = "a+b" },
		"chain quote":       func(r *audit.Record) { r.Chain = `a"b` },
		"chain line":        func(r *audit.Record) { r.Chain = "a\nb" },
		"chain long":        func(r *audit.Record) { r.Chain = strings.Repeat("a", 129) },
		"newline":           func(r *audit.Record) { r.Tenant = "a\nb" },
		"NUL":               func(r *audit.Record) { r.App = "\x00" },
		"DEL":               func(r *audit.Record) { r.Facts = "{\x7f}" },
		"UTF-8":             func(r *audit.Record) { r.Actor = "a\xff" },
		"surrogate":         func(r *audit.Record) { r.Actor = "\xed\xa0\x80" },
		"overlong":          func(r *audit.Record) { r.Actor = "\xc0\xaf" },
		"kind UTF-8":        func(r *audit.Record) { r.Kind = "a\x80" },
		"list UTF-8":        func(r *audit.Record) { r.Reasons = []string{"ok", "\xff"} },
		"list empty entry":  func(r *audit.Record) { r.Labels = []string{""} },
		"part without name": func(r *audit.Record) { r.Parts = []audit.Part{salted("")} },
		"part name":         func(r *audit.Record) { r.Parts = []audit.Part{salted("Body")} },
		"part name long":    func(r *audit.Record) { r.Parts = []audit.Part{salted(strings.Repeat("a", 33))} },
		"part twice":        func(r *audit.Record) { r.Parts = []audit.Part{salted("a"), salted("b"), salted("a")} },
		"part unsalted":     func(r *audit.Record) { r.Parts = []audit.Part{{Name: "body", Body: []byte("x")}} },
		"part erased":       func(r *audit.Record) { r.Parts = []audit.Part{{Name: "body", Erased: true, Salt: [16]byte{1}}} },
		"too many parts":    func(r *audit.Record) { r.Parts = make([]audit.Part, 17) },
		"too long":          func(r *audit.Record) { r.Facts = strings.Repeat("x", audit.MaxLeaf) },
	}
	for name, change := range tests {
		r := newTrail(t, 1).records[0]
		change(&r)
		out, err := audit.AppendLeaf([]byte("kept"), &r)
		if !errors.Is(err, audit.ErrLeaf) || string(out) != "kept" {
			t.Errorf("%s: got %d bytes, %v", name, len(out), err)
		}
	}
}

// TestLeafOfErased: erasing and storing hashes change no leaf, nor does order.
func TestLeafOfErased(t *testing.T) {
	r := newTrail(t, 1).records[0]
	want := encode(t, r)
	for i := range r.Parts {
		r.Parts[i].Hash = [32]byte{}
	}
	if got := encode(t, r); !bytes.Equal(got, want) {
		t.Error("computed hashes give another leaf than stored ones")
	}
	for i := range r.Parts {
		p := &r.Parts[i]
		*p = audit.Part{Name: p.Name, Hash: audit.PartHash(p.Salt, p.Body), Erased: true}
	}
	r.Parts[0], r.Parts[1] = r.Parts[1], r.Parts[0]
	if got := encode(t, r); !bytes.Equal(got, want) {
		t.Error("erased parts give another leaf")
	}
}

func encode(tb testing.TB, r audit.Record) []byte {
	tb.Helper()
	leaf, err := audit.AppendLeaf(nil, &r)
	if err != nil {
		tb.Fatal(err)
	}
	return leaf
}

// leafJSON reads a leaf back with encoding/json alone. That it can be read
// back is why no two records share a leaf.
type leafJSON struct {
	Version   uint16            `json:"version"`
	Chain     string            `json:"chain"`
	Seq       uint64            `json:"seq"`
	Prev      string            `json:"prev"`
	ID        string            `json:"id"`
	Kind      string            `json:"kind"`
	Time      int64             `json:"time"`
	Ref       string            `json:"ref,omitempty"`
	Tenant    string            `json:"tenant,omitempty"`
	App       string            `json:"app,omitempty"`
	Number    string            `json:"number,omitempty"`
	Actor     string            `json:"actor,omitempty"`
	Subject   string            `json:"subject,omitempty"`
	Country   string            `json:"country,omitempty"`
	Direction string            `json:"direction,omitempty"`
	Dialect   string            `json:"dialect,omitempty"`
	Type      string            `json:"type,omitempty"`
	Category  string            `json:"category,omitempty"`
	Template  string            `json:"template,omitempty"`
	Effect    string            `json:"effect,omitempty"`
	Reasons   []string          `json:"reasons,omitempty"`
	Observed  []string          `json:"observed,omitempty"`
	Revision  string            `json:"revision,omitempty"`
	Facts     string            `json:"facts,omitempty"`
	Findings  string            `json:"findings,omitempty"`
	Changed   int               `json:"changed,omitempty"`
	Mac       string            `json:"mac,omitempty"`
	MacKey    uint32            `json:"mac_key,omitempty"`
	MessageID string            `json:"message_id,omitempty"`
	Result    string            `json:"result,omitempty"`
	Code      int64             `json:"code,omitempty"`
	Retention string            `json:"retention,omitempty"`
	Labels    []string          `json:"labels,omitempty"`
	Parts     map[string]string `json:"parts,omitempty"`
}

func unhex(tb testing.TB, s string) []byte {
	tb.Helper()
	data, err := hex.DecodeString(s)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func (l leafJSON) record(tb testing.TB) audit.Record {
	tb.Helper()
	r := audit.Record{
		Version: l.Version, Chain: l.Chain, Seq: l.Seq, Kind: audit.Kind(l.Kind), Time: l.Time, Tenant: l.Tenant,
		App: l.App, Number: l.Number, Actor: l.Actor, Country: l.Country, Direction: l.Direction, Dialect: l.Dialect,
		Type: l.Type, Category: l.Category, Template: l.Template, Effect: audit.Effect(l.Effect), Reasons: l.Reasons,
		Observed: l.Observed, Revision: l.Revision, Facts: l.Facts, Findings: l.Findings, Changed: l.Changed == 1,
		MacKey: l.MacKey, Result: l.Result, Code: l.Code, Retention: l.Retention, Labels: l.Labels,
	}
	copy(r.Prev[:], unhex(tb, l.Prev))
	copy(r.ID[:], unhex(tb, l.ID))
	copy(r.Ref[:], unhex(tb, l.Ref))
	copy(r.Subject[:], unhex(tb, l.Subject))
	r.Mac, r.MessageID = unhex(tb, l.Mac), unhex(tb, l.MessageID)
	for name, sum := range l.Parts {
		p := audit.Part{Name: name, Erased: true}
		copy(p.Hash[:], unhex(tb, sum))
		r.Parts = append(r.Parts, p)
	}
	return r
}

// readBack decodes a leaf and demands that a plain JSON writer gives it again.
func readBack(tb testing.TB, leaf []byte) audit.Record {
	tb.Helper()
	var l leafJSON
	dec := json.NewDecoder(bytes.NewReader(leaf))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		tb.Fatalf("leaf is not the JSON it should be: %v", err)
	}
	var again bytes.Buffer
	enc := json.NewEncoder(&again)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(l); err != nil {
		tb.Fatal(err)
	}
	got := strings.TrimSuffix(again.String(), "\n")
	if got != string(leaf) && !strings.ContainsAny(string(leaf), "\u2028\u2029") { // which Go alone escapes
		tb.Fatalf("leaf is spelled differently from plain JSON:\n%s\n%s", leaf, got)
	}
	return l.record(tb)
}

// canonical brings a record to what a leaf can tell: hashes for parts in the
// order of names, nil for empty lists.
func canonical(r audit.Record) audit.Record {
	r.Leaf = [32]byte{}
	for _, l := range []*[]string{&r.Reasons, &r.Observed, &r.Labels} {
		if len(*l) == 0 {
			*l = nil
		}
	}
	for _, b := range []*[]byte{&r.Mac, &r.MessageID} {
		if len(*b) == 0 {
			*b = []byte{}
		}
	}
	sums := map[string][32]byte{}
	for i := range r.Parts {
		sums[r.Parts[i].Name], _ = r.Parts[i].Commitment()
	}
	r.Parts = nil
	for _, name := range []string{"answer", "body", "detail", "input", "original", "sent"} {
		if sum, ok := sums[name]; ok {
			r.Parts = append(r.Parts, audit.Part{Name: name, Hash: sum, Erased: true})
		}
	}
	return r
}

// FuzzLeaf: a record is either refused or can be read back from its leaf, so
// different records never share one.
func FuzzLeaf(f *testing.F) {
	f.Add("bank", "alerts", `{"a":"b\\c"}`, "r1\x1fr2", []byte{1, 2}, []byte("body"), int64(-1), uint64(7), true, byte(3))
	f.Add("", "", "", "", []byte{}, []byte{}, int64(0), uint64(0), false, byte(0))
	f.Add("é\u2028", "\"", "\\", "\x1f", []byte(nil), []byte(`","parts":{`), int64(1)<<62, uint64(1)<<62, true, byte(63))
	f.Add("\xff", "\n", "\x7f", "a", []byte{0}, []byte{0}, int64(5), uint64(1)<<63, true, byte(9))
	f.Fuzz(func(t *testing.T, a, b, c, list string, bin, body []byte, n int64, seq uint64, flag bool, mask byte) {
		names := []string{"body", "sent", "answer", "original", "input", "detail"}
		r := audit.Record{
			Version: 1, Chain: testChain, Seq: seq, ID: audit.ID{1}, Kind: audit.Kind("k" + b), Time: n, Tenant: a, App: b,
			Number: c, Actor: a + b, Country: b + c, Type: c, Template: a, Effect: audit.Effect(b), Facts: c, Findings: b,
			Reasons: strings.Split(list, "\x1f"), Changed: flag, Mac: bin, MacKey: uint32(n), MessageID: body, Code: n, Retention: a, //nolint:gosec // any value will do
		}
		if list == "" {
			r.Reasons = nil
		}
		copy(r.Ref[:], bin)
		copy(r.Subject[:], body)
		copy(r.Prev[:], a)
		for i, name := range names {
			if mask>>i&1 == 1 {
				r.Parts = append(r.Parts, audit.Part{Name: name, Salt: [16]byte{1, byte(i)}, Body: body})
			}
		}
		leaf, err := audit.AppendLeaf(nil, &r)
		if err != nil {
			return
		}
		if want, got := canonical(r), canonical(readBack(t, leaf)); !reflect.DeepEqual(want, got) {
			t.Errorf("read back:\n%+v\n%+v", got, want)
		}
	})
}

func TestLeafReadsBack(t *testing.T) {
	for _, r := range newTrail(t, 3).records {
		if want, got := canonical(r), canonical(readBack(t, encode(t, r))); !reflect.DeepEqual(want, got) {
			t.Errorf("read back:\n%+v\n%+v", got, want)
		}
	}
}
