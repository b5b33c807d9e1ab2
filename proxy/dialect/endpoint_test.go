package dialect

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

func key(e Endpoint) string { return string(e.Dialect) + " " + e.Method + " " + e.Path }

// TestTable holds the table against itself: each row once, each with a reason,
// and each found again by a path made from its pattern.
func TestTable(t *testing.T) {
	fill := strings.NewReplacer("{number}", "1020", "{waba}", "1020", "{node}", "1020", "{app}", "1020", "{", "", "}", "")
	seen := map[string]bool{}
	for _, e := range Endpoints() {
		if seen[key(e)] {
			t.Errorf("%s: twice", key(e))
		}
		seen[key(e)] = true
		if (e.State == Refused) != (e.Name == "") || e.Note == "" || !slices.Contains(knownMethods, e.Method) {
			t.Errorf("%s: state %q, name %q, note %q", key(e), e.State, e.Name, e.Note)
		}
		r := Detect(e.Method, fill.Replace(e.Path), e.Dialect == D360V1 || e.Dialect == D360V2)
		if r.Dialect != e.Dialect || r.Name != e.Name || r.Shared != e.Shared || (r.Problem == nil) != (e.Name != "") {
			t.Errorf("%s: found as %+v", key(e), r)
		}
		if r.Row == nil || r.Row.State != e.State || r.Problem != nil && r.Problem.Details != e.Note {
			t.Errorf("%s: found as %+v", key(e), r)
		}
	}
}

// TestNameless: who shows no credential reads the answer of the API that the
// path belongs to.
func TestNameless(t *testing.T) {
	for path, want := range map[string]Dialect{
		"/messages": D360V2, "/waba_webhook": D360V2, "/v1/configs/webhook": D360V1, "/v1/messages": OnPrem, "/v1/users": OnPrem,
		"/1020": Cloud, "/1020/messages": Cloud, "/v25.0/messages": Cloud, "/v25.0/1020/messages": Cloud, "/": Cloud, "/none": Cloud, "/v1/none": OnPrem,
		"/v1/configs/templates/a/../b": D360V1, "/v1/configs/none": D360V1, "/v1/messages/a/b": OnPrem, "/messages/x": D360V2, "/1020/\x1d": Cloud,
	} {
		if got := Nameless(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// TestReference wants a row for every call that the references name.
func TestReference(t *testing.T) {
	raw, err := os.ReadFile("testdata/reference.txt")
	if err != nil {
		t.Fatal(err)
	}
	table := map[string]bool{}
	for _, e := range Endpoints() {
		table[key(e)] = true
	}
	for line := range strings.Lines(string(raw)) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "#") || len(words) < 3 {
			continue
		}
		path := words[len(words)-1]
		for _, method := range words[1 : len(words)-1] {
			if want := words[0] + " " + method + " " + path; !table[want] {
				t.Errorf("%s: has no row", want)
			}
		}
	}
}

// TestEndpointsPage holds ENDPOINTS.md against the table; -update writes it.
func TestEndpointsPage(t *testing.T) {
	want := endpointsPage()
	if *update {
		if err := os.WriteFile("ENDPOINTS.md", []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("ENDPOINTS.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("ENDPOINTS.md is not what the table says; write it anew: go test ./proxy/dialect -run TestEndpointsPage -update")
	}
}

func endpointsPage() string {
	var b strings.Builder
	b.WriteString(`# Endpoints

Every call of the three API families and what the gateway makes of it. Made from the routing table by
` + "`go test ./proxy/dialect -run TestEndpointsPage -update`" + `; a test holds it against the table, and the table against the references.

**served**: upstream does it. **emulated**: the gateway does it, since upstream has no such thing. **stub**: accepted and recorded, without
effect. **refused**: the error of that API says why. Words in braces stand for one segment. What is in no row is answered as not found, and
on 360dialog's paths as blocked, as there.
`)
	titles := map[Dialect]string{
		OnPrem: "On-Premises API v1", D360V1: "360dialog, On-Premises style (with `D360-API-KEY`; configs/ serves both versions)",
		D360V2: "360dialog, Cloud hosting (with `D360-API-KEY`)", Cloud: "Cloud API (a version may stand before the path)",
	}
	var last Endpoint
	for _, e := range merged(Endpoints()) {
		if e.Dialect != last.Dialect {
			fmt.Fprintf(&b, "\n## %s\n\n| methods | path | state | answer |\n|---|---|---|---|\n", titles[e.Dialect])
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s |\n", e.Method, e.Path, e.State, e.Note)
		last = e
	}
	return b.String()
}

// merged puts methods of one path with the same answer into one row.
func merged(in []Endpoint) []Endpoint {
	var out []Endpoint
	for _, e := range in {
		if n := len(out) - 1; n >= 0 && out[n].Dialect == e.Dialect && out[n].Path == e.Path && out[n].State == e.State && out[n].Note == e.Note {
			out[n].Method += ", " + e.Method
			continue
		}
		out = append(out, e)
	}
	return out
}
