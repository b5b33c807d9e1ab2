package second

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"
)

var update = flag.Bool("update", false, "write testdata/second.jsonl anew")

const file = "testdata/second.jsonl"

func encode(t *testing.T, all []Message) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for _, m := range all {
		if err := enc.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// TestFile: the set that is kept is the one this code makes.
func TestFile(t *testing.T) {
	want := encode(t, Messages(Seed))
	if *update {
		if err := os.WriteFile(file, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what this code makes; run: go test ./policy/pii/score/second -run TestFile -update", file)
	}
}

// TestSet: it is as wide as it claims, and its labels are sound.
func TestSet(t *testing.T) {
	langs, countries, kinds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	clean := 0
	for _, m := range Messages(Seed) {
		langs[m.Lang] = true
		if len(m.Spans) == 0 {
			clean++
		}
		end := 0
		for _, s := range m.Spans {
			countries[s.Country], kinds[s.Entity] = true, true
			if s.Start < end || s.End <= s.Start || s.End > len(m.Text) || !utf8.ValidString(m.Text[s.Start:s.End]) {
				t.Errorf("%v in a text of %d bytes", s, len(m.Text))
			}
			if s.Class == "" || s.Type == "" || s.Family == "" {
				t.Errorf("%v says too little", s)
			}
			end = s.End
		}
		if strings.Contains(m.Text, "{V}") || strings.Contains(m.Text, "{L}") || strings.Contains(m.Text, "{A}") {
			t.Errorf("a place is not filled: %s", m.Lang)
		}
	}
	t.Logf("%d languages, %d countries, %d kinds, %d clean", len(langs), len(countries), len(kinds), clean)
	if len(langs) < 40 || len(countries) < 60 || len(kinds) < 80 || clean < 2000 {
		t.Errorf("%d languages, %d countries, %d kinds, %d clean", len(langs), len(countries), len(kinds), clean)
	}
}

// TestTongues: every key is one that is used, every alternative is filled.
func TestTongues(t *testing.T) {
	known := strings.Fields("countries hi bye is after phone email card iban account passport licence dob otp password cvv plate record name address myname names addr date months price clean")
	for _, x := range tongues() {
		for key, line := range x.lines {
			if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+key+" ") {
				t.Errorf("%s: key %q", x.code, key)
			}
			for alt := range strings.SplitSeq(line, "|") {
				if strings.TrimSpace(alt) == "" {
					t.Errorf("%s: %s has an empty alternative", x.code, key)
				}
			}
		}
		for _, key := range []string{"hi", "bye", "is", "after", "name", "address", "myname", "names", "addr", "price", "clean"} {
			if !x.has(key) {
				t.Errorf("%s has no %s", x.code, key)
			}
		}
	}
}
